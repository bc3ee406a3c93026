package appointment

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/xuri/excelize/v2"

	"parvis/core/access"
	"parvis/core/notify"
	"parvis/core/person"
	"parvis/core/place"
	"parvis/core/service"
	"parvis/core/territory"
	"parvis/core/territory/official"
	"parvis/engine/booking"
	"parvis/engine/dossier"
	"parvis/platform/calendar"
	"parvis/platform/event"
	"parvis/platform/hours"
	"parvis/platform/i18n"
	"parvis/platform/mail"
	"parvis/platform/phone"
	"parvis/platform/sms"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
	assets "parvis/web"
)

var officialList = sync.OnceValues(official.Load)

// nadia is the member of staff of the tests.
const nadia store.ID = 4211

// offices is the bench with the pages of the staff, who act under the role that
// their browser says.
func offices(t *testing.T, body func(t *testing.T, b *bench)) {
	t.Helper()
	benches(t, func(t *testing.T, b *bench) {
		list, err := officialList()
		b.must(err)
		dossiers, err := dossier.New(dossier.Config{}, DossierKind())
		b.must(err)
		cat, err := i18n.New(page.Locales, web.Locales, Locales, person.Locales, notify.Locales, booking.Locales, dossiers.Service().Locales, place.Locales,
			territory.Locales, mail.Locales, sms.Locales, phone.Locales, hours.Locales)
		b.must(err)
		built, err := assets.Load()
		b.must(err)
		declared := b.s.Service()
		server, err := web.New(web.Config{DB: b.db, Catalog: cat, Assets: built, Clock: b.clk, SignIn: "/connexion", Sites: territory.New(b.db, b.db, list, event.New(b.db)),
			Logger: slog.New(slog.NewTextHandler(failures{t}, &slog.HandlerOptions{Level: slog.LevelError})),
			Rail:   func(c *web.Context) (page.StaffFrame, error) { return staffRail(c, declared.Menu[1:]), nil },
			Identify: func(c *web.Context) (web.Actor, error) {
				role := access.Role(c.Request.Header.Get("X-Role"))
				if role == "" {
					return web.Actor{}, nil
				}
				return web.Actor{ID: nadia, Name: "Nadia Mésange", May: func(p web.Permission) bool {
					return slices.ContainsFunc(declared.Permissions, func(x access.Permission) bool { return x.Name == p && slices.Contains(x.Roles, role) })
				}}, nil
			}}, declared.Routes)
		b.must(err)
		t.Cleanup(func() {
			if missing := cat.Missing(); len(missing) > 0 {
				t.Errorf("messages missing or incomplete: %v", missing)
			}
		})
		b.srv.Config.Handler = server
		body(t, b)
	})
}

func staffRail(c *web.Context, menu []service.MenuItem) page.StaffFrame {
	f := page.StaffFrame{Who: "Nadia Mésange", Where: "Mairie de Vouneuil", SignOut: "/deconnexion", Today: page.RailItem{Label: c.T("appointment.staff.desk"), Href: c.Href(deskPath), Current: c.Request.URL.Path == deskPath}}
	g := page.RailGroup{Verb: page.Serve}
	for _, m := range menu {
		if c.Actor.Can(m.Permission) {
			g.Items = append(g.Items, page.RailItem{Label: c.T(m.Label), Href: c.Href(m.Path), Current: c.Request.URL.Path == m.Path})
		}
	}
	f.Groups = []page.RailGroup{g}
	return f
}

// signed adds the role to each request.
type signed struct{ role access.Role }

func (s signed) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("X-Role", string(s.role))
	return http.DefaultTransport.RoundTrip(r)
}

// as is a browser of a member of staff, who is nobody with the empty role.
func (b *bench) as(role access.Role) *visitor {
	jar, err := cookiejar.New(nil)
	b.must(err)
	at, err := url.Parse(b.srv.URL)
	b.must(err)
	jar.SetCookies(at, []*http.Cookie{{Name: "parvis_session", Value: "begun", Path: "/"}})
	return &visitor{b: b, client: &http.Client{Jar: jar, Transport: signed{role}}}
}

// post sends a form and follows to the page that answers.
func (v *visitor) post(target string, fields ...string) view {
	v.b.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return v.do(http.MethodPost, target, form)
}

// book books as the API of the service does, without pages.
func (b *bench) book(name string, r Reason, start time.Time, agents ...store.ID) Appointment {
	b.t.Helper()
	done, err := b.s.Book(context.Background(), b.db.In(town), Request{Reason: r.ID, Place: b.hall, Agents: agents, Start: start, By: nadia, Channel: ByPhone,
		Contact: Contact{FirstName: "Aline", LastName: name, Phone: "06 39 98 12 40"}}, "86")
	b.must(err)
	return done.Appointment
}

func (b *bench) appointment(id store.ID) Appointment {
	b.t.Helper()
	var a Appointment
	b.must(b.db.In(town).View(b.t.Context(), func(tx *store.Tx) (err error) {
		a, err = b.s.Get(b.t.Context(), tx, id)
		return err
	}))
	return a
}

func (p view) errorAt(field, words string) {
	p.t.Helper()
	if got := plain(p.Find("#" + field + "-erreur").Text()); !strings.Contains(got, words) {
		p.t.Errorf("%s: beside %s %q, want %q", p.URL, field, got, words)
	}
	if p.Find(`.alert.late a[href="#`+field+`"]`).Length() != 1 {
		p.t.Errorf("%s: the summary does not lead to %s", p.URL, field)
	}
	if !strings.HasPrefix(plain(p.Find("title").Text()), "Erreur") {
		p.t.Errorf("%s: the title does not say that there is a mistake", p.URL)
	}
}

