package page

import (
	"github.com/a-h/templ"
)

func vouneuil() *Site {
	return &Site{
		ID: "1", Path: "/vouneuil", Kind: "Commune de", Name: "Vouneuil", Sign: "pousse", Territory: "#B4532F",
		Phone: "05 36 49 12 40", PhoneHours: "prix d’un appel local", Place: "Mairie de Vouneuil",
		Address: []string{"3, place de la Halle", "86210 Vouneuil"},
		Opening: []OpeningDay{
			{Label: "Lundi", Hours: "8 h 30 – 12 h, 14 h – 17 h 30", Today: true},
			{Label: "Mardi au jeudi", Hours: "8 h 30 – 12 h, 14 h – 17 h"},
			{Label: "Vendredi", Hours: "8 h 30 – 16 h"},
			{Label: "Samedi", Hours: "9 h – 12 h, sans rendez-vous"},
		},
		OpenNow: "Ouvert jusqu’à 17 h 30",
		Help: []Link{
			{Label: "Aide aux démarches, gratuite", Href: "/vouneuil/aide"},
			{Label: "Passages du bus des services", Href: "/vouneuil/bus"},
			{Label: "Écrire à la mairie", Href: "/vouneuil/ecrire"},
		},
		AccessibilityState: "partiellement conforme",
		Menu: []Link{
			{Label: "Accueil", Href: "/vouneuil/", Current: true},
			{Label: "Rendez-vous", Href: "/vouneuil/rendez-vous"},
			{Label: "Salles et prêts", Href: "/vouneuil/salles"},
			{Label: "Signaler", Href: "/vouneuil/signalements"},
			{Label: "Participer", Href: "/vouneuil/participer"},
			{Label: "Résultats", Href: "/vouneuil/resultats"},
		},
	}
}

func vienne() *Site {
	s := vouneuil()
	s.Path, s.Kind, s.Name, s.Sign, s.Territory = "/la-vienne", "Département", "La Vienne", "vagues", "#0E6E73"
	s.Phone, s.Place = "05 36 49 86 86", "Hôtel du Département"
	s.Address = []string{"1, place du Département", "86000 Poitiers"}
	s.Menu = []Link{
		{Label: "Accueil", Href: "/la-vienne/"},
		{Label: "Rendez-vous", Href: "/la-vienne/rendez-vous", Current: true},
		{Label: "Salles des collèges", Href: "/la-vienne/salles"},
		{Label: "Solidarités", Href: "/la-vienne/solidarites"},
		{Label: "Participer", Href: "/la-vienne/participer"},
		{Label: "Résultats", Href: "/la-vienne/resultats"},
	}
	return s
}

func operator() Operator {
	return Operator{
		Phone: "05 36 49 00 86", PhoneHours: "du lundi au vendredi, 9 h – 17 h", Tracking: "/suivi", StaffHref: "/agents",
		AccessibilityState: "partiellement conforme",
		Groups: []LinkGroup{
			{Title: "Pour les collectivités", Links: []Link{{Label: "Ouvrir ma commune", Href: "/ouvrir"},
				{Label: "Ce que cela coûte : rien", Href: "/cout"}, {Label: "Code source et licence", Href: "/code"}}},
			{Title: "Voir ce que cela change", Links: []Link{{Label: "Observatoire", Href: "/observatoire"},
				{Label: "Données ouvertes", Href: "/donnees"}, {Label: "Pratiques partagées", Href: "/pratiques"}}},
		},
	}
}

