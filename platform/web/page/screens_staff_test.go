package page

import (
	"fmt"

	"github.com/a-h/templ"
)

func staffFrame() *StaffFrame {
	return &StaffFrame{Who: "Nadia Mésange", Where: "Mairie de Vouneuil", SignOut: "/deconnexion",
		Today: RailItem{Label: "Aujourd’hui", Href: "/vouneuil/agents", Count: 13, Current: true},
		Groups: []RailGroup{
			{Verb: Listen, Items: []RailItem{{Label: "Signalements", Href: "#", Count: 12, Hot: true}, {Label: "Messages", Href: "#", Count: 4}, {Label: "Baromètre", Href: "#"}}},
			{Verb: Propose, Items: []RailItem{{Label: "Idées", Href: "#", Count: 3}, {Label: "Consultations", Href: "#"}}},
			{Verb: Choose, Items: []RailItem{{Label: "Budget participatif", Href: "#", Count: 1}}},
			{Verb: Build, Items: []RailItem{{Label: "Projets", Href: "#", Count: 7}, {Label: "Contrats", Href: "#"}}},
			{Verb: Serve, Items: []RailItem{{Label: "Rendez-vous", Href: "#", Count: 18}, {Label: "Salles et matériel", Href: "#", Count: 5, Hot: true}, {Label: "Bus des services", Href: "#"}, {Label: "Interventions", Href: "#", Count: 7}}},
			{Verb: Measure, Items: []RailItem{{Label: "Observatoire", Href: "#"}}},
			{Verb: Share, Items: []RailItem{{Label: "Pratiques", Href: "#"}}},
		},
		More: []RailItem{{Label: "Réglages", Href: "#"}, {Label: "Équipe", Href: "#"}},
	}
}

func team() [3]Person {
	return [3]Person{{"NM", "Nadia Mésange", 1}, {"KP", "Karim Pinson", 2}, {"TL", "Théo Loriot, terrain", 3}}
}

