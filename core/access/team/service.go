package team

import (
	"context"
	"embed"
	"time"

	"parvis/core/access"
	"parvis/core/person"
	"parvis/core/service"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// Locales holds the texts of the package and the names of the roles, under keys
// that begin with "access.".
//
//go:embed locales/*.json
var Locales embed.FS

// Manage is the right to give and take roles.
const Manage web.Permission = "access.manage"

// Area is a service in which roles may be given.
type Area struct {
	Name  string
	Label string // i18n key
}

// Team is the pages of the team.
type Team struct {
	access *access.Access
	people *person.People
	areas  func() []Area
	duties Duties
}

// Duties are what a member of staff still has to do, in words, each with where it
// is seen: said before they are suspended.
type Duties func(c *web.Context, person store.ID) ([]page.Link, error)

// WithDuties gives what the services know of the members.
func (t *Team) WithDuties(d Duties) *Team {
	t.duties = d
	return t
}

// New prepares the pages. areas is asked at each request: the list of services
// may be complete only later.
func New(a *access.Access, p *person.People, areas func() []Area) *Team {
	return &Team{access: a, people: p, areas: areas}
}

// keepTrace is how long a role that was taken back, and a review, are kept.
const (
	keepTrace  = 365 * 24 * time.Hour
	keepReview = 5 * 365 * 24 * time.Hour
)

// Service declares the roles and the pages of the team.
func (t *Team) Service() service.Service {
	return service.Service{
		Name: "access", Label: "access.label", About: "access.about", Icon: "group",
		Locales:     Locales,
		Migrations:  []store.Migration{access.Migration()},
		Permissions: []access.Permission{{Name: Manage, Label: "access.permission.manage", Roles: []access.Role{access.Admin, access.Operator}}},
		Routes: []web.Route{
			{Method: "GET", Path: "/equipe", Permission: Manage, Handle: t.list},
			{Method: "GET", Path: "/equipe/equipe.csv", Permission: Manage, Handle: t.export, Sample: ""},
			{Method: "POST", Path: "/equipe/revue", Permission: Manage, Handle: t.review},
			{Method: "GET", Path: "/equipe/inviter", Permission: Manage, Handle: t.newInvite},
			{Method: "POST", Path: "/equipe/inviter", Permission: Manage, Rate: web.Careful, Handle: t.invite},
			{Method: "GET", Path: "/equipe/{id}", Permission: Manage, Handle: t.show, Sample: "/equipe/{access.member}"},
			{Method: "POST", Path: "/equipe/{id}", Permission: Manage, Handle: t.change},
			{Method: "POST", Path: "/equipe/{id}/invitation", Permission: Manage, Rate: web.Careful, Handle: t.resend},
			{Method: "POST", Path: "/equipe/{id}/nom", Permission: Manage, Handle: t.rename},
			{Method: "GET", Path: "/equipe/{id}/etat", Permission: Manage, Handle: t.askState, Sample: "/equipe/{access.member}/etat"},
			{Method: "POST", Path: "/equipe/{id}/etat", Permission: Manage, Handle: t.changeState},
			{Method: "GET", Path: "/equipe/{id}/retirer", Permission: Manage, Handle: t.askRemove, Sample: "/equipe/{access.member}/retirer"},
			{Method: "POST", Path: "/equipe/{id}/retirer", Permission: Manage, Handle: t.remove},
		},
		Samples: t.samples,
		Menu:    []service.MenuItem{{Label: "access.team.menu", Icon: "group", Path: "/equipe", Permission: Manage, Count: t.due}},
		Retention: []service.Retention{
			{Table: "access_membership", Personal: []string{"person_id", "granted_by", "revoked_by"}, Purpose: "access.retention.membership",
				Basis: "access.basis.security", Keep: keepTrace, Then: "access.then.erased", Purge: access.PurgeMemberships},
			{Table: "access_suspension", Personal: []string{"person_id", "suspended_by"}, Purpose: "access.retention.membership",
				Basis: "access.basis.security", Keep: keepTrace, Then: "access.then.erased", Purge: access.PurgeSuspensions},
			{Table: "access_review", Personal: []string{"reviewed_by"}, Purpose: "access.retention.review",
				Basis: "access.basis.security", Keep: keepReview, Then: "access.then.erased", Purge: access.PurgeReviews},
		},
	}
}

// samples is somebody of the team.
func (t *Team) samples(ctx context.Context, h store.Handle) (map[string]string, error) {
	list, _, err := t.people.Staff(ctx, h.Territory(), person.StaffQuery{Limit: 1})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return map[string]string{"access.member": list[0].ID.String()}, nil
}

// due puts a red 1 beside the entry of the rail when the list must be read again.
func (t *Team) due(ctx context.Context, h store.Handle, _ web.Actor) (n int, hot bool, err error) {
	err = h.View(ctx, func(tx *store.Tx) error {
		_, hot, err = t.access.ReviewState(ctx, tx)
		return err
	})
	if hot {
		n = 1
	}
	return n, hot, err
}