func TestStaffRights(t *testing.T) {
	offices(t, func(t *testing.T, b *bench) {
		a := b.book("Pervenche", b.paper, b.at(24, 9, 0))
		one := sheetPath + "/" + a.ID.String()
		desk := []access.Role{access.Desk, access.Agent, access.Manager, access.Admin}
		settings := []access.Role{access.Manager, access.Admin}
		for _, x := range []struct {
			path string
			may  []access.Role
		}{{deskPath, desk}, {agendaPath, desk}, {agendaPath + "?vue=semaine", desk}, {bookPath, desk}, {one, desk}, {one + "/deplacer", desk}, {one + "/annuler", desk}, {exportPath, desk},
			{absencesPath, desk}, {reasonsPath, settings}, {reasonsPath + "/nouveau", settings}, {reasonsPath + "/" + b.paper.ID.String(), settings}, {rangesPath, settings}, {rangesPath + "/nouvelle", settings},
			{statisticsPath, append(slices.Clone(settings), access.Elected)}} {
			for _, role := range access.Roles() {
				want := http.StatusForbidden
				if slices.Contains(x.may, role) {
					want = http.StatusOK
				}
				if got := b.as(role).get(x.path); got.Status != want {
					t.Errorf("%s as %s: %d, want %d", x.path, role, got.Status, want)
				}
			}
			english := b.as(access.Admin)
			english.lang = "en"
			english.get(x.path).status(http.StatusOK)
		}
		for _, path := range []string{one + "/statut", one + "/arrivee", one + "/note", one + "/annuler", deskPath + "/presences", absencesPath, bookPath} {
			b.as(access.Elected).post(path).status(http.StatusForbidden)
		}
		for _, path := range []string{reasonsPath + "/nouveau", rangesPath + "/agents", rangesPath + "/nouvelle"} {
			b.as(access.Desk).post(path).status(http.StatusForbidden)
		}
	})
}

func TestStaffDesk(t *testing.T) {
	offices(t, func(t *testing.T, b *bench) {
		late := b.book("Pervenche", b.paper, b.at(24, 9, 0), b.agents[0])
		b.book("Fougère", b.paper, b.at(25, 10, 0), b.agents[0])
		now := b.book("Tilleul", b.ring, b.at(25, 14, 0), b.agents[1])
		b.book("Bouleau", b.paper, b.at(26, 9, 0), b.agents[1])
		b.clk.Set(b.at(25, 8, 0))
		v := b.as(access.Desk)
		p := v.get(deskPath).status(http.StatusOK)
		if got := plain(p.Find("h1").Text()); got != "Bonjour Nadia, 1 présence à noter." {
			t.Errorf("h1: %s", got)
		}
		groups := p.Find(".file .grp th").Map(func(_ int, s *goquery.Selection) string { return plain(s.Text()) })
		if want := []string{"En retard, 1", "Aujourd’hui, 2", "Cette semaine, 1"}; !slices.Equal(groups, want) {
			t.Errorf("groups %q, want %q", groups, want)
		}
		if got := plain(p.Find(".file .grp.l + tr").Text()); !strings.Contains(got, "Aline Pervenche") {
			t.Errorf("the first row is %s", got)
		}
		if got := p.Find(".jourj > li").Length(); got != 2 {
			t.Errorf("%d people today, want 2", got)
		}
		// The ranges and settings gestures are the manager's.
		if got := p.Find(".gestes a").Length(); got != 3 {
			t.Errorf("%d gestures for the desk, want 3", got)
		}
		if got := b.as(access.Manager).get(deskPath).Find(".gestes a").Length(); got != 4 {
			t.Errorf("%d gestures for a manager, want 4", got)
		}
		// Free, busy and closed times of the first lane on Wednesday: 9–10, busy 10–10.30, 10.30–12, noon, 14–16, then nothing open.
		day := p.Find(".ag-d").Eq(2).Find(".ag-c").First()
		for kind, want := range map[string]int{".ev.libre": 3, ".ev.off": 1} {
			if got := day.Find(kind).Length(); got != want {
				t.Errorf("%d %s on Wednesday, want %d", got, kind, want)
			}
		}
		if got := plain(day.Find("a.ev.t1").Text()); got != "Fougère" {
			t.Errorf("busy with %q", got)
		}
		v.post(deskPath+"/presences", "rdv", late.ID.String(), "rdv", now.ID.String(), "statut", "seen").says("1 présence notée.", "1 rendez-vous laissé", "Bonjour Nadia, tout est à jour.")
		if got := b.appointment(now.ID).Status; got != Booked {
			t.Errorf("an appointment to come is %s", got)
		}
		v.post(deskPath+"/presences", "statut", "seen").says("Cochez d’abord")
	})
}

// TestWeekAhead looks at the agenda on days when the week is over.
func TestWeekAhead(t *testing.T) {
	offices(t, func(t *testing.T, b *bench) {
		v := b.as(access.Desk)
		shows := func(target, want string) {
			t.Helper()
			p := v.get(target).status(http.StatusOK)
			if got := p.Find(".ag-d").First().AttrOr("aria-label", ""); plain(got) != want {
				t.Errorf("%s on %s begins on %s, want %s", target, b.clk.Now(), got, want)
			}
		}
		week := agendaPath + "?vue=semaine"
		for _, day := range []int{28, 29} { // Saturday, Sunday
			b.clk.Set(b.at(day, 9, 0))
			shows(deskPath, "lundi 30 novembre")
			shows(week, "lundi 30 novembre")
			shows(week+"&jour="+fmt.Sprintf("2020-11-%d", day), "lundi 30 novembre")
			shows(week+"&jour=2020-11-23", "lundi 23 novembre") // « Avant » leads to the week that is over
		}
		b.clk.Set(b.at(27, 18, 0)) // Friday evening: the day is not over for who marks it
		shows(week, "lundi 23 novembre")
		// Somebody works on this Saturday.
		b.must(b.db.In(town).Update(t.Context(), func(tx *store.Tx) error {
			_, _, err := b.s.booking.SaveRule(t.Context(), tx, booking.Rule{ResourceID: b.agents[0], Tags: []string{b.paper.Tag()},
				When: calendar.Rule{Start: calendar.On(2020, time.November, 28), From: 9 * 60, To: 12 * 60}})
			return err
		}))
		b.clk.Set(b.at(28, 8, 0))
		shows(week, "lundi 23 novembre")
	})
}

