package sms

import (
	"context"
	"log/slog"
)

// Log writes messages to a log instead of sending them: for tests and for the
// first hours of an installation. The text and the number are in the log, so it
// is not for production.
type Log struct {
	log     *slog.Logger
	perPart Cost
}

// NewLog returns a Log that counts perPart for each part.
func NewLog(log *slog.Logger, perPart Cost) *Log { return &Log{log: log, perPart: perPart} }

// Send writes the message to the log at level info.
func (l *Log) Send(ctx context.Context, m Message) (Receipt, error) {
	if err := ctx.Err(); err != nil {
		return Receipt{}, &Failure{Outcome: ErrNotSent, Reason: ReasonTimeout, Cause: err}
	}
	m, size, err := Prepare(m)
	if err != nil {
		return Receipt{}, err
	}
	l.log.LogAttrs(ctx, slog.LevelInfo, "sms not really sent",
		slog.String("to", m.To.E164()), slog.String("sender", m.Sender), slog.String("kind", string(m.Kind)),
		slog.String("ref", m.Ref), slog.Int("parts", size.Parts), slog.String("text", m.Text))
	return Receipt{ProviderID: "log-" + m.Ref, Parts: size.Parts, Cost: l.perPart.Times(size.Parts)}, nil
}
