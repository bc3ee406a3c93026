package notify

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	l, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLeaveAcrossClockChanges(t *testing.T) {
	paris := zone(t, "Europe/Paris")
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, paris)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	long := at("2025-01-01 00:00")
	for _, c := range []struct{ name, wish, deadline, now, want string }{
		{"daytime", "2026-03-28 19:59", "", "", "2026-03-28 19:59"},
		{"evening before summer time", "2026-03-28 20:00", "", "", "2026-03-29 08:00"},
		{"night of the missing hour", "2026-03-29 03:30", "", "", "2026-03-29 08:00"},
		{"night of the double hour", "2026-10-25 02:30", "", "", "2026-10-25 08:00"},
		{"evening before winter time", "2026-10-24 23:10", "", "", "2026-10-25 08:00"},
		{"the end is free", "2026-10-25 08:00", "", "", "2026-10-25 08:00"},
		{"last evening of the year", "2026-12-31 22:00", "", "", "2027-01-01 08:00"},
		{"would be late: the evening before", "2026-03-29 05:00", "2026-03-29 07:45", "", "2026-03-28 19:45"},
		{"deadline at the end of the quiet hours", "2026-11-24 05:00", "2026-11-24 08:00", "", "2026-11-23 19:45"},
		{"in time after the quiet hours", "2026-11-24 05:00", "2026-11-24 08:30", "", "2026-11-24 08:00"},
		{"the evening before is ending", "2026-11-24 05:00", "2026-11-24 07:30", "2026-11-23 19:50", "2026-11-23 19:50"},
		{"the evening before is over", "2026-11-24 05:00", "2026-11-24 07:30", "2026-11-23 21:00", "2026-11-24 06:30"},
		{"wished for after the last useful hour", "2026-11-24 07:00", "2026-11-24 07:30", "2026-11-23 21:00", "2026-11-24 07:00"},
		{"the last hour has begun", "2026-11-24 07:10", "2026-11-24 07:30", "2026-11-24 07:10", "2026-11-24 07:10"},
	} {
		deadline, now := time.Time{}, long
		if c.deadline != "" {
			deadline = at(c.deadline)
		}
		if c.now != "" {
			now = at(c.now)
		}
		if got := DefaultQuiet().leave(at(c.wish), deadline, now, paris); !got.Equal(at(c.want)) {
			t.Errorf("%s: %s leaves at %s, want %s", c.name, c.wish, got.In(paris), c.want)
		}
	}
}

// The naive answer: the first minute, from the one wished for, at which the
// wall clock of the territory is outside the quiet hours.
func TestLeaveIsTheFirstMinuteOutsideTheQuietHours(t *testing.T) {
	for _, name := range []string{"Europe/Paris", "America/Guadeloupe", "Pacific/Noumea", "America/Miquelon", "Indian/Reunion"} {
		z := zone(t, name)
		for _, q := range []Quiet{{20 * 60, 8 * 60}, {earliestQuiet, latestCalm}, {latestQuiet, earliestCalm}, {21*60 + 45, 7*60 + 15}} {
			for _, day := range []string{"2026-03-07", "2026-03-28", "2026-10-24", "2026-10-31", "2026-11-23"} {
				start, err := time.ParseInLocation(time.DateOnly, day, z)
				if err != nil {
					t.Fatal(err)
				}
				for wish := start; wish.Before(start.Add(50 * time.Hour)); wish = wish.Add(37 * time.Minute) {
					want := wish
					for {
						local := want.In(z)
						minute := local.Hour()*60 + local.Minute()
						if minute >= q.To && minute < q.From {
							break
						}
						want = want.Truncate(time.Minute).Add(time.Minute)
					}
					if got := q.leave(wish, time.Time{}, wish, z); !got.Equal(want) {
						t.Fatalf("%s %v: %s leaves at %s, want %s", name, q, wish, got.In(z), want)
					}
				}
			}
		}
	}
}

