package barometer

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"time"

	"parvis/core/access"
	"parvis/core/notify"
	"parvis/core/service"
	"parvis/engine/dossier"
	"parvis/engine/indicator"
	"parvis/platform/event"
	"parvis/platform/i18n"
	"parvis/platform/job"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

//go:embed migrations/*.sql
var files embed.FS

// Locales holds the service's texts.
//
//go:embed locales/*.json
var Locales embed.FS

// Migration is the package's schema.
func Migration() store.Migration { return store.Migration{Name: "barometer", FS: files} }

// Rights of the service.
const (
	MayRead     web.Permission = "barometer.read"
	MayEnter    web.Permission = "barometer.enter"
	MayModerate web.Permission = "barometer.moderate"
	MaySet      web.Permission = "barometer.settings"
)

// Where is what invitations and months need of the territory.
type Where struct {
	Name string // "Mairie de Vouneuil"
	URL  string // of its pages, without final slash
	Zone *time.Location
}

// Deps are the rooms the service stands on.
type Deps struct {
	DB       *store.DB
	Dossiers *dossier.Engine
	Hub      *notify.Hub
	Bus      *event.Bus
	Where    func(ctx context.Context, tx *store.Tx) (Where, error)
	// Reach is how the requester of a dossier is written to.
	Reach func(ctx context.Context, tx *store.Tx, d dossier.Dossier) (notify.To, error)
	// Kinds are the services of Parvis whose finished requests are asked about.
	Kinds []Kind
	// Secret makes the codes of refusal; at least 16 bytes, for ever the same.
	Secret []byte
}

// Service is the rules of the barometer.
type Service struct {
	db       *store.DB
	dossiers *dossier.Engine
	hub      *notify.Hub
	bus      *event.Bus
	where    func(ctx context.Context, tx *store.Tx) (Where, error)
	reach    func(ctx context.Context, tx *store.Tx, d dossier.Dossier) (notify.To, error)
	kinds    []Kind
	secret   []byte
	masker   *masker
}

// New checks the dependencies.
func New(d Deps) (*Service, error) {
	if d.DB == nil || d.Dossiers == nil || d.Hub == nil || d.Bus == nil || d.Where == nil || d.Reach == nil || len(d.Secret) < 16 {
		return nil, errors.New("barometer: a dependency is missing")
	}
	return &Service{d.DB, d.Dossiers, d.Hub, d.Bus, d.Where, d.Reach, d.Kinds, d.Secret, newMasker()}, nil
}

// Service declares what the barometer adds to a territory.
func (s *Service) Service() service.Service {
	staff := []access.Role{access.Desk, access.Agent, access.Manager, access.Admin}
	return service.Service{
		Name: "barometer", Verb: page.Listen, Label: "barometer.label", About: "barometer.about", Icon: "chart", Optional: true,
		Locales:    Locales,
		Migrations: []store.Migration{Migration()},
		Permissions: []access.Permission{
			{Name: MayRead, Label: "barometer.permission.read", Roles: append(staff, access.Elected)},
			{Name: MayEnter, Label: "barometer.permission.enter", Roles: staff},
			{Name: MayModerate, Label: "barometer.permission.moderate", Roles: []access.Role{access.Manager, access.Admin}},
			{Name: MaySet, Label: "barometer.permission.settings", Roles: []access.Role{access.Manager, access.Admin}},
		},
		Routes: append(s.publicRoutes(), s.staffRoutes()...),
		API:    s.operations,
		Menu: []service.MenuItem{
			{Label: "barometer.menu.results", Icon: "chart", Path: "/barometre", Permission: web.Public},
			{Label: "barometer.menu.staff", Icon: "chart", Path: "/bureau/avis", Permission: MayRead},
			{Label: "barometer.menu.comments", Icon: "eye", Path: "/bureau/avis/commentaires", Permission: MayModerate, Count: s.rail},
		},
		Portal: func(ctx context.Context, _ store.Handle) ([]service.Entry, error) {
			return []service.Entry{{Need: "help", Label: i18n.T(ctx, "barometer.portal"), Path: "/avis", Rank: 60}}, nil
		},
		Jobs: []job.Worker{job.Define("barometer.close", s.closing, job.Every(6*time.Hour))},
		On: []event.Subscription{
			event.On("dossier.closed", "barometer.closed", s.closed),
			event.On("appointment.marked", "barometer.marked", s.marked),
		},
		Notices:   s.notices(),
		Metrics:   []service.Metric{{Name: "barometer.good", Label: "barometer.metric.good", Unit: "barometer.metric.share", Value: s.goodShare}},
		Datasets:  []service.Dataset{{Name: "barometre", Label: "barometer.dataset", Columns: openColumns(), Rows: s.openRows}},
		Retention: s.retention(),
		Demo:      s.fillDemo,
	}
}