func galleryHome() templ.Component {
	counts := [7]string{"2 318", "146", "3 902", "31", "18 640", "64", "27"}
	return withChildren(Instance(Page{
		Operator: operator(), Title: "Parvis en Vienne, la place de la mairie ouverte à toute heure", Width: Full,
		Description: "Prendre rendez-vous, réserver une salle, signaler, proposer, voter.",
	}),
		Hero(HeroData{
			Title: "La place de la mairie, ouverte à toute heure.",
			Lead:  "Prendre rendez-vous, réserver une salle, signaler, proposer, voter. Et voir ce que cela change.",
			Search: SearchData{Action: "/chercher", Label: "Trouver ma collectivité", Button: "Trouver",
				Hint: "Nom de la commune, code postal ou département", Autocomplete: "address-level2"},
			NearLabel: "Près d’ici :",
			Near:      []Link{{Label: "Vouneuil", Href: "/vouneuil/"}, {Label: "Grand Poitiers", Href: "/grand-poitiers/"}, {Label: "La Vienne", Href: "/la-vienne/"}},
		}),
		withChildren(Section(SectionData{ID: "faire", Title: "Que voulez-vous faire ?"}), Paving([]Tile{
			{"cal", "Prendre rendez-vous", "Mairie, solidarités, urbanisme : voir le premier créneau libre.", "#"},
			{"key", "Réserver une salle ou du matériel", "Tables, sono, salle des fêtes, gymnase du collège.", "#"},
			{"pin", "Signaler un problème", "Une ampoule, un trou, un dépôt : et suivre la réparation.", "#"},
			{"vote", "Proposer et voter", "Budgets participatifs, consultations, jurys tirés au sort.", "#"},
			{"euro", "Payer une facture", "Cantine, eau, centre de loisirs : par carte ou prélèvement.", "#"},
			{"bus", "Trouver un guichet près de chez soi", "France services, bus des services, heures et accès.", "#"},
		})),
		Loop("Une demande ne se perd pas : elle fait le tour.",
			"Ce que les habitants disent devient une idée, un choix, un chantier, un service. On mesure, on partage, et l’on recommence.",
			RingData{Counts: counts, Lit: Choose, Caption: "Les 27 collectivités de la Vienne ouvertes sur Parvis, du 1er janvier au 23 novembre 2026.",
				Source: Link{Label: "Sources et détail", Href: "/observatoire"}},
			[]VerbText{
				{Listen, "2 318 signalements et avis reçus cette année, en ligne, au guichet ou par téléphone. Chacun a un numéro et une réponse."},
				{Propose, "146 idées d’habitants et d’agents. Toutes ont reçu une réponse motivée."},
				{Choose, "3 902 votes, dont un tiers sur papier. Un vote est ouvert à Vouneuil."},
				{Build, "31 projets en chantier, avec leur prix, leur date et leur responsable."},
				{Serve, "18 640 rendez-vous, prêts de salle et passages du bus des services."},
				{Measure, "64 indicateurs publiés avec leur source, leur cible et leur date."},
				{Share, "27 pratiques reprises par une autre collectivité."},
			}),
		withChildren(Section(SectionData{ID: "histoire", Title: "Un tour complet : le préau de l’école de Vouneuil", More: Link{Label: "Lire toute l’histoire", Href: "#"}}),
			Story([]StoryStep{
				{"3 mars", Listen, "Une mère signale la cour sans ombre."},
				{"18 mars", Propose, "L’idée du préau, soutenue 74 fois."},
				{"14 juin", Choose, "Retenue par 183 votes sur 438."},
				{"2 septembre", Build, "Chantier : 14 800 €, 6 semaines."},
				{"12 octobre", Serve, "Le préau ouvre à l’école."},
				{"20 novembre", Measure, "92 % des parents satisfaits."},
				{"23 novembre", Share, "Fiche reprise par 4 communes."},
			})),
		CallBand("ouvrir", "Vous êtes élu ou secrétaire de mairie ?", "Votre commune est déjà dans la liste. L’ouvrir prend dix minutes, et c’est gratuit.",
			ButtonData{Label: "Ouvrir ma commune", Href: "/ouvrir"}),
	)
}

