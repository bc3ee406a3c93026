package sms

import (
	"cmp"
	"fmt"
	"net/url"

	"github.com/tidwall/gjson"
)

// OVHWebhook reads the calls of OVHcloud, which come by GET.
//
// Delivery reports carry id, ptt, date, description and descriptionDlr; ptt
// tells the state (1 and 2 being tried again, 3 accepted, 4 delivered, the rest
// failed) and where it is absent description does (1 success, 2 and 16 failed).
// The parameters of replies are less documented, so several names are read.
// Put event=reply or event=stop in the addresses given to OVHcloud for replies
// and for STOP: what they say wins.
type OVHWebhook struct{}

// Translate reads one call.
func (OVHWebhook) Translate(doc []byte, query url.Values) ([]Incoming, error) {
	d := gjson.ParseBytes(doc)
	first := func(names ...string) string {
		for _, name := range names {
			if v := d.Get(name).String(); v != "" {
				return v
			}
		}
		return ""
	}
	in := Incoming{
		ProviderID: first("id", "smsId", "messageId"),
		Ref:        first("tag"),
		From:       handset(first("receiver", "to")),
		At:         parisInstant(first("date", "creationDatetime", "sentAt")),
	}
	text := first("message", "text", "content")
	event := query.Get("event")
	if event == "reply" || event == "stop" || event == "" && text != "" {
		in.Kind, in.Text = Inbound, text
		in.From = handset(first("sender", "senderid", "from", "number"))
		if event == "stop" {
			in.Kind = Stop
		}
		if in.From.IsZero() {
			return nil, fmt.Errorf("%w: an answer without a number", ErrWebhook)
		}
		return []Incoming{in}, nil
	}
	ptt, report := first("ptt"), first("description")
	if in.ProviderID == "" || ptt == "" && report == "" {
		return nil, fmt.Errorf("%w: neither a delivery report nor an answer", ErrWebhook)
	}
	in.Kind, in.Status = Delivery, ovhStatus(ptt, report)
	in.Detail = masked(cmp.Or(first("descriptionDlr"), "ptt "+ptt))
	return []Incoming{in}, nil
}

func ovhStatus(ptt, report string) Status {
	switch ptt {
	case "1", "2", "3":
		return StatusSent
	case "4":
		return StatusDelivered
	case "6":
		return StatusUnknown // the operator will not say
	case "", "0":
		switch report {
		case "1":
			return StatusDelivered
		case "2", "16":
			return StatusFailed
		case "0", "4", "8":
			return StatusSent
		}
		return StatusUnknown
	}
	return StatusFailed
}
