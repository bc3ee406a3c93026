package dossier

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/a-h/templ"

	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// Stage is a step of a kind of request.
type Stage struct {
	Name  string   // "received"
	Label string   // message key, as the requester reads it: "Demande reçue"
	Next  []string // stages that may follow
	Final bool     // the request is closed there
	// Tone of its badge, as page.Badge names them: "ok" for what ends well. ""
	// is "info" while open, neutral once closed.
	Tone string
}

func (s Stage) tone() string {
	if s.Tone == "" {
		return "info"
	}
	return s.Tone
}

// Kind is a kind of request, declared by its service. The first stage is where
// requests open.
type Kind struct {
	Name   string // of the service: "appointment"
	Label  string // message key, "Rendez-vous"
	Stages []Stage
	// DueIn is how many working days (jours ouvrés) the answer may take; 0: no
	// due date.
	DueIn int
	// Reopen is how long after closing the request may be reopened; 0: never.
	Reopen time.Duration
	// ReopenTo is the stage of a reopened request; "" is the first.
	ReopenTo string
	// Messages lets the requester write on the page of the request.
	Messages bool
	// Keep is how long after closing the request is kept, then erased.
	Keep time.Duration
	// Service is the service whose members read it; "" is Name.
	Service string
	// Clock says how many working minutes a request may take, when that depends
	// on what it is about; 0: no due date. It is asked at opening, and again when
	// the category, the priority or the sector changes. DueIn does not count then.
	Clock func(ctx context.Context, tx *store.Tx, d Dossier) (minutes int, err error)
	// Private makes every request of the kind one for its owner and team only.
	Private bool
	// OwnMoves: its stages move by the service's own pages; the staff desk shows
	// the request and offers assignment, notes and messages only.
	OwnMoves bool
	// MergeTo is the final stage of a request merged into another; "": requests
	// of the kind are not merged.
	MergeTo string
	// Notify makes the engine write to the requester and to the followers at
	// each step that they may read. Otherwise the service does.
	Notify bool
	// Changed keeps the service's own row in step, in the transaction of every
	// change: the desk, the API and the program change requests too.
	Changed func(ctx context.Context, tx *store.Tx, before, after Dossier) error
	// Sheet is what the service adds to the sheet of the staff. Optional.
	Sheet func(c *web.Context, d Dossier) (Part, error)
	// Variables are the service's own placeholders for templates of answers.
	// Optional; VariableNames are all of them, lower case with underscores.
	VariableNames []string
	Variables     func(ctx context.Context, tx *store.Tx, d Dossier) (map[string]string, error)
	// Actions are what else the requester can do, shown on the page of the
	// request: "Déplacer le rendez-vous". Optional.
	Actions func(ctx context.Context, d Dossier) []page.ButtonData
}

// Part is what a service shows on the sheet of its request.
type Part struct {
	Facts   []page.Fact // beside number, date, owner
	Body    templ.Component
	Actions []page.ButtonData // in place of, or beside the desk's own
}

// Of is the service the kind belongs to, for permissions.
func (k Kind) Of() string {
	if k.Service != "" {
		return k.Service
	}
	return k.Name
}

func (k Kind) next(from string, final bool) []Stage {
	s, _ := k.stage(from)
	var out []Stage
	for _, name := range s.Next {
		if x, ok := k.stage(name); ok && x.Final == final {
			out = append(out, x)
		}
	}
	return out
}

// Steps lists the open stages that may follow a stage.
func (k Kind) Steps(from string) []Stage { return k.next(from, false) }

// Ends lists the final stages that may follow a stage, without the one of
// merged requests.
func (k Kind) Ends(from string) []Stage {
	return slices.DeleteFunc(k.next(from, true), func(s Stage) bool { return s.Name == k.MergeTo })
}

func (k Kind) stage(name string) (Stage, bool) {
	i := slices.IndexFunc(k.Stages, func(s Stage) bool { return s.Name == name })
	if i < 0 {
		return Stage{}, false
	}
	return k.Stages[i], true
}

// allows tells whether a request may go from one stage to another.
func (k Kind) allows(from, to string) bool {
	s, ok := k.stage(from)
	return ok && slices.Contains(s.Next, to)
}

func (k Kind) reopenTo() string {
	if k.ReopenTo != "" {
		return k.ReopenTo
	}
	return k.Stages[0].Name
}

// check refuses a declaration that could leave a request stuck: the program
// does not start.
func (k Kind) check() error {
	if k.Name == "" || k.Label == "" || len(k.Stages) == 0 || k.Keep <= 0 || k.DueIn < 0 {
		return fmt.Errorf("dossier: kind %q needs a name, a label, stages and a time to keep", k.Name)
	}
	var errs []error
	seen, final := map[string]bool{}, false
	for _, s := range k.Stages {
		if s.Name == "" || s.Label == "" || seen[s.Name] {
			errs = append(errs, fmt.Errorf("dossier: kind %s: stage %q is incomplete or declared twice", k.Name, s.Name))
		}
		seen[s.Name] = true
		final = final || s.Final
		if s.Final == (len(s.Next) > 0) {
			errs = append(errs, fmt.Errorf("dossier: kind %s: stage %s must be final or lead somewhere", k.Name, s.Name))
		}
		for _, next := range s.Next {
			if _, ok := k.stage(next); !ok || next == s.Name {
				errs = append(errs, fmt.Errorf("dossier: kind %s: stage %s leads to %q", k.Name, s.Name, next))
			}
		}
	}
	if s, ok := k.stage(k.MergeTo); k.MergeTo != "" && (!ok || !s.Final) {
		errs = append(errs, fmt.Errorf("dossier: kind %s: merged requests end at %q", k.Name, k.MergeTo))
	}
	first, _ := k.stage(k.reopenTo())
	if !final || first.Name == "" || first.Final || k.Stages[0].Final {
		errs = append(errs, fmt.Errorf("dossier: kind %s: needs a final stage, and open ones to begin and to begin again", k.Name))
	}
	return errors.Join(errs...)
}