func galleryPortal() templ.Component {
	return withChildren(Resident(Page{Site: vouneuil(), Title: "Services de la commune", Width: Full,
		Banner:    &Banner{Text: "Démonstration : données inventées.", Links: []Link{{Label: "Voir les messages envoyés", Href: "/demo/messages"}}},
		Languages: []Link{{Label: "Français", Lang: "fr", Href: "/vouneuil/", Current: true}, {Label: "English", Lang: "en", Href: "/vouneuil/?langue=en"}},
	}),
		withChildren(Welcome(WelcomeData{Title: "Bonjour, que cherchez-vous ?",
			Search: SearchData{Action: "/vouneuil/chercher", Label: "Que cherchez-vous ?", HiddenLabel: true, Hint: "Écrivez comme vous parlez : « poubelle pas ramassée », « salle pour un anniversaire »"},
			Common: []Link{{Label: "Carte d’identité", Href: "#"}, {Label: "Déchèterie", Href: "#"}, {Label: "Menu de la cantine", Href: "#"}, {Label: "Salle des fêtes", Href: "#"}, {Label: "Éclairage en panne", Href: "#"}},
		}), OpeningCard(OpeningData{Sign: "pousse", Title: "La mairie est ouverte", Text: "jusqu’à 17 h 30 aujourd’hui",
			Facts:  []Fact{{Label: "Téléphone", Value: "05 36 49 12 40", Num: true}, {Label: "Guichet", Value: "3, place de la Halle"}, {Label: "Premier rendez-vous", Value: "demain, 9 h 30"}},
			Action: ButtonData{Label: "Prendre rendez-vous", Href: "/vouneuil/rendez-vous"}})),
		withChildren(Section(SectionData{ID: "besoins", Title: "De quoi avez-vous besoin ?"}), NeedLists([]Need{
			{"id", "Mes papiers", links("Carte d’identité, passeport", "Acte de naissance, de décès", "Inscription sur les listes électorales")},
			{"kid", "Mes enfants", links("Inscrire à l’école et à la cantine", "Payer la cantine", "Centre de loisirs de décembre")},
			{"house", "Ma maison, mes travaux", links("Déclarer des travaux", "Rencontrer l’architecte-conseil", "Déchèterie et encombrants")},
			{"group", "Mon association", links("Réserver une salle", "Emprunter tables et sono", "Demander une subvention")},
			{"road", "Ma rue, mon quartier", links("Signaler un problème", "Travaux en cours", "Proposer une idée")},
			{"hand", "Me faire aider", links("Rencontrer une assistante sociale", "Être aidé pour une démarche en ligne", "Se rendre service entre voisins")},
		})),
		templ.Raw(`<section class="section band" aria-label="Suivre et rencontrer"><div class="container"><div class="row"><div class="col-lg-5">`),
		withChildren(Card(CardData{ID: "suivi", Title: "Où en est ma demande ?", Verb: Listen}),
			withChildren(Form(FormData{Action: "/vouneuil/suivi", Method: "get", Class: "stack"}),
				Field(FieldData{ID: "numero", Label: "Numéro de la demande", Hint: "Il commence par V, sur votre courriel, SMS ou reçu papier", Size: "m", Autocomplete: "off"}),
				Button(ButtonData{Label: "Voir où elle en est", Kind: "primary"})),
			templ.Raw(`<p class="small muted">Numéro perdu ? Appelez le <span class="num">05 36 49 12 40</span>, nous le retrouvons avec votre nom.</p>`)),
		templ.Raw(`</div><div class="col-lg-7">`),
		withChildren(Card(CardData{ID: "bus", Title: "Le bus des services passe près de chez vous", Verb: Serve}),
			Passages([]Passage{
				{"mercredi 25", "Les Groges, place du four", "9 h – 12 h · papiers, emploi, impôts, santé", "6 places", "ok"},
				{"vendredi 27", "Le Coteau, parking de la salle", "14 h – 17 h · papiers, retraite, numérique", "1 place", "wait"},
				{"mercredi 2 déc.", "Les Groges, place du four", "9 h – 12 h · conseillère de la mutualité agricole", "9 places", "ok"},
			}),
			withChildren(Actions(), Button(ButtonData{Label: "Réserver une place dans le bus", Href: "#"}), PrintLink("Imprimer les passages"))),
		templ.Raw(`</div></div></div></section>`),
		withChildren(Section(SectionData{ID: "projets", Title: "Ce que les habitants ont décidé cette année", Verb: Choose, VerbNote: "Budget participatif 2026", More: Link{Label: "Voir les 7 projets et le dépouillement", Href: "#"}}),
			withChildren(templ.Raw(`<div class="row">`)),
			templ.Raw(`<div class="col-lg-4">`), Project(ProjectData{Icon: "sun", Badge: "Réalisé", Kind: "ok", Title: "Préau et bancs pour la cour de l’école", Lines: []string{"Ouvert le 12 octobre", "14 800 €"}, Step: 4, Steps: 4, StepText: "Étape 4 sur 4 : ouvert"}),
			templ.Raw(`</div><div class="col-lg-4">`), Project(ProjectData{Icon: "bus", Badge: "En chantier", Kind: "info", Title: "Abri pour le bus des services", Href: "#", Lines: []string{"Chantier jusqu’au 18 décembre", "8 900 €"}, Step: 3, Steps: 4, StepText: "Étape 3 sur 4 : chantier"}),
			templ.Raw(`</div><div class="col-lg-4">`), Project(ProjectData{Icon: "tree", Badge: "En chantier", Kind: "info", Title: "Verger partagé des Groges", Lines: []string{"Plantation le samedi 28 novembre", "6 400 €"}, Step: 3, Steps: 4, StepText: "Étape 3 sur 4 : chantier"}),
			templ.Raw(`</div></div>`)),
		CallBand("vote", "En ce moment, on vote : où planter cent arbres ?", "Jusqu’au dimanche 13 décembre, en ligne, en mairie ou samedi au marché.", ButtonData{Label: "Voter", Href: "#"}),
	)
}

