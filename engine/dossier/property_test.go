package dossier_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parvis/engine/dossier"
	"parvis/platform/calendar"
	"parvis/platform/clock"
	"parvis/platform/fault"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
)

// Whatever is done to a request, in whatever order: the stage follows the
// declared transitions, the timeline only grows, the due date moves by the
// pauses and by nothing else, and what was refused changes nothing.
func TestAnythingAtAnyTime(t *testing.T) {
	clk := clock.NewFake(monday)
	b := newBench(t, storetest.Open(t, storetest.SQLiteDSN(t), clk, []store.Migration{dossier.Migration()}), clk)
	next := map[string][]string{}
	for _, s := range kind().Stages {
		next[s.Name] = s.Next
	}
	stages := []string{"received", "studied", "done", "refused"}
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		clk.Set(monday.Add(time.Duration(rapid.IntRange(0, 400*24).Draw(rt, "start")) * time.Hour))
		d, err := try(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Open(ctx, tx, dossier.Opening{Kind: "claim", Subject: fmt.Sprint("claim:", run), Title: "x", Channel: dossier.Web, By: resident})
		})
		if err != nil {
			rt.Fatal(err)
		}
		due := naiveDue(clk.Now(), 5)
		var pausedAt, closedAt time.Time
		entries := b.timeline(t, d.ID, false)
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			clk.Advance(time.Duration(rapid.IntRange(0, 20*24*60).Draw(rt, "wait")) * time.Minute)
			now := clk.Now()
			gesture := rapid.SampledFrom([]string{"advance", "advance", "pause", "resume", "reopen", "say", "note", "assign"}).Draw(rt, "gesture")
			stage := rapid.SampledFrom(stages).Draw(rt, "stage")
			got, err := try(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
				switch gesture {
				case "advance":
					return b.Advance(ctx, tx, d.ID, staff, stage)
				case "pause":
					return b.Pause(ctx, tx, d.ID, staff, "x")
				case "resume":
					return b.Resume(ctx, tx, d.ID, staff)
				case "reopen":
					return b.Reopen(ctx, tx, d.ID, resident, "x")
				case "say":
					return b.Say(ctx, tx, d.ID, resident, "x")
				case "note":
					return b.Note(ctx, tx, d.ID, staff, "x")
				}
				return b.Assign(ctx, tx, d.ID, staff, store.ID(now.UnixMicro()), 0)
			})
			allowed := true
			switch gesture {
			case "advance":
				allowed = slices.Contains(next[d.Stage], stage)
			case "pause":
				allowed = closedAt.IsZero() && pausedAt.IsZero()
			case "resume":
				allowed = !pausedAt.IsZero()
			case "reopen":
				allowed = !closedAt.IsZero() && !now.After(closedAt.Add(30*24*time.Hour))
			case "assign":
				allowed = closedAt.IsZero()
			}
			if allowed != (err == nil) {
				rt.Fatalf("%s %s from %+v: allowed %v, error %v", gesture, stage, d, allowed, err)
			}
			after := b.timeline(t, d.ID, false)
			if len(after) < len(entries) || len(after) > len(entries)+1 || !sameEntries(entries, after[:len(entries)]) {
				rt.Fatalf("the timeline was rewritten by %s", gesture)
			}
			if err != nil {
				if f := fault.Of(err); f.Kind == fault.Internal || len(after) != len(entries) {
					rt.Fatalf("%s: %v left %d entries", gesture, err, len(after)-len(entries))
				}
				continue
			}
			entries = after
			switch gesture {
			case "advance":
				if stage == "done" || stage == "refused" {
					if !pausedAt.IsZero() {
						due, pausedAt = due.Add(now.Sub(pausedAt)), time.Time{}
					}
					closedAt = now
				}
			case "pause":
				pausedAt = now
			case "resume":
				due, pausedAt = due.Add(now.Sub(pausedAt)), time.Time{}
			case "reopen":
				closedAt, due, stage = time.Time{}, naiveDue(now, 5), "studied"
			}
			if gesture != "advance" && gesture != "reopen" {
				stage = d.Stage
			}
			if got.Stage != stage || !got.DueAt.Equal(due) || !got.PausedAt.Equal(pausedAt) || !got.ClosedAt.Equal(closedAt) {
				rt.Fatalf("after %s: %+v\nwant stage %s, due %v, paused %v, closed %v", gesture, got, stage, due, pausedAt, closedAt)
			}
			if late := closedAt.IsZero() && pausedAt.IsZero() && !now.Before(due); got.Late(now) != late {
				rt.Fatalf("late %v, want %v", got.Late(now), late)
			}
			d = got
		}
		read, err := try(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) { return b.Get(ctx, tx, d.ID) })
		read.Token, d.Token = "", ""
		if err != nil || read != d {
			rt.Fatalf("read %+v, %v\nwant %+v", read, err, d)
		}
	})
}

func sameEntries(a, b []dossier.Entry) bool {
	return slices.EqualFunc(a, b, func(x, y dossier.Entry) bool {
		return x.ID == y.ID && x.Kind == y.Kind && x.Body == y.Body && x.TextKey == y.TextKey && x.At.Equal(y.At)
	})
}

// naiveDue counts working days one by one in Paris.
func naiveDue(from time.Time, days int) time.Time {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic(err)
	}
	y, m, d := from.In(paris).Date()
	for days > 0 {
		d++
		at := time.Date(y, m, d, 12, 0, 0, 0, paris)
		_, holiday := calendar.HolidayOn(calendar.DateOf(at, paris), calendar.ZoneMainland)
		if w := at.Weekday(); w != time.Saturday && w != time.Sunday && !holiday {
			days--
		}
	}
	return time.Date(y, m, d+1, 0, 0, 0, 0, paris).UTC()
}
