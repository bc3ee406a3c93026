package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/emersion/go-ical"

	"parvis/app/apptest"
	"parvis/platform/clock"
	"parvis/platform/store/storetest"
)

// TestMainJob follows one appointment from the home page of the instance to the
// figure of the manager, in one browser.
func TestMainJob(t *testing.T) {
	in := apptest.Start(t, storetest.SQLiteDSN(t), clock.System{}, true)
	b := open(t, in.URL)
	const mail = "iris.lavande@exemple.fr"

	// The inhabitant.
	b.visit("/")
	b.fill("Trouver ma collectivité", "poitiers")
	b.press("Trouver")
	b.see("Commune de Poitiers", "ouverte sur Parvis")
	b.press("Commune de Poitiers")
	b.see("Premier rendez-vous", "05 36 49 12 40")
	b.press("Prendre rendez-vous")
	b.choose("Parler d’un projet de travaux")
	b.press("Continuer")
	b.see("Quel jour vous convient ?", "Premier créneau libre", "Pour un permis déjà déposé")
	first := b.slot(0)
	b.press("Choisir ce créneau")
	b.see("Ce créneau vous est gardé jusqu’à")
	b.introduce("Iris", "Lavande", "Adresse électronique", mail)
	b.fill("Code à six chiffres", b.readCode(mail))
	b.press("Confirmer le rendez-vous")
	b.see("C’est noté", "Parler d’un projet de travaux", "Apportez un plan ou des photos", "Nous vous avons écrit")
	ticket := b.path()

	// The calendar file says the same hour.
	b.do("taking the calendar file", chromedp.Click(b.element("main a", "Ajouter à mon agenda")))
	event := calendarOf(t, b.download(".ics"))
	if start, err := event.DateTimeStart(time.UTC); err != nil || !start.Equal(first) {
		t.Errorf("the calendar file starts at %v (%v), the slot at %v", start, err, first)
	}
	if end, err := event.DateTimeEnd(time.UTC); err != nil || end.Sub(first) != 30*time.Minute {
		t.Errorf("the calendar file ends at %v (%v)", end, err)
	}
	if title, err := event.Props.Text(ical.PropSummary); err != nil || !strings.Contains(title, "projet de travaux") {
		t.Errorf("the calendar file is called %q (%v)", title, err)
	}

	// Another slot, by the link of the ticket.
	b.press("Déplacer")
	b.see("Vous gardez votre rendez-vous")
	second := b.slot(2)
	if second.Equal(first) {
		t.Fatalf("the slots offered for the move hold the one that is left: %v", first)
	}
	b.wants(b.leave("taking another slot", chromedp.Click(chromedp.CSS(`main button[name=c][value="`+second.Format(time.RFC3339)+`"]`))), http.StatusOK)
	b.see("C’est déplacé")
	if b.path() != ticket {
		t.Errorf("the link changed with the move: %s, then %s", ticket, b.path())
	}

	b.staff(second)

	// The inhabitant again, from the message: its link cancels.
	b.become(nil)
	b.visit("/demo/messages?q=" + url.QueryEscape(mail))
	b.await("Rendez-vous déplacé")
	b.await(ticket)
	b.leave("following the link of the message", chromedp.Click(b.element("main a", ticket)))
	if b.path() != ticket {
		t.Errorf("the message leads to %s, the ticket is at %s", b.path(), ticket)
	}
	b.press("Annuler")
	b.see("Annuler ce rendez-vous ?")
	b.press("Oui, annuler")
	b.see("Ce rendez-vous est annulé", "la place est libre")
	b.visit(in.Slug(t, town) + "/rendez-vous")
	b.choose("Parler d’un projet de travaux")
	b.press("Continuer")
	b.do("finding the slot free again", chromedp.WaitReady(chromedp.CSS(`main button[name=c][value="`+second.Format(time.RFC3339)+`"]`)))
	if p := b.heard(); len(p) > 0 {
		t.Errorf("on the way: %q", p)
	}
}