func links(labels ...string) []Link {
	var list []Link
	for _, l := range labels {
		list = append(list, Link{Label: l, Href: "#"})
	}
	return list
}

func galleryWays() templ.Component {
	return Ways([]Way{
		PhoneWay("Par téléphone", "05 36 49 86 10", "du lundi au vendredi, 8 h 30 – 17 h"),
		CounterWay("Au guichet", "Maison des solidarités de Vouneuil, 12, rue du Pont. Venez sans rendez-vous le mardi matin."),
		RemoteWay("À distance", "En visio, depuis chez vous ou depuis France services. Prochain créneau jeudi à 11 h."),
	})
}

func galleryReason() templ.Component {
	choices := [][2]string{
		{"Parler d’une difficulté (argent, logement, famille)", "Avec une assistante sociale · 45 minutes"},
		{"Santé de mon enfant, de 0 à 6 ans", "Avec une infirmière puéricultrice ou un médecin · 30 minutes"},
		{"Grossesse", "Avec une sage-femme · 45 minutes"},
		{"Perte d’autonomie d’un proche", "Avec un conseiller autonomie · 1 h"},
		{"RSA : mon accompagnement", "Avec mon référent · 45 minutes"},
		{"Je ne sais pas", "Une personne de l’accueil vous rappelle dans la journée"},
	}
	var cards []templ.Component
	for i, c := range choices {
		cards = append(cards, Choice(ChoiceData{Name: "motif", Value: string(rune('a' + i)), Title: c[0], Detail: c[1], Checked: i == 0}))
	}
	return withChildren(Resident(Page{Site: vienne(), Title: "Prendre rendez-vous : de quoi voulez-vous parler ?", Width: Narrow, Verb: Serve, VerbNote: "question 1 sur 3",
		Crumbs: []Link{{Label: "La Vienne", Href: "/la-vienne/"}, {Label: "Prendre rendez-vous"}}}),
		withChildren(Form(FormData{Action: "/la-vienne/rendez-vous/lieu", Method: "get", Class: "stack flow-5"}),
			withChildren(Group(GroupData{Legend: "De quoi voulez-vous parler ?", Heading: true, Hint: "Votre réponse reste entre vous et la personne qui vous reçoit."}), cards...),
			withChildren(Actions(), Button(ButtonData{Label: "Continuer", Kind: "primary"}), templ.Raw(`<span class="small muted">Ensuite : le lieu, puis le jour et l’heure</span>`))),
		Notice("info", "Danger immédiat ?", "Appelez le 17 ou le 112. Enfant en danger : le 119, gratuit, jour et nuit."),
		galleryWays(),
	)
}

func slots(date string, first bool, times ...string) []SlotChoice {
	var list []SlotChoice
	for i, h := range times {
		list = append(list, SlotChoice{Label: h, Value: date + h, Aria: date + " à " + h, First: first && i == 0})
	}
	return list
}

