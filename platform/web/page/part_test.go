package page

import (
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
)

func TestStates(t *testing.T) {
	one(t, fragment(t, Badge("ok", "Réparé")), ".badge.ok svg")
	one(t, fragment(t, Badge("late", "en retard")), ".badge.late svg")
	if fragment(t, Word("ok", "venue")).Find("svg").Length() != 0 {
		t.Error("a word has an icon")
	}
	if got := one(t, fragment(t, Word("x y", "mot")), "span").AttrOr("class", ""); got != "badge" {
		t.Errorf("an unknown kind becomes the class %q", got)
	}
	one(t, fragment(t, Alert("wait")), ".alert.wait")
	one(t, fragment(t, Alert("?")), ".alert.info")
	if got := text(fragment(t, Notice("ok", "Rien n’est perdu.", "Tout est là."))); got != "Rien n’est perdu. Tout est là." {
		t.Errorf("notice is %q", got)
	}
	one(t, fragment(t, Done("C’est noté.")), "[role=status]")
	if fragment(t, Done("")).Children().Length() != 0 {
		t.Error("an empty confirmation is drawn")
	}
}

func TestTimeline(t *testing.T) {
	s := fragment(t, Timeline([]Step{{"Signalé", "lundi", "Par SMS.", "done"}, {"Planifié", "mardi", "", "now"}, {"Réparé", "", "", "todo"}}))
	if s.Find("ol > li").Length() != 3 || s.Find("li.done").Length() != 1 || s.Find("li.todo").Length() != 1 {
		t.Error("steps are lost")
	}
	if got := one(t, s, "li[aria-current=step] h3").Text(); got != "Planifié" {
		t.Errorf("the present step is %q", got)
	}
	if s.Find(".quand").Length() != 2 || s.Find("p.small").Length() != 1 {
		t.Error("empty lines are drawn")
	}
}

func TestFacts(t *testing.T) {
	s := fragment(t, Facts([]Fact{{Label: "Où", Value: "Maison", Note: "12, rue du Pont", Href: "/plan", LinkLabel: "Voir le plan"}, {Label: "Numéro", Num: true, Body: templ.Raw("<b>S-1</b>")}}))
	if s.Find("dl > div > dt").Length() != 2 {
		t.Error("terms are lost")
	}
	one(t, s, "dd a[href='/plan']")
	one(t, s, "dd.num b")
	one(t, s, "dd .note")
}

func TestTable(t *testing.T) {
	s := fragment(t, Table(TableData{Caption: "Par mois", CaptionHidden: true, Columns: []Column{{Label: "Mois", SortHref: "?tri=mois", Sorted: "ascending"}, {Label: "Pris", Right: true}, {Label: "Gestes", Hidden: true}},
		Rows: [][]Cell{{{Text: "Octobre", Head: true, Note: "clos"}, {Text: "412"}, {Text: "Voir", Href: "/o"}}}}))
	one(t, s, "[role=region][tabindex='0'][aria-label='Par mois'] caption.visually-hidden")
	one(t, s, "th[scope=col][aria-sort=ascending] a[href='?tri=mois']")
	one(t, s, "th[scope=row] .note")
	one(t, s, "td.r.num")
	one(t, s, "td a[href='/o']")
	empty := fragment(t, Table(TableData{Caption: "Vide", Columns: []Column{{Label: "Mois"}}, Empty: "Aucun rendez-vous ce mois-ci."}))
	if got := text(empty.Find("p")); got != "Aucun rendez-vous ce mois-ci." {
		t.Errorf("an empty table says %q", got)
	}
}

func TestLists(t *testing.T) {
	tiles := fragment(t, Paving([]Tile{{"cal", "Prendre rendez-vous", "Le premier créneau", "/rdv"}}))
	one(t, tiles, "ul > li > a.pave-link[href='/rdv'] > svg")
	needs := fragment(t, NeedLists([]Need{{"id", "Mes papiers", links("Carte", "Acte")}}))
	if needs.Find("h3").Length() != 1 || needs.Find("ul.liste a").Length() != 2 {
		t.Error("needs are lost")
	}
	one(t, fragment(t, LinkList([]Link{{Label: "À 80 m"}})), "li > span.ligne")
	one(t, fragment(t, LinkCards([]Tile{{Title: "Chauvigny", Text: "à 16 h", Href: "/c"}})), "a[href='/c'] .note")
	filters := fragment(t, Filters("État", []Link{{Label: "Tous", Href: "?", Current: true}, {Label: "Clos", Href: "?clos"}}))
	one(t, filters, "nav[aria-label='État'] a[aria-current=true]")
	ways := fragment(t, Ways([]Way{PhoneWay("Par téléphone", "05 36 49 12 40", "9 h – 17 h"), CounterWay("Au guichet", "3, place de la Halle"), RemoteWay("À distance", "En visio")}))
	if ways.Find("li").Length() != 3 || ways.Find("li .num").Length() != 1 || ways.Find("li svg").Length() != 3 {
		t.Error("ways are lost")
	}
}

