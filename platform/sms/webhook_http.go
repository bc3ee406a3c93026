package sms

import (
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/tidwall/gjson"
)

// HTTPWebhook describes the calls of any other provider: where each piece is
// and which of its words mean what. Paths are those of github.com/tidwall/gjson;
// for calls by GET or by form, the name of the value.
type HTTPWebhook struct {
	Items string // where a call holds several events; empty when it is an array or one event

	KindPath string   // where the kind is told; empty when Fixed says it
	Delivery []string // words for each kind
	Inbound  []string
	Stop     []string
	Fixed    Event // the kind when KindPath is empty: one address per kind

	Ref, ProviderID, From, Text, Status, At string // paths; empty when the provider does not tell

	Sent      []string // words of Status
	Delivered []string
	Failed    []string

	Layout string         // of At, as in package time; empty for RFC 3339, usual forms, and seconds or milliseconds since 1970
	Zone   *time.Location // of an At without zone; UTC when nil
}

// Check refuses, when the program starts, a description that finds nothing.
func (w HTTPWebhook) Check() error {
	switch {
	case w.KindPath == "" && w.Fixed != Delivery && w.Fixed != Inbound && w.Fixed != Stop:
		return fmt.Errorf("SMS webhook: neither a place for the kind nor a fixed kind")
	case w.KindPath != "" && len(w.Delivery)+len(w.Inbound)+len(w.Stop) == 0:
		return fmt.Errorf("SMS webhook: no word for any kind")
	case w.ProviderID == "" && w.Ref == "" && w.From == "":
		return fmt.Errorf("SMS webhook: nothing says which message or which person")
	}
	return nil
}

// Translate reads one call. An event of a kind that no word describes is left
// out: providers add kinds without warning.
func (w HTTPWebhook) Translate(doc []byte, _ url.Values) ([]Incoming, error) {
	var events []Incoming
	for _, d := range items(doc, w.Items) {
		get := func(path string) string {
			if path == "" {
				return ""
			}
			return d.Get(path).String()
		}
		kind, known := w.kind(d)
		if !known {
			continue
		}
		word := get(w.Status)
		in := Incoming{
			Kind: kind, Ref: get(w.Ref), ProviderID: get(w.ProviderID), From: handset(get(w.From)), At: w.instant(get(w.At)),
		}
		if kind == Delivery {
			in.Status, in.Detail = w.status(word), masked(word)
		} else {
			in.Text = get(w.Text)
		}
		if in.Ref == "" && in.ProviderID == "" && in.From.IsZero() {
			return nil, fmt.Errorf("%w: neither message nor person is told", ErrWebhook)
		}
		events = append(events, in)
	}
	return events, nil
}

func (w HTTPWebhook) kind(d gjson.Result) (Event, bool) {
	if w.KindPath == "" {
		return w.Fixed, true
	}
	word := d.Get(w.KindPath).String()
	switch {
	case slices.Contains(w.Delivery, word):
		return Delivery, true
	case slices.Contains(w.Inbound, word):
		return Inbound, true
	case slices.Contains(w.Stop, word):
		return Stop, true
	}
	return "", false
}

func (w HTTPWebhook) status(word string) Status {
	switch {
	case slices.Contains(w.Sent, word):
		return StatusSent
	case slices.Contains(w.Delivered, word):
		return StatusDelivered
	case slices.Contains(w.Failed, word):
		return StatusFailed
	}
	return StatusUnknown
}

func (w HTTPWebhook) instant(raw string) time.Time {
	zone := w.Zone
	if zone == nil {
		zone = time.UTC
	}
	if w.Layout == "" {
		return instant(raw, zone)
	}
	t, err := time.ParseInLocation(w.Layout, raw, zone)
	if err != nil {
		return time.Time{}
	}
	return plausible(t)
}
