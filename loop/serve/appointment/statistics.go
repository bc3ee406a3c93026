package appointment

import (
	"context"
	"fmt"
	"math"
	"time"

	"parvis/engine/indicator"
	"parvis/platform/store"
)

// Line is one line of a table of statistics: no-shows among appointments whose
// outcome is known (came or did not come).
type Line struct {
	Key     string // reason id, "web", "1" for Monday, "9" for 9 h, "0-1" for the delay in days …
	NoShow  indicator.Share
	Seen    int
	Excused int
	Revoked int
	Unknown int // past, not marked
}

// Cut is what a table of statistics is cut by.
type Cut string

// The cuts.
const (
	ByReason   Cut = "reason"
	ByPlace    Cut = "place"
	ByChannel  Cut = "channel"
	ByWeekday  Cut = "weekday" // 1 Monday to 7 Sunday, in the territory's zone
	ByHour     Cut = "hour"
	ByDelay    Cut = "delay" // days between booking and start
	ByReminder Cut = "reminded"
	ByVisit    Cut = "visit"
	ByWeek     Cut = "week" // Monday of the week
	InAll      Cut = "all"
)

// Cuts lists those of the page, most telling first.
func Cuts() []Cut {
	return []Cut{ByReason, ByDelay, ByReminder, ByChannel, ByHour, ByWeekday, ByVisit, ByPlace}
}

// delays are the classes of ByDelay: upper bounds in days.
var delays = [...]struct {
	days int
	key  string
}{{1, "0-1"}, {3, "2-3"}, {7, "4-7"}, {14, "8-14"}, {30, "15-30"}, {1 << 30, "31+"}}

func delayClass(booked, start time.Time) string {
	days := int(math.Ceil(start.Sub(booked).Hours() / 24))
	for _, d := range delays {
		if days <= d.days {
			return d.key
		}
	}
	return delays[len(delays)-1].key
}

// Statistics holds every cut of one period.
type Statistics struct {
	From, To time.Time
	All      Line
	Lines    map[Cut][]Line
}

// Statistics reads the appointments of [from, to) once and cuts them every
// way. Appointments still to come are left out.
func (s *Service) Statistics(ctx context.Context, h store.Handle, from, to time.Time, zone *time.Location) (Statistics, error) {
	out := Statistics{From: from, To: to, Lines: map[Cut][]Line{}}
	tables := map[Cut]*tally{}
	for _, c := range append(Cuts(), ByWeek, InAll) {
		tables[c] = &tally{at: map[string]int{}}
	}
	err := h.View(ctx, func(tx *store.Tx) error {
		for _, t := range tables {
			*t = tally{at: map[string]int{}}
		}
		end := to
		if tx.Now().Before(end) {
			end = tx.Now()
		}
		return tx.Each(ctx, `SELECT reason_id, place_id, channel, status, starts_at, created_at, reminded, first_visit FROM appointment
			WHERE territory_id = @territory AND starts_at >= ? AND starts_at < ? ORDER BY starts_at, id`, []any{from, end}, func(scan func(...any) error) error {
			var reason, place store.ID
			var channel string
			var status Status
			var starts, created int64
			var reminded, first bool
			if err := scan(&reason, &place, &channel, &status, &starts, &created, &reminded, &first); err != nil {
				return err
			}
			start := store.Time(starts)
			local := start.In(zone)
			weekday := (int(local.Weekday())+6)%7 + 1
			tables[InAll].add("", status)
			tables[ByReason].add(reason.String(), status)
			tables[ByPlace].add(place.String(), status)
			tables[ByChannel].add(channel, status)
			tables[ByWeekday].add(fmt.Sprint(weekday), status)
			tables[ByHour].add(fmt.Sprint(local.Hour()), status)
			tables[ByDelay].add(delayClass(store.Time(created), start), status)
			tables[ByReminder].add(yesNo(reminded), status)
			tables[ByVisit].add(yesNo(first), status)
			tables[ByWeek].add(local.AddDate(0, 0, 1-weekday).Format(time.DateOnly), status)
			return nil
		})
	})
	if err != nil {
		return out, fmt.Errorf("appointment: statistics: %w", err)
	}
	for c, t := range tables {
		out.Lines[c] = t.lines
	}
	if all := tables[InAll].lines; len(all) > 0 {
		out.All = all[0]
	}
	return out, nil
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

type tally struct {
	at    map[string]int
	lines []Line
}

func (t *tally) add(key string, status Status) {
	i, ok := t.at[key]
	if !ok {
		i = len(t.lines)
		t.at[key] = i
		t.lines = append(t.lines, Line{Key: key})
	}
	l := &t.lines[i]
	switch status {
	case Seen:
		l.Seen++
		l.NoShow.Of++
	case NoShow:
		l.NoShow.Count++
		l.NoShow.Of++
	case Excused:
		l.Excused++
	case Revoked:
		l.Revoked++
	default:
		l.Unknown++
	}
}

// Unmarked counts the appointments that somebody still has to mark, the oldest
// first date with them: the badge that nags.
func (s *Service) Unmarked(ctx context.Context, tx *store.Tx) (n int, oldest time.Time, err error) {
	var row struct {
		N      int
		Oldest time.Time
	}
	err = tx.Get(ctx, &row, `SELECT COUNT(*) AS n, MIN(starts_at) AS oldest FROM appointment WHERE territory_id = @territory AND status = 'booked' AND starts_at < ?`, tx.Now())
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("appointment: counting unmarked: %w", err)
	}
	return row.N, row.Oldest, nil
}
