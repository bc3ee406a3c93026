package app

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"parvis/core/territory/official"
	"parvis/platform/clock"
	"parvis/platform/fault"
	"parvis/platform/store"
)

// finding is one line of the doctor's: what was looked at, how it is, and how
// to mend it.
type finding struct {
	what  string // message key of the subject
	state string // "ok", "warn", "bad"
	text  string
}

// doctor looks at everything an installation needs, changes nothing, and
// returns 1 when something must be mended.
func (r *run) doctor(ctx context.Context) int {
	fmt.Fprintln(r.out, r.words.T("app.doctor.title", "Version", Version()))
	cfg, err := LoadConfig(r.cmd.Config, r.environ)
	if err != nil {
		r.complain(err)
		return 2
	}
	list := []finding{{"config", "ok", r.words.T("app.doctor.config.ok")}}
	list = append(list, r.lookAtAddress(cfg), r.lookAtData(cfg), r.lookAtDisk(cfg))
	list = append(list, r.lookAtDatabase(ctx, cfg)...)
	list = append(list, r.lookAtMail(ctx, cfg), r.lookAtSMS(cfg))
	code := 0
	for _, f := range list {
		fmt.Fprintf(r.out, "  %-12s %-22s %s\n", r.words.T("app.doctor."+f.state), r.words.T("app.doctor."+f.what), f.text)
		if f.state == "bad" {
			code = 1
		}
	}
	return code
}

func (r *run) lookAtAddress(cfg Config) finding {
	switch {
	case cfg.BaseURL == "":
		return finding{"base", "warn", r.words.T("app.doctor.base.mend", "Address", "http://"+cfg.Listen)}
	case strings.HasPrefix(cfg.BaseURL, "http://"):
		return finding{"base", "warn", r.words.T("app.doctor.base.http")}
	}
	return finding{"base", "ok", cfg.BaseURL}
}

func (r *run) lookAtData(cfg Config) finding {
	bad := finding{"data", "bad", r.words.T("app.doctor.data.mend", "Path", cfg.Data)}
	if err := os.MkdirAll(cfg.Data, 0o750); err != nil {
		return bad
	}
	f, err := os.CreateTemp(cfg.Data, ".doctor-*")
	if err != nil {
		return bad
	}
	_ = f.Close()
	if err := os.Remove(f.Name()); err != nil {
		return bad
	}
	if info, err := os.Stat(cfg.Data); err == nil && info.Mode().Perm()&0o007 != 0 {
		return finding{"data", "warn", r.words.T("app.doctor.data.open", "Path", cfg.Data)}
	}
	return finding{"data", "ok", cfg.Data}
}

// leastDisk is the free space under which the doctor worries, in MB.
const leastDisk = 500

func (r *run) lookAtDisk(cfg Config) finding {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(cfg.Data, &fs); err != nil {
		return finding{"disk", "warn", err.Error()}
	}
	free := fs.Bavail * uint64(fs.Bsize) / 1_000_000
	if free < leastDisk {
		return finding{"disk", "bad", r.words.T("app.doctor.disk.mend", "Free", strconv.FormatUint(free, 10))}
	}
	return finding{"disk", "ok", r.words.T("app.doctor.disk.ok", "Free", strconv.FormatUint(free, 10))}
}