func (s *Service) notices() []notify.Notice {
	fields := map[string]string{"Service": "Demande de place en crèche", "Link": "https://parvis.exemple.fr/saint-germain/avis/AAAAAAAAAAAAAAAAAAAAAA",
		"Bad": "https://parvis.exemple.fr/saint-germain/avis/AAAAAAAAAAAAAAAAAAAAAA?s=bad", "Medium": "https://parvis.exemple.fr/saint-germain/avis/AAAAAAAAAAAAAAAAAAAAAA?s=medium",
		"Good": "https://parvis.exemple.fr/saint-germain/avis/AAAAAAAAAAAAAAAAAAAAAA?s=good", "Refuse": "https://parvis.exemple.fr/saint-germain/avis/refus/00000000000000000000000000000000"}
	both := []notify.Channel{notify.Mail, notify.SMS}
	return []notify.Notice{
		{Name: noticeInvite, Label: "barometer.notice.invite.label", Channels: both, Sensitive: true, Fields: fields, Finish: s.finish},
		{Name: noticeRemind, Label: "barometer.notice.remind.label", Channels: both, Sensitive: true, Fields: fields, Finish: s.finish},
	}
}

func (s *Service) retention() []service.Retention {
	const day = 24 * time.Hour
	basis, purpose, erased := "barometer.retention.basis", "barometer.retention.purpose", "barometer.retention.erased"
	return []service.Retention{
		{Table: "barometer_token", Personal: []string{"hash"}, Purpose: "barometer.retention.token", Basis: basis, Keep: day, Then: "barometer.retention.unlinked", Purge: s.expire},
		{Table: "barometer_key", Personal: []string{"secret"}, Purpose: "barometer.retention.token", Basis: basis, Then: erased},
		{Table: "barometer_guard", Personal: []string{"hash"}, Purpose: "barometer.retention.guard", Basis: basis, Then: erased},
		{Table: "barometer_answer", Personal: []string{"hash"}, Purpose: purpose, Basis: basis, Then: "barometer.retention.unlinked"},
		{Table: "barometer_comment", Personal: []string{"text", "shown"}, Purpose: purpose, Basis: basis, Keep: 30 * day, Then: "barometer.retention.refused", Purge: eraseRefused},
		{Table: "barometer_contact", Personal: []string{"email", "text"}, Purpose: "barometer.retention.contact", Basis: "barometer.retention.consent", Keep: 180 * day, Then: erased, Purge: purgeContacts},
		{Table: "barometer_refusal", Personal: []string{"hash"}, Purpose: "barometer.retention.refusal", Basis: basis, Keep: 3 * 365 * day, Then: erased, Purge: purgeRefusals},
	}
}

func purgeContacts(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM barometer_contact WHERE territory_id = @territory AND id IN
		(SELECT id FROM barometer_contact WHERE territory_id = @territory AND asked_at < ? LIMIT ?)`, before, limit)
}

func purgeRefusals(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM barometer_refusal WHERE territory_id = @territory AND hash IN
		(SELECT hash FROM barometer_refusal WHERE territory_id = @territory AND refused_at < ? LIMIT ?)`, before, limit)
}

// rail is how many comments wait for somebody to read them.
func (s *Service) rail(ctx context.Context, h store.Handle, _ web.Actor) (n int, hot bool, err error) {
	err = h.View(ctx, func(tx *store.Tx) error {
		n, err = s.waiting(ctx, tx)
		return err
	})
	return n, false, err
}

// goodShare is the share of « Très bien » among the invited answers of the whole
// months in [from, to).
func (s *Service) goodShare(ctx context.Context, h store.Handle, from, to time.Time) (float64, int, error) {
	var share indicator.Share
	err := h.View(ctx, func(tx *store.Tx) error {
		list, err := lines(ctx, tx, "", from.Format("2006-01"), to.Add(-time.Microsecond).Format("2006-01"))
		share = figures(list, "", bySource(Invited)).Good()
		return err
	})
	return share.Rate(), share.Of, err
}

func openColumns() []string {
	return []string{"mois", "service", "source", "reponses", "tres_bien", "moyen", "pas_bien", "moyenne_sur_10", "demandes_terminees", "hash_du_mois"}
}