// A message is never late when it could leave in time, and wakes nobody when an
// hour of the day was left: whatever the quiet hours, the wish, the deadline,
// the present, in every zone of the French territories, over clock changes.
func TestLeaveIsNeverTooLate(t *testing.T) {
	zones := []*time.Location{}
	for _, name := range []string{"Europe/Paris", "America/Martinique", "America/Cayenne", "America/Miquelon", "Indian/Reunion", "Indian/Mayotte",
		"Pacific/Noumea", "Pacific/Tahiti", "Pacific/Marquesas", "Pacific/Gambier", "Pacific/Wallis", "Indian/Kerguelen"} {
		zones = append(zones, zone(t, name))
	}
	days := []time.Time{}
	for _, day := range []string{"2026-03-07", "2026-03-28", "2026-10-24", "2026-10-31", "2026-12-31", "2026-06-15"} {
		d, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		days = append(days, d)
	}
	rapid.Check(t, func(t *rapid.T) {
		z := rapid.SampledFrom(zones).Draw(t, "zone")
		q := Quiet{rapid.IntRange(earliestQuiet, latestQuiet).Draw(t, "from"), rapid.IntRange(earliestCalm, latestCalm).Draw(t, "to")}
		now := rapid.SampledFrom(days).Draw(t, "day").Add(time.Duration(rapid.IntRange(0, 3*24*3600).Draw(t, "now")) * time.Second)
		wish := now.Add(time.Duration(rapid.IntRange(0, 40*3600).Draw(t, "wish")) * time.Second)
		deadline := wish.Add(time.Duration(rapid.IntRange(1, 20*3600).Draw(t, "deadline")) * time.Second)
		// As the hub does: asked when the message is made, and again whenever the
		// message is looked at, until it leaves.
		at := q.leave(wish, deadline, now, z)
		for range 5 {
			if at.Before(now) {
				t.Fatalf("leaves at %s, before now %s", at, now)
			}
			next := q.leave(at, deadline, at, z)
			if !next.After(at) {
				break
			}
			at = next
		}
		if !at.Before(deadline) {
			t.Fatalf("now %s, wished for at %s, deadline %s: leaves at %s, too late", now.In(z), wish.In(z), deadline.In(z), at.In(z))
		}
		if !q.in(at, z) {
			return
		}
		for m := now; m.Before(deadline); m = m.Add(time.Minute) {
			if !q.in(m, z) {
				t.Fatalf("leaves at %s, in the quiet hours, although %s was free", at.In(z), m.In(z))
			}
		}
	})
}

func TestPauseGrowsToHalfAnHour(t *testing.T) {
	want := []time.Duration{1, 2, 4, 8, 16, 30, 30}
	for i, w := range want {
		if got := pause(i+1, 120, 0); got != w*time.Minute {
			t.Errorf("after %d attempts %s, want %d minutes", i+1, got, w)
		}
	}
	if got := pause(1, 120, time.Hour); got != time.Hour {
		t.Errorf("the provider asked for an hour, got %s", got)
	}
	if got := pause(400, 179, 0); got != 30*time.Minute+59*time.Second {
		t.Errorf("after 400 attempts %s", got)
	}
}

func TestPausesDoNotStepOverTheDeadline(t *testing.T) {
	for _, c := range []struct{ pause, asked, left, want time.Duration }{
		{30, 0, 300, 30}, {30, 0, 40, 20}, {30, 0, 3, 1}, {30, 0, -5, 1}, {1, 0, 1, 1}, {60, 60, 40, 60},
	} {
		if got := sooner(c.pause*time.Minute, c.asked*time.Minute, c.left*time.Minute); got.Truncate(time.Minute) != c.want*time.Minute {
			t.Errorf("pause %d, asked %d, left %d: %s", c.pause, c.asked, c.left, got)
		}
	}
}

func TestRefFindsTheWayBack(t *testing.T) {
	territory, id, err := parseRef(Ref("e200069-854", 77))
	if err != nil || territory != "e200069-854" || id != 77 {
		t.Errorf("%s %d %v", territory, id, err)
	}
	for _, bad := range []string{"", "-", "77", "-77", "c86300-", "c86300-x", "c86300-0"} {
		if _, _, err := parseRef(bad); err == nil {
			t.Errorf("%q is read as a reference", bad)
		}
	}
}

func TestClipKeepsWholeLetters(t *testing.T) {
	long := ""
	for range 200 {
		long += "é"
	}
	if got := clip("x" + long); len(got) != 299 {
		t.Errorf("%d bytes, want 299: a letter of two bytes is not cut", len(got))
	}
}
