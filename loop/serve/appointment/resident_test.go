package appointment

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/emersion/go-ical"

	"parvis/platform/phone"
	"parvis/platform/store"
)

// who fills the form of who comes.
func who(change ...string) []string {
	v := map[string]string{"first_name": "Renée", "last_name": "Pasquet", "phone": "06 39 98 12 34", "email": ""}
	for i := 0; i+1 < len(change); i += 2 {
		v[change[i]] = change[i+1]
	}
	var out []string
	for k, x := range v {
		out = append(out, k, x)
	}
	return out
}

// hold walks to the page of who comes, at a start of the fixture.
func (v *visitor) hold(r Reason, start string) view {
	v.b.t.Helper()
	p := v.get("/rendez-vous/motif/" + r.ID.String() + "/creneaux?lieu=" + v.b.hall.String())
	return v.submit(p.status(200), start).status(200)
}

// book walks the whole path and returns the ticket.
func (v *visitor) book(r Reason, start string, change ...string) view {
	v.b.t.Helper()
	p := v.submit(v.hold(r, start), "Recevoir mon code", who(change...)...).status(200)
	p = v.submit(p, "Confirmer le rendez-vous", "code", v.b.code()).status(200)
	v.b.drain()
	return p
}

func TestWholePath(t *testing.T) {
	benches(t, func(t *testing.T, b *bench) {
		v := b.visitor()
		p := v.get("/rendez-vous").status(200)
		p.says("Pour quoi venez-vous ?", "Carte d’identité, passeport", "État civil · 30 minutes", "Autrement qu’en ligne", "05 36 49 12 40")
		if strings.Contains(p.Body, "Mariage") {
			t.Error("a reason for staff only is offered")
		}
		v.submit(p, "Continuer").status(422).says("Choisissez un motif")
		p = v.submit(p, "Continuer", "motif", b.paper.ID.String()).status(200)
		p.says("question 2 sur 3", "Où voulez-vous venir ?", "Annexe des Groges", "premier créneau : mercredi 25 novembre à 9 h", "peu importe le lieu")
		p = v.submit(p, "Continuer", "lieu", b.annex.String()).status(200)
		p.says("question 3 sur 3", "Quel jour vous convient ?", "mercredi 25 novembre à 9 h", "Annexe des Groges, 30 minutes", "Plus tôt ailleurs", "Mairie de Vouneuil, à 6 km", "aujourd’hui, 9 h", "Un rendez-vous par personne.")
		p = v.get(p.Find("#ailleurs ~ ul a").AttrOr("href", "")).status(200)
		p.says("lundi 23 novembre à 9 h", "Du 23 au 27 novembre 2020")
		if n := p.Find(".jour").Length(); n != 5 {
			t.Errorf("%d columns, want 5", n)
		}
		p = v.submit(p, "mardi 24 novembre à 9 h 30").status(200)
		p.says("Qui vient au rendez-vous ?", "mardi 24 novembre à 9 h 30", "Ce créneau vous est gardé jusqu’à 8 h 10")
		held := p.path(b)

		p = v.submit(p, "Garder 10 minutes de plus").status(200)
		p.says("vous avez plus de temps")
		if strings.Contains(p.Body, "Garder 10 minutes de plus") {
			t.Error("a hold is renewed twice")
		}

		p = v.submit(p, "Recevoir mon code", who("first_name", "", "phone", "")...).status(422)
		p.says("Deux réponses sont à corriger", "Indiquez le prénom", "Indiquez un numéro de mobile ou une adresse électronique", "Ce que vous avez écrit est conservé")
		if got := p.Find("#last_name").AttrOr("value", ""); got != "Pasquet" {
			t.Errorf("what was typed is lost: %q", got)
		}
		if !strings.HasPrefix(p.Find("title").Text(), "Erreur") {
			t.Errorf("title %q", p.Find("title").Text())
		}
		p = v.submit(p, "Recevoir mon code", who("on_behalf", "Odile Brandes")...).status(200)
		p.says("SMS", "06 39 98 •• 34")
		if strings.Contains(p.Body, "12 34") {
			t.Error("the whole number is shown")
		}
		if in := p.Find("#code"); in.AttrOr("autocomplete", "") != "one-time-code" || in.AttrOr("inputmode", "") != "numeric" {
			t.Error("the code is not easy to type on a phone")
		}
		code := b.code()
		wrong := "000000"
		if code == wrong {
			wrong = "111111"
		}
		v.submit(p, "Confirmer le rendez-vous", "code", wrong).status(422).says("code")
		v.submit(p, "Confirmer le rendez-vous", "code", "").status(422)
		ticket := v.submit(p, "Confirmer le rendez-vous", "code", code[:3]+" "+code[3:]).status(200)
		ticket.says("C’est noté, à demain.", "06 39 98 •• 34", "À apporter", "Une photo de moins de six mois", "Odile Brandes", "Entrée de plain-pied", "Dernier moment pour l’annuler : demain, 5 h 30")
		if n := plain(ticket.Find(".facts-b").Text()); !strings.Contains(n, "-2020-") {
			t.Errorf("no number: %s", n)
		}

		again := v.submit(p, "Confirmer le rendez-vous", "code", code).status(200)
		if again.URL.Path != ticket.URL.Path {
			t.Errorf("the second click leads to %s, not %s", again.URL.Path, ticket.URL.Path)
		}
		if got := v.get(held).status(200).URL.Path; got != ticket.URL.Path {
			t.Errorf("the hold leads to %s", got)
		}
		b.drain()
		var n, contacts int
		b.must(b.db.In(town).View(t.Context(), func(tx *store.Tx) error {
			if err := tx.Get(t.Context(), &n, `SELECT COUNT(*) FROM appointment WHERE territory_id = @territory`); err != nil {
				return err
			}
			return tx.Get(t.Context(), &contacts, `SELECT COUNT(*) FROM appointment_hold WHERE territory_id = @territory AND CAST(contact AS TEXT) LIKE '%Pasquet%'`)
		}))
		if n != 1 || contacts != 0 {
			t.Errorf("%d appointments, %d holds that still hold a name", n, contacts)
		}
		if said := b.letters.text(); !strings.Contains(plain(said), "mardi 24 novembre à 9 h 30") || !strings.Contains(said, ticket.URL.Path) {
			t.Errorf("no confirmation left:\n%s", said)
		}
		if strings.Contains(ticket.Body, "Un rappel partira") {
			t.Error("a reminder is promised whose hour has passed")
		}
	})
}