func (r *run) lookAtDatabase(ctx context.Context, cfg Config) []finding {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	list, err := official.Load()
	if err != nil {
		return []finding{{"list", "bad", r.words.T("app.doctor.list.mend")}}
	}
	if path, ok := strings.CutPrefix(cfg.Database, "sqlite:"); ok {
		if _, err := os.Stat(path); os.IsNotExist(err) {
			return []finding{{"database", "warn", r.words.T("app.doctor.database.new", "Path", path)}}
		}
	}
	db, err := store.Open(ctx, cfg.Database, store.Options{Conns: 2})
	if err != nil {
		return []finding{{"database", "bad", r.words.T("app.doctor.database.mend", "Target", databaseOf(cfg))}}
	}
	defer db.Close()
	out := []finding{{"database", "ok", r.words.T("app.doctor.database.ok", "Engine", db.Engine().String(), "Target", db.Target())}, r.lookAtClock(ctx, db)}
	tables, err := db.Tables(ctx)
	has := func(name string) bool {
		for _, t := range tables {
			if t.Name == name {
				return true
			}
		}
		return false
	}
	if err != nil || !has("territory") || !has("river_job") {
		return append(out, finding{"schema", "warn", r.words.T("app.doctor.schema.mend", "Names", "parvis")})
	}
	out = append(out, finding{"schema", "ok", r.words.T("app.doctor.schema.ok")})
	var open, dead, all int
	err = db.System("the doctor counts territories and failed jobs of the instance").View(ctx, func(tx *store.Tx) error {
		if err := tx.Get(ctx, &open, `SELECT COUNT(*) FROM territory`); err != nil {
			return err
		}
		return tx.Get(ctx, &dead, `SELECT COUNT(*) FROM river_job WHERE state = 'discarded'`)
	})
	if err != nil {
		return append(out, finding{"list", "bad", err.Error()})
	}
	for range list.All() {
		all++
	}
	out = append(out, finding{"list", "ok", r.words.T("app.doctor.list.ok", "Count", all, "Open", open)})
	if dead > 0 {
		return append(out, finding{"jobs", "warn", r.words.T("app.doctor.jobs.mend", "Count", dead)})
	}
	return append(out, finding{"jobs", "ok", r.words.T("app.doctor.jobs.ok")})
}

// lookAtClock compares with the database's: reminders leave by it.
func (r *run) lookAtClock(ctx context.Context, db *store.DB) finding {
	query := `SELECT CAST(strftime('%s', 'now') AS INTEGER)`
	if db.Engine() == store.Postgres {
		query = `SELECT CAST(EXTRACT(EPOCH FROM now()) AS BIGINT)`
	}
	var there int64
	err := db.System("the doctor asks the database for the time").View(ctx, func(tx *store.Tx) error { return tx.Get(ctx, &there, query) })
	gap := (clock.System{}).Now().Sub(time.Unix(there, 0)).Abs()
	if err != nil || gap > 10*time.Second {
		return finding{"clock", "bad", r.words.T("app.doctor.clock.mend", "Gap", gap.Round(time.Second).String())}
	}
	return finding{"clock", "ok", r.words.T("app.doctor.clock.ok")}
}

func (r *run) lookAtMail(ctx context.Context, cfg Config) finding {
	if cfg.MailHost == "" || cfg.MailFrom == "" {
		return finding{"mail", "warn", r.words.T("app.doctor.mail.none")}
	}
	if text := r.adaptersOf(cfg, true); text != "" {
		return finding{"mail", "bad", text}
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	c, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(cfg.MailHost, strconv.Itoa(cfg.MailPort)))
	if err != nil {
		return finding{"mail", "bad", r.words.T("app.doctor.mail.mend", "Host", cfg.MailHost)}
	}
	_ = c.Close()
	return finding{"mail", "ok", r.words.T("app.doctor.mail.ok", "Host", cfg.MailHost)}
}

func (r *run) lookAtSMS(cfg Config) finding {
	switch {
	case cfg.SMSProvider == "none":
		return finding{"sms", "warn", r.words.T("app.doctor.sms.none")}
	case r.adaptersOf(cfg, false) != "":
		return finding{"sms", "bad", r.adaptersOf(cfg, false)}
	case cfg.SMSProvider != "log" && len(cfg.SMSWebhookToken) < 16:
		return finding{"sms", "warn", r.words.T("app.doctor.sms.hook")}
	}
	return finding{"sms", "ok", r.words.T("app.doctor.sms.ok", "Provider", cfg.SMSProvider)}
}

// adaptersOf builds the ways out as the start would, calls nobody, and says what
// would stop it; mail asks for mail alone, else SMS alone.
func (r *run) adaptersOf(cfg Config, mail bool) string {
	if mail {
		cfg.SMSProvider = "none"
	} else {
		cfg.MailHost = ""
	}
	a := &App{Config: cfg, log: slog.New(slog.DiscardHandler), clock: clock.System{}}
	if _, _, err := a.adapters(cfg); err != nil {
		f := fault.Of(err)
		text := r.words.T(f.Key, f.Args...)
		if f.Cause != nil {
			text += " (" + f.Cause.Error() + ")"
		}
		return text
	}
	return ""
}