// staff is the part of the desk, then of the manager.
func (b *tab) staff(booked time.Time) {
	b.t.Helper()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		b.t.Fatal(err)
	}
	b.enter("Nadia Pervenche")
	b.see("Bonjour Nadia")
	b.press("Voir l’agenda du jour")
	b.fill("Jour", booked.In(paris).Format("02/01/2006"))
	b.press("Filtrer")
	b.see("Iris Lavande", "Parler d’un projet de travaux")

	// Somebody is on the phone, and the counter is free now: an hour out of the ranges.
	now := time.Now().In(paris).Truncate(time.Minute).Add(2 * time.Minute)
	b.visit(strings.TrimSuffix(b.path()[:strings.Index(b.path(), "/bureau")], "/") + "/bureau")
	b.press("Prendre un rendez-vous pour quelqu’un")
	b.pick("Motif du rendez-vous", "Retrait d’un titre")
	b.press("Voir les créneaux")
	b.do("unfolding", chromedp.Click(b.element("main summary", "Choisir une heure hors plages")))
	b.fill("Jour", now.Format("02/01/2006"))
	b.fill("Heure", fmt.Sprintf("%d h %02d", now.Hour(), now.Minute()))
	b.fill("Pourquoi cette exception", "Personne venue de loin.")
	b.press("Choisir cette heure")
	b.fill("Nom", "Capucin")
	b.fill("Prénom", "Basile")
	b.fill("Téléphone", "06 39 98 41 07")
	b.choose("Par téléphone")
	b.press("Prendre ce rendez-vous")
	b.see("C’est noté", "Basile Capucin", "06 39 98 41 07")

	// It is there at the counter; one click notes that they came, one takes it back.
	b.visit(b.path()[:strings.Index(b.path(), "/bureau")] + "/bureau")
	if now.Day() == time.Now().In(paris).Day() {
		b.see("Basile Capucin")
		b.press("Venu")
		b.see("Noté : venu.")
		b.press("Corriger")
		b.see("La présence est de nouveau à noter.")
		// One key does the same on the line that has the focus.
		b.do("going to the line", chromedp.Focus(b.element("main .jourj a", "Basile Capucin")))
		b.leave("pressing « v »", chromedp.KeyEvent("v"))
		b.see("Noté : venu.")
		b.press("Corriger")
	}

	b.enter("Théo Sureau")
	b.press("Venus et absents")
	b.see("Qui est venu, qui n’est pas venu", "d’absents")
	if !regexp.MustCompile(`\d+(,\d)? % d'absents, \d+ sur \d+`).MatchString(b.text()) {
		b.fatal("no rate of absence")
	}
}

// slot is the n-th start offered, none twice.
func (b *tab) slot(n int) time.Time {
	b.t.Helper()
	v := eval[string](b, fmt.Sprintf(`[...new Set([...document.querySelectorAll("main button[name=c]")].map(x => x.value))][%d] ?? ""`, n))
	start, err := time.Parse(time.RFC3339, v)
	if err != nil {
		b.fatal("slot %d is %q: %v", n, v, err)
	}
	return start
}

// calendarOf reads a file of one event (RFC 5545).
func calendarOf(t *testing.T, body []byte) ical.Event {
	t.Helper()
	file, err := ical.NewDecoder(bytes.NewReader(body)).Decode()
	if err != nil {
		t.Fatalf("the calendar file does not read: %v\n%s", err, body)
	}
	events := file.Events()
	if len(events) != 1 {
		t.Fatalf("the calendar file holds %d events", len(events))
	}
	return events[0]
}

// TestWithoutScript books in the department, where the place is asked, with a
// mobile, on a phone whose browser runs no JavaScript.
func TestWithoutScript(t *testing.T) {
	in := apptest.Start(t, storetest.SQLiteDSN(t), clock.System{}, true)
	b := open(t, in.URL)
	b.look(390, false)
	b.scripts(false)
	const mobile = "06 39 98 41 08"

	b.visit("/")
	b.fill("Trouver ma collectivité", "vienne")
	b.press("Trouver")
	b.press("Département de la Vienne")
	b.press("Prendre rendez-vous")
	b.choose("Protection maternelle et infantile")
	b.press("Continuer")
	b.see("question 2 sur 3")
	b.choose("Pont-Vieux")
	b.press("Continuer")
	b.press("Choisir ce créneau")
	b.fill("Prénom de la personne qui vient", "Noé")
	b.wants(b.press("Recevoir mon code"), http.StatusUnprocessableEntity)
	if got := eval[string](b, `document.querySelector("#first_name").value`); got != "Noé" {
		t.Errorf("the first name typed came back as %q", got)
	}
	b.introduce("Noé", "Sarriette", "Téléphone mobile", mobile)
	b.fill("Code à six chiffres", b.readCode(mobile))
	b.press("Confirmer le rendez-vous")
	b.see("C’est noté", "Pont-Vieux")
	b.press("Déplacer")
	b.leave("taking another slot", chromedp.Click(chromedp.CSS(`main button.creneau:not(.un)`)))
	b.see("C’est déplacé")
	b.press("Annuler")
	b.press("Oui, annuler")
	b.see("Ce rendez-vous est annulé")
}

