package sms

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// BrevoConfig is a Brevo account.
type BrevoConfig struct {
	Endpoint   string // "https://api.brevo.com/v3" when empty
	APIKey     string
	Sender     string // shown when a message names no sender; Brevo has no short numbers for replies
	WebhookURL string // where Brevo reports deliveries; may be empty
	PerPart    Cost   // tariff of one part
	Link       Link
}

// Brevo sends through Brevo (POST /transactionalSMS/send).
type Brevo struct {
	caller
	config BrevoConfig
	url    string
}

// brevoStop is replaced by Brevo with the number to answer STOP to; a text that
// holds it is treated as marketing.
const brevoStop = "[STOP CODE]"

// NewBrevo checks the settings; it does not call the provider.
func NewBrevo(c BrevoConfig) (*Brevo, error) {
	c.Endpoint = strings.TrimSuffix(cmp.Or(c.Endpoint, "https://api.brevo.com/v3"), "/")
	if err := checkURL("Brevo", c.Endpoint); err != nil {
		return nil, err
	}
	if strings.TrimSpace(c.APIKey) == "" {
		return nil, errors.New("SMS provider Brevo: no API key")
	}
	if c.Sender == "" {
		return nil, errors.New("SMS provider Brevo: no sender name")
	}
	if err := CheckSender(c.Sender); err != nil {
		return nil, fmt.Errorf("SMS provider Brevo: sender %q: %w", c.Sender, err)
	}
	if c.WebhookURL != "" {
		if err := checkURL("Brevo", c.WebhookURL); err != nil {
			return nil, err
		}
	}
	return &Brevo{caller: newCaller(c.Link), config: c, url: c.Endpoint + "/transactionalSMS/send"}, nil
}

type brevoJob struct {
	Sender         string `json:"sender"`
	Recipient      string `json:"recipient"` // digits only
	Content        string `json:"content"`
	Type           string `json:"type"`
	Tag            string `json:"tag,omitempty"`
	WebURL         string `json:"webUrl,omitempty"`
	UnicodeEnabled bool   `json:"unicodeEnabled"`
}

// Send sends the message; Ref travels as Brevo's tag and comes back in webhooks.
func (b *Brevo) Send(ctx context.Context, m Message) (Receipt, error) {
	m, size, err := PrepareOutside(m)
	if err != nil {
		return Receipt{}, err
	}
	job := brevoJob{
		Sender: cmp.Or(m.Sender, b.config.Sender), Recipient: strings.TrimPrefix(m.To.E164(), "+"), Content: m.Text,
		Type: "transactional", Tag: m.Ref, WebURL: b.config.WebhookURL, UnicodeEnabled: size.Encoding == UCS2,
	}
	switch {
	case m.Kind == Marketing:
		job.Type = "marketing"
		job.Content += "\nSTOP " + brevoStop
	case strings.Contains(m.Text, brevoStop):
		return Receipt{}, refused(ReasonText, "an alert that Brevo would take for marketing")
	}
	body, err := json.Marshal(job)
	if err != nil {
		return Receipt{}, fmt.Errorf("writing a Brevo message: %w", err)
	}
	req, err := http.NewRequest(http.MethodPost, b.url, bytes.NewReader(body))
	if err != nil {
		return Receipt{}, fmt.Errorf("writing a Brevo call: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("api-key", b.config.APIKey)
	a, err := b.do(ctx, req)
	if err != nil {
		return Receipt{}, err
	}
	if f := statusFailure(a.status, a.header); f != nil {
		return Receipt{}, explainBrevo(f, a)
	}
	var said struct {
		MessageID json.RawMessage `json:"messageId"` // a number, a string in older answers
	}
	id := ""
	if json.Unmarshal(a.body, &said) == nil {
		id = strings.Trim(string(said.MessageID), `"`)
	}
	if id == "" || id == "null" {
		return Receipt{}, garbage(a, "no messageId in the answer")
	}
	return Receipt{ProviderID: id, Parts: size.Parts, Cost: b.config.PerPart.Times(size.Parts)}, nil
}

func explainBrevo(f *Failure, a *answer) error {
	var said struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	if json.Unmarshal(a.body, &said) != nil {
		return f
	}
	f.Detail = masked(said.Code + " " + said.Message)
	words := strings.ToLower(said.Code + " " + said.Message)
	switch {
	case f.Outcome != ErrRefused:
	case strings.Contains(words, "not_enough_credits"):
		f.Outcome, f.Reason = ErrNotSent, ReasonCredit
	case strings.Contains(words, "unauthorized"), strings.Contains(words, "key not found"):
		f.Outcome, f.Reason = ErrNotSent, ReasonCredential
	case strings.Contains(words, "sender"):
		f.Reason = ReasonSender
	case strings.Contains(words, "recipient"), strings.Contains(words, "telephone"), strings.Contains(words, "phone number"):
		f.Reason = ReasonRecipient
	}
	return f
}