func galleryDesk() templ.Component {
	p := team()
	row := func(id, due, title, note, service, from string, owner *Person, late, checked bool) QueueRow {
		return QueueRow{ID: id, Due: due, Title: title, Href: "#", Note: note, Service: service, From: from, Owner: owner, Late: late, Checked: checked}
	}
	queue := QueueData{Caption: "Demandes à traiter, de la plus en retard à la moins pressée", Name: "demande", FormID: "lot", Groups: []QueueGroup{
		{Label: "En retard, 4", Late: true, Rows: []QueueRow{
			row("1", "5 jours de retard", "Dépôt sauvage, chemin des Groges", "V-2026-1184 · relancé 2 fois", "Signalements", "Mme Aline Noisetier", &p[1], true, true),
			row("2", "3 jours de retard", "Salle des fêtes, samedi 5 décembre", "V-2026-1201 · Amicale des Brandes", "Salles", "M. Yvon Roseau", &p[0], true, false),
			row("3", "2 jours de retard", "Réclamation : facture de cantine", "V-2026-1209 · réponse motivée due", "Messages", "M. Paul Genêt", nil, true, false),
			row("4", "1 jour de retard", "Lampadaire éteint, rue du Pont", "V-2026-1217 · 6 personnes suivent", "Signalements", "par SMS", &p[1], true, true),
		}},
		{Label: "Pour aujourd’hui, 4", Rows: []QueueRow{
			row("5", "avant 12 h", "Rappeler pour un passeport urgent", "V-2026-1230 · saisi au téléphone", "Rendez-vous", "Mme Inès Tilleul", &p[0], false, false),
			row("6", "avant 12 h", "Prêt de 12 tables : préparer", "V-2026-1194 · retrait à 14 h", "Matériel", "École de musique", &p[2], false, false),
			row("7", "avant 17 h", "Idée « marché le dimanche » : répondre", "V-2026-1102 · 30 jours demain", "Idées", "M. Luc Charme", &p[0], false, false),
			row("8", "avant 17 h 30", "Bulletins papier à saisir : 38", "Carton de la halle du marché", "Vote", "", &p[2], false, false),
		}},
		{Label: "Cette semaine, 5", Rows: []QueueRow{
			row("9", "mardi 24", "Nid-de-poule, route de Biard", "V-2026-1222 · intervention planifiée", "Signalements", "Mme Odile Bouleau", &p[1], false, false),
			row("10", "mercredi 25", "Convention du gymnase à signer", "V-2026-1170 · collège des Tilleuls", "Salles", "Judo club", &p[0], false, false),
		}},
	}}
	return withChildren(Staff(Page{Site: vouneuil(), Staff: staffFrame(), Title: "Aujourd’hui, espace agents", Kicker: "lundi 23 novembre 2026, 10 h 40", Heading: "Bonjour Nadia, 4 demandes sont en retard.",
		Tools: Search(SearchData{Action: "#", Label: "Chercher une personne, un numéro, une rue", HiddenLabel: true, Small: true, Placeholder: "Nom, numéro, rue"})}),
		Gestures([]Gesture{
			{Icon: "cal", Label: "Prendre un rendez-vous pour quelqu’un", Href: "#", Key: "r"}, {Icon: "phone", Label: "Noter un appel ou un signalement", Href: "#", Key: "a"},
			{Icon: "key", Label: "Prêter une salle, du matériel", Href: "#", Key: "p"}, {Icon: "vote", Label: "Saisir des bulletins papier", Href: "#", Key: "b"}}),
		withChildren(Beside(),
			withChildren(Panel(PanelData{ID: "file", Title: "À traiter, le plus en retard d’abord", Tools: []ButtonData{{Label: "Exporter", Icon: "down", Href: "#"}},
				Bar: withChildren(FilterBar("#"),
					Select(SelectData{ID: "service", Label: "Service", HiddenLabel: true, Options: []Option{{Label: "Tous les services"}}}),
					Select(SelectData{ID: "agent", Label: "Agent", HiddenLabel: true, Options: []Option{{Label: "Toute l’équipe"}, {Label: "Moi", Value: "moi"}}}))}),
				Queue(queue),
				BulkBar(BulkData{FormID: "lot", Action: "#", Name: "geste", Count: "2 choisies", Summary: "13 demandes", All: Link{Label: "tout voir", Href: "#"},
					Options: []Option{{Label: "Attribuer à Karim Pinson", Value: "kp"}, {Label: "Prolonger l’échéance", Value: "prolonger"}, {Label: "Envoyer un message", Value: "message"}}})),
			withChildren(Panel(PanelData{ID: "guichet", Title: "Au guichet", Badge: "7 rendez-vous"}), DayList([]DayItem{
				{Time: "9 h", Title: "Mme Renée Pervenche", Detail: "Carte d’identité", Badge: "venue", Kind: "ok", State: "past"},
				{Time: "9 h 45", Title: "M. Sami Fougère", Detail: "Carte d’identité", Badge: "absent", Kind: "late", State: "past"},
				{Time: "10 h 30", Title: "M. et Mme Lavande", Href: "#", Detail: "Dossier de mariage", Badge: "arrivés", Kind: "acc", State: "now"},
				{Time: "11 h 15", Title: "Mme Inès Tilleul", Detail: "Passeport"},
				{Time: "14 h", Title: "École de musique", Detail: "Retrait de 12 tables"},
				{Time: "14 h 30", Title: "Mme Élodie Églantine", Detail: "Urbanisme"},
				{Time: "15 h 15", Title: "créneau libre", State: "free"},
				{Time: "16 h", Title: "M. Jean Sureau", Detail: "Cimetière"},
			}))),
		withChildren(Panel(PanelData{ID: "semaine", Title: "La semaine du guichet", Legend: p[:], Tools: []ButtonData{{Label: "Ouvrir l’agenda", Href: "#"}}}), Week(galleryWeek())),
	)
}