func TestStaffMarks(t *testing.T) {
	offices(t, func(t *testing.T, b *bench) {
		a := b.book("Pervenche", b.paper, b.at(24, 9, 0))
		b.clk.Set(b.at(24, 9, 5))
		v, one := b.as(access.Desk), sheetPath+"/"+a.ID.String()
		p := v.post(one+"/arrivee", "ici", "1", "retour", deskPath)
		if p.path(b) != deskPath {
			t.Errorf("back on %s", p.path(b))
		}
		p.says("L’arrivée est notée", "arrivé")
		if !b.appointment(a.ID).ArrivedAt.Equal(b.at(24, 9, 5)) {
			t.Error("the hour of the arrival is lost")
		}
		v.post(one+"/arrivee", "ici", "0", "retour", "https://elsewhere.example/").says("L’arrivée est retirée")
		marks := func(status string) view {
			return v.post(one+"/statut", "statut", status, "retour", agendaPath+"?jour=2020-11-24")
		}
		marks("noshow").says("Noté : absent", "absent", "Corriger")
		first := b.appointment(a.ID)
		if first.Status != NoShow || first.StatusBy != nadia {
			t.Errorf("%s by %d", first.Status, first.StatusBy)
		}
		b.clk.Advance(time.Minute)
		marks("noshow")
		if again := b.appointment(a.ID); !again.StatusAt.Equal(first.StatusAt) {
			t.Error("the second click marked again")
		}
		marks("booked").says("de nouveau à noter", "Venu")
		if got := b.appointment(a.ID).Status; got != Booked {
			t.Errorf("after the undo: %s", got)
		}
		marks("seen").says("venu")
		v.post(one+"/statut", "statut", "revoked").status(http.StatusUnprocessableEntity)
		far := b.book("Sureau", b.paper, b.at(26, 9, 0))
		v.post(sheetPath+"/"+far.ID.String()+"/statut", "statut", "seen").status(http.StatusConflict)
	})
}

func TestStaffBooksOnThePhone(t *testing.T) {
	offices(t, func(t *testing.T, b *bench) {
		v := b.as(access.Desk)
		p := v.get(bookPath).status(http.StatusOK)
		p.says("Question 1 sur 3")
		q := bookPath + "?motif=" + b.paper.ID.String() + "&agent=" + b.agents[0].String() + "&lieu=" + b.hall.String()
		p = v.get(q).status(http.StatusOK)
		p.says("Question 2 sur 3", "Premier créneau libre", "lundi 23 novembre à 9 h")
		start := b.at(24, 9, 30)
		if p.Find(`button[name=debut][value="`+startValue(start)+`"]`).Length() != 1 {
			t.Fatal("Tuesday 9 h 30 is not offered")
		}
		// What is settled so far travels with the slot.
		p = v.submit(p, "mardi 24 novembre à 9 h 30")
		p.says("Question 3 sur 3", "mardi 24 novembre à 9 h 30", "Carte d’identité, passeport")
		p = v.submit(p, "Prendre ce rendez-vous", "phone", "01", "on_behalf", "Mission locale").status(http.StatusUnprocessableEntity)
		p.errorAt("last_name", "Indiquez le nom")
		p.errorAt("phone", "Indiquez un numéro")
		if got := p.Find("#on_behalf").AttrOr("value", ""); got != "Mission locale" {
			t.Errorf("the relay typed is lost: %q", got)
		}
		p = v.submit(p, "Prendre ce rendez-vous", "last_name", "Églantine", "first_name", "Élodie", "phone", "06 39 98 12 40", "note", "Rappeler vers 12 h").status(http.StatusOK)
		p.says("C’est noté", "Élodie Églantine", "06 39 98 12 40", "Par téléphone", "Mission locale", "Guichet A", "Confirmation de rendez-vous")
		id, err := store.ParseID(strings.TrimPrefix(p.path(b), sheetPath+"/"))
		b.must(err)
		a := b.appointment(id)
		if a.Channel != ByPhone || a.BookedBy != nadia || !a.StartsAt.Equal(start) || a.Note != "Rappeler vers 12 h" || a.PlaceID != b.hall {
			t.Errorf("booked %+v", a)
		}
		// Found again by number; what she already has is shown.
		p = v.get(q + "&debut=" + url.QueryEscape(startValue(start)) + "&q=0639981240").status(http.StatusOK)
		p.says("Élodie Églantine", "a déjà rendez-vous demain, 9 h 30", "a déjà un rendez-vous à la même heure")
		// Guichet A is taken then: nothing typed is lost, the nearest are offered.
		p = v.submit(p, "Prendre ce rendez-vous", "note", "Deuxième enfant", "canal", "counter").status(http.StatusConflict)
		p.says("n’est plus libre", "mardi 24 novembre à 9 h", "mardi 24 novembre à 10 h")
		if got := p.Find("#note").Text(); got != "Deuxième enfant" {
			t.Errorf("the note typed is lost: %q", got)
		}
		if p.Find(`#canal-counter[checked]`).Length() != 1 || p.Find(`input[name=usager][checked]`).Length() != 1 {
			t.Error("the channel or the person chosen is lost")
		}
		p = v.submit(p, "Prendre ce rendez-vous", "debut", startValue(b.at(24, 10, 0))).status(http.StatusOK)
		p.says("mardi 24 novembre", "10 h", "Ses autres rendez-vous", "demain, 9 h 30")
		second, err := store.ParseID(strings.TrimPrefix(p.path(b), sheetPath+"/"))
		b.must(err)
		if b.appointment(second).ResidentID != a.ResidentID {
			t.Error("a second card was made")
		}
		agenda := v.get(agendaPath + "?jour=24/11/2020").status(http.StatusOK)
		agenda.says("Guichet A", "9 h 30", "10 h")
		if got := agenda.Find(".jourj > li").Length(); got != 2 {
			t.Errorf("%d lines on the day, want 2", got)
		}
	})
}

func TestStaffForcesWithAReason(t *testing.T) {
	offices(t, func(t *testing.T, b *bench) {
		v := b.as(access.Desk)
		q := url.Values{"motif": {b.paper.ID.String()}, "lieu": {b.hall.String()}, "agent": {b.agents[0].String()}, "force": {"1"}, "jour": {"24/11/2020"}, "heure": {"18 h 15"}}
		p := v.get(bookPath + "?" + q.Encode()).status(http.StatusUnprocessableEntity)
		p.errorAt("why", "Dites pourquoi")
		if p.Find("#jour").AttrOr("value", "") != "24/11/2020" || p.Find("#heure").AttrOr("value", "") != "18 h 15" {
			t.Error("the day or the hour typed is lost")
		}
		q.Set("heure", "le soir")
		v.get(bookPath+"?"+q.Encode()).status(http.StatusUnprocessableEntity).errorAt("heure", "Indiquez une heure")
		q.Set("heure", "18:15")
		q.Set("why", "Elle travaille de nuit.")
		p = v.get(bookPath + "?" + q.Encode()).status(http.StatusOK)
		p.says("mardi 24 novembre à 18 h 15", "hors plages")
		// The same form without its sentence books nothing.
		fields := []string{"motif", b.paper.ID.String(), "agent", b.agents[0].String(), "lieu", b.hall.String(), "force", "1", "jour", "24/11/2020", "heure", "18:15", "last_name", "Iris"}
		v.post(bookPath, fields...).status(http.StatusUnprocessableEntity)
		p = v.post(bookPath, append(fields, "why", "Elle travaille de nuit.")...).status(http.StatusOK)
		p.says("18 h 15", "Elle travaille de nuit.", "Ni téléphone ni courriel")
		// A forced start is not over another appointment.
		v.post(bookPath, append(fields, "why", "Encore")...).status(http.StatusConflict).says("n’est plus libre")
	})
}