func TestSlots(t *testing.T) {
	benches(t, func(t *testing.T, b *bench) {
		v := b.visitor()
		base := slotsPath(b.paper.ID) + "?lieu=" + b.hall.String()
		p := v.get(base).status(200)
		if first := p.Find(".creneau.un"); first.Length() != 1 || !strings.Contains(first.AttrOr("aria-label", ""), "premier créneau libre") {
			t.Error("the first free slot is not marked")
		}
		if !p.Find(".semaine button").Is("[disabled]") {
			t.Error("one may go before the first free day")
		}
		next := v.get(p.Find(".semaine a").AttrOr("href", "")).status(200)
		next.says("Du 30 novembre au 4 décembre 2020")
		back := v.get(next.Find(".semaine a").First().AttrOr("href", "")).status(200)
		back.says("Du 23 au 27 novembre 2020")
		v.get(base+"&du=2020-12-21").status(200).says("Jour férié", "vendredi 25 décembre")
		v.get(base+"&du=2020-02-30").status(200).says("Cette date n’existe pas", "Du 23 au 27 novembre 2020")
		v.get(base + "&du=2031-01-01").status(200).says("Les rendez-vous se prennent jusqu’au 22 janvier 2021")
		v.get(base + "&du=2019-01-01").status(200).says("Du 23 au 27 novembre 2020")
		v.get(slotsPath(b.ring.ID)).status(200).says("Par téléphone", "Question d’urbanisme")
		v.get("/rendez-vous/motif/" + b.ring.ID.String()).status(200).says("Quel jour vous convient ?")
		v.get("/rendez-vous/motif/"+b.social.ID.String()).status(200).says("question 2 sur 2", "Mairie de Vouneuil", "Quel jour vous convient ?", "confidentiel")

		b.clk.Set(b.at(28, 9, 0)) // Saturday: the week shown begins on Monday
		v.get(base).status(200).says("Du 30 novembre au 4 décembre 2020")
		b.clk.Set(b.at(23, 8, 0))

		// Nothing free at all.
		b.must(b.db.In(town).Update(t.Context(), func(tx *store.Tx) error {
			for _, id := range b.agents {
				r, err := b.s.booking.Resource(t.Context(), tx, id)
				if err != nil {
					return err
				}
				r.Active = false
				if err := b.s.booking.UpdateResource(t.Context(), tx, r); err != nil {
					return err
				}
			}
			return nil
		}))
		empty := v.get(base).status(200)
		empty.says("Aucun créneau libre pour le moment", "Appelez le 05 36 49 12 40.", "Autrement qu’en ligne")
		if empty.Find("main .creneau").Length() != 0 {
			t.Error("a slot is offered")
		}
	})
}

