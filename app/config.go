package app

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"parvis/platform/fault"
)

// Config is what an administrator may set. Each field is documented by its
// line in settings, which is also the manual.
type Config struct {
	Listen   string
	BaseURL  string
	Data     string
	Database string
	Proxies  []string
	LogJSON  bool
	Name     string
	Limits   bool

	OperatorName, OperatorPhone, OperatorHours, OperatorMail string

	MailHost, MailUser, MailPassword, MailTLS, MailFrom string
	MailPort                                            int

	InboxAddress, InboxHost, InboxUser, InboxPassword, InboxTLS, InboxFolder string
	InboxPort                                                                int

	SMSProvider, SMSSender, SMSEndpoint                                 string
	SMSOVHKey, SMSOVHSecret, SMSOVHConsumer, SMSOVHService, SMSBrevoKey string
	SMSHTTPMethod, SMSHTTPHeaders, SMSHTTPBody, SMSHTTPIDPath           string
	SMSWebhookToken                                                     string
	SMSHook                                                             hookConfig
	SMSPartPrice                                                        int

	Open311Allow []string

	MetricsToken string
	Demo         bool
}

// setting is one key: its name in the file ("mail.host") and, in capitals with
// underscores, in the environment (PARVIS_MAIL_HOST).
type setting struct {
	Key, Default, Help string
	Secret             bool
	Set                func(c *Config, v string) error
}

func text(p func(*Config) *string) func(*Config, string) error {
	return func(c *Config, v string) error { *p(c) = v; return nil }
}

func number(p func(*Config) *int, low, high int) func(*Config, string) error {
	return func(c *Config, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < low || n > high {
			return fault.New(fault.Invalid, "app.config.number", "Low", low, "High", high)
		}
		*p(c) = n
		return nil
	}
}

func yes(p func(*Config) *bool) func(*Config, string) error {
	return func(c *Config, v string) error {
		b, err := strconv.ParseBool(v)
		if err != nil {
			return fault.New(fault.Invalid, "app.config.bool")
		}
		*p(c) = b
		return nil
	}
}

func oneOf(p func(*Config) *string, words ...string) func(*Config, string) error {
	return func(c *Config, v string) error {
		if !slices.Contains(words, v) {
			return fault.New(fault.Invalid, "app.config.oneof", "Words", strings.Join(words, ", "))
		}
		*p(c) = v
		return nil
	}
}

func setBaseURL(c *Config, v string) error {
	if v != "" {
		u, err := url.Parse(v)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || (u.Path != "" && u.Path != "/") {
			return fault.New(fault.Invalid, "app.config.url")
		}
	}
	c.BaseURL = strings.TrimSuffix(v, "/")
	return nil
}

func setListen(c *Config, v string) error {
	_, port, err := net.SplitHostPort(v)
	if n, bad := strconv.Atoi(port); err != nil || bad != nil || n < 0 || n > 65535 {
		return fault.New(fault.Invalid, "app.config.listen")
	}
	c.Listen = v
	return nil
}

func setDatabase(c *Config, v string) error {
	path, lite := strings.CutPrefix(v, "sqlite:")
	if v != "" && !(lite && path != "") && !strings.HasPrefix(v, "postgres://") && !strings.HasPrefix(v, "postgresql://") {
		return fault.New(fault.Invalid, "app.config.database")
	}
	c.Database = v
	return nil
}

func setProxies(c *Config, v string) (err error) {
	c.Proxies, err = networks(v)
	return err
}

func setOpen311Allow(c *Config, v string) (err error) {
	c.Open311Allow, err = networks(v)
	return err
}

// networks reads addresses and networks, separated by commas.
func networks(v string) (out []string, err error) {
	for _, x := range strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' }) {
		_, errAddr := netip.ParseAddr(x)
		_, errNet := netip.ParsePrefix(x)
		if errAddr != nil && errNet != nil {
			return nil, fault.New(fault.Invalid, "app.config.proxy", "Value", x)
		}
		out = append(out, x)
	}
	return out, nil
}

