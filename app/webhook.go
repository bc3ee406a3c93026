package app

import (
	"errors"
	"reflect"
	"strings"
	"time"

	"parvis/core/notify"
	"parvis/platform/sms"
)

// hookConfig describes the calls of the provider "http": where each piece is,
// and which of its words mean what. See docs/configuration.md.
type hookConfig struct {
	Items, Kind                     string
	Delivery, Inbound, Stop         []string // words of Kind
	Ref, ID, From, Text, At, Status string
	Sent, Delivered, Failed         []string // words of Status
	Signature, Secret               string
}

// words reads a list with commas.
func words(p func(*Config) *[]string) func(*Config, string) error {
	return func(c *Config, v string) error {
		*p(c) = nil
		for _, w := range strings.Split(v, ",") {
			if w = strings.TrimSpace(w); w != "" {
				*p(c) = append(*p(c), w)
			}
		}
		return nil
	}
}

// webhooks are the addresses of the provider "http": one for all its calls when
// each says what it is, else one for each kind. None without description.
func (h hookConfig) webhooks(token string) (map[string]notify.Webhook, error) {
	if reflect.ValueOf(h).IsZero() {
		return nil, nil
	}
	if len(token) < 16 {
		return nil, errors.New("sms.http.webhook: sms.webhook_token is needed, at least 16 characters")
	}
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		return nil, err
	}
	sign := sms.Signature{Header: h.Signature, Secret: h.Secret}
	if err := sign.Check(); err != nil {
		return nil, err
	}
	parse := sms.HTTPWebhook{Items: h.Items, KindPath: h.Kind, Delivery: h.Delivery, Inbound: h.Inbound, Stop: h.Stop,
		Ref: h.Ref, ProviderID: h.ID, From: h.From, Text: h.Text, Status: h.Status, At: h.At,
		Sent: h.Sent, Delivered: h.Delivered, Failed: h.Failed, Zone: paris}
	out := map[string]notify.Webhook{}
	add := func(name string, w sms.HTTPWebhook) error {
		out[name] = notify.Webhook{Token: token, Parse: w, Provider: "http", Sign: sign}
		return w.Check()
	}
	if h.Kind != "" {
		return out, add("http", parse)
	}
	for _, kind := range []sms.Event{sms.Delivery, sms.Inbound, sms.Stop} {
		w := parse
		w.Fixed = kind
		if err := add("http-"+string(kind), w); err != nil {
			return nil, err
		}
	}
	return out, nil
}
