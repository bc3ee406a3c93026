package sms

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"github.com/tidwall/gjson"
)

// HTTPConfig describes a provider that takes messages by one HTTP call.
//
// URL and Body are text/template texts. Fields: .To (+336…), .Digits (336…),
// .Sender, .Text, .Ref, .Kind ("alert" or "marketing"), .Marketing and .Unicode
// (true or false), .Parts. Functions: json (a quoted JSON string), query (a URL
// or form value), xml (XML text). Example:
//
//	{"to": {{json .Digits}}, "text": {{json .Text}}, "unicode": {{.Unicode}}}
//
// Paths are those of github.com/tidwall/gjson: "data.messages.0.id".
type HTTPConfig struct {
	Name    string            // for error messages
	URL     string            // template
	Method  string            // POST when empty
	Headers map[string]string // Content-Type, Authorization…
	Body    string            // template; empty for GET

	AcceptedPath   string   // where a 2xx answer says yes or no; empty when the status is enough
	AcceptedValues []string // what it says for yes
	ErrorPath      string   // where an answer explains a no; may be empty
	IDPath         string   // where a JSON answer holds the message's identifier
	IDPattern      string   // or, in any answer, a regular expression with one group

	PerPart Cost // tariff of one part
	Link    Link
}

// HTTP sends through a provider described by an [HTTPConfig].
type HTTP struct {
	caller
	config    HTTPConfig
	url, body *template.Template
	id        *regexp.Regexp
}

// httpFields is what templates see.
type httpFields struct {
	To, Digits, Sender, Text, Ref, Kind string
	Marketing, Unicode                  bool
	Parts                               int
}

// NewHTTP checks the settings by writing a trial message with quotes, accents
// and line ends: a template that would damage a text is refused when the
// program starts. It does not call the provider.
func NewHTTP(c HTTPConfig) (*HTTP, error) {
	h := &HTTP{caller: newCaller(c.Link), config: c}
	h.config.Method = strings.ToUpper(cmp.Or(c.Method, http.MethodPost))
	fail := func(err error) (*HTTP, error) { return nil, fmt.Errorf("SMS provider %s: %w", c.Name, err) }
	var err error
	if h.url, err = parseTemplate("URL", c.URL); err != nil {
		return fail(err)
	}
	if h.body, err = parseTemplate("body", c.Body); err != nil {
		return fail(err)
	}
	if c.IDPattern != "" {
		if h.id, err = regexp.Compile(c.IDPattern); err != nil {
			return fail(err)
		}
		if h.id.NumSubexp() != 1 {
			return fail(errors.New("the pattern of the identifier needs one group"))
		}
	}
	if c.AcceptedPath != "" && len(c.AcceptedValues) == 0 {
		return fail(errors.New("no value stands for an accepted message"))
	}
	if err := h.try(); err != nil {
		return fail(err)
	}
	return h, nil
}

func parseTemplate(name, text string) (*template.Template, error) {
	return template.New(name).Option("missingkey=error").Funcs(template.FuncMap{
		"json": func(s string) (string, error) {
			var out bytes.Buffer
			e := json.NewEncoder(&out)
			e.SetEscapeHTML(false)
			err := e.Encode(s)
			return strings.TrimSuffix(out.String(), "\n"), err
		},
		"query": url.QueryEscape,
		"xml": func(s string) (string, error) {
			var out strings.Builder
			err := xml.EscapeText(&out, []byte(s))
			return out.String(), err
		},
	}).Parse(text)
}

// try writes a trial message and looks for its text in the result.
func (h *HTTP) try() error {
	const text = "Essai \"un\" & <deux> \\ 100%+1;2=3\nà l'été, 5 €"
	req, err := h.request(httpFields{
		To: "+33639980000", Digits: "33639980000", Sender: "MAIRIE", Text: text, Ref: "essai", Kind: string(Alert), Unicode: true, Parts: 1,
	})
	if err != nil {
		return err
	}
	if err := checkURL(h.config.Name, req.URL.String()); err != nil {
		return err
	}
	for _, values := range req.URL.Query() {
		if slices.Contains(values, text) {
			return nil
		}
	}
	var body []byte
	if req.Body != nil {
		if body, err = io.ReadAll(req.Body); err != nil {
			return err
		}
	}
	if carries(req.Header.Get("Content-Type"), body, text) {
		return nil
	}
	return errors.New("the templates do not carry the text of a message intact")
}