// openRows gives the closed months, nothing under five answers nor what would
// betray it.
func (s *Service) openRows(ctx context.Context, h store.Handle, emit func([]string) error) error {
	var rows [][]string
	err := h.View(ctx, func(tx *store.Tx) error {
		rows = nil
		topics, err := s.topics(ctx, tx)
		if err != nil {
			return err
		}
		closed, err := frozen(ctx, tx, 240)
		if err != nil {
			return err
		}
		hashes := map[string]string{}
		for _, f := range closed {
			hashes[f.Month] = f.Hash
		}
		for _, t := range topics {
			list, err := lines(ctx, tx, t.Name, "0000-00", "9999-99")
			if err != nil {
				return err
			}
			for _, source := range Sources() {
				keep := func(l line) bool { return l.Source == string(source) && hashes[l.Month] != "" }
				for _, c := range cutBy(list, t.Name, keep, func(l line) string { return l.Month }) {
					if c.Hidden {
						continue
					}
					f := c.Figures
					rows = append(rows, []string{c.Key, t.Name, string(source), fmt.Sprint(f.N), fmt.Sprint(f.Satisfaction[2]), fmt.Sprint(f.Satisfaction[1]), fmt.Sprint(f.Satisfaction[0]),
						fmt.Sprintf("%.2f", f.Mean().Value), fmt.Sprint(f.Finished), hashes[c.Key]})
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, r := range rows {
		if err := emit(r); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) publicRoutes() []web.Route {
	get := func(path, sample string, h web.Handler) web.Route {
		return web.Route{Method: http.MethodGet, Path: path, Permission: web.Public, Handle: h, Sample: sample}
	}
	return []web.Route{
		get("/avis", "", s.landing),
		get("/avis/{token}", "-", s.ask),
		{Method: http.MethodPost, Path: "/avis/{token}", Permission: web.Public, Handle: s.answer},
		get("/avis/{token}/{step}", "-", s.ask),
		{Method: http.MethodPost, Path: "/avis/{token}/{step}", Permission: web.Public, Handle: s.answer},
		get("/avis/service/{name}", "/avis/service/appointment", s.askOpenly),
		{Method: http.MethodPost, Path: "/avis/service/{name}", Permission: web.Public, Rate: web.Careful, Handle: s.answerOpenly},
		get("/avis/merci/{name}", "/avis/merci/appointment", s.thanks),
		{Method: http.MethodPost, Path: "/avis/merci/{name}", Permission: web.Public, Rate: web.Careful, Handle: s.askContact},
		get("/avis/refus/{code}", "/avis/refus/00000000000000000000000000000000", s.refusal),
		{Method: http.MethodPost, Path: "/avis/refus/{code}", Permission: web.Public, Rate: web.Careful, Handle: s.refuse},
		get("/barometre", "", s.results),
		get("/barometre/{name}", "/barometre/appointment", s.result),
		get("/barometre/{name}/figure.svg", "-", s.figureSVG),
		get("/barometre/{name}/affiche.svg", "-", s.posterSVG),
		get("/barometre/bouton.svg", "-", s.buttonSVG),
		get("/barometre/donnees.csv", "-", s.openCSV),
		get("/barometre/donnees.json", "-", s.openJSON),
	}
}

func (s *Service) staffRoutes() []web.Route {
	get := func(path, sample string, p web.Permission, h web.Handler) web.Route {
		return web.Route{Method: http.MethodGet, Path: path, Permission: p, Handle: h, Sample: sample}
	}
	post := func(path string, p web.Permission, h web.Handler) web.Route {
		return web.Route{Method: http.MethodPost, Path: path, Permission: p, Handle: h}
	}
	return []web.Route{
		get("/bureau/avis", "", MayRead, s.desk),
		get("/bureau/avis/services/{name}", "/bureau/avis/services/appointment", MayRead, s.deskResult),
		get("/bureau/avis/export", "-", MayRead, s.export),
		get("/bureau/avis/commentaires", "", MayModerate, s.comments),
		post("/bureau/avis/commentaires/{id}", MayModerate, s.decide),
		get("/bureau/avis/saisie", "", MayEnter, s.entry),
		post("/bureau/avis/saisie", MayEnter, s.enter),
		get("/bureau/avis/cartes", "", MayEnter, s.cards),
		post("/bureau/avis/cartes", MayEnter, s.makeCards),
		get("/bureau/avis/changements", "", MayModerate, s.actions),
		post("/bureau/avis/changements", MayModerate, s.saveAction),
		get("/bureau/avis/rappels", "", MayModerate, s.contacts),
		post("/bureau/avis/rappels/{id}", MayModerate, s.contactDone),
		get("/bureau/avis/reglages", "", MaySet, s.settings),
		post("/bureau/avis/reglages", MaySet, s.saveSettings),
		post("/bureau/avis/import", MaySet, s.importFile),
	}
}
