package person

import (
	"context"

	"parvis/core/access"
	"parvis/core/link"
	"parvis/core/notify"
	"parvis/core/service"
	"parvis/platform/job"
	"parvis/platform/store"
	"parvis/platform/web"
)

// Service declares the people: sign-in on the instance, residents in each
// territory.
func (p *People) Service() service.Service {
	served := []access.Role{access.Agent, access.Desk, access.Manager}
	return service.Service{
		Name: "person", Label: "person.label", About: "person.about", Icon: "user",
		Locales:    Locales,
		Migrations: []store.Migration{Migration()},
		Permissions: []access.Permission{
			{Name: Read, Label: "person.permission.read", Roles: served},
			{Name: Write, Label: "person.permission.write", Roles: served},
			{Name: Rights, Label: "person.permission.rights", Roles: []access.Role{access.Manager}},
		},
		Routes:    p.routes(),
		API:       p.operations,
		Menu:      []service.MenuItem{{Label: "person.list.title", Icon: "user", Path: "/usagers", Permission: Read}},
		Kinds:     []link.Kind{{Name: "resident", Label: "person.kind.resident", Resolve: p.resolve}},
		Jobs:      []job.Worker{p.SignInJob()},
		Notices:   notices(),
		Retention: p.retention(),
		Demo:      p.fillDemo,
	}
}

func (p *People) routes() []web.Route {
	list := []web.Route{
		{Method: "GET", Path: "/connexion", Scope: web.OfInstance, Permission: web.Public, Handle: p.showSignIn},
		{Method: "POST", Path: "/connexion", Scope: web.OfInstance, Permission: web.Public, Rate: web.Careful, Handle: p.askSignIn},
		{Method: "GET", Path: "/connexion/code", Scope: web.OfInstance, Permission: web.Public, Handle: p.showCode, Sample: "-"},
		{Method: "POST", Path: "/connexion/code", Scope: web.OfInstance, Permission: web.Public, Rate: web.Careful, Handle: p.signIn},
		{Method: "POST", Path: "/deconnexion", Scope: web.OfInstance, Permission: web.Public, Handle: p.signOut},
		{Method: "GET", Path: "/invitation/{token}", Scope: web.OfInstance, Permission: web.Public, Handle: p.showInvitation, Sample: "-"},
		{Method: "POST", Path: "/invitation/{token}", Scope: web.OfInstance, Permission: web.Public, Rate: web.Careful, Handle: p.acceptInvitation},
		{Method: "GET", Path: "/agents", Scope: web.OfInstance, Permission: web.SignedIn, Handle: p.showAgents, Sample: "-"},

		{Method: "GET", Path: "/usagers", Permission: Read, Handle: p.listResidents},
		{Method: "POST", Path: "/usagers", Permission: Write, Handle: p.createResident},
		{Method: "GET", Path: "/usagers/nouveau", Permission: Write, Handle: p.newResident},
		{Method: "GET", Path: "/usagers/{id}", Permission: Read, Handle: p.showResident, Sample: "/usagers/1001"},
		{Method: "POST", Path: "/usagers/{id}", Permission: Write, Handle: p.updateResident},
		{Method: "GET", Path: "/usagers/{id}/modifier", Permission: Write, Handle: p.editResident, Sample: "/usagers/1001/modifier"},
		{Method: "GET", Path: "/usagers/{id}/fusionner", Permission: Write, Handle: p.showMerge, Sample: "/usagers/1001/fusionner"},
		{Method: "POST", Path: "/usagers/{id}/fusionner", Permission: Write, Handle: p.merge},
		{Method: "POST", Path: "/usagers/{id}/donnees", Permission: Rights, Handle: p.exportResident},
		{Method: "GET", Path: "/usagers/{id}/effacer", Permission: Rights, Handle: p.showErase, Sample: "/usagers/1001/effacer"},
		{Method: "POST", Path: "/usagers/{id}/effacer", Permission: Rights, Handle: p.erase},
	}
	if p.demo {
		list = append(list, web.Route{Method: "POST", Path: "/connexion/demonstration", Scope: web.OfInstance, Permission: web.Public, Handle: p.enterDemo})
	}
	return list
}

func (p *People) resolve(ctx context.Context, h store.Handle, id store.ID) (link.Target, error) {
	var card Resident
	err := h.View(ctx, func(tx *store.Tx) (err error) {
		card, err = p.Residents.Get(ctx, tx, id)
		return err
	})
	return link.Target{Title: card.Name(), Href: "/usagers/" + card.ID.String(), Permission: Read}, err
}

// notices are the messages of the package, with their longest realistic values.
func notices() []notify.Notice {
	letter := map[string]string{"Name": "Marie-Françoise Delabarre-Montfort", "From": "Communauté de communes du Pays-de-la-Vallée",
		"Link": "https://demarches.communaute-de-la-vallee.example/invitation/Y29tbXVuZTo4NjI4MQ.0123456789012345678901234567890123456789012"}
	return []notify.Notice{
		{Name: "person.code", Label: "person.notice.code", Channels: []notify.Channel{notify.Mail, notify.SMS},
			Urgent: true, Sensitive: true, Required: true, Fields: map[string]string{"Code": "123456"}},
		{Name: "person.invitation", Label: "person.notice.invitation", Channels: []notify.Channel{notify.Mail},
			Urgent: true, Sensitive: true, Required: true, Fields: letter},
		{Name: "person.access", Label: "person.notice.access", Channels: []notify.Channel{notify.Mail},
			Urgent: true, Required: true, Fields: letter},
	}
}

func (p *People) retention() []service.Retention {
	return []service.Retention{
		{Table: "person", Personal: []string{"name", "name_fold", "email", "phone", "last_seen_at"}, Purpose: "person.retention.staff",
			Basis: "person.basis.task", Keep: keepStaff, Then: "person.then.erased", Purge: p.purgeStaff},
		{Table: "person_invitation", Personal: []string{"person_id", "invited_by"}, Purpose: "person.retention.invitation",
			Basis: "person.basis.task", Keep: keepInvitations, Then: "person.then.erased", Purge: purgeExpired("person_invitation")},
		{Table: "person_signin", Personal: []string{"email", "person_id"}, Purpose: "person.retention.signin",
			Basis: "person.basis.security", Keep: keepCodes, Then: "person.then.erased", Purge: purgeSignIns},
		{Table: "person_code", Personal: []string{"address"}, Purpose: "person.retention.code",
			Basis: "person.basis.security", Keep: keepCodes, Then: "person.then.erased", Purge: purgeExpired("person_code")},
		{Table: "person_resident", Personal: []string{"title", "first_name", "last_name", "name_fold", "given_fold", "phone", "email", "notes"},
			Purpose: "person.retention.resident", Basis: "person.basis.task", Keep: keepResidents, Then: "person.then.statistics", Purge: p.Residents.purge},
	}
}