func TestEmptyPagerStat(t *testing.T) {
	s := fragment(t, Empty(EmptyData{Title: "Rien encore", Text: "Cela viendra.", Actions: []ButtonData{{Label: "Choisir", Href: "/a"}, {Label: "Voir", Href: "/b"}}}))
	one(t, s, ".vide svg.dessin")
	one(t, s, "a.btn-primary[href='/a']")
	one(t, s, "a.btn-outline[href='/b']")
	if fragment(t, Empty(EmptyData{Title: "Rien", Small: true})).Find("svg").Length() != 0 {
		t.Error("a small empty list has a drawing")
	}

	pager := fragment(t, Pager(PagerData{NextHref: "?apres=x", Summary: "20 sur 132"}))
	one(t, pager, "a[rel=next]")
	if pager.Find("a[rel=prev]").Length() != 0 || fragment(t, Pager(PagerData{})).Children().Length() != 0 {
		t.Error("the pager leads nowhere")
	}

	stat := fragment(t, Stat(StatData{Label: "Honorés", Value: "94,6 %", Target: "cible 95 %", Since: "91 % en janvier", Source: "Agenda", SourceHref: "/s", Badge: "en progrès", Quality: "ok"}))
	if got := text(stat.Find("b.chiffre")); got != "94,6 %" {
		t.Errorf("figure is %q", got)
	}
	one(t, stat, ".source a[href='/s']")
}

func TestMeter(t *testing.T) {
	for ratio, want := range map[float64]string{.7: "70.0%", 0: "0.0%", 1: "100.0%", -3: "0.0%", 9: "100.0%"} {
		if got := one(t, fragment(t, Meter(MeterData{Ratio: ratio, Label: "x"})), "rect").AttrOr("width", ""); got != want {
			t.Errorf("%v is %s wide, want %s", ratio, got, want)
		}
	}
}

func TestBooking(t *testing.T) {
	s := fragment(t, SlotDays("creneau", []SlotDay{
		{Label: "mardi", Date: "24 novembre", Morning: []SlotChoice{{Label: "9 h 30", Value: "a", Aria: "mardi 24 novembre à 9 h 30", First: true}}},
		{Label: "mercredi", Date: "25 novembre", Full: true, NotifyHref: "/prevenir", NotifyHidden: "si une place se libère"},
		{Label: "jeudi", Date: "26 novembre", Full: true, Closed: "Mairie fermée"},
		{Label: "vendredi", Date: "27 novembre", Afternoon: []SlotChoice{{Label: "14 h", Value: "b"}}},
	}))
	one(t, s, ".jours.j4")
	if got := one(t, s, "button.creneau.un[name=creneau][value=a]").AttrOr("aria-label", ""); got != "mardi 24 novembre à 9 h 30, premier créneau libre" {
		t.Errorf("slot is said %q", got)
	}
	if got := one(t, s, "button[value=b]").AttrOr("aria-label", ""); got != "14 h" {
		t.Errorf("slot is said %q", got)
	}
	one(t, s, ".plein a[href='/prevenir']")
	if s.Find(".plein").Length() != 2 || s.Find("p.demi.am").Length() != 1 || s.Find("ul.pm").Length() != 1 {
		t.Error("half days are lost")
	}

	first := fragment(t, FirstSlot(FirstSlotData{When: "mardi", Name: "creneau", Value: "a"}))
	one(t, first, "button[name=creneau][value=a]")

	nav := fragment(t, WeekNav(WeekNavData{Title: "Du 24 au 30", NextHref: "?apres", NextHidden: "le 30"}))
	one(t, nav, "button[disabled]")
	one(t, nav, "a[href='?apres'] .visually-hidden")

	answers := fragment(t, Answered([]Answer{{Label: "Motif", Value: "Passeport", Href: "/motif", Hidden: "le motif"}}))
	if got := text(one(t, answers, "a[href='/motif']")); got != "Modifier le motif" {
		t.Errorf("link is %q", got)
	}
	if fragment(t, Answered(nil)).Children().Length() != 0 {
		t.Error("no answer, yet a list")
	}

	ticket := fragment(t, Ticket(TicketData{Weekday: "mardi", Day: "24", Month: "novembre", Time: "9 h 30"}))
	if got := text(one(t, ticket, ".date")); got != "mardi 24 novembre 9 h 30" {
		t.Errorf("ticket reads %q", got)
	}
	list := fragment(t, CheckList("piece", []string{"Une photo", "Un justificatif"}))
	list.Find("label").Each(func(_ int, l *goquery.Selection) { one(t, list, "input#"+l.AttrOr("for", "?")) })
}

func TestQueue(t *testing.T) {
	doc := document(t, render(t, galleryContext(t, "fr"), galleryDesk()))
	if got := doc.Find(".file tbody").Length(); got != 3 {
		t.Errorf("%d groups, want 3", got)
	}
	if got := doc.Find(".file .grp.l").Length(); got != 1 {
		t.Errorf("%d late groups, want 1", got)
	}
	if doc.Find(".file input[checked][form=lot]").Length() != 2 {
		t.Error("the chosen rows are not tied to the bar")
	}
	if got := doc.Find(".file .chez .none").Length(); got != 1 {
		t.Errorf("%d rows without owner, want 1", got)
	}
	one(t, doc.Selection, ".gestes a[data-key=r][aria-keyshortcuts=r]")
	one(t, doc.Selection, ".jourj li[aria-current=time]")
	one(t, doc.Selection, "form#lot [data-count][data-none][data-one][data-many]")
}