func gallerySlots() templ.Component {
	days := []SlotDay{
		{Label: "mardi", Date: "24 novembre", Morning: slots("mardi 24 novembre", true, "9 h 30", "10 h 15", "11 h"), Afternoon: slots("mardi 24 novembre", false, "14 h", "15 h 30")},
		{Label: "mercredi", Date: "25 novembre", Full: true, NotifyHref: "#", NotifyHidden: "si une place se libère mercredi"},
		{Label: "jeudi", Date: "26 novembre", Morning: slots("jeudi 26 novembre", false, "8 h 45", "11 h"), Afternoon: slots("jeudi 26 novembre", false, "13 h 45", "14 h 30", "16 h")},
		{Label: "vendredi", Date: "27 novembre", Morning: slots("vendredi 27 novembre", false, "9 h 30"), Afternoon: slots("vendredi 27 novembre", false, "14 h", "14 h 45")},
		{Label: "lundi", Date: "30 novembre", Morning: slots("lundi 30 novembre", false, "8 h 45", "9 h 30", "10 h 15", "11 h"), Afternoon: slots("lundi 30 novembre", false, "14 h")},
	}
	return withChildren(Resident(Page{Site: vienne(), Title: "Prendre rendez-vous : quel jour vous convient ?", Heading: "Quel jour vous convient ?", Verb: Serve, VerbNote: "question 3 sur 3",
		Crumbs: []Link{{Label: "La Vienne", Href: "/la-vienne/"}, {Label: "Prendre rendez-vous", Href: "#"}, {Label: "Jour et heure"}}}),
		withChildren(Row(),
			withChildren(Col("col-lg-8"), withChildren(Form(FormData{Action: "/la-vienne/rendez-vous/confirmer", Class: "stack flow-5"}),
				FirstSlot(FirstSlotData{When: "mardi 24 novembre à 9 h 30", Detail: "avec Mme Sylvie Aubépin, 45 minutes", Name: "creneau", Value: "1"}),
				WeekNav(WeekNavData{Title: "Du 24 au 30 novembre 2026", NextHref: "#", NextHidden: "le 30 novembre"}),
				SlotDays("creneau", days),
				templ.Raw(`<p class="small muted">Aucun ne convient ? <a href="#">Être prévenu par SMS dès qu’une place se libère</a></p>`))),
			withChildren(Col("col-lg-4"), withChildren(Stack("flow-5"),
				Answered([]Answer{
					{Label: "Motif", Value: "Parler d’une difficulté", Detail: "45 minutes, confidentiel", Href: "#", Hidden: "le motif"},
					{Label: "Lieu", Value: "Maison des solidarités de Vouneuil", Detail: "12, rue du Pont · à 900 m · accessible", Href: "#", Hidden: "le lieu"},
				}),
				templ.Raw(`<section class="stack flow-3" aria-labelledby="ailleurs"><h2 id="ailleurs" class="h-lg">Plus tôt ailleurs</h2>`),
				LinkCards([]Tile{{Title: "Chauvigny, à 14 km", Text: "aujourd’hui à 16 h", Href: "#"}, {Title: "En visio", Text: "aujourd’hui à 17 h", Href: "#"}}),
				templ.Raw(`</section>`)))),
		galleryWays(),
	)
}

func galleryTicket() templ.Component {
	return withChildren(Resident(Page{Site: vienne(), Title: "Rendez-vous pris", Heading: "C’est noté, à demain.", Width: Medium, Verb: Serve, VerbNote: "rendez-vous pris",
		Lead: "Nous vous avons envoyé un SMS au 06 39 98 •• 12. Un rappel partira une heure avant."}),
		Ticket(TicketData{Weekday: "mardi", Day: "24", Month: "novembre", Time: "9 h 30", Facts: []Fact{
			{Label: "Motif", Value: "Parler d’une difficulté, 45 minutes"},
			{Label: "Avec", Value: "Mme Sylvie Aubépin, assistante sociale"},
			{Label: "Où", Value: "Maison des solidarités de Vouneuil", Note: "12, rue du Pont, rez-de-chaussée", Href: "#", LinkLabel: "Voir le plan"},
			{Label: "Numéro", Value: "S-2026-4817", Num: true},
		}}),
		withChildren(Actions(), Button(ButtonData{Label: "Ajouter à mon agenda", Icon: "cal", Kind: "primary", Href: "#"}), Button(ButtonData{Label: "Déplacer", Icon: "move", Href: "#"}), Button(ButtonData{Label: "Annuler", Href: "#"}), PrintLink("Imprimer")),
		templ.Raw(`<p class="small muted">Un empêchement ? Prévenez-nous, même tard : la place est proposée à quelqu’un d’autre. Vous pouvez aussi répondre NON au SMS.</p><div class="row"><div class="col-md-6">`),
		withChildren(Card(CardData{ID: "apporter", Title: "À apporter", Gap: "flow-4"}),
			CheckList("a", []string{"Une pièce d’identité, même périmée", "Les courriers qui vous inquiètent", "Votre numéro d’allocataire, si vous en avez un"}),
			templ.Raw(`<p class="small muted">Il vous manque un papier ? Venez quand même.</p>`)),
		templ.Raw(`</div><div class="col-md-6">`),
		withChildren(Card(CardData{ID: "savoir", Title: "Bon à savoir", Gap: "flow-4"}),
			LinkList([]Link{{Label: "Arrêt « Pont-Neuf », ligne 15, à 80 m"}, {Label: "Entrée de plain-pied, boucle magnétique"}, {Label: "Vous pouvez venir avec une personne de confiance"}, {Label: "Besoin d’un interprète, en langue des signes ou autre : 05 36 49 86 10"}})),
		templ.Raw(`</div></div>`),
		QuickPoll("avis", "Prendre ce rendez-vous en ligne, c’était…", "Une réponse, anonyme. Elle compte dans le baromètre.", "#", "avis", []Option{{Label: "Simple", Value: "3"}, {Label: "Moyen", Value: "2"}, {Label: "Difficile", Value: "1"}}),
	)
}

