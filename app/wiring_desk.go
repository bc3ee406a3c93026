package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"parvis/core/access"
	"parvis/core/crew"
	"parvis/core/link"
	"parvis/core/sector"
	"parvis/engine/dossier"
	"parvis/engine/dossier/desk"
	"parvis/loop/serve/appointment"
	"parvis/loop/serve/intervention"
	"parvis/platform/clock"
	"parvis/platform/file"
	"parvis/platform/i18n"
	"parvis/platform/job"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// openFiles is where attachments and photos are kept.
func openFiles(cfg Config, c clock.Clock) (*file.Folder, error) {
	f, err := file.OpenFolder(filepath.Join(cfg.Data, "files"), file.FolderOptions{Clock: c})
	if err != nil {
		return nil, fmt.Errorf("app: folder of files: %w", err)
	}
	return f, nil
}

// dossierConfig is what the engine of requests stands on.
func (a *App) dossierConfig() dossier.Config {
	return dossier.Config{Place: a.dossierPlace, Events: a.Bus, Contacts: a.contacts, DB: a.DB, Hub: a.Hub, Site: a.dossierSite,
		Staff: colleagues{a}, Came: a.came, ReplyTo: a.replyTo, RemoveFile: func(ctx context.Context, tx *store.Tx, key string) error {
			return a.Queue.Enqueue(ctx, tx, removeFile, key)
		}}
}

// removeFile is the job that forgets the bytes of an attachment.
const removeFile = "app.file.remove"

func (a *App) removeFileJob() job.Worker {
	return job.Define(removeFile, func(ctx context.Context, j job.Job[string]) error { return a.Files.Delete(ctx, j.Args) })
}

func (a *App) dossierSite(ctx context.Context, tx *store.Tx) (dossier.Site, error) {
	t, err := a.Book.Get(ctx, tx.Territory())
	if err != nil {
		return dossier.Site{}, fmt.Errorf("app: site of a dossier: %w", err)
	}
	return dossier.Site{URL: a.urlOf(t), Location: t.Settings.Location()}, nil
}

// appointmentKind is an appointment's request as the queue shows it: it moves on
// its own page.
func (a *App) appointmentKind() dossier.Kind {
	k := appointment.DossierKind()
	k.OwnMoves = true
	k.Sheet = func(c *web.Context, d dossier.Dossier) (dossier.Part, error) {
		_, id, err := link.Ref(d.SubjectRef).Split()
		if err != nil || !c.Actor.Can(appointment.MayRead) {
			return dossier.Part{}, err
		}
		return dossier.Part{Actions: []page.ButtonData{{Label: c.T("app.desk.appointment"), Icon: "cal", Href: c.Href("/bureau/rendez-vous/" + id.String())}}}, nil
	}
	return k
}

// deskService is the queue of the staff.
func (a *App) deskService() Service {
	s := desk.New(desk.Deps{Dossiers: a.Dossiers, People: a.People, Staff: colleagues{a}.all, Links: func() *link.Links { return a.links }, Files: a.Files, Region: regionOf}).Service()
	s.Jobs = append(s.Jobs, a.removeFileJob())
	return s
}

// sectorService is the map of the territory's parts; one that holds open
// requests is not deleted.
func (a *App) sectorService() Service {
	return sector.Service(sector.Deps{Sectors: a.Sectors, Region: regionOf, Used: func(ctx context.Context, tx *store.Tx, id store.ID) (int, error) {
		n, err := a.Dossiers.Count(ctx, tx, dossier.Filter{Sector: id}, 0)
		return n.All, err
	}})
}