func TestStaffMovesAndCancels(t *testing.T) {
	offices(t, func(t *testing.T, b *bench) {
		a := b.book("Pervenche", b.paper, b.at(24, 9, 0), b.agents[0])
		b.book("Fougère", b.paper, b.at(24, 10, 0), b.agents[0])
		v, one := b.as(access.Desk), sheetPath+"/"+a.ID.String()
		v.get(one+"/deplacer").status(http.StatusOK).says("prévu mardi 24 novembre à 9 h", "Premier créneau libre")
		held := `button[value="` + startValue(b.at(24, 9, 0)) + `"]`
		if n := v.get(one + "/deplacer?du=2020-11-24").Find(held).Length(); n != 0 {
			t.Errorf("the start that the appointment has is offered %d times", n)
		}
		if n := v.get(one + "/deplacer?du=2020-11-24&agent=" + b.agents[1].String()).Find(held).Length(); n == 0 {
			t.Error("another agent cannot take it at the same hour")
		}
		v.post(one + "/deplacer").status(http.StatusUnprocessableEntity).says("Choisissez un créneau")
		v.post(one+"/deplacer", "debut", startValue(b.at(24, 10, 0)), "agent", b.agents[0].String()).status(http.StatusConflict).says("n’est plus libre", "mardi 24 novembre à 10 h 30")
		if got := b.appointment(a.ID); !got.StartsAt.Equal(b.at(24, 9, 0)) || got.Sequence != 0 {
			t.Errorf("the lost race moved it to %s", got.StartsAt)
		}
		v.post(one+"/deplacer", "force", "1", "jour", "24/11/2020", "heure", "18h").status(http.StatusUnprocessableEntity).errorAt("why", "Dites pourquoi")
		v.post(one+"/deplacer", "debut", startValue(b.at(26, 14, 30)), "agent", b.agents[1].String()).status(http.StatusOK).says("C’est noté, jeudi 26 novembre à 14 h 30", "Guichet B", "Rendez-vous déplacé")
		v.post(one+"/note", "note", "Vient avec sa mère").says("La note est gardée")
		v.post(one+"/annuler").status(http.StatusUnprocessableEntity).errorAt("why", "Dites en une phrase")
		v.post(one+"/annuler", "why", "Agent absent").status(http.StatusOK).says("Le rendez-vous est annulé", "Agent absent", "annulé par le service", "Vient avec sa mère")
		if got := b.appointment(a.ID).Status; got != Revoked {
			t.Errorf("cancelled as %s", got)
		}
		v.get(one + "/deplacer").status(http.StatusGone)
	})
}

func TestStaffAbsences(t *testing.T) {
	offices(t, func(t *testing.T, b *bench) {
		a := b.book("Pervenche", b.paper, b.at(24, 9, 0), b.agents[0])
		b.book("Fougère", b.paper, b.at(24, 9, 0), b.agents[1])
		v := b.as(access.Desk)
		v.post(absencesPath, "first", "24 novembre", "last_hour", "25 h").status(http.StatusUnprocessableEntity).errorAt("first", "Indiquez un jour")
		v.post(absencesPath, "scope", "t:0", "first", "24/11/2020", "last", "2020-11-23").status(http.StatusUnprocessableEntity).errorAt("last", "La fin doit venir après")
		fields := []string{"scope", "a:" + b.agents[0].String(), "first", "24/11/2020", "first_hour", "8 h 30", "last_hour", "12:00", "label", "Formation"}
		p := v.post(absencesPath, fields...).status(http.StatusOK)
		p.says("Cette absence touche 1 rendez-vous", "Aline Pervenche", "demain, 9 h", "Aucune absence prévue")
		for _, want := range []string{"/deplacer", "/annuler"} {
			if p.Find(`main a[href$="`+a.ID.String()+want+`"]`).Length() != 1 {
				t.Errorf("no link to %s", want)
			}
		}
		closures := func() (n int) {
			b.must(b.db.In(town).View(t.Context(), func(tx *store.Tx) error {
				list, err := b.s.booking.Closures(t.Context(), tx, b.at(1, 0, 0), b.at(30, 0, 0))
				n = len(list)
				return err
			}))
			return n
		}
		if closures() != 0 {
			t.Error("it was written before it was confirmed")
		}
		v.post(absencesPath, append(fields, "vu", "1")...).says("L’absence est notée", "1 rendez-vous reste à déplacer", "Formation", "le 24 novembre 2020, 8 h 30 – 12 h")
		v.post(absencesPath, "scope", "l:"+b.annex.String(), "first", "27/11/2020").says("L’absence est notée", "Annexe des Groges", "le 27 novembre 2020")
		if got := closures(); got != 2 {
			t.Fatalf("%d closures, want 2", got)
		}
		slots, err := b.s.Slots(t.Context(), b.db.In(town), Ask{Reason: b.paper, Agents: b.agents[:1], From: b.at(24, 0, 0), Days: 1, Staff: true})
		b.must(err)
		if len(slots.Slots) == 0 || slots.Slots[0].Start.Before(b.at(24, 14, 0)) {
			t.Errorf("slots during the absence: %v", slots.Slots)
		}
		p = v.get(absencesPath)
		action, _ := p.Find("#liste").Parent().Parent().Find("form").First().Attr("action")
		v.post(action).says("L’absence est retirée")
		if got := closures(); got != 1 {
			t.Errorf("%d closures, want 1", got)
		}
	})
}