// carries tells whether a body of the given type holds text as one value.
func carries(contentType string, body []byte, text string) bool {
	switch {
	case strings.Contains(contentType, "json"):
		return gjson.ValidBytes(body) && holds(gjson.ParseBytes(body), text)
	case strings.Contains(contentType, "x-www-form-urlencoded"):
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return false
		}
		for _, values := range form {
			if slices.Contains(values, text) {
				return true
			}
		}
		return false
	case strings.Contains(contentType, "xml"):
		decoder := xml.NewDecoder(bytes.NewReader(body))
		found := false
		for {
			token, err := decoder.Token()
			if err != nil {
				return found && errors.Is(err, io.EOF)
			}
			if chars, ok := token.(xml.CharData); ok && string(chars) == text {
				found = true
			}
		}
	}
	return strings.Contains(string(body), text)
}

func holds(value gjson.Result, text string) bool {
	if value.Type == gjson.String {
		return value.Str == text
	}
	found := false
	value.ForEach(func(_, inner gjson.Result) bool {
		found = holds(inner, text)
		return !found
	})
	return found
}

func (h *HTTP) request(fields httpFields) (*http.Request, error) {
	var address, body bytes.Buffer
	if err := h.url.Execute(&address, fields); err != nil {
		return nil, err
	}
	if err := h.body.Execute(&body, fields); err != nil {
		return nil, err
	}
	var content io.Reader
	if body.Len() > 0 {
		content = bytes.NewReader(body.Bytes())
	}
	req, err := http.NewRequest(h.config.Method, address.String(), content)
	if err != nil {
		return nil, err
	}
	for name, value := range h.config.Headers {
		req.Header.Set(name, value)
	}
	return req, nil
}

// Send sends the message.
func (h *HTTP) Send(ctx context.Context, m Message) (Receipt, error) {
	m, size, err := PrepareOutside(m)
	if err != nil {
		return Receipt{}, err
	}
	req, err := h.request(httpFields{
		To: m.To.E164(), Digits: strings.TrimPrefix(m.To.E164(), "+"), Sender: m.Sender, Text: m.Text, Ref: m.Ref,
		Kind: string(m.Kind), Marketing: m.Kind == Marketing, Unicode: size.Encoding == UCS2, Parts: size.Parts,
	})
	if err != nil {
		// The settings passed the trial, so it is this message that does not fit.
		return Receipt{}, &Failure{Outcome: ErrRefused, Reason: ReasonText, Detail: "the message cannot be written for this provider"}
	}
	a, err := h.do(ctx, req)
	if err != nil {
		return Receipt{}, err
	}
	if f := statusFailure(a.status, a.header); f != nil {
		f.Detail = h.explanation(a)
		return Receipt{}, f
	}
	if h.config.AcceptedPath != "" {
		said := gjson.GetBytes(a.body, h.config.AcceptedPath)
		if !gjson.ValidBytes(a.body) || !said.Exists() {
			return Receipt{}, garbage(a, "the answer says neither yes nor no")
		}
		if !slices.Contains(h.config.AcceptedValues, said.String()) {
			return Receipt{}, &Failure{Outcome: ErrRefused, Reason: ReasonText, Status: a.status, Detail: h.explanation(a)}
		}
	}
	id, ok := h.identifier(a, m)
	if !ok {
		return Receipt{}, garbage(a, "no identifier in the answer")
	}
	return Receipt{ProviderID: id, Parts: size.Parts, Cost: h.config.PerPart.Times(size.Parts)}, nil
}

// identifier finds the provider's name for the message; our reference stands in
// for it when the settings say nowhere to look.
func (h *HTTP) identifier(a *answer, m Message) (string, bool) {
	switch {
	case h.config.IDPath != "":
		if !gjson.ValidBytes(a.body) {
			return "", false
		}
		id := gjson.GetBytes(a.body, h.config.IDPath).String()
		return id, id != ""
	case h.id != nil:
		found := h.id.FindSubmatch(a.body)
		if found == nil || len(found[1]) == 0 {
			return "", false
		}
		return string(found[1]), true
	}
	return m.Ref, true
}

func (h *HTTP) explanation(a *answer) string {
	if h.config.ErrorPath == "" || !gjson.ValidBytes(a.body) {
		return ""
	}
	return masked(gjson.GetBytes(a.body, h.config.ErrorPath).String())
}