func galleryWeek() WeekData {
	p := team()
	ev := func(start float64, hours float64, label string) WeekEvent {
		kind := ""
		if label == "libre" {
			kind = "free"
		}
		at := 480 + int(start*60)
		return WeekEvent{Start: at, Minutes: int(hours * 60), Label: label, Href: "#", Kind: kind, Aria: fmt.Sprintf("%s, %d h %02d", label, at/60, at%60)}
	}
	noon := WeekEvent{Start: 720, Minutes: 120, Kind: "closed"}
	day := func(label string, today bool, lanes ...[]WeekEvent) WeekDay {
		d := WeekDay{Label: label, Aria: label + " novembre", Today: today}
		for i, l := range lanes {
			d.Lanes = append(d.Lanes, WeekLane{Owner: p[i], Events: l})
		}
		return d
	}
	return WeekData{From: 480, To: 1050, Now: 639, Days: []WeekDay{
		day("lundi 23", true,
			[]WeekEvent{noon, ev(1, .75, "Pervenche"), ev(1.75, .75, "Fougère"), ev(2.5, .75, "Lavande"), ev(3.25, .75, "Tilleul"), ev(6.5, .75, "Églantine"), ev(7.25, .75, "libre"), ev(8, .5, "Sureau")},
			[]WeekEvent{noon, ev(.5, 3, "Tournée Groges"), ev(6, 1, "Devis"), ev(7.25, 1.5, "Relances")},
			[]WeekEvent{noon, ev(.5, 3, "Tournée lampes"), ev(6, .5, "Musique"), ev(6.75, 1.75, "Dépôt Groges")}),
		day("mardi 24", false,
			[]WeekEvent{noon, ev(.5, .75, "Églantine"), ev(1.25, 1, "Pervenche"), ev(2.5, .5, "Bouleau"), ev(3, 1, "Bruyère"), ev(6, .5, "Noisetier"), ev(8.25, 1, "libre")},
			[]WeekEvent{noon, ev(.5, .5, "libre"), ev(1, .75, "Gentiane"), ev(1.75, .75, "Lavande"), ev(3.25, .5, "Fougère"), ev(6.75, .75, "libre")},
			[]WeekEvent{noon, ev(0, 3.5, "Route de Biard"), ev(6, 3, "Aire de jeux")}),
		day("mercredi 25", false,
			[]WeekEvent{noon, ev(.5, .75, "Noisetier"), ev(6, .75, "Iris"), ev(8, .5, "Tilleul")},
			[]WeekEvent{{Start: 480, Minutes: 570, Label: "en formation", Kind: "closed"}},
			[]WeekEvent{noon, ev(.5, 2, "Bus à équiper"), ev(3, 1, "Retour"), ev(6, 2, "Tables")}),
		day("jeudi 26", false,
			[]WeekEvent{noon, ev(.5, .75, "Lilas"), ev(6, 1, "libre")},
			[]WeekEvent{noon, ev(.5, .5, "Sureau"), ev(2, 1, "libre"), ev(7, 1, "Sureau")},
			[]WeekEvent{noon, ev(.5, 3.5, "Élagage"), ev(6, 3, "Élagage")}),
		day("vendredi 27", false,
			[]WeekEvent{noon, ev(.5, .5, "Houx"), ev(1, 1, "Fougère"), ev(3.25, .75, "libre")},
			[]WeekEvent{noon, ev(1.5, .75, "Noisetier"), ev(6, .75, "Prunier")},
			[]WeekEvent{noon, ev(.5, 3, "Marché de Noël"), ev(6, 2, "Garage")}),
	}}
}

func gallerySettings() templ.Component {
	set := func(icon, name, title, text string, on bool) SettingData {
		return SettingData{Icon: icon, Name: "service", Value: name, Title: title, Text: text, Checked: on}
	}
	s := vouneuil()
	s.Name, s.Territory, s.Sign = "Brandes-sur-Clouère", "#5A7034", "epi"
	frame := staffFrame()
	frame.Today.Current = false
	frame.More[0].Current = true
	return withChildren(Staff(Page{Site: s, Staff: frame, Title: "Ma commune", Heading: "Tout est prêt, il manque trois choses.", Lead: "412 habitants, une salle, deux matinées d’ouverture : le reste est réglé.",
		Tools: Badge("ok", "En ligne depuis le 2 novembre")}),
		withChildren(Split(),
			withChildren(Form(FormData{Action: "#", Once: true}),
				withChildren(Block("ouverts", "Les services ouverts"), Settings([]SettingData{
					set("ear", "report", "Signaler un problème", "Les habitants signalent, vous répondez. Chaque demande a un numéro.", true),
					set("cal", "appointment", "Prendre rendez-vous", "Vos permanences deviennent des créneaux. Rappel par SMS compris.", true),
					set("key", "room", "Prêter la salle et le matériel", "Demande, accord du maire, convention prête à signer.", true),
					set("bus", "round", "Passages du bus des services", "Remplis par Grand Poitiers, vous n’avez rien à faire.", true),
					set("vote", "budget", "Budget participatif", "À ouvrir quand le conseil municipal a voté une enveloppe.", false),
				})),
				withChildren(Block("couleur", "La couleur de la commune"), Tints("couleur", "Elle sert aux boutons et aux liens. Nous l’assombrissons si besoin, pour que tout reste lisible.", []Tint{
					{"1", "Terre cuite", "#B4532F", false}, {"2", "Mousse", "#5A7034", true}, {"3", "Lac", "#0E6E73", false}, {"4", "Ardoise", "#3E5C86", false}, {"5", "Aubergine", "#7B3F6E", false}, {"6", "Ocre", "#C98A1B", false}})),
				withChildren(Actions(), Button(ButtonData{Label: "Enregistrer", Kind: "primary"}), Button(ButtonData{Label: "Voir le site", Href: "#"}), templ.Raw(`<span class="small muted">Rien ne change avant d’enregistrer.</span>`))),
			templ.Raw(`<aside class="stack flow-5" aria-label="Ce qui manque et aperçu">`),
			withChildren(Card(CardData{ID: "manque", Title: "Il manque", Gap: "flow-4"}), Meter(MeterData{Ratio: .7, Label: "7 points sur 10"}), Tasks([]Task{
				{Title: "Les heures de permanence", Text: "2 minutes. Sans elles, aucun créneau.", Href: "#"},
				{Title: "Une photo de la salle", Text: "1 minute, depuis votre téléphone", Href: "#"},
				{Title: "Adresse, téléphone, élus", Done: true}})),
			withChildren(Block("apercu", "Aperçu"), Preview(PreviewData{Sign: "epi", Kind: "Commune de", Name: "Brandes-sur-Clouère", Phone: "05 36 49 31 12", Title: "Bonjour, que cherchez-vous ?", Lines: []Tile{{Icon: "ear", Title: "Signaler un problème"}, {Icon: "cal", Title: "Prendre rendez-vous"}, {Icon: "key", Title: "Prêter la salle et le matériel"}}})),
			templ.Raw(`</aside>`)))
}