func TestStaffReasons(t *testing.T) {
	offices(t, func(t *testing.T, b *bench) {
		v := b.as(access.Manager)
		p := v.submit(v.get(reasonsPath+"/nouveau"), "Enregistrer le motif", "name", "", "duration", "trois quarts", "need", "papers", "mode", "onsite", "colour", "2", "unite", "j", "moyen", "both").status(http.StatusUnprocessableEntity)
		p.errorAt("duration", "Indiquez un nombre entier")
		if got := p.Find("#duration").AttrOr("value", ""); got != "trois quarts" {
			t.Errorf("what was typed is lost: %q", got)
		}
		fields := map[string]string{"name": "Pacs", "team": "État civil", "need": "papers", "mode": "onsite", "colour": "2", "rank": "", "duration": "45", "step": "0", "before": "0", "after": "10", "agents": "1",
			"min_delay": "60", "max_delay": "90", "cancel_hours": "4", "move_hours": "24", "online": "1", "version": "0"}
		form := func(change ...string) url.Values {
			q := url.Values{}
			for k, x := range fields {
				q.Set(k, x)
			}
			q["rappel"], q["unite"], q["moyen"] = []string{"2", "3"}, []string{"j", "h"}, []string{"both", "sms"}
			for i := 0; i+1 < len(change); i += 2 {
				q.Set(change[i], change[i+1])
			}
			return q
		}
		v.do(http.MethodPost, reasonsPath+"/nouveau", form("min_delay", "200000")).status(http.StatusUnprocessableEntity).errorAt("min_delay", "Indiquez 60 jours au plus")
		v.do(http.MethodPost, reasonsPath+"/nouveau", form()).status(http.StatusOK).says("Le motif « Pacs » est enregistré", "45 minutes", "personne")
		var pacs Reason
		b.must(b.db.In(town).View(t.Context(), func(tx *store.Tx) error {
			list, err := b.s.Reasons(t.Context(), tx, false, false)
			pacs = list[slices.IndexFunc(list, func(r Reason) bool { return r.Name == "Pacs" })]
			return err
		}))
		if want := []Step{{2880, "both"}, {180, "sms"}}; !slices.Equal(pacs.Reminders.V, want) || pacs.AfterMin != 10 || pacs.Colour != 2 {
			t.Errorf("saved %+v", pacs)
		}
		at := reasonsPath + "/" + pacs.ID.String()
		p = v.get(at).status(http.StatusOK)
		if p.Find("#rappel-2").AttrOr("value", "") != "3" || p.Find("#unite-2 option[selected]").AttrOr("value", "") != "h" {
			t.Error("the second reminder is not shown as typed")
		}
		v.do(http.MethodPost, at, form("version", "1", "duration", "60")).says("1 heure")
		v.do(http.MethodPost, at, form("version", "1", "duration", "30")).status(http.StatusConflict).says("Quelqu’un a modifié ce motif")
		v.post(at+"/etat", "ouvert", "0").says("Le motif « Pacs » est fermé", "fermé")
		v.post(at+"/etat", "ouvert", "1").says("est ouvert")
	})
}

func TestStaffRanges(t *testing.T) {
	offices(t, func(t *testing.T, b *bench) {
		v := b.as(access.Manager)
		v.get(rangesPath).status(http.StatusOK).says("Guichet A", "Lundi, mardi, mercredi, jeudi, vendredi", "9 h – 12 h", "Mairie de Vouneuil", "Carte d’identité, passeport", "depuis le 23 novembre 2020")
		v.post(rangesPath+"/agents").status(http.StatusUnprocessableEntity).errorAt("agent_name", "Indiquez un nom")
		p := v.post(rangesPath+"/agents", "agent_name", "Guichet 1").status(http.StatusOK)
		if p.path(b) != rangesPath+"/nouvelle" {
			t.Fatalf("after adding an agent: %s", p.path(b))
		}
		agent := p.Find("#agent option[selected]").AttrOr("value", "")
		p = v.post(rangesPath+"/nouvelle", "agent", agent, "hours", "matin", "first", "23/11/2020").status(http.StatusUnprocessableEntity)
		p.errorAt("hours", "Indiquez les heures")
		p.errorAt("days", "Cochez au moins un jour")
		p.errorAt("reasons", "Cochez au moins un motif")
		fields := []string{"agent", agent, "day", "1", "day", "2", "hours", "9 h – 12 h, 13 h 30 – 17 h", "place", b.hall.String(), "reason", b.paper.ID.String(), "first", "23/11/2020", "weeks", "even", "except", "24/11/2020; 2020-12-08"}
		v.post(rangesPath+"/nouvelle", fields...).status(http.StatusOK).says("La plage est enregistrée", "13 h 30 – 17 h", "semaines paires")
		id, err := store.ParseID(agent)
		b.must(err)
		rules := func() (out []booking.Rule) {
			b.must(b.db.In(town).View(t.Context(), func(tx *store.Tx) (err error) {
				out, err = b.s.booking.Rules(t.Context(), tx, id)
				return err
			}))
			return out
		}
		list := rules()
		want := calendar.Rule{RRule: "FREQ=WEEKLY;BYDAY=MO,TU", Start: calendar.On(2020, 11, 23), From: 540, To: 720, Weeks: calendar.EvenWeeks, Exceptions: []calendar.Date{calendar.On(2020, 11, 24), calendar.On(2020, 12, 8)}}
		if len(list) != 2 || fmt.Sprint(list[0].When) != fmt.Sprint(want) || list[1].When.From != 810 || list[0].PlaceID != b.hall {
			t.Fatalf("saved %+v", list)
		}
		// The same morning again overlaps (S17): it is saved, and said.
		v.post(rangesPath+"/nouvelle", "agent", agent, "day", "1", "hours", "10h-11h", "reason", b.ring.ID.String(), "first", "23/11/2020", "weeks", "all").says("La plage est enregistrée. Elle chevauche", "Attention")
		at := rangesPath + "/" + list[0].ID.String()
		if got := v.get(at).status(http.StatusOK).Find("#except").Text(); got != "24/11/2020, 08/12/2020" {
			t.Errorf("exceptions shown as %q", got)
		}
		v.post(at+"/supprimer", "x", "y").says("La plage est fermée")
		if got := len(rules()); got != 2 {
			t.Errorf("%d rules left, want 2", got)
		}
	})
}

