package notify

import (
	"context"
	"errors"

	"parvis/platform/phone"
	"parvis/platform/sms"
)

// handSMS sends, or after an interruption asks whether it was sent.
func (h *Hub) handSMS(ctx context.Context, p *parcel) outcome {
	if h.adapters.SMS == nil {
		return outcome{state: Failed, reason: ReasonAdapter}
	}
	to, err := p.phone()
	if err != nil {
		return outcome{state: Failed, reason: ReasonAdapter, detail: err.Error()}
	}
	ref := Ref(p.Territory, p.ID)
	if p.Interrupted {
		asker, ok := h.adapters.SMS.(Asker)
		if !ok {
			return outcome{state: Doubtful, reason: ReasonInterrupted}
		}
		r, there, err := asker.Ask(ctx, ref)
		switch {
		case err != nil:
			return outcome{state: Doubtful, reason: ReasonInterrupted, detail: err.Error()}
		case there:
			return h.accepted(r)
		}
		// Surely not sent: it waits its turn again, with all that is checked then.
		return outcome{state: Queued, reason: ReasonInterrupted}
	}
	r, err := h.adapters.SMS.Send(ctx, sms.Message{To: to, Sender: p.Sender, Text: p.Body, Kind: sms.Alert, Ref: ref})
	if err != nil {
		return smsFailure(err)
	}
	return h.accepted(r)
}

func (h *Hub) accepted(r sms.Receipt) outcome {
	out := outcome{state: Sent, parts: r.Parts, cost: r.Cost}
	if r.ProviderID != "" {
		out.providerID = h.adapters.Provider + ":" + r.ProviderID
	}
	return out
}

// smsFailure says what an adapter's error means for the message.
func smsFailure(err error) outcome {
	out := outcome{state: Doubtful, reason: ReasonAdapter, detail: err.Error()}
	var f *sms.Failure
	if errors.As(err, &f) {
		out.reason, out.detail, out.wait = f.Key(), f.Error(), f.RetryAfter
		switch {
		case errors.Is(f, sms.ErrRefused):
			out.state = Failed
		case errors.Is(f, sms.ErrNotSent):
			out.state = Queued
		}
	}
	return out
}

// phone is the recipient of an SMS.
func (p *parcel) phone() (phone.Number, error) {
	n, err := phone.FromE164(p.Recipient)
	if err == nil && n.IsZero() {
		err = phone.ErrNotE164
	}
	return n, err
}