func TestLostRace(t *testing.T) {
	benches(t, func(t *testing.T, b *bench) {
		anne, basile := b.visitor(), b.visitor()
		path := slotsPath(b.social.ID)
		pa, pb := anne.get(path).status(200), basile.get(path).status(200)
		for range 2 { // both agents of the hall
			basile.submit(pb, "mardi 24 novembre à 9 h 30").status(200)
		}
		lost := anne.submit(pa, "mardi 24 novembre à 9 h 30").status(409)
		lost.says("Ce créneau vient d’être pris", "Quelqu’un a réservé mardi 24 novembre à 9 h 30", "mardi 24 novembre à 9 h", "mardi 24 novembre à 10 h")
		if n := lost.Find(".alert button").Length(); n != 3 {
			t.Errorf("%d starts nearby, want 3", n)
		}
		anne.submit(lost, "mardi 24 novembre à 10 h").status(200).says("mardi 24 novembre à 10 h", "Qui vient")
	})
}

// The hold runs out between the code and the click, and somebody else comes.
func TestLostRaceAtConfirm(t *testing.T) {
	benches(t, func(t *testing.T, b *bench) {
		v := b.visitor()
		p := v.submit(v.hold(b.social, "mardi 24 novembre à 9 h 30"), "Recevoir mon code", who()...).status(200)
		code := b.code()
		b.clk.Advance(9 * time.Minute)
		q := b.visitor()
		q.hold(b.social, "mardi 24 novembre à 9 h 30") // the other agent
		b.clk.Advance(61 * time.Second)                // the hold is over, the code is not: it left later
		q.hold(b.social, "mardi 24 novembre à 9 h 30")
		b.must(b.db.In(town).Update(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE person_code SET expires_at = ? WHERE territory_id = @territory`, tx.Now().Add(time.Minute))
			return err
		}))
		lost := v.submit(p, "Confirmer le rendez-vous", "code", code).status(409)
		lost.says("Ce créneau vient d’être pris", "Ce que vous avez écrit est conservé")
		p = v.submit(lost, "mardi 24 novembre à 10 h").status(200)
		if p.Find("#last_name").AttrOr("value", "") != "Pasquet" || p.Find("#phone").AttrOr("value", "") == "" {
			t.Error("what was typed is lost")
		}
		// The address is proven already: no second code.
		done := v.submit(p, "Recevoir mon code").status(200)
		if !strings.Contains(done.URL.Path, "/r/") {
			b.clk.Advance(2 * time.Minute)
			t.Errorf("a second code is asked for: %s", done.URL.Path)
		}
	})
}

func TestExpiredHold(t *testing.T) {
	benches(t, func(t *testing.T, b *bench) {
		v := b.visitor()
		p := v.hold(b.paper, "mardi 24 novembre à 9 h 30")
		b.clk.Advance(11 * time.Minute)
		v.get(p.URL.Path).status(410).says("Ce créneau n’est plus gardé", "mardi 24 novembre à 9 h 30")
		late := v.submit(p, "Recevoir mon code", who("last_name", "Odilon")...).status(410)
		late.says("Ce que vous avez écrit est conservé")
		p = v.submit(late, "Reprendre ce créneau").status(200)
		p.says("Qui vient au rendez-vous ?")
		if got := p.Find("#last_name").AttrOr("value", ""); got != "Odilon" {
			t.Errorf("what was typed is lost: %q", got)
		}

		// Given back, then asked for again.
		home := v.submit(p, "Tout abandonner").status(200)
		home.says("Pour quoi venez-vous ?")
		v.get(p.URL.Path).status(410).says("n’est plus gardé")
		var n int
		b.must(b.db.In(town).View(t.Context(), func(tx *store.Tx) error {
			return tx.Get(t.Context(), &n, `SELECT COUNT(*) FROM appointment_hold WHERE territory_id = @territory AND CAST(contact AS TEXT) LIKE '%Odilon%'`)
		}))
		if n != 0 {
			t.Errorf("%d holds keep a name after it was given up", n)
		}

		// Taken meanwhile.
		p = v.hold(b.social, "jeudi 26 novembre à 11 h")
		b.clk.Advance(11 * time.Minute)
		late = v.get(p.URL.Path).status(410)
		for range 2 {
			b.visitor().hold(b.social, "jeudi 26 novembre à 11 h")
		}
		v.submit(late, "Reprendre ce créneau").status(409).says("Ce créneau vient d’être pris")
	})
}

func TestBadContacts(t *testing.T) {
	benches(t, func(t *testing.T, b *bench) {
		v := b.visitor()
		p := v.hold(b.paper, "mardi 24 novembre à 9 h 30")
		for _, x := range []struct{ name, value, says string }{
			{"first_name", "", "Indiquez le prénom."},
			{"first_name", " \t ", "Indiquez le prénom."},
			{"last_name", "", "Indiquez le nom."},
			{"last_name", "1234", "Écrivez ce nom avec des lettres."},
			{"last_name", strings.Repeat("é", 81), "Raccourcissez ce texte à 80 caractères."},
			{"phone", "06 39 98 12 3", "Indiquez un numéro de téléphone valable"},
			{"phone", "bonjour", "Indiquez un numéro de téléphone valable"},
			{"phone", "05 36 49 12 40", "Ce numéro ne reçoit pas de SMS"},
			{"phone", "", "Indiquez un numéro de mobile ou une adresse électronique"},
			{"email", "renee@", "Indiquez une adresse électronique complète"},
			{"email", "renee@exemple.fr\r\nBcc: tous@exemple.fr", "Indiquez une adresse électronique complète"},
			{"on_behalf", "??", "Écrivez ce nom avec des lettres."},
		} {
			got := v.submit(p, "Recevoir mon code", who(x.name, x.value)...).status(422)
			got.says(x.says)
			if field := got.Find("#" + x.name); field.AttrOr("aria-invalid", "") != "true" {
				t.Errorf("%s %q: the field is not marked", x.name, x.value)
			}
			if kept := got.Find("#"+x.name).AttrOr("value", ""); strings.TrimSpace(x.value) != "" && !strings.ContainsAny(x.value, "\r\n") && kept != x.value {
				t.Errorf("%s: %q came back as %q", x.name, x.value, kept)
			}
		}
		b.drain()
		if said := b.letters.text(); said != "" {
			t.Errorf("messages left: %s", said)
		}
		// A landline with a mail: the code goes by mail.
		got := v.submit(p, "Recevoir mon code", who("phone", "05 36 49 12 40", "email", "renee.pasquet@exemple.fr")...).status(200)
		got.says("r•••@exemple.fr")
		b.code()
		// The second click, and the name put right, lead to the same code.
		got = v.submit(p, "Recevoir mon code", who("last_name", "Pasquier", "phone", "05 36 49 12 40", "email", "renee.pasquet@exemple.fr")...).status(200)
		ticket := v.submit(got, "Confirmer le rendez-vous", "code", b.code()).status(200)
		ticket.says("C’est noté")
		var names []string
		b.must(b.db.In(town).View(t.Context(), func(tx *store.Tx) error {
			return tx.Select(t.Context(), &names, `SELECT last_name FROM person_resident WHERE territory_id = @territory`)
		}))
		if fmt.Sprint(names) != "[Pasquier]" {
			t.Errorf("residents %v", names)
		}
	})
}

func TestBadAddresses(t *testing.T) {
	benches(t, func(t *testing.T, b *bench) {
		v := b.visitor()
		for path, want := range map[string]int{
			"/rendez-vous?motif=42": 422, "/rendez-vous?motif=" + b.staff.ID.String(): 422, "/rendez-vous/motif/42": 404, "/rendez-vous/motif/abc": 404,
			"/rendez-vous/motif/" + b.foreign.ID.String():                       404, // of another territory
			slotsPath(b.foreign.ID):                                             404,
			slotsPath(b.staff.ID):                                               403,
			slotsPath(b.paper.ID) + "?lieu=abc":                                 404,
			"/rendez-vous/reservation/" + strings.Repeat("A", 24):               410,
			"/rendez-vous/reservation/%2e%2e%2f":                                404,
			"/rendez-vous/reservation/" + strings.Repeat("A", 24) + "/code":     410,
			"/r/" + strings.Repeat("A", 24):                                     404,
			"/r/" + strings.Repeat("A", 24) + "/rendez-vous.ics":                404,
			"/r/" + strings.Repeat("A", 24) + "/annuler":                        404,
			"/rendez-vous/motif/" + b.paper.ID.String() + "/creneaux?du=drop--": 200,
		} {
			if got := v.get(path); got.Status != want {
				t.Errorf("%s: %d, want %d", path, got.Status, want)
			}
		}
		free := startValue(b.at(24, 9, 30))
		for name, x := range map[string]struct {
			form url.Values
			want int
		}{
			"no start": {url.Values{}, 422}, "not a start": {url.Values{"c": {"demain"}}, 422}, "past": {url.Values{"c": {startValue(b.at(20, 9, 30))}}, 409},
			"in two minutes": {url.Values{"c": {startValue(b.today.Add(2 * time.Minute))}}, 409}, "too far": {url.Values{"c": {startValue(b.today.AddDate(1, 0, 0))}}, 409},
			"between slots": {url.Values{"c": {startValue(b.at(24, 9, 37))}}, 409}, "closed": {url.Values{"c": {startValue(b.at(29, 9, 30))}}, 409},
			"unknown place": {url.Values{"c": {free}, "lieu": {"42"}}, 409}, "not a place": {url.Values{"c": {free}, "lieu": {"x"}}, 404},
		} {
			if got := v.do(http.MethodPost, slotsPath(b.paper.ID), x.form); got.Status != x.want {
				t.Errorf("%s: %d, want %d: %s", name, got.Status, x.want, plain(got.Find("main").Text()))
			}
		}
		for _, r := range []Reason{b.staff, b.foreign} {
			if got := v.do(http.MethodPost, slotsPath(r.ID), url.Values{"c": {free}}); got.Status < 400 {
				t.Errorf("%s: %d", r.Name, got.Status)
			}
		}
		ticket := b.visitor().book(b.paper, "mardi 24 novembre à 9 h 30")
		link := strings.TrimPrefix(ticket.path(b), "/r/")
		if got := v.get("/r/" + link[:len(link)-1] + "x"); got.Status != 404 && link[len(link)-1] != 'x' {
			t.Errorf("a tampered link: %d", got.Status)
		}
		if got := v.get(b.srv.URL + "/la-vienne/r/" + link); got.Status == 200 {
			t.Error("the link opens in another territory")
		}
		for _, path := range []string{"", "/deplacer", "/annuler", "/confirmer"} {
			p := v.get("/r/" + link + path).status(200)
			if p.Find("meta[name=robots]").AttrOr("content", "") != "noindex" {
				t.Errorf("%q may be indexed", path)
			}
		}
	})
}

func TestWrongCodes(t *testing.T) {
	benches(t, func(t *testing.T, b *bench) {
		v := b.visitor()
		p := v.submit(v.hold(b.paper, "mardi 24 novembre à 9 h 30"), "Recevoir mon code", who()...).status(200)
		code := b.code()
		for i := range 5 {
			wrong := fmt.Sprintf("%06d", i)
			if wrong == code {
				wrong = "999999"
			}
			got := v.submit(p, "Confirmer le rendez-vous", "code", wrong)
			if got.Status != 422 && got.Status != 429 {
				t.Errorf("try %d: %d", i, got.Status)
			}
			if got.Find("#code").AttrOr("aria-invalid", "") != "true" {
				t.Errorf("try %d: the field is not marked", i)
			}
		}
		v.submit(p, "Confirmer le rendez-vous", "code", code).status(429) // the right one, too late
		var n int
		b.must(b.db.In(town).View(t.Context(), func(tx *store.Tx) error {
			return tx.Get(t.Context(), &n, `SELECT COUNT(*) FROM appointment WHERE territory_id = @territory`)
		}))
		if n != 0 {
			t.Errorf("%d appointments", n)
		}
		// A new code, a minute later.
		b.clk.Advance(61 * time.Second)
		back := v.get(p.Find("a.btn-link").AttrOr("href", "")).status(200)
		p = v.submit(back, "Recevoir mon code").status(200)
		v.submit(p, "Confirmer le rendez-vous", "code", b.code()).status(200).says("C’est noté")
	})
}

func TestTicketChanges(t *testing.T) {
	benches(t, func(t *testing.T, b *bench) {
		v := b.visitor()
		ticket := v.book(b.paper, "jeudi 26 novembre à 9 h 30")
		ticket.says("C’est noté, à jeudi.", "Un rappel partira 2 jours avant")
		path := ticket.path(b)

		ics := v.get(path + "/rendez-vous.ics").status(200)
		cal, err := ical.NewDecoder(strings.NewReader(ics.Body)).Decode()
		b.must(err)
		events := cal.Events()
		if len(events) != 1 {
			t.Fatalf("%d events", len(events))
		}
		start, err := events[0].DateTimeStart(paris(t))
		b.must(err)
		if !start.Equal(b.at(26, 9, 30)) {
			t.Errorf("the file starts at %v", start)
		}

		move := v.get(path + "/deplacer").status(200)
		move.says("Vous gardez votre rendez-vous du jeudi 26 novembre à 9 h 30")
		if held := startValue(b.at(26, 9, 30)); move.Find(`button[value="`+held+`"]`).Length() != 0 {
			t.Error("the start that the appointment has is offered, with another agent")
		}
		for range 2 {
			b.visitor().hold(b.paper, "vendredi 27 novembre à 10 h")
		}
		v.submit(move, "vendredi 27 novembre à 10 h").status(409).says("Ce créneau vient d’être pris", "Vous gardez votre rendez-vous du jeudi 26 novembre à 9 h 30")
		v.get(path).status(200).says("jeudi", "9 h 30")
		moved := v.submit(move, "vendredi 27 novembre à 11 h").status(200)
		moved.says("C’est déplacé : vendredi 27 novembre à 11 h", "à vendredi", "Rendez-vous déplacé")
		v.submit(move, "vendredi 27 novembre à 11 h").status(200) // the second click
		b.drain()
		if n := strings.Count(plain(b.letters.text()), "RDV déplacé"); n != 1 {
			t.Errorf("%d messages say that it moved", n)
		}

		ask := v.get(path + "/confirmer").status(200)
		ask.says("Venez-vous à ce rendez-vous ?")
		v.submit(ask, "Oui, je viens").status(200).says("nous vous attendons", "Vous avez dit que vous venez")

		ask = v.get(path + "/annuler").status(200)
		ask.says("Annuler ce rendez-vous ?", "vendredi 27 novembre à 11 h")
		gone := v.submit(ask, "Oui, annuler").status(200)
		gone.says("Ce rendez-vous est annulé", "la place est libre", "Prendre un autre rendez-vous")
		v.submit(ask, "Oui, annuler").status(200).says("Ce rendez-vous est annulé")
		b.drain()
		if n := strings.Count(plain(b.letters.text()), "RDV annulé"); n != 1 {
			t.Errorf("%d messages say that it is cancelled", n)
		}
		if body := v.get(path + "/rendez-vous.ics").status(200).Body; !strings.Contains(body, "METHOD:CANCEL") {
			t.Error("the file of a cancelled appointment does not cancel")
		}
		v.get(path + "/deplacer").status(200).says("Ce rendez-vous est annulé")
		b.visitor().hold(b.paper, "vendredi 27 novembre à 11 h").status(200) // free again
	})
}

func TestTicketTooLate(t *testing.T) {
	benches(t, func(t *testing.T, b *bench) {
		v := b.visitor()
		path := v.book(b.paper, "mardi 24 novembre à 9 h 30").path(b)
		cancel := v.get(path + "/annuler").status(200)
		b.clk.Set(b.at(24, 6, 0)) // less than four hours before
		p := v.get(path).status(200)
		p.says("à tout à l’heure", "Il est trop tard pour l’annuler en ligne", "05 36 49 12 40")
		if strings.Contains(p.Body, path+"/annuler") || strings.Contains(p.Body, path+"/deplacer") {
			t.Error("what is refused is offered")
		}
		v.submit(cancel, "Oui, annuler").status(409).says("Il est trop tard pour annuler en ligne", "mardi")
		v.do(http.MethodPost, path+"/deplacer", url.Values{"c": {startValue(b.at(26, 9, 30))}}).status(409).says("Il est trop tard pour déplacer")
		b.clk.Set(b.at(24, 12, 0))
		v.get(path).status(200).says("Rendez-vous passé", "Prendre un autre rendez-vous")
		v.get(path + "/confirmer").status(200).says("Rendez-vous passé")
		v.do(http.MethodPost, path+"/confirmer", url.Values{}).status(200)
		v.do(http.MethodPost, path+"/annuler", url.Values{}).status(409).says("est passée")
	})
}

// A sensitive reason is in no message, no calendar file, and not on the page
// that the message opens.
func TestSensitiveReason(t *testing.T) {
	benches(t, func(t *testing.T, b *bench) {
		v := b.visitor()
		ticket := v.book(b.social, "jeudi 26 novembre à 9 h 30", "email", "renee.pasquet@exemple.fr")
		path := ticket.path(b)
		pages := ticket.Body + v.get(path+"/annuler").Body + v.get(path+"/confirmer").Body + v.get(path+"/deplacer").Body + v.get(path+"/rendez-vous.ics").Body
		move := v.get(path + "/deplacer")
		v.submit(move, "vendredi 27 novembre à 11 h").status(200)
		b.clk.Set(b.at(26, 12, 0))
		b.drain() // the reminder
		cancelled := v.submit(v.get(path+"/annuler"), "Oui, annuler").status(200)
		b.drain()
		said := b.letters.text()
		if !strings.Contains(said, "26 novembre") && !strings.Contains(plain(said), "jeudi 26 novembre") {
			t.Fatalf("nothing was said:\n%s", said)
		}
		for _, secret := range []string{"Violences", "famille", "avocat"} {
			if strings.Contains(said, secret) {
				t.Errorf("a message names %q", secret)
			}
			if strings.Contains(pages+cancelled.Body, secret) {
				t.Errorf("a page opened from a message names %q", secret)
			}
		}
		ticket.says("Par discrétion")
	})
}

func TestEnglishPages(t *testing.T) {
	benches(t, func(t *testing.T, b *bench) {
		v := b.visitor()
		v.lang = "en"
		p := v.get("/rendez-vous").status(200)
		if lang := p.Find("html").AttrOr("lang", ""); lang != "en" {
			t.Errorf("lang %q", lang)
		}
		p.says("What are you coming for?")
		p = v.submit(p, "Continue", "motif", b.paper.ID.String())
		p.says("Where would you like to come?")
		p = v.submit(p, "Continue", "lieu", b.hall.String())
		p.says("Which day suits you?", "Monday")
		p = v.submit(p, "Thursday 26 November at 9:30 am").status(200)
		p.says("Who is coming?")
		p = v.submit(p, "Send me a code", who("phone", "", "email", "renee.pasquet@exemple.fr")...).status(200)
		p.says("six-digit code")
		p = v.submit(p, "Confirm the appointment", "code", b.code()).status(200)
		p.says("All set, see you on Thursday.", "Add to my calendar")
		b.drain()
		if said := b.letters.text(); !strings.Contains(plain(said), "It is booked") {
			t.Errorf("the confirmation is not in English:\n%s", said)
		}
	})
}

func TestManyReasons(t *testing.T) {
	benches(t, func(t *testing.T, b *bench) {
		b.must(b.db.In(town).Update(t.Context(), func(tx *store.Tx) error {
			for i, need := range []string{"papers", "children", "home", "association", "street", "help", "papers", "children", "home", "help"} {
				r := NewReason()
				r.Name, r.Need = fmt.Sprintf("Démarche numéro %d", i), need
				if _, err := b.s.SaveReason(t.Context(), tx, r); err != nil {
					return err
				}
			}
			return nil
		}))
		v := b.visitor()
		p := v.get("/rendez-vous").status(200)
		var heads []string
		p.Find("fieldset h2").Each(func(_ int, s *goquery.Selection) { heads = append(heads, plain(s.Text())) })
		if fmt.Sprint(heads) != "[Mes papiers Mes enfants Ma maison, mes travaux Mon association Ma rue, mon quartier Me faire aider]" {
			t.Errorf("groups %v", heads)
		}
		found := v.get("/rendez-vous?q=identite").status(200)
		if n := found.Find(".choix").Length(); n != 1 {
			t.Errorf("%d reasons for « identite », want 1", n)
		}
		v.get("/rendez-vous?q=zeppelin").status(200).says("Aucun motif pour « zeppelin »", "Voir tous les motifs")
		v.get("/rendez-vous?q=" + url.QueryEscape(`<script>"`)).status(200).says(`<script>"`)

		list, err := b.s.portal(t.Context(), b.db.In(town))
		b.must(err)
		if len(list) != 13 || list[0].Path == "" || list[0].Rank > list[12].Rank {
			t.Errorf("portal: %v", list)
		}
		b.must(b.db.In(town).Update(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE appointment_reason SET active = FALSE WHERE territory_id = @territory`)
			return err
		}))
		v.get("/rendez-vous").status(200).says("Aucun rendez-vous en ligne pour le moment", "05 36 49 12 40")
		v.get(slotsPath(b.paper.ID)).status(410).says("n’est plus proposé")
	})
}

func TestMasked(t *testing.T) {
	for c, want := range map[Contact]string{
		{Phone: "+33639981234"}: "06 39 98 •• 34", {Phone: "+33639981234", Email: "a@b.fr"}: "06 39 98 •• 34",
		{Email: "renee@exemple.fr"}: "r•••@exemple.fr", {Phone: "+33536491240", Email: "é@exemple.fr"}: "é•••@exemple.fr", {}: "", {Email: "@x"}: "",
	} {
		if got := plain(masked(t.Context(), c)); got != want {
			t.Errorf("%+v: %q, want %q", c, got, want)
		}
	}
	if got := maskedPhone(t.Context(), phone.Number{}); got != "" {
		t.Errorf("no number: %q", got)
	}
}
