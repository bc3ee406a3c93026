package app

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"parvis/core/notify"
	"parvis/engine/dossier"
	"parvis/loop/listen/barometer"
	"parvis/platform/phone"
	"parvis/platform/store"
)

// barometerRoom builds the barometer on the dossiers of every service.
func (a *App) barometerRoom(secrets secrets) (err error) {
	a.Barometer, err = barometer.New(barometer.Deps{DB: a.DB, Dossiers: a.Dossiers, Hub: a.Hub, Bus: a.Bus, Where: a.barometerPlace, Reach: a.barometerReach,
		Kinds: a.barometerKinds(), Secret: secrets.links})
	return err
}

// barometerKinds are the kinds of dossier people are asked about, with the ends
// that were a service: nobody is asked how a cancelled request went.
func (a *App) barometerKinds() []barometer.Kind {
	var out []barometer.Kind
	for _, x := range []struct {
		name string
		done []string
	}{{"appointment", []string{"seen"}}, {"report", []string{"fixed", "notfixed"}}, {"room", []string{"done", "used"}}, {"contact", []string{"answered"}}} {
		k, ok := a.Dossiers.Kind(x.name)
		if !ok {
			continue
		}
		out = append(out, barometer.Kind{Name: k.Name, Label: k.Label, Done: func(stage string) bool { return slices.Contains(x.done, stage) }})
	}
	return out
}

// barometerPlace is the territory as invitations name it.
func (a *App) barometerPlace(ctx context.Context, tx *store.Tx) (barometer.Where, error) {
	t, err := a.Book.Get(ctx, tx.Territory())
	if err != nil {
		return barometer.Where{}, fmt.Errorf("app: place of the barometer: %w", err)
	}
	return barometer.Where{Name: placeName(t), URL: a.urlOf(t), Zone: t.Settings.Location()}, nil
}

// barometerReach is how the requester of a dossier is written to: what they gave
// with it, or what their card says.
func (a *App) barometerReach(ctx context.Context, tx *store.Tx, d dossier.Dossier) (notify.To, error) {
	to := notify.To{Email: d.Email}
	if n, err := phone.FromE164(d.Phone); err == nil {
		to.Phone = n
	}
	if d.RequesterID == 0 {
		return to, nil
	}
	r, err := a.People.Residents.Get(ctx, tx, d.RequesterID)
	if errors.Is(err, store.ErrNotFound) {
		return to, nil
	}
	if err != nil {
		return to, fmt.Errorf("app: who made a request: %w", err)
	}
	to.Lang = r.Lang
	if to.Email == "" {
		to.Email = r.Email
	}
	if to.Phone.IsZero() {
		to.Phone = r.Phone
	}
	return to, nil
}