// TestStaffWithoutScript marks somebody, filters the agenda, keeps a reason and
// changes the language, without JavaScript.
func TestStaffWithoutScript(t *testing.T) {
	in := apptest.Start(t, storetest.SQLiteDSN(t), clock.System{}, true)
	b := open(t, in.URL)
	b.scripts(false)
	b.enter("Théo Sureau")
	b.see("Bonjour Théo")
	site := in.Slug(t, town)
	for back := 1; ; back++ {
		b.visit(site + "/bureau/agenda?jour=" + time.Now().AddDate(0, 0, -back).Format(time.DateOnly))
		if eval[bool](b, `!!document.querySelector("main .jourj button")`) {
			break
		}
		if back == 14 {
			b.fatal("two weeks of the demonstration without anybody")
		}
	}
	if eval[bool](b, `document.querySelector("main .jourj button").innerText.includes("Corriger")`) {
		b.leave("taking the mark back", chromedp.Click(b.element("main .jourj button", "Corriger")))
		b.see("La présence est de nouveau à noter.")
	}
	b.leave("noting that they came", chromedp.Click(b.element("main .jourj button", "Venu")))
	b.see("Noté : venu.")
	b.pick("Vue", "Par semaine")
	b.press("Filtrer")
	b.see("La semaine du guichet")
	b.visit(site + "/bureau/motifs")
	b.press("Retrait d’un titre")
	b.press("Enregistrer le motif")
	b.see("est enregistré")
	b.press("English")
	b.visit(site + "/bureau")
	if lang := eval[string](b, `document.documentElement.lang`); lang != "en" {
		t.Errorf("after choosing English the desk is in %q", lang)
	}
}

// TestWithKeyboard books with the keyboard alone, on a narrow screen, and sees
// where it is at every step.
func TestWithKeyboard(t *testing.T) {
	in := apptest.Start(t, storetest.SQLiteDSN(t), clock.System{}, true)
	b := open(t, in.URL)
	b.look(390, false)
	const mail = "lou.serpolet@exemple.fr"

	b.visit("/")
	b.do("the first Tab", chromedp.KeyEvent(kb.Tab))
	if got := b.focused(); !strings.Contains(got, "Aller au contenu") {
		t.Errorf("the first Tab stops at %q", got)
	}
	b.tabTo("Trouver ma collectivité")
	b.do("typing", chromedp.KeyEvent("poitiers"))
	b.hit(kb.Enter)
	b.tabTo("Commune de Poitiers")
	b.hit(kb.Enter)
	b.tabTo("Prendre rendez-vous")
	b.hit(kb.Enter)
	b.tabTo("Carte d’identité")
	b.do("choosing", chromedp.KeyEvent(" "), chromedp.KeyEvent(kb.ArrowDown))
	if got := b.focused(); !strings.Contains(got, "Retrait d'un titre") {
		t.Fatalf("the arrow goes to %q", got)
	}
	b.tabTo("Continuer")
	b.hit(" ")
	b.tabTo("Choisir ce créneau")
	b.hit(kb.Enter)
	b.tabTo("Prénom de la personne")
	b.do("typing", chromedp.KeyEvent("Lou"))
	b.hit(kb.Enter) // the form comes back: the summary of mistakes has the focus
	if got := eval[string](b, `document.activeElement.getAttribute("role") ?? ""`); got != "alert" {
		b.fatal("after a mistake the focus is on %q", b.focused())
	}
	b.tabTo("Nom de la personne")
	b.do("typing", chromedp.KeyEvent("Serpolet"))
	b.tabTo("Adresse électronique")
	b.do("typing", chromedp.KeyEvent(mail))
	b.tabTo("Recevoir mon code")
	b.hit(kb.Enter)
	code := b.readCode(mail)
	b.tabTo("Code à six chiffres")
	b.do("typing", chromedp.KeyEvent(code))
	b.hit(kb.Enter)
	b.see("C’est noté", "Retrait d’un titre")
	b.tabTo("Annuler")
	b.hit(kb.Enter)
	b.tabTo("Oui, annuler")
	b.hit(" ")
	b.see("Ce rendez-vous est annulé")
}

// focused is what has the focus: its label or its words.
func (b *tab) focused() string {
	b.t.Helper()
	return eval[string](b, `(e => `+plainJS+`([...(e.labels ?? [])].map(l => l.innerText).join(" ") || e.innerText || e.getAttribute("aria-label") || ""))(document.activeElement)`)
}

// drawn tells whether the focus has a ring, its own or that of the frame around
// the field, and stands in the window.
const drawn = `(e => {
	const ring = x => { const s = getComputedStyle(x); return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 };
	const r = e.getBoundingClientRect();
	return (ring(e) || ring(e.parentElement) || ring(e.parentElement.parentElement)) && r.bottom > 0 && r.top < innerHeight;
})(document.activeElement)`

// tabTo presses Tab until the focus is on what says so, and checks that the
// focus is drawn (RGAA 10.7) and inside the window (WCAG 2.4.11).
func (b *tab) tabTo(words string) {
	b.t.Helper()
	for range 150 {
		b.do("pressing Tab", chromedp.KeyEvent(kb.Tab))
		if strings.Contains(b.focused(), plain(words)) && eval[bool](b, `document.activeElement !== document.body && document.activeElement.id !== "contenu"`) {
			if !eval[bool](b, drawn) {
				b.t.Errorf("the focus on « %s » is not drawn in the window", words)
			}
			return
		}
	}
	b.fatal("150 Tabs do not reach « %s »", words)
}

// hit presses a key that leads to another page.
func (b *tab) hit(key string) {
	b.t.Helper()
	b.leave("pressing a key on « "+b.focused()+" »", chromedp.KeyEvent(key))
}