// came is what came of a request, as its requester may see it: what links lead
// to and everybody may read, and of the work in the street its state and its
// day, without its sheet. An opinion given afterwards is not there: nothing
// leads from an answer to who gave it.
func (a *App) came(c *web.Context, d dossier.Dossier) ([]dossier.Linked, error) {
	if a.links == nil {
		return nil, nil
	}
	everything := web.Actor{ID: 1, May: func(web.Permission) bool { return true }}
	list, err := a.links.Of(c.Ctx(), c.Store, everything, link.Ref(d.SubjectRef))
	if err != nil {
		return nil, err
	}
	var out []dossier.Linked
	for _, l := range list {
		kind, id, err := l.Ref.Split()
		if err != nil {
			return nil, err
		}
		switch {
		case l.Target.Permission == web.Public:
			out = append(out, dossier.Linked{Label: l.Word.Label(c.Ctx(), l.Forward), Title: l.Target.Title, Href: c.Href(l.Target.Href)})
		case kind == "intervention":
			x, err := a.work(c, id)
			if err != nil {
				return nil, err
			}
			out = append(out, x)
		}
	}
	return out, nil
}

// work is an intervention in the words of a resident.
func (a *App) work(c *web.Context, id store.ID) (dossier.Linked, error) {
	out := dossier.Linked{Label: c.T("app.path.intervention"), Tone: "info"}
	err := c.Store.View(c.Ctx(), func(tx *store.Tx) error {
		o, err := a.Field.Get(c.Ctx(), tx, id)
		if err != nil {
			return err
		}
		out.State, out.Title = c.T("intervention.state."+string(o.State)), i18n.DayWithYear(c.Ctx(), o.StateAt, c.Now())
		if o.State == intervention.Done || o.State == intervention.Checked {
			out.Tone = "ok"
		}
		return nil
	})
	return out, err
}

// colleagues finds who works for a territory.
type colleagues struct{ a *App }

// Colleagues satisfies dossier.People.
func (s colleagues) Colleagues(ctx context.Context, territory string, ids []store.ID) ([]dossier.Colleague, error) {
	var out []dossier.Colleague
	for _, id := range ids[:min(len(ids), crew.Most)] {
		m, err := s.a.People.Member(ctx, territory, id)
		if errors.Is(err, store.ErrNotFound) {
			continue // left since
		}
		if err != nil {
			return nil, err
		}
		if m.Active && m.Joined() {
			out = append(out, dossier.Colleague{ID: m.ID, Name: m.Name, Email: m.Email, Lang: m.Lang})
		}
	}
	return out, nil
}

// Crew satisfies dossier.People.
func (s colleagues) Crew(ctx context.Context, tx *store.Tx, team store.ID) ([]store.ID, error) {
	return crew.Members(ctx, tx, team)
}

// Managers satisfies dossier.People.
func (s colleagues) Managers(ctx context.Context, territory, service string) ([]dossier.Colleague, error) {
	ids, err := s.members(ctx, territory, func(m access.Membership) bool {
		return m.Role == access.Manager && (m.Service == access.Everywhere || m.Service == service)
	})
	if err != nil {
		return nil, err
	}
	return s.Colleagues(ctx, territory, ids)
}

// members are who holds a role that fits.
func (s colleagues) members(ctx context.Context, territory string, fits func(m access.Membership) bool) ([]store.ID, error) {
	var out []store.ID
	err := s.a.DB.In(territory).View(ctx, func(tx *store.Tx) error {
		out = nil
		list, err := s.a.Access.Members(ctx, tx)
		for _, m := range list {
			if fits(m) && !slices.Contains(out, m.Person) {
				out = append(out, m.Person)
			}
		}
		return err
	})
	return out, err
}

// all is everybody who works for a territory, by name, without their addresses.
func (s colleagues) all(ctx context.Context, territory string) ([]dossier.Colleague, error) {
	ids, err := s.members(ctx, territory, func(m access.Membership) bool { return m.Role != access.Operator && m.Role != access.DPO })
	if err != nil {
		return nil, err
	}
	var out []dossier.Colleague
	for chunk := range slices.Chunk(ids, 1000) {
		names, err := s.a.People.Names(ctx, chunk)
		if err != nil {
			return nil, err
		}
		for id, name := range names {
			out = append(out, dossier.Colleague{ID: id, Name: name})
		}
	}
	slices.SortFunc(out, func(x, y dossier.Colleague) int { return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID)) })
	return out, nil
}
