package notify

import "time"

// Quiet is the part of the day in which only urgent messages leave, in minutes
// after midnight of the territory's zone: from the evening to the morning.
type Quiet struct{ From, To int }

// The bounds a territory may choose between. Outside them lie the hours at
// which clocks change (1 h to 3 h in every French zone), so that each bound is
// one instant of each day.
const (
	earliestQuiet, latestQuiet = 17 * 60, 23 * 60
	earliestCalm, latestCalm   = 5 * 60, 10 * 60
)

// DefaultQuiet is 20 h to 8 h.
func DefaultQuiet() Quiet { return Quiet{20 * 60, 8 * 60} }

// ahead is how long before the quiet hours a message leaves that could not wait
// for their end.
const ahead = 15 * time.Minute

// in tells whether t is within the quiet hours.
func (q Quiet) in(t time.Time, zone *time.Location) bool {
	local := t.In(zone)
	minute := 60*local.Hour() + local.Minute()
	return minute >= q.From || minute < q.To
}

// bounds are the beginning and the end of the quiet hours t is in.
func (q Quiet) bounds(t time.Time, zone *time.Location) (from, to time.Time) {
	local := t.In(zone)
	evening := local.Day()
	if 60*local.Hour()+local.Minute() < q.To {
		evening--
	}
	at := func(day, minutes int) time.Time {
		return time.Date(local.Year(), local.Month(), day, minutes/60, minutes%60, 0, 0, zone)
	}
	return at(evening, q.From), at(evening+1, q.To)
}

// useful is how long before its deadline a message leaves that has no hour but
// those of the night.
const useful = time.Hour

// leave is when a message wished for at t leaves: t, or the end of the quiet
// hours. A message that would make no sense by then (deadline) leaves before
// they begin; when that is past too, in the night, as late as it is of use: a
// reminder that wakes somebody beats an appointment missed. So a message whose
// wish and whose now are before its deadline always leaves before it.
func (q Quiet) leave(t, deadline, now time.Time, zone *time.Location) time.Time {
	if !q.in(t, zone) {
		return t
	}
	from, to := q.bounds(t, zone)
	if deadline.IsZero() || to.Before(deadline) {
		return to.UTC()
	}
	if now.Before(from) {
		return latest(from.Add(-ahead), now).UTC()
	}
	return latest(latest(t, now), deadline.Add(-useful)).UTC()
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
