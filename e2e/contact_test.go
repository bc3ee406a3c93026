package e2e

import (
	"regexp"
	"testing"

	"github.com/chromedp/chromedp"

	"parvis/app/apptest"
	"parvis/core/access"
	"parvis/platform/clock"
	"parvis/platform/store/storetest"
)

// TestASuggestionFromABasicPhone is scenario 14 of the mission: a suggestion by
// SMS lands with the staff and its author is told its number.
func TestASuggestionFromABasicPhone(t *testing.T) {
	in := apptest.Start(t, storetest.SQLiteDSN(t), clock.System{}, true)
	b := open(t, in.URL)
	b.visit("/demo/messages")
	b.do("opening the basic phone", chromedp.Click(b.element("summary", "Écrire un SMS à une mairie, comme d’un téléphone simple")))
	b.fill("Depuis le numéro", "06 39 98 77 01")
	b.pick("À", "Commune de Poitiers")
	b.fill("SMS", "IDÉE des bancs à l’ombre devant l’école")
	b.press("Envoyer ce SMS")
	b.see("SMS envoyé")

	// The staff find it, whatever the hour; the answer waits for the morning when it is night.
	b.become(in.SignIn(t, town, access.Desk))
	b.visit(in.Slug(t, town) + "/bureau/contributions?canal=sms")
	b.await("des bancs à l’ombre devant l’école")
	b.see("Suggestion")
	number := regexp.MustCompile(`[A-Z]-\d{4}-\d{5}`).FindString(b.text())
	if number == "" {
		t.Fatal("no number is shown with the contribution")
	}
	b.press("des bancs à l’ombre devant l’école")
	b.see("Répondre par SMS", "06 39 98 77 01", number)

	// The thread and an answer.
	b.fill("Votre réponse", "Merci, nous y réfléchissons.")
	b.press("Envoyer la réponse")
	b.see("La réponse part par SMS", "Merci, nous y réfléchissons.", number)
}

// TestOneTapOfTheOpenLink follows the open link of a service to the thanks,
// without script; a second visit finds it spent.
func TestOneTapOfTheOpenLink(t *testing.T) {
	in := apptest.Start(t, storetest.SQLiteDSN(t), clock.System{}, true)
	b := open(t, in.URL)
	b.scripts(false)
	b.visit(in.Slug(t, town) + "/avis")
	b.press("Piscine municipale")
	b.see("comment ça s’est passé", "question 1 sur 3")
	b.press("Continuer")
	b.see("Choisissez une des trois réponses")
	b.choose("Très bien")
	b.press("Continuer")
	b.see("informations et des instructions", "question 2 sur 3")
	b.press("Passer cette question")
	b.see("Souhaitez-vous nous en dire plus")
	spent := b.path()
	b.fill("Votre commentaire", "Eau un peu froide, merci au maître-nageur.")
	b.press("Terminer")
	b.see("Merci, votre avis compte")
	if status := b.visit(spent); status != 410 {
		t.Errorf("the form opens again after the end: %d", status)
	}
}
