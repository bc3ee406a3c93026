package notify

import (
	"context"
	"errors"

	"parvis/platform/mail"
)

// mailTries bounds how often a mail is sent again that a server may have taken.
// The Message-ID is the same each time and most servers drop the second one,
// but not all do.
const mailTries = 3

// handMail sends. After an interruption it sends again, under the same
// Message-ID: losing a mail is worse than one that comes twice where the
// receiver does not look.
func (h *Hub) handMail(ctx context.Context, p *parcel) outcome {
	if h.adapters.Mail == nil {
		return outcome{state: Failed, reason: ReasonAdapter}
	}
	m, err := h.letter(p)
	if err != nil {
		return outcome{state: Failed, reason: ReasonAdapter, detail: err.Error()}
	}
	r, err := h.adapters.Mail.Send(ctx, m)
	if err != nil {
		return mailFailure(err, p.Attempts)
	}
	return outcome{state: Sent, providerID: "mail:" + r.MessageID}
}

// letter lays the message out.
func (h *Hub) letter(p *parcel) (mail.Message, error) {
	pieces, err := decode(p.Layout)
	if err != nil {
		return mail.Message{}, err
	}
	m := mail.Message{
		To: mail.Named(p.RecipientName, p.Recipient), From: mail.Named(p.From.Name, h.o.From), ReplyTo: p.From.Mail,
		Subject: p.Title, Lang: p.Lang, Ref: Ref(p.Territory, p.ID),
	}
	if p.ReplyTo != "" {
		m.ReplyTo = p.ReplyTo
	}
	m.HTML, m.Text = layout(p.Lang, p.Title, p.From, pieces)
	if p.ICS != "" {
		m.ICS = []byte(p.ICS)
	}
	return m, nil
}

// mailFailure says what an adapter's error means for the message.
func mailFailure(err error, attempts int) outcome {
	out := outcome{state: Doubtful, reason: ReasonAdapter, detail: err.Error()}
	var f *mail.Failure
	if errors.As(err, &f) {
		out.reason, out.detail = f.Key(), f.Error()
		switch {
		case errors.Is(f, mail.ErrRefused):
			out.state = Failed
		case errors.Is(f, mail.ErrNotSent):
			out.state = Queued
		}
	}
	if out.state == Doubtful && attempts < mailTries {
		out.state = Queued
	}
	return out
}