// TestStaffRhythms opens ranges that do not come back every week.
func TestStaffRhythms(t *testing.T) {
	offices(t, func(t *testing.T, b *bench) {
		v, agent := b.as(access.Manager), b.agents[0].String()
		save := func(fields ...string) booking.Rule {
			t.Helper()
			v.post(rangesPath+"/nouvelle", append([]string{"agent", agent, "hours", "17 h – 18 h", "reason", b.paper.ID.String()}, fields...)...).status(http.StatusOK).says("La plage est enregistrée")
			var list []booking.Rule
			b.must(b.db.In(town).View(t.Context(), func(tx *store.Tx) (err error) {
				list, err = b.s.booking.Rules(t.Context(), tx, b.agents[0])
				return err
			}))
			return list[len(list)-1]
		}
		evening := func(day int) int {
			found, err := b.s.Slots(t.Context(), b.db.In(town), Ask{Reason: b.paper, Agents: b.agents[:1], From: b.at(day, 17, 0), Days: 1, Staff: true})
			b.must(err)
			n := 0
			for _, x := range found.Slots {
				if !x.Start.Before(b.at(day, 17, 0)) && x.Start.Before(b.at(day, 18, 0)) {
					n++
				}
			}
			return n
		}
		every := save("day", "2", "first", "24/11/2020", "weeks", "2")
		if every.When.RRule != "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU" || evening(24) == 0 || evening(24+7) != 0 || evening(24+14) == 0 {
			t.Errorf("one week in two: %s, evenings %d, %d, %d", every.When.RRule, evening(24), evening(31), evening(38))
		}
		v.get(rangesPath).says("une semaine sur 2")
		at := rangesPath + "/" + every.ID.String()
		if got := v.get(at).Find("#weeks option[selected]").AttrOr("value", ""); got != "2" {
			t.Errorf("shown again as %q", got)
		}
		once := save("first", "28/11/2020", "weeks", "once", "last", "31/12/2020")
		if once.When.RRule != "" || !once.When.Until.IsZero() || evening(28) == 0 || evening(28+7) != 0 {
			t.Errorf("one day: %+v", once.When)
		}
		v.get(rangesPath).says("samedi 28 novembre", "Ce jour seulement")
		v.post(rangesPath+"/nouvelle", "agent", agent, "hours", "17 h – 18 h", "reason", b.paper.ID.String(), "first", "24/11/2020", "weeks", "3").status(http.StatusUnprocessableEntity).errorAt("days", "Cochez au moins un jour")

		// A rhythm written by a program is kept by the form.
		var monthly store.ID
		b.must(b.db.In(town).Update(t.Context(), func(tx *store.Tx) (err error) {
			monthly, _, err = b.s.booking.SaveRule(t.Context(), tx, booking.Rule{ResourceID: b.agents[1], Tags: []string{b.paper.Tag()},
				When: calendar.Rule{RRule: "FREQ=MONTHLY;BYDAY=2TU", Start: calendar.On(2020, 11, 23), From: 1020, To: 1080}})
			return err
		}))
		form := v.get(rangesPath + "/" + monthly.String()).status(http.StatusOK)
		form.says("rythme particulier")
		v.submit(form, "Enregistrer la plage", "hours", "17 h – 19 h", "weeks", "kept").status(http.StatusOK).says("La plage est enregistrée")
		b.must(b.db.In(town).View(t.Context(), func(tx *store.Tx) error {
			r, err := b.s.booking.Rule(t.Context(), tx, monthly)
			if err == nil && (r.When.RRule != "FREQ=MONTHLY;BYDAY=2TU" || r.When.To != 19*60) {
				t.Errorf("the rhythm became %+v", r.When)
			}
			return err
		}))
	})
}

// TestStaffExceptions closes one day of a range, and opens another otherwise.
func TestStaffExceptions(t *testing.T) {
	offices(t, func(t *testing.T, b *bench) {
		var rule booking.Rule
		b.must(b.db.In(town).View(t.Context(), func(tx *store.Tx) error {
			list, err := b.s.booking.Rules(t.Context(), tx, b.agents[0])
			rule = list[0] // the mornings
			return err
		}))
		b.book("Pervenche", b.paper, b.at(24, 9, 0), b.agents[0])
		v, at := b.as(access.Manager), rangesPath+"/"+rule.ID.String()
		morning := func(day int) string {
			found, err := b.s.Slots(t.Context(), b.db.In(town), Ask{Reason: b.paper, Agents: b.agents[:1], From: b.at(day, 0, 0), Days: 1, Staff: true})
			b.must(err)
			var out []string
			for _, x := range found.Slots {
				if x.Start.Before(b.at(day, 13, 0)) {
					out = append(out, x.Start.In(paris(t)).Format("15:04"))
				}
			}
			return strings.Join(out, " ")
		}
		v.get(at).status(http.StatusOK).says("Jours d’exception")
		v.post(at+"/exceptions", "exception_day", "24/11/2020").status(http.StatusOK).says("Ce jour est noté. 1 rendez-vous est déjà pris ce jour-là", "Mardi 24 novembre", "fermé")
		v.post(at+"/exceptions", "exception_day", "25/11/2020", "exception_hours", "10 h – 11 h").status(http.StatusOK).says("Ce jour est noté.", "10 h – 11 h")
		if got := morning(24) + "|" + morning(25) + "|" + morning(26)[:5]; got != "|10:00 10:30|09:00" {
			t.Errorf("free: %s", got)
		}
		for _, x := range [][2]string{{"", "exception_day"}, {"28/11/2020", "exception_day"}, {"24/11/2019", "exception_day"}} { // no day, a Saturday, the past
			v.post(at+"/exceptions", "exception_day", x[0]).status(http.StatusUnprocessableEntity).errorAt(x[1], "")
		}
		v.post(at+"/exceptions", "exception_day", "26/11/2020", "exception_hours", "9h-10h, 11h-12h").status(http.StatusUnprocessableEntity).errorAt("exception_hours", "une seule plage")
		v.post(at+"/exceptions/retirer", "jour", "2020-11-25").status(http.StatusOK).says("heures habituelles")
		if got := morning(25); !strings.HasPrefix(got, "09:00 09:30") {
			t.Errorf("free again: %s", got)
		}
		v.post(at+"/exceptions/retirer", "jour", "2020-11-25").status(http.StatusNotFound)
	})
}

// TestStaffAgents renames a desk, and closes it.
func TestStaffAgents(t *testing.T) {
	offices(t, func(t *testing.T, b *bench) {
		b.book("Pervenche", b.paper, b.at(24, 9, 0), b.agents[0])
		v, at := b.as(access.Manager), agentsPath+"/"+b.agents[0].String()
		v.get(at).status(http.StatusOK).says("Guichet A", "1 rendez-vous à venir", "Les voir dans l’agenda")
		v.post(at, "agent_name", " ").status(http.StatusUnprocessableEntity).errorAt("agent_name", "Indiquez un nom")
		v.post(at, "agent_name", "Guichet du hall").status(http.StatusOK).says("Le nom est enregistré", "Guichet du hall")
		v.post(at+"/etat", "recoit", "0").status(http.StatusOK).says("Guichet du hall ne reçoit plus", "1 rendez-vous à venir")
		v.get(rangesPath).says("ne reçoit plus")
		if free, err := b.s.Slots(t.Context(), b.db.In(town), Ask{Reason: b.paper, Agents: b.agents[:1], From: b.at(24, 0, 0), Days: 1, Staff: true}); err != nil || len(free.Slots) > 0 {
			t.Errorf("%d times are still offered (%v)", len(free.Slots), err)
		}
		v.post(at+"/etat", "recoit", "1").status(http.StatusOK).says("reçoit de nouveau")
		if free, err := b.s.Slots(t.Context(), b.db.In(town), Ask{Reason: b.paper, Agents: b.agents[:1], From: b.at(24, 0, 0), Days: 1, Staff: true}); err != nil || len(free.Slots) == 0 {
			t.Errorf("nothing is offered again (%v)", err)
		}
		b.as(access.Desk).get(at).status(http.StatusForbidden)
	})
}

