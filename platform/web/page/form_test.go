package page

import (
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
)

func TestErrorSummary(t *testing.T) {
	s := fragment(t, ErrorSummary([]FieldError{{"nb", "Indiquez le nombre de personnes"}, {"", "Le service est fermé"}}))
	box := one(t, s, ".alert[role=alert][tabindex='-1'][data-focus]")
	if got := text(box.Find("h2")); got != "Deux réponses sont à corriger" {
		t.Errorf("title is %q", got)
	}
	if got := one(t, box, "a[href='#nb']").Text(); got != "Indiquez le nombre de personnes" {
		t.Errorf("link is %q", got)
	}
	if box.Find("li").Length() != 2 {
		t.Error("an error without field is lost")
	}
	if got := text(fragment(t, ErrorSummary([]FieldError{{"a", "b"}})).Find("h2")); got != "Une réponse est à corriger" {
		t.Errorf("title of one is %q", got)
	}
	if fragment(t, ErrorSummary(nil)).Children().Length() != 0 {
		t.Error("no error, yet a summary")
	}
}

func TestField(t *testing.T) {
	s := fragment(t, Field(FieldData{ID: "tel", Label: "Téléphone", Hint: "Pour vous prévenir", Type: "tel", Value: `06"><b>`, Autocomplete: "tel",
		InputMode: "tel", MaxLength: 20, Size: "m", Required: true, Error: "Il manque un chiffre", Attrs: templ.Attributes{"data-x": "1"}}))
	in := one(t, s, "input#tel")
	for attr, want := range map[string]string{"name": "tel", "type": "tel", "value": `06"><b>`, "autocomplete": "tel", "inputmode": "tel",
		"maxlength": "20", "aria-invalid": "true", "aria-describedby": "tel-aide tel-erreur", "data-x": "1", "required": "", "class": "form-control num w-m"} {
		if got, ok := in.Attr(attr); !ok || got != want {
			t.Errorf("%s is %q, want %q", attr, got, want)
		}
	}
	one(t, s, "div.champ.is-invalid > label[for=tel]")
	one(t, s, "#tel-aide")
	if got := text(one(t, s, "#tel-erreur")); !strings.Contains(got, "Il manque un chiffre") {
		t.Errorf("error is %q", got)
	}

	plain := fragment(t, Field(FieldData{ID: "nom", Label: "Nom", Optional: true}))
	in = one(t, plain, "input#nom[type=text]")
	for _, attr := range []string{"aria-invalid", "aria-describedby", "required", "autocomplete", "inputmode", "value"} {
		if _, ok := in.Attr(attr); ok {
			t.Errorf("%s without reason", attr)
		}
	}
	if got := text(plain.Find("label")); got != "Nom (facultatif)" {
		t.Errorf("label is %q", got)
	}
}

func TestControlsKeepWhatWasTyped(t *testing.T) {
	area := fragment(t, TextArea(TextAreaData{ID: "m", Label: "Message", Value: "Bonjour <b>\nligne", MaxLength: 500, Required: true, Error: "Trop court", Hint: "Sans nom"}))
	in := one(t, area, "textarea#m[name=m][rows='5'][maxlength='500'][required][aria-invalid=true]")
	if in.Text() != "Bonjour <b>\nligne" || in.AttrOr("aria-describedby", "") != "m-aide m-erreur" {
		t.Errorf("the text came back as %q", in.Text())
	}

	list := fragment(t, Select(SelectData{ID: "q", Label: "Quartier", HiddenLabel: true, Required: true, Hint: "Le vôtre", Error: "Choisissez",
		Options: []Option{{Label: "Choisir"}, {Value: "b", Label: "Bourg", Group: "Nord", Selected: true}, {Value: "g", Label: "Groges", Group: "Nord"}, {Value: "c", Label: "Coteau", Group: "Sud", Disabled: true}}}))
	one(t, list, "label.visually-hidden[for=q]")
	if list.Find("optgroup").Length() != 2 || list.Find("optgroup[label=Nord] option").Length() != 2 || list.Find("select > option").Length() != 1 {
		t.Error("groups are lost")
	}
	if got := one(t, list, "option[selected]").AttrOr("value", ""); got != "b" {
		t.Errorf("%q is chosen", got)
	}
	one(t, list, "option[disabled]")

	box := fragment(t, Checkbox(CheckData{Name: "accord", Label: "J’accepte", Hint: "Les règles", Error: "Cochez la case", Checked: true, Required: true}))
	in = one(t, box, "input[type=checkbox][checked][required][value='1'][aria-invalid=true]")
	id := in.AttrOr("id", "")
	one(t, box, "label[for='"+id+"']")
	if in.AttrOr("aria-describedby", "") != id+"-aide "+id+"-erreur" {
		t.Error("hint and error are not tied to the box")
	}
}

