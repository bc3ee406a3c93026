package i18n

import (
	"context"
	"time"
)

type localizerKey struct{}

type locationKey struct{}

// With returns a context whose pages and messages speak the localizer's
// language.
func With(ctx context.Context, l *Localizer) context.Context {
	return context.WithValue(ctx, localizerKey{}, l)
}

// WithLocation returns a context whose dates and times are shown in zone: the
// zone of the territory, not of the reader.
func WithLocation(ctx context.Context, zone *time.Location) context.Context {
	return context.WithValue(ctx, locationKey{}, zone)
}

// From returns the localizer of the context, in the zone of the context. Without
// localizer it speaks French and knows no message.
func From(ctx context.Context) *Localizer {
	l, ok := ctx.Value(localizerKey{}).(*Localizer)
	if !ok || l == nil {
		l = &Localizer{lang: French}
	}
	if zone, ok := ctx.Value(locationKey{}).(*time.Location); ok && zone != nil {
		l = l.In(zone)
	}
	return l
}

// Location returns the zone in which the context shows times: that of
// WithLocation, else that of the localizer, else Europe/Paris.
func Location(ctx context.Context) *time.Location { return From(ctx).Location() }

// Lang returns the language of the context, "fr" or "en".
func Lang(ctx context.Context) string { return From(ctx).Lang() }

// T is [Localizer.T] in the language of the context.
func T(ctx context.Context, key string, args ...any) string {
	return From(ctx).T(key, args...)
}

// N is [Localizer.N] in the language of the context.
func N[I Integer](ctx context.Context, key string, n I, args ...any) string {
	return From(ctx).N(key, int(n), args...)
}

// Day is [Localizer.Day] for the context.
func Day(ctx context.Context, t time.Time) string { return From(ctx).Day(t) }

// DayWithYear is [Localizer.DayWithYear] for the context.
func DayWithYear(ctx context.Context, t, now time.Time) string {
	return From(ctx).DayWithYear(t, now)
}

// DayShort is [Localizer.DayShort] for the context.
func DayShort(ctx context.Context, t time.Time) string { return From(ctx).DayShort(t) }

// Date is [Localizer.Date] for the context.
func Date(ctx context.Context, t time.Time) string { return From(ctx).Date(t) }

// DateNumeric is [Localizer.DateNumeric] for the context.
func DateNumeric(ctx context.Context, t time.Time) string { return From(ctx).DateNumeric(t) }

// Clock is [Localizer.Clock] for the context.
func Clock(ctx context.Context, t time.Time) string { return From(ctx).Clock(t) }

// ClockMinutes is [Localizer.ClockMinutes] for the context.
func ClockMinutes(ctx context.Context, minutes int) string { return From(ctx).ClockMinutes(minutes) }

// ClockRange is [Localizer.ClockRange] for the context.
func ClockRange(ctx context.Context, from, to time.Time) string {
	return From(ctx).ClockRange(from, to)
}

// DayTime is [Localizer.DayTime] for the context.
func DayTime(ctx context.Context, t time.Time) string { return From(ctx).DayTime(t) }

// DayTimeRelative is [Localizer.DayTimeRelative] for the context.
func DayTimeRelative(ctx context.Context, t, now time.Time) string {
	return From(ctx).DayTimeRelative(t, now)
}

// Period is [Localizer.Period] for the context.
func Period(ctx context.Context, first, last time.Time) string {
	return From(ctx).Period(first, last)
}

// Duration is [Localizer.Duration] for the context.
func Duration(ctx context.Context, d time.Duration) string { return From(ctx).Duration(d) }

// Percent is [Localizer.Percent] for the context.
func Percent(ctx context.Context, ratio float64) string { return From(ctx).Percent(ratio) }

// Decimal is [Localizer.Decimal] for the context.
func Decimal(ctx context.Context, v float64, digits int) string { return From(ctx).Decimal(v, digits) }

// Money is [Localizer.Money] for the context.
func Money(ctx context.Context, cents int64) string { return From(ctx).Money(cents) }

// Phone is [Localizer.Phone] for the context.
func Phone(ctx context.Context, e164 string) string { return From(ctx).Phone(e164) }
