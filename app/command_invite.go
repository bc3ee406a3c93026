package app

import (
	"context"
	"errors"
	"fmt"

	"parvis/core/access"
	"parvis/core/person"
	"parvis/platform/fault"
	"parvis/platform/i18n"
)

// invite opens a territory when needed and invites somebody to it: without this
// command nobody could sign in to a new installation. The link is printed too,
// for an installation whose mail is not set yet.
func (r *run) invite(ctx context.Context, cfg Config) (err error) {
	in := r.cmd.Invite
	role := access.Role(in.Role)
	if !role.Known() {
		return fault.New(fault.Invalid, "app.cmd.invite.role", "Role", in.Role, "Roles", fmt.Sprint(access.Roles()))
	}
	a, err := r.build(ctx, cfg, r.logger(cfg))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close(context.WithoutCancel(ctx))) }()
	ctx = i18n.With(ctx, a.Catalog.Localizer(r.words.Lang()))
	r.words = a.Catalog.Localizer(r.words.Lang())
	operator := ""
	if t, err := a.Book.Get(ctx, in.Territory); err == nil {
		operator = t.Operator
	}
	t, err := a.Book.Activate(ctx, in.Territory, operator)
	if err != nil {
		return err
	}
	var link string
	_, err = a.People.Invite(ctx, person.Invite{Territory: t.ID, Name: in.Name, Email: in.Email, Roles: []access.Scope{{Service: access.Everywhere, Role: role}},
		Link: func(path string) string { link = a.base() + path; return link }})
	if err != nil {
		return err
	}
	fmt.Fprintln(r.out, r.words.T("app.cmd.invite.sent", "Email", in.Email, "Place", t.Official.Title()))
	fmt.Fprintln(r.out, r.words.T("app.cmd.invite.link", "Link", link))
	return nil
}