// settings is the table of every key.
func settings() []setting {
	return []setting{
		{"listen", "127.0.0.1:8080", "app.setting.listen", false, setListen},
		{"base_url", "", "app.setting.base_url", false, setBaseURL},
		{"data", "./data", "app.setting.data", false, text(func(c *Config) *string { return &c.Data })},
		{"database", "", "app.setting.database", true, setDatabase},
		{"name", "", "app.setting.name", false, text(func(c *Config) *string { return &c.Name })},
		{"proxies", "", "app.setting.proxies", false, setProxies},
		{"open311.allow", "", "app.setting.open311_allow", false, setOpen311Allow},
		{"log.json", "false", "app.setting.log_json", false, yes(func(c *Config) *bool { return &c.LogJSON })},
		{"limits", "true", "app.setting.limits", false, yes(func(c *Config) *bool { return &c.Limits })},
		{"operator.name", "", "app.setting.operator_name", false, text(func(c *Config) *string { return &c.OperatorName })},
		{"operator.phone", "", "app.setting.operator_phone", false, text(func(c *Config) *string { return &c.OperatorPhone })},
		{"operator.hours", "", "app.setting.operator_hours", false, text(func(c *Config) *string { return &c.OperatorHours })},
		{"operator.mail", "", "app.setting.operator_mail", false, text(func(c *Config) *string { return &c.OperatorMail })},
		{"mail.host", "", "app.setting.mail_host", false, text(func(c *Config) *string { return &c.MailHost })},
		{"mail.port", "587", "app.setting.mail_port", false, number(func(c *Config) *int { return &c.MailPort }, 1, 65535)},
		{"mail.user", "", "app.setting.mail_user", false, text(func(c *Config) *string { return &c.MailUser })},
		{"mail.password", "", "app.setting.mail_password", true, text(func(c *Config) *string { return &c.MailPassword })},
		{"mail.tls", "starttls", "app.setting.mail_tls", false, oneOf(func(c *Config) *string { return &c.MailTLS }, "starttls", "tls", "none")},
		{"mail.from", "", "app.setting.mail_from", false, text(func(c *Config) *string { return &c.MailFrom })},
		{"inbox.address", "", "app.setting.inbox_address", false, text(func(c *Config) *string { return &c.InboxAddress })},
		{"inbox.host", "", "app.setting.inbox_host", false, text(func(c *Config) *string { return &c.InboxHost })},
		{"inbox.port", "993", "app.setting.inbox_port", false, number(func(c *Config) *int { return &c.InboxPort }, 1, 65535)},
		{"inbox.tls", "tls", "app.setting.inbox_tls", false, oneOf(func(c *Config) *string { return &c.InboxTLS }, "tls", "starttls", "none")},
		{"inbox.user", "", "app.setting.inbox_user", false, text(func(c *Config) *string { return &c.InboxUser })},
		{"inbox.password", "", "app.setting.inbox_password", true, text(func(c *Config) *string { return &c.InboxPassword })},
		{"inbox.folder", "INBOX", "app.setting.inbox_folder", false, text(func(c *Config) *string { return &c.InboxFolder })},
		{"sms.provider", "none", "app.setting.sms_provider", false, oneOf(func(c *Config) *string { return &c.SMSProvider }, "none", "log", "ovh", "brevo", "http")},
		{"sms.sender", "", "app.setting.sms_sender", false, text(func(c *Config) *string { return &c.SMSSender })},
		{"sms.endpoint", "", "app.setting.sms_endpoint", false, text(func(c *Config) *string { return &c.SMSEndpoint })},
		{"sms.part_price", "5", "app.setting.sms_part_price", false, number(func(c *Config) *int { return &c.SMSPartPrice }, 0, 1000)},
		{"sms.webhook_token", "", "app.setting.sms_webhook_token", true, text(func(c *Config) *string { return &c.SMSWebhookToken })},
		{"sms.ovh.application_key", "", "app.setting.sms_ovh", true, text(func(c *Config) *string { return &c.SMSOVHKey })},
		{"sms.ovh.application_secret", "", "app.setting.sms_ovh", true, text(func(c *Config) *string { return &c.SMSOVHSecret })},
		{"sms.ovh.consumer_key", "", "app.setting.sms_ovh", true, text(func(c *Config) *string { return &c.SMSOVHConsumer })},
		{"sms.ovh.service", "", "app.setting.sms_ovh", false, text(func(c *Config) *string { return &c.SMSOVHService })},
		{"sms.brevo.api_key", "", "app.setting.sms_brevo", true, text(func(c *Config) *string { return &c.SMSBrevoKey })},
		{"sms.http.method", "POST", "app.setting.sms_http", false, oneOf(func(c *Config) *string { return &c.SMSHTTPMethod }, "POST", "GET", "PUT")},
		{"sms.http.headers", "", "app.setting.sms_http", true, text(func(c *Config) *string { return &c.SMSHTTPHeaders })},
		{"sms.http.body", "", "app.setting.sms_http", false, text(func(c *Config) *string { return &c.SMSHTTPBody })},
		{"sms.http.id_path", "", "app.setting.sms_http", false, text(func(c *Config) *string { return &c.SMSHTTPIDPath })},
		{"sms.http.webhook.items", "", "app.setting.sms_hook", false, text(func(c *Config) *string { return &c.SMSHook.Items })},
		{"sms.http.webhook.kind", "", "app.setting.sms_hook", false, text(func(c *Config) *string { return &c.SMSHook.Kind })},
		{"sms.http.webhook.delivery", "", "app.setting.sms_hook", false, words(func(c *Config) *[]string { return &c.SMSHook.Delivery })},
		{"sms.http.webhook.inbound", "", "app.setting.sms_hook", false, words(func(c *Config) *[]string { return &c.SMSHook.Inbound })},
		{"sms.http.webhook.stop", "", "app.setting.sms_hook", false, words(func(c *Config) *[]string { return &c.SMSHook.Stop })},
		{"sms.http.webhook.ref", "", "app.setting.sms_hook", false, text(func(c *Config) *string { return &c.SMSHook.Ref })},
		{"sms.http.webhook.id", "", "app.setting.sms_hook", false, text(func(c *Config) *string { return &c.SMSHook.ID })},
		{"sms.http.webhook.from", "", "app.setting.sms_hook", false, text(func(c *Config) *string { return &c.SMSHook.From })},
		{"sms.http.webhook.text", "", "app.setting.sms_hook", false, text(func(c *Config) *string { return &c.SMSHook.Text })},
		{"sms.http.webhook.at", "", "app.setting.sms_hook", false, text(func(c *Config) *string { return &c.SMSHook.At })},
		{"sms.http.webhook.status", "", "app.setting.sms_hook", false, text(func(c *Config) *string { return &c.SMSHook.Status })},
		{"sms.http.webhook.sent", "", "app.setting.sms_hook", false, words(func(c *Config) *[]string { return &c.SMSHook.Sent })},
		{"sms.http.webhook.delivered", "", "app.setting.sms_hook", false, words(func(c *Config) *[]string { return &c.SMSHook.Delivered })},
		{"sms.http.webhook.failed", "", "app.setting.sms_hook", false, words(func(c *Config) *[]string { return &c.SMSHook.Failed })},
		{"sms.http.webhook.signature", "", "app.setting.sms_hook", false, text(func(c *Config) *string { return &c.SMSHook.Signature })},
		{"sms.http.webhook.secret", "", "app.setting.sms_hook", true, text(func(c *Config) *string { return &c.SMSHook.Secret })},
		{"metrics.token", "", "app.setting.metrics_token", true, text(func(c *Config) *string { return &c.MetricsToken })},
	}
}

