package dossier

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

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
	// Actions are what else the requester can do, shown on the page of the
	// request: "Déplacer le rendez-vous". Optional.
	Actions func(ctx context.Context, d Dossier) []page.ButtonData
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
	first, _ := k.stage(k.reopenTo())
	if !final || first.Name == "" || first.Final || k.Stages[0].Final {
		errs = append(errs, fmt.Errorf("dossier: kind %s: needs a final stage, and open ones to begin and to begin again", k.Name))
	}
	return errors.Join(errs...)
}