// galleryParts shows what the other screens do not.
func galleryParts() templ.Component {
	var signs, icons, drawings []templ.Component
	for _, n := range SignNames() {
		signs = append(signs, Sign(n))
	}
	for _, n := range IconNames() {
		icons = append(icons, Icon(n))
	}
	for _, n := range DrawingNames() {
		drawings = append(drawings, Drawing(n))
	}
	return withChildren(Resident(Page{Site: vouneuil(), Title: "Pièces", Heading: "Les pièces", Verb: Share, VerbNote: "charte", Lead: "Ce que les autres écrans ne montrent pas."}),
		withChildren(Actions(), signs...), withChildren(Actions(), icons...), withChildren(Actions(), drawings...),
		withChildren(Actions(), Badge("ok", "Réparé"), Badge("info", "Planifié"), Badge("wait", "1 place"), Badge("late", "2 jours de retard"), Badge("acc", "arrivés"), Badge("line", "brouillon"), Word("", "7 rendez-vous")),
		Done("Votre demande est enregistrée."), Notice("wait", "Il manque", "les heures de permanence."),
		Filters("Filtrer", []Link{{Label: "Tous", Href: "#", Current: true}, {Label: "En cours", Href: "#"}, {Label: "Réparés", Href: "#"}}),
		withChildren(Block("suite", "Ce qui s’est passé"), Timeline([]Step{{"Signalé", "lundi 9 novembre, 7 h 52", "Par une habitante, par SMS.", "done"}, {"Planifié", "mardi 10 novembre", "", "now"}, {"Réparé", "", "", "todo"}})),
		withChildren(Block("chiffres", "Chiffres"), Table(TableData{Caption: "Rendez-vous par mois", Columns: []Column{{Label: "Mois", SortHref: "#", Sorted: "descending"}, {Label: "Pris", Right: true}, {Label: "Honorés", Right: true}},
			Rows: [][]Cell{{{Text: "Octobre", Head: true}, {Text: "412"}, {Text: "390"}}, {{Text: "Novembre", Head: true}, {Text: "388"}, {Text: "371", Href: "#"}}}}),
			Stat(StatData{Label: "Rendez-vous honorés", Value: "94,6 %", Badge: "en progrès", Quality: "ok", Target: "cible 95 %", Since: "91,2 % en janvier", Source: "Agenda de la mairie, 23 novembre 2026", SourceHref: "#"}),
			Pager(PagerData{PrevHref: "#", NextHref: "#", Summary: "20 sur 132 demandes"})),
		withChildren(Block("champs", "Champs"), TextArea(TextAreaData{ID: "texte", Label: "Votre message", Hint: "Sans nom ni adresse", Optional: true}),
			Select(SelectData{ID: "liste", Label: "Quartier", Options: []Option{{Label: "Bourg", Group: "Nord"}, {Label: "Groges", Group: "Nord"}, {Label: "Coteau", Group: "Sud"}}, Size: "l"}),
			Checkbox(CheckData{ID: "accord", Name: "accord", Label: "J’ai lu les règles", Error: "Cochez cette case pour continuer."}),
			withChildren(Group(GroupData{ID: "q2", Legend: "Une réponse", Error: "Choisissez une réponse."}), Choice(ChoiceData{Name: "q", Value: "1", Title: "Oui"}), Choice(ChoiceData{Name: "q", Value: "2", Title: "Non", End: "6 places"}))),
		withChildren(Fold("Comment est-ce calculé ?", true), templ.Raw(`<p>En comptant.</p>`)),
		Facts([]Fact{{Label: "Avec", Value: "l’accueil"}}),
	)
}
