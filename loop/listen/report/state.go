package report

import (
	"context"
	"time"

	"parvis/engine/dossier"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// Kind is the name of the service, of its dossiers and of its links.
const Kind = "report"

// State is where a report stands; the stages of its dossier bear the same
// names.
type State string

// The states. The last six are final.
const (
	Received   State = "received"
	ToQualify  State = "toqualify"
	Accepted   State = "accepted"
	Planned    State = "planned"
	InProgress State = "inprogress"
	Fixed      State = "fixed"
	NotFixed   State = "notfixed"
	Elsewhere  State = "elsewhere"
	Duplicate  State = "duplicate"
	Refused    State = "refused"
	Cancelled  State = "cancelled"
)

// States lists them in order of life.
func States() []State {
	return []State{Received, ToQualify, Accepted, Planned, InProgress, Fixed, NotFixed, Elsewhere, Duplicate, Refused, Cancelled}
}

// Finals lists the states that close a report by a decision of the staff;
// a duplicate is closed by [Reports.Merge].
func Finals() []State { return []State{Fixed, NotFixed, Elsewhere, Refused, Cancelled} }

// Final tells whether the report is closed there.
func (s State) Final() bool {
	switch s {
	case Fixed, NotFixed, Elsewhere, Duplicate, Refused, Cancelled:
		return true
	}
	return false
}

// Known tells whether s is one of States.
func (s State) Known() bool {
	for _, x := range States() {
		if s == x {
			return true
		}
	}
	return false
}

// Label is the message key of the state's name.
func (s State) Label() string { return "report.state." + string(s) }

// Public is the state as everybody reads it: what is qualified inside stays
// « à vérifier ». Its label is under "report.public.".
func (s State) Public() PublicState {
	switch s {
	case Received, ToQualify:
		return ToCheck
	case Accepted, Planned, InProgress:
		return Underway
	case Fixed:
		return Mended
	}
	return Ended
}

// PublicState is a state as the map and the list show it: a colour and a word.
type PublicState int

// The public states; their numbers are in the column tone.
const (
	ToCheck  PublicState = 1
	Underway PublicState = 2
	Mended   PublicState = 3
	Ended    PublicState = 4
)

// Tone is the kind of its badge, as page.Badge names them.
func (p PublicState) Tone() string {
	switch p {
	case ToCheck:
		return "late"
	case Underway:
		return "info"
	case Mended:
		return "ok"
	}
	return ""
}

// Pin is the class of its pin.
func (p PublicState) Pin() string {
	switch p {
	case ToCheck:
		return "att"
	case Underway:
		return "plan"
	case Mended:
		return "fait"
	}
	return "fin"
}

// reopenFor is the longest delay to reopen; a category may set less.
const reopenFor = 60 * 24 * time.Hour

// keep is how long a closed report is kept with who is concerned, before only
// statistics are left.
const keep = 2 * 365 * 24 * time.Hour

// DossierKind is the kind of the requests. The service is asked for when it is
// needed: the engine is built before it.
func DossierKind(of func() *Reports) dossier.Kind {
	open := []string{"toqualify", "accepted", "planned", "inprogress", "fixed", "notfixed", "elsewhere", "duplicate", "refused", "cancelled"}
	to := func(not ...string) []string {
		var out []string
		for _, s := range open {
			skip := false
			for _, n := range not {
				skip = skip || s == n
			}
			if !skip {
				out = append(out, s)
			}
		}
		return out
	}
	stage := func(s State, tone string, next ...string) dossier.Stage {
		return dossier.Stage{Name: string(s), Label: s.Label(), Next: next, Final: s.Final(), Tone: tone}
	}
	return dossier.Kind{Name: Kind, Label: "report.kind", Reopen: reopenFor, ReopenTo: string(ToQualify), Messages: true, Keep: keep, MergeTo: string(Duplicate),
		Clock: func(ctx context.Context, tx *store.Tx, d dossier.Dossier) (int, error) { return of().clock(ctx, tx, d) },
		Changed: func(ctx context.Context, tx *store.Tx, before, after dossier.Dossier) error {
			return of().changed(ctx, tx, before, after)
		},
		Sheet:   func(c *web.Context, d dossier.Dossier) (dossier.Part, error) { return of().sheet(c, d) },
		Actions: func(ctx context.Context, d dossier.Dossier) []page.ButtonData { return of().actions(ctx, d) },
		Stages: []dossier.Stage{
			stage(Received, "late", to()...),
			stage(ToQualify, "late", to("toqualify")...),
			stage(Accepted, "info", to("accepted")...),
			stage(Planned, "info", to("planned")...),
			stage(InProgress, "info", to("inprogress")...),
			stage(Fixed, "ok"), stage(NotFixed, ""), stage(Elsewhere, ""), stage(Duplicate, ""), stage(Refused, ""), stage(Cancelled, ""),
		}}
}