func galleryError() templ.Component {
	return withChildren(Resident(Page{Site: vouneuil(), Title: "Votre demande de salle", HasError: true, Heading: "Votre demande de salle", Width: Narrow, Verb: Serve, VerbNote: "prêt de salle, étape 2 sur 3",
		Crumbs: []Link{{Label: "Salles et prêts", Href: "#"}, {Label: "Salle de la Halle", Href: "#"}, {Label: "Demande"}}}),
		ErrorSummary([]FieldError{{"date", "La salle est déjà prise le samedi 5 décembre"}, {"nb", "Indiquez le nombre de personnes"}, {"tel", "Le numéro de téléphone a 9 chiffres, il en faut 10"}}),
		withChildren(Form(FormData{Action: "#", Once: true}),
			Field(FieldData{ID: "asso", Label: "Nom de l’association", Value: "Amicale des Brandes", Autocomplete: "organization"}),
			withChildren(Field(FieldData{ID: "date", Label: "Jour souhaité", Hint: "Par exemple : 12/12/2026", Value: "05/12/2026", Size: "m", Error: "La salle est déjà prise le samedi 5 décembre. Elle est libre le dimanche 6 et le samedi 12."}),
				templ.Raw(`<p class="inline"><button class="btn btn-outline btn-sm" name="date" value="06/12/2026">Prendre le dimanche 6</button><button class="btn btn-outline btn-sm" name="date" value="12/12/2026">Prendre le samedi 12</button></p>`)),
			Field(FieldData{ID: "nb", Label: "Nombre de personnes attendues", Hint: "La salle en accueille 120 au plus", InputMode: "numeric", Size: "s", Error: "Indiquez un nombre, même approché.", Required: true}),
			Field(FieldData{ID: "tel", Label: "Téléphone", Hint: "Pour vous prévenir d’un changement, rien d’autre", Type: "tel", Value: "06 39 98 12 3", Autocomplete: "tel", Size: "m", Optional: true, Error: "Ce numéro a 9 chiffres, il en faut 10. Exemple : 06 39 98 12 34."}),
			withChildren(Group(GroupData{ID: "besoins", Legend: "De quoi aurez-vous besoin ?"}),
				Checkbox(CheckData{Name: "b", Value: "tables", Label: "Tables et chaises", Checked: true}),
				Checkbox(CheckData{Name: "b", Value: "sono", Label: "Sono", Checked: true}),
				Checkbox(CheckData{Name: "b", Value: "cuisine", Label: "Cuisine"})),
			withChildren(Actions(), Button(ButtonData{Label: "Envoyer la demande", Kind: "primary"}), Button(ButtonData{Label: "Revenir à l’étape 1", Kind: "link", Href: "#"}))),
	)
}

func galleryEmpty() templ.Component {
	return withChildren(Resident(Page{Site: vouneuil(), Title: "Mes demandes de salle", Heading: "Mes demandes de salle", Width: Medium, Verb: Serve, VerbNote: "salles et prêts"}),
		Empty(EmptyData{Drawing: "hall", Title: "Vous n’avez encore rien demandé", Text: "Trois salles et du matériel se prêtent gratuitement aux associations de Vouneuil. La mairie répond en 3 jours.",
			Actions: []ButtonData{{Label: "Choisir une salle", Href: "#"}, {Label: "Voir le matériel", Href: "#"}}}))
}

func galleryPause() templ.Component {
	return withChildren(Bare(Page{Site: vouneuil(), Title: "Service en pause", FootNote: "Code 503, service momentanément fermé."}),
		Problem(ProblemData{Drawing: "works", Title: "Nous faisons des travaux, revenez dans un moment.",
			Lead: "Le service est en pause depuis 12 h 40. Nous pensons rouvrir avant 13 h 15.",
			Safe: "Rien n’est perdu.", More: "Les demandes déjà envoyées sont enregistrées, les rendez-vous pris sont maintenus.",
			Facts:   []Fact{{Label: "Rendez-vous", Value: "05 36 49 12 40, 8 h 30 – 17 h 30", Num: true}, {Label: "Urgence voirie", Value: "05 36 49 21 99, jour et nuit", Num: true}, {Label: "Au guichet", Value: "3, place de la Halle, Vouneuil"}},
			Actions: []ButtonData{{Label: "Réessayer", Href: "/vouneuil/"}}}))
}