func TestGroupAndChoices(t *testing.T) {
	s := fragment(t, withChildren(Group(GroupData{Legend: "De quoi voulez-vous parler ?", Heading: true, Error: "Choisissez une réponse", Hint: "Cela reste entre nous"}),
		Choice(ChoiceData{Name: "motif", Value: "cni", Title: "Carte d’identité", Detail: "20 minutes", End: "3 places", Checked: true}),
		Choice(ChoiceData{Name: "motif", Value: "é à", Title: "Autre", Disabled: true}),
		Choice(ChoiceData{Name: "besoin", Value: "x", Title: "Plusieurs", Many: true})))
	one(t, s, "fieldset#question[tabindex='-1'][aria-describedby='question-aide question-erreur'] legend h1")
	one(t, s, "label[for=motif-cni] input#motif-cni[type=radio][checked][value=cni]")
	one(t, s, "input#motif-e9-e0[disabled][value='é à']")
	one(t, s, "input[type=checkbox][name=besoin]")
	if got := text(s.Find(".choix .end")); got != "3 places" {
		t.Errorf("end is %q", got)
	}
	small := fragment(t, Group(GroupData{ID: "b", Legend: "Besoins"}))
	if small.Find("h1").Length() != 0 || text(small.Find("legend.form-label")) != "Besoins" {
		t.Error("a small group has a title of page")
	}
}

func TestForm(t *testing.T) {
	s := fragment(t, withChildren(Form(FormData{Action: "/x", ID: "f", Label: "Demande", Multipart: true, Once: true}), Hidden("cle", "é")))
	f := one(t, s, "form#f[method=post][action='/x'][enctype='multipart/form-data'][novalidate][data-once][aria-label=Demande]")
	one(t, f, "[role=status][data-sending]")
	one(t, f, "input[type=hidden][name=cle][value='é']")
	plain := fragment(t, Form(FormData{Action: "javascript:alert(1)", Method: "get", Class: "inline"}))
	if plain.Find("[data-once], [data-sending], [enctype]").Length() != 0 {
		t.Error("a plain form guards or sends files")
	}
	if text(fragment(t, RequiredNote())) == "" {
		t.Error("the note on required answers is empty")
	}
}

func TestButton(t *testing.T) {
	for _, c := range []struct {
		data     ButtonData
		selector string
	}{
		{ButtonData{Label: "Envoyer", Kind: "primary"}, "button.btn.btn-primary[type=submit]"},
		{ButtonData{Label: "Déplacer", Icon: "move", Href: "/x"}, "a.btn.btn-outline[href='/x'] svg.i"},
		{ButtonData{Label: "Simple", Name: "n", Value: "3", Small: true, NoPrint: true}, "button.btn-sm.no-print[name=n][value='3']"},
		{ButtonData{Label: "Fermé", Disabled: true, Type: "button", FormAction: "/y"}, "button[disabled][type=button][formaction='/y']"},
		{ButtonData{Label: "Modifier", Hidden: "le motif", Kind: "link"}, "button.btn-link .visually-hidden"},
	} {
		one(t, fragment(t, Button(c.data)), c.selector)
	}
	one(t, fragment(t, PrintLink("Imprimer")), "button[type=button][data-print][hidden]")
}

func TestSearch(t *testing.T) {
	s := fragment(t, Search(SearchData{Action: "/chercher", Label: "Trouver", Hint: "Nom ou code postal", Value: "Vou", Autocomplete: "address-level2"}))
	one(t, s, "form[role=search][method=get][action='/chercher'] label[for=q]")
	one(t, s, "input#q[name=q][type=search][value=Vou][aria-describedby=q-aide][autocomplete='address-level2']")
	one(t, s, "#q-aide")
	if got := text(s.Find("button")); got != "Chercher" {
		t.Errorf("button is %q", got)
	}
	small := fragment(t, Search(SearchData{Label: "Chercher un nom", ID: "n", HiddenLabel: true, Small: true, Placeholder: "Nom", Hint: "Nom ou numéro"}))
	one(t, small, "label.visually-hidden[for=n]")
	if small.Find("#n-aide").Length() != 1 {
		t.Error("the hint is drawn twice or never")
	}
}

func TestSwitch(t *testing.T) {
	s := fragment(t, Settings([]SettingData{
		{Icon: "cal", Name: "service", Value: "appointment", Title: "Rendez-vous", Text: "Vos permanences.", Checked: true},
		{Icon: "euro", Name: "service", Value: "payment", Title: "Payer", Text: "En ligne.", Disabled: true, Reason: "Attend la trésorerie.", On: "actif", Off: "éteint"},
	}))
	s.Find("li").Each(func(_ int, li *goquery.Selection) {
		in := one(t, li, "input[type=checkbox][role=switch]")
		one(t, li, "label[for='"+in.AttrOr("id", "")+"']")
		one(t, li, "#"+in.AttrOr("aria-describedby", "?"))
	})
	one(t, s, "li.off input[disabled]:not([checked])")
	if got := text(s.Find("li.off")); !strings.Contains(got, "Attend la trésorerie.") || !strings.Contains(got, "éteint") {
		t.Errorf("the reason or the word is missing in %q", got)
	}
	tints := fragment(t, Tints("couleur", "La couleur", []Tint{{"1", "Mousse", "#5A7034", true}, {"2", "Piège", `red" onload="x`, false}}))
	if got := tints.Find("svg path").Eq(1).AttrOr("fill", ""); got != "#857D6F" {
		t.Errorf("a colour that is not one is drawn as %q", got)
	}
	one(t, tints, "fieldset legend")
	one(t, tints, "input[type=radio][name=couleur][checked][value='1']")
}