func envName(key string) string {
	return "PARVIS_" + strings.ToUpper(strings.NewReplacer(".", "_").Replace(key))
}

// environment names that are not keys.
var envOther = []string{"PARVIS_CONFIG", "PARVIS_TEST_POSTGRES", "PARVIS_SHARED", "PARVIS_GALLERY", "PARVIS_LANG"}

// LoadConfig reads the defaults, then the file (TOML; path may be empty), then
// the environment ("K=V"). Every mistake is reported at once: an unknown key
// with the nearest known one, a bad value with its key.
func LoadConfig(path string, environ []string) (Config, error) {
	var c Config
	var wrong fault.Fields
	set := func(s setting, v, where string) {
		if err := s.Set(&c, v); err != nil {
			f := fault.Of(err)
			wrong.Add(where, f.Key, f.Args...)
		}
	}
	known := settings()
	for _, s := range known {
		set(s, s.Default, s.Key)
	}
	if path != "" {
		values, err := readTOML(path)
		if err != nil {
			return c, err
		}
		for _, kv := range values {
			i := slices.IndexFunc(known, func(s setting) bool { return s.Key == kv[0] })
			if i < 0 {
				wrong.Add(kv[0], "app.config.unknown", "Key", kv[0], "Near", nearest(kv[0], known))
				continue
			}
			set(known[i], kv[1], kv[0])
		}
	}
	for _, kv := range environ {
		name, v, _ := strings.Cut(kv, "=")
		if !strings.HasPrefix(name, "PARVIS_") || slices.Contains(envOther, name) {
			continue
		}
		i := slices.IndexFunc(known, func(s setting) bool { return envName(s.Key) == name })
		if i < 0 {
			near := nearest(strings.ToLower(strings.TrimPrefix(name, "PARVIS_")), known)
			wrong.Add(name, "app.config.unknown", "Key", name, "Near", envName(near))
			continue
		}
		set(known[i], v, name)
	}
	if err := wrong.Err(); err != nil {
		return c, err
	}
	c.fill()
	return c, nil
}

