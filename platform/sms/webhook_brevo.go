package sms

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// BrevoWebhook reads the calls of Brevo: JSON, one event or an array of them.
// msg_status tells what happened; tag is our reference; ts_event is in seconds
// UTC, date in Paris time.
type BrevoWebhook struct{}

// Translate reads one call.
func (BrevoWebhook) Translate(doc []byte, _ url.Values) ([]Incoming, error) {
	var events []Incoming
	for _, d := range items(doc, "") {
		word := d.Get("msg_status").String()
		if word == "" {
			word = d.Get("event").String()
		}
		if word == "" {
			return nil, fmt.Errorf("%w: no msg_status", ErrWebhook)
		}
		in := Incoming{
			Ref: brevoTag(d.Get("tag")), ProviderID: d.Get("messageId").String(),
			From: handset(d.Get("to").String()), Detail: masked(word),
		}
		if in.ProviderID == "" {
			in.ProviderID = d.Get("message_id").String()
		}
		if ts := d.Get("ts_event"); ts.Exists() {
			in.At = instant(ts.String(), time.UTC)
		} else {
			in.At = parisInstant(d.Get("date").String())
		}
		switch folded := strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(word)); folded {
		case "replied":
			in.Kind, in.Text, in.Detail = Inbound, d.Get("reply").String(), ""
		case "unsubscribe", "unsubscribed", "blacklisted":
			in.Kind, in.Text = Stop, d.Get("reply").String()
		case "delivered":
			in.Kind, in.Status = Delivery, StatusDelivered
		case "sent", "accepted":
			in.Kind, in.Status = Delivery, StatusSent
		case "softbounce", "hardbounce", "rejected", "skip", "skipped", "error":
			in.Kind, in.Status = Delivery, StatusFailed
			if why := d.Get("description").String(); why != "" && why != word {
				in.Detail = masked(word + ": " + why)
			}
		default:
			in.Kind, in.Status = Delivery, StatusUnknown
		}
		events = append(events, in)
	}
	return events, nil
}

// brevoTag: a word, or a list of which ours is the first.
func brevoTag(tag gjson.Result) string {
	if tag.IsArray() {
		return tag.Get("0").String()
	}
	return tag.String()
}