// history writes past appointments without the rest, as an import does.
func (b *bench) history(t *testing.T) {
	b.must(b.db.In(town).Update(t.Context(), func(tx *store.Tx) error {
		who, err := b.s.people.Residents.Create(t.Context(), tx, person.Resident{FirstName: "=cmd()", LastName: "+Pervenche", Lang: "fr"})
		if err != nil {
			return err
		}
		n := 0
		add := func(reason Reason, day, hour int, status Status, channel Channel) error {
			n++
			a := Appointment{ID: store.NewID(), BookingID: store.NewID(), ReasonID: reason.ID, PlaceID: b.hall, Mode: OnSite, ResidentID: who.ID, StartsAt: b.at(day, hour, 0), EndsAt: b.at(day, hour, 30),
				Status: status, Channel: channel, TokenHash: fmt.Sprint("history-", n), Lang: "fr", CreatedAt: b.at(day-2, 8, 0), Number: fmt.Sprintf("V-2020-%05d", n)}
			return b.s.insert(t.Context(), tx, a, b.agents[:1])
		}
		// 10 known at the paper desk, 3 absent; 4 at the other (too few); 2 excused, 1 not marked.
		for i := range 7 {
			if err := add(b.paper, 2+i%5, 9+i, Seen, ByPhone); err != nil {
				return err
			}
		}
		for i := range 3 {
			if err := add(b.paper, 9+i, 10, NoShow, ByWeb); err != nil {
				return err
			}
		}
		for i := range 4 {
			if err := add(b.ring, 9+i, 14, Seen, ByPhone); err != nil {
				return err
			}
		}
		for i := range 2 {
			if err := add(b.paper, 12, 15+i, Excused, ByPhone); err != nil {
				return err
			}
		}
		return add(b.paper, 13, 9, Booked, ByPhone)
	}))
}

func TestStaffStatistics(t *testing.T) {
	offices(t, func(t *testing.T, b *bench) {
		v := b.as(access.Elected)
		v.get(statisticsPath).status(http.StatusOK).says("Aucun rendez-vous sur cette période")
		b.history(t)
		p := v.get(statisticsPath + "?du=01/11/2020&au=2020-11-15").status(http.StatusOK)
		// 3 absent of 14; Wilson: 7,6 to 47,6 %.
		p.says("21,4 % d’absents, 3 sur 14, entre 7,6 et 47,6 %", "trop peu pour comparer", "1 présence reste à noter")
		row := func(table, label string) string {
			var out string
			p.Find("#" + table).Parent().Parent().Find("tbody tr").Each(func(_ int, s *goquery.Selection) {
				if strings.Contains(s.Text(), label) {
					out = plain(strings.Join(s.Find("td > div").Map(func(_ int, c *goquery.Selection) string { return c.Text() }), " | "))
				}
			})
			return out
		}
		if got := row("par-reason", b.paper.Name); got != "30 % | 10 | 10,8 à 60,3 %" && got != "30,0 % | 10 | 10,8 à 60,3 %" {
			t.Errorf("the paper desk: %s", got)
		}
		if got := row("par-reason", b.ring.Name); got != "trop peu | – | –" {
			t.Errorf("under five something is shown: %s", got)
		}
		if p.Find("svg[role=img][aria-label]").Length() == 0 || p.Find("[style]").Length() > 0 {
			t.Error("drawings without words, or with inline styles")
		}
		if p.Find(`a[href*="/export"]`).Length() > 0 {
			t.Error("an elected person is offered personal data")
		}
		// Eight days against the eight before: 3 of 7, then 0 of 7, and the intervals meet.
		p = b.as(access.Manager).get(statisticsPath + "?du=08/11/2020&au=15/11/2020")
		p.says("42,9 % d’absents, 3 sur 7, entre 15,8 et 75 %", "Du 31 octobre au 7 novembre 2020 : 0 % d’absents, 0 sur 7, entre 0,0 et 35,4 %", "La différence peut venir du hasard")
		if p.Find(`a[href*="/export"]`).Length() != 2 {
			t.Error("a manager is not offered both files")
		}
		v.get(statisticsPath+"?du=30/11/2020&au=01/11/2020").status(http.StatusUnprocessableEntity).errorAt("au", "Indiquez une fin après le début")
	})
}

func TestStaffExport(t *testing.T) {
	offices(t, func(t *testing.T, b *bench) {
		b.history(t)
		v := b.as(access.Agent)
		p := v.get(exportPath + "?du=2020-11-01&au=2020-11-30&format=csv").status(http.StatusOK)
		if !strings.HasPrefix(p.Body, "\ufeff") || p.Header.Get("Content-Disposition") != `attachment; filename="rendez-vous-2020-11-01-2020-11-30.csv"` {
			t.Errorf("headers %v", p.Header)
		}
		read := csv.NewReader(strings.NewReader(strings.TrimPrefix(p.Body, "\ufeff")))
		read.Comma = ';'
		rows, err := read.ReadAll()
		b.must(err)
		if len(rows) != 18 || rows[0][0] != "Numéro" || len(rows[0]) != 18 {
			t.Fatalf("%d rows of %d columns: %v", len(rows), len(rows[0]), rows[0])
		}
		first := rows[1]
		if got := strings.Join(first[:9], "|"); got != "V-2020-00001|02/11/2020|09:00|09:30|Carte d’identité, passeport|État civil|Mairie de Vouneuil|Sur place|Guichet A" {
			t.Errorf("first row: %s", got)
		}
		if first[9] != "'+Pervenche" || first[10] != "'=cmd()" {
			t.Errorf("a formula is left: %q %q", first[9], first[10])
		}
		p = v.get(exportPath + "?du=01/11/2020&au=30/11/2020&format=xlsx").status(http.StatusOK)
		book, err := excelize.OpenReader(bytes.NewReader([]byte(p.Body)))
		b.must(err)
		defer func() { b.must(book.Close()) }()
		sheet := book.GetSheetName(0)
		cells, err := book.GetRows(sheet)
		b.must(err)
		if len(cells) != 18 || cells[1][9] != "'+Pervenche" || cells[1][4] != "Carte d’identité, passeport" {
			t.Errorf("%d rows, second %v", len(cells), cells[1])
		}
		formula, err := book.GetCellFormula(sheet, "K2")
		b.must(err)
		if formula != "" {
			t.Errorf("K2 is the formula %s", formula)
		}
		v.get(exportPath + "?format=pdf").status(http.StatusNotFound)
		v.get(exportPath + "?du=30/11/2020&au=01/11/2020").status(http.StatusUnprocessableEntity)
	})
}