func (c *Config) fill() {
	if c.Database == "" {
		c.Database = "sqlite:" + filepath.Join(c.Data, "parvis.db")
	}
	if c.Name == "" {
		host, _ := os.Hostname()
		c.Name = host + "/" + c.Listen
	}
}

// readTOML flattens the file into key, value pairs in the file's order.
func readTOML(path string) ([][2]string, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		key := "app.config.unreadable"
		if errors.Is(err, fs.ErrNotExist) {
			key = "app.config.absent"
		}
		return nil, fault.New(fault.Invalid, key, "Path", path).Because(err)
	}
	var tree map[string]any
	meta, err := toml.Decode(string(raw), &tree)
	if err != nil {
		var syntax toml.ParseError
		line := 0
		if errors.As(err, &syntax) {
			line = syntax.Position.Line
		}
		return nil, fault.New(fault.Invalid, "app.config.syntax", "Path", path, "Line", line).Because(err)
	}
	var out [][2]string
	for _, key := range meta.Keys() {
		var v any = tree
		for _, part := range key {
			m, ok := v.(map[string]any)
			if !ok {
				v = nil
				break
			}
			v = m[part]
		}
		if _, table := v.(map[string]any); table {
			continue
		}
		name := strings.Join(key, ".")
		if list, ok := v.([]any); ok {
			parts := make([]string, len(list))
			for i, x := range list {
				parts[i] = fmt.Sprint(x)
			}
			v = strings.Join(parts, ",")
		}
		out = append(out, [2]string{name, fmt.Sprint(v)})
	}
	return out, nil
}

// nearest is the known key at the smallest edit distance.
func nearest(key string, known []setting) string {
	best, at := "", 1<<30
	for _, s := range known {
		if d := distance(strings.ReplaceAll(key, "_", "."), strings.ReplaceAll(s.Key, "_", ".")); d < at {
			best, at = s.Key, d
		}
	}
	return best
}

// distance is Levenshtein's.
func distance(a, b string) int {
	ra, rb := []rune(a), []rune(b)
	row := make([]int, len(rb)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(ra); i++ {
		prev := row[0]
		row[0] = i
		for j := 1; j <= len(rb); j++ {
			cost := 1
			if ra[i-1] == rb[j-1] {
				cost = 0
			}
			prev, row[j] = row[j], min(row[j]+1, row[j-1]+1, prev+cost)
		}
	}
	return row[len(rb)]
}
