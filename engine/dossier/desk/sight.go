package desk

import (
	"context"

	"parvis/core/crew"
	"parvis/engine/dossier"
	"parvis/platform/fault"
	"parvis/platform/store"
	"parvis/platform/web"
)

// sight is what somebody may read: the kinds of the services they work for, and
// among private requests their own.
func (d *Desk) sight(ctx context.Context, tx *store.Tx, a web.Actor) (dossier.Sight, error) {
	s := dossier.Sight{Person: a.ID, Kinds: d.kinds(a, MayRead), Assigner: a.Can(MayAssign)}
	var err error
	s.Teams, err = crew.Of(ctx, tx, a.ID)
	return s, err
}

// kinds are those whose requests somebody holds a permission on.
func (d *Desk) kinds(a web.Actor, p web.Permission) []string {
	var out []string
	for _, k := range d.Dossiers.Kinds() {
		if a.Can(within(k.Of(), p)) {
			out = append(out, k.Name)
		}
	}
	return out
}

// may tells whether somebody holds a permission on the requests of a kind.
func (d *Desk) may(a web.Actor, k dossier.Kind, p web.Permission) bool {
	return a.Can(within(k.Of(), p))
}

// find is a request that the actor may read; to anybody else it is not there.
func (d *Desk) find(ctx context.Context, tx *store.Tx, a web.Actor, id store.ID) (dossier.Dossier, dossier.Kind, error) {
	x, err := d.Dossiers.Get(ctx, tx, id)
	if err != nil {
		return x, dossier.Kind{}, err
	}
	s, err := d.sight(ctx, tx, a)
	if err != nil {
		return x, dossier.Kind{}, err
	}
	k, ok := d.Dossiers.Kind(x.Kind)
	if !ok || !s.Sees(x) {
		return x, k, store.ErrNotFound
	}
	return x, k, nil
}

// require refuses who lacks a permission on the requests of a kind.
func (d *Desk) require(a web.Actor, k dossier.Kind, p web.Permission) error {
	if !d.may(a, k, p) {
		return fault.New(fault.Forbidden, "")
	}
	return nil
}