// TestStaffOtherTerritory tries identifiers of the neighbour everywhere.
// TestExportHoldsEverything has more appointments in a day than one list returns.
func TestExportHoldsEverything(t *testing.T) {
	offices(t, func(t *testing.T, b *bench) {
		const many = maxList + 1
		b.must(b.db.In(town).Update(t.Context(), func(tx *store.Tx) error {
			for i := range many {
				id := store.NewID()
				a := Appointment{ID: id, BookingID: id, ReasonID: b.paper.ID, PlaceID: b.hall, Mode: OnSite, StartsAt: b.at(24, 9, 0).Add(time.Duration(i) * time.Second),
					EndsAt: b.at(24, 18, 0), Status: Booked, Channel: ByPhone, Lang: "fr", CreatedAt: b.at(23, 8, 0), TokenHash: id.String()}
				if err := b.s.insert(t.Context(), tx, a, nil); err != nil {
					return err
				}
			}
			return nil
		}))
		p := b.as(access.Agent).get(exportPath + "?du=2020-11-24&au=2020-11-24").status(http.StatusOK)
		if got := strings.Count(p.Body, "\r\n") - 1; got != many {
			t.Errorf("%d rows, want %d", got, many)
		}
	})
}

func TestStaffOtherTerritory(t *testing.T) {
	offices(t, func(t *testing.T, b *bench) {
		var agent, rule, site, closure, card store.ID
		b.must(b.db.In(other).Update(t.Context(), func(tx *store.Tx) (err error) {
			if agent, err = b.s.booking.AddResource(t.Context(), tx, booking.Resource{Kind: booking.Person, Name: "Voisin", TimeZone: "Europe/Paris", HolidayZone: calendar.ZoneMainland, Active: true}); err != nil {
				return err
			}
			rule, _, err = b.s.booking.SaveRule(t.Context(), tx, booking.Rule{ResourceID: agent, Tags: []string{b.foreign.Tag()}, When: calendar.Rule{RRule: "FREQ=WEEKLY;BYDAY=MO,TU", Start: calendar.On(2020, 11, 1), From: 540, To: 720}})
			if err != nil {
				return err
			}
			if site, err = place.Save(t.Context(), tx, place.Place{Name: "Ailleurs", Active: true}); err != nil {
				return err
			}
			closure, err = b.s.booking.AddClosure(t.Context(), tx, booking.Closure{Kind: booking.Closed, StartsAt: b.at(27, 8, 0), EndsAt: b.at(28, 8, 0)})
			return err
		}))
		b.must(b.db.In(other).Update(t.Context(), func(tx *store.Tx) error {
			x, err := b.s.people.Residents.Create(t.Context(), tx, person.Resident{FirstName: "Yvon", LastName: "Roseau", Lang: "fr"})
			card = x.ID
			return err
		}))
		done, err := b.s.Book(t.Context(), b.db.In(other), Request{Reason: b.foreign.ID, Agents: []store.ID{agent}, Start: b.at(24, 9, 0), By: nadia, Channel: ByPhone, Contact: Contact{LastName: "Roseau"}}, "86")
		b.must(err)
		mine := b.book("Pervenche", b.paper, b.at(24, 9, 0))
		v := b.as(access.Admin)
		one, home := sheetPath+"/"+done.ID.String(), sheetPath+"/"+mine.ID.String()
		for _, path := range []string{one, one + "/deplacer", one + "/annuler", reasonsPath + "/" + b.foreign.ID.String(), rangesPath + "/" + rule.String(), agendaPath + "?agent=" + agent.String(),
			bookPath + "?motif=" + b.foreign.ID.String(), bookPath + "?motif=" + b.paper.ID.String() + "&agent=" + agent.String(), home + "/deplacer?agent=" + agent.String(), sheetPath + "/12", sheetPath + "/x"} {
			if got := v.get(path).Status; got != http.StatusNotFound {
				t.Errorf("GET %s: %d", path, got)
			}
		}
		start := startValue(b.at(24, 10, 0))
		for _, form := range [][]string{{one + "/statut", "statut", "seen"}, {one + "/arrivee", "ici", "1"}, {one + "/note", "note", "x"}, {one + "/annuler", "why", "x"}, {one + "/deplacer", "debut", start},
			{deskPath + "/presences", "rdv", done.ID.String(), "statut", "seen"}, {home + "/deplacer", "debut", start, "agent", agent.String()},
			{bookPath, "motif", b.paper.ID.String(), "debut", start, "usager", card.String(), "last_name", "Roseau"},
			{absencesPath, "scope", "a:" + agent.String(), "first", "24/11/2020"}, {absencesPath, "scope", "l:" + site.String(), "first", "24/11/2020"}, {absencesPath + "/" + closure.String() + "/supprimer"},
			{rangesPath + "/" + rule.String() + "/supprimer"}, {reasonsPath + "/" + b.foreign.ID.String() + "/etat", "ouvert", "0"},
			{rangesPath + "/nouvelle", "agent", agent.String(), "day", "1", "hours", "9h-12h", "reason", b.paper.ID.String(), "first", "24/11/2020"},
			{rangesPath + "/nouvelle", "agent", b.agents[0].String(), "day", "1", "hours", "9h-12h", "reason", b.foreign.ID.String(), "first", "24/11/2020"},
			{rangesPath + "/nouvelle", "agent", b.agents[0].String(), "day", "1", "hours", "9h-12h", "reason", b.paper.ID.String(), "place", site.String(), "first", "24/11/2020"}} {
			if got := v.post(form[0], form[1:]...).Status; got != http.StatusNotFound {
				t.Errorf("POST %s %v: %d", form[0], form[1:], got)
			}
		}
	})
}
