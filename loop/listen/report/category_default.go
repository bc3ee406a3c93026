package report

import "parvis/platform/store"

// start is a category that a territory begins with.
func start(heading, code, label, hint, icon string, days int, words ...string) Category {
	return Category{Code: code, Label: label, Heading: heading, Active: true, Detail: store.JSON[Detail]{V: Detail{
		Icon: icon, Hint: hint, Keywords: words, RadiusM: defaultRadius, Anonymous: true, Priority: Normal, ReopenDays: 30,
		Promises: []Promise{{Minutes: days * workingDay}, {Priority: Urgent, Minutes: workingDay}},
	}}}
}

func (c Category) with(change func(*Detail)) Category {
	change(&c.Detail.V)
	return c
}

// danger asks whether somebody may be hurt; yes ends the report with whom to
// call, since nobody reads reports at night.
func danger(stop string) Question {
	return Question{Code: "danger", Label: "Quelqu’un peut-il être blessé maintenant\u00a0?", Type: "single", Required: true,
		Options: []Option{{Code: "non", Label: "Non"}, {Code: "oui", Label: "Oui, tout de suite", Stop: stop, Priority: Urgent}}}
}

// DefaultCategories are the twenty categories a territory begins with, in the
// order of the page. They are the territory's own from then on.
func DefaultCategories() []Category {
	const road, light, clean, green, water, life = "Rue et trottoir", "Lumière et signalisation", "Propreté", "Arbres et parcs", "Eau", "Vie quotidienne"
	size := Question{Code: "taille", Label: "De quelle taille, à peu près\u00a0?", Type: "single", Public: true,
		Options: []Option{{Code: "main", Label: "Une main"}, {Code: "roue", Label: "Une roue de vélo"}, {Code: "voie", Label: "Toute la voie", Priority: High}}}
	list := []Category{
		start(road, "chaussee", "Trou ou chaussée abîmée", "Nid-de-poule, affaissement, bordure cassée", "road", 7, "nid de poule", "trou", "goudron", "bitume", "route", "affaissement").
			with(func(d *Detail) {
				d.Questions = []Question{size, danger("Éloignez-vous et appelez le 18 ou le 112. Prévenez ensuite la mairie par téléphone.")}
				d.RadiusM, d.Causes = 60, []string{"Gel", "Racines", "Tranchée mal refermée", "Usure", "Poids lourds"}
			}),
		start(road, "trottoir", "Trottoir abîmé ou encombré", "Dalle cassée, obstacle, passage impossible", "hand", 10, "dalle", "obstacle", "bordure", "poussette").
			with(func(d *Detail) { d.RadiusM, d.Causes = 60, []string{"Racines", "Stationnement", "Travaux", "Usure"} }),
		start(road, "accessibilite", "Passage difficile en fauteuil", "Marche, pente, boucle ou bande d’éveil abîmée", "wheel", 10, "handicap", "fauteuil", "pmr", "malvoyant", "rampe").
			with(func(d *Detail) { d.Priority, d.RadiusM = High, 60 }),
		start(road, "marquage", "Passage piéton ou marquage effacé", "", "road", 20, "peinture", "ligne", "zebra", "place de stationnement").
			with(func(d *Detail) { d.RadiusM, d.Causes = 60, []string{"Usure", "Travaux"} }),
		start(light, "eclairage", "Lampadaire éteint", "Éteint, clignotant ou allumé le jour", "lamp", 5, "lampe", "lumiere", "candelabre", "ampoule", "eclairage public", "noir").
			with(func(d *Detail) {
				d.Questions = []Question{{Code: "numero", Label: "Le numéro écrit sur le mât, si vous le voyez", Type: "text", Public: true},
					{Code: "combien", Label: "Combien de lampadaires\u00a0?", Type: "single", Public: true, Options: []Option{{Code: "un", Label: "Un seul"}, {Code: "rue", Label: "Toute la rue", Priority: High}}},
					danger("Ne touchez ni au mât ni aux fils. Appelez le 18 ou le 112.")}
				d.RadiusM, d.Causes = 80, []string{"Lampe usée", "Câble coupé", "Armoire en panne", "Vandalisme", "Accident"}
			}),
		start(light, "feux", "Feu tricolore en panne", "", "alert", 1, "feu rouge", "carrefour", "signal").
			with(func(d *Detail) { d.Priority, d.RadiusM = High, 120 }),
		start(light, "panneau", "Panneau abîmé ou manquant", "Panneau, plaque de rue, miroir", "flag", 15, "signalisation", "plaque", "miroir", "stop").
			with(func(d *Detail) { d.RadiusM, d.Causes = 60, []string{"Accident", "Vent", "Vol", "Usure"} }),
		start(clean, "depot", "Dépôt sauvage", "Gravats, meubles, sacs laissés dans la rue", "trash", 3, "encombrants", "ordures", "gravats", "decharge", "matelas", "dechets").
			with(func(d *Detail) {
				d.Questions = []Question{{Code: "quoi", Label: "De quoi s’agit-il\u00a0?", Type: "multi", Public: true,
					Options: []Option{{Code: "sacs", Label: "Sacs"}, {Code: "meubles", Label: "Meubles"}, {Code: "gravats", Label: "Gravats"}, {Code: "dangereux", Label: "Peinture, batterie, amiante", Priority: High}, {Code: "autre", Label: "Autre chose"}}}}
				d.ReviewPhotos, d.Causes = true, []string{"Particulier", "Entreprise", "Débordement de bac", "Inconnu"}
				d.RadiusM = 80
			}),
		start(clean, "corbeille", "Corbeille ou conteneur plein", "Débordant, cassé, brûlé", "trash", 2, "poubelle", "bac", "conteneur", "verre", "tri").
			with(func(d *Detail) { d.RadiusM = 60 }),
		start(clean, "tag", "Tag ou affichage sauvage", "", "pen", 10, "graffiti", "graff", "inscription", "affiche", "mur").
			with(func(d *Detail) {
				d.Questions = []Question{{Code: "offense", Label: "Est-ce une insulte ou un appel à la haine\u00a0?", Type: "single", Required: true, Options: []Option{{Code: "non", Label: "Non"}, {Code: "oui", Label: "Oui", Priority: High}}}}
				d.ReviewPhotos, d.RadiusM, d.Causes = true, 60, []string{"Mur public", "Mur privé", "Mobilier"}
			}),
		start(clean, "rue-sale", "Rue sale", "Verre, déjections, feuilles, odeur", "trash", 3, "nettoyage", "balayage", "crotte", "feuilles", "verre casse"),
		start(green, "arbre", "Arbre ou branche", "Tombé, penché, gênant", "tree", 10, "branche", "elagage", "racine", "tempete").
			with(func(d *Detail) {
				d.Questions = []Question{danger("Éloignez-vous, gardez les autres à distance et appelez le 18 ou le 112.")}
				d.RadiusM = 100
			}),
		start(green, "espace-vert", "Herbes hautes ou massif abîmé", "", "tree", 20, "tonte", "haie", "pelouse", "ronces", "ambroisie"),
		start(green, "jeux", "Aire de jeux ou de sport abîmée", "", "kid", 3, "jeu", "toboggan", "balancoire", "terrain", "but").
			with(func(d *Detail) { d.Priority = High }),
		start(green, "banc", "Banc ou mobilier cassé", "Banc, barrière, abri, fontaine", "bench", 15, "banc", "barriere", "potelet", "abri", "fontaine").
			with(func(d *Detail) { d.RadiusM, d.Causes = 60, []string{"Usure", "Vandalisme", "Accident"} }),
		start(water, "fuite", "Fuite d’eau dans la rue", "", "tool", 1, "canalisation", "bouche", "eau potable").
			with(func(d *Detail) { d.Priority, d.RadiusM = High, 120 }),
		start(water, "avaloir", "Grille ou égout bouché", "Eau qui stagne, mauvaise odeur, plaque qui bouge", "tool", 5, "avaloir", "egout", "plaque", "inondation", "caniveau").
			with(func(d *Detail) {
				d.Questions = []Question{danger("Gardez les autres à distance et appelez le 18 ou le 112.")}
				d.RadiusM = 80
			}),
		start(life, "vehicule", "Véhicule abandonné", "", "bus", 20, "epave", "voiture", "stationnement", "scooter", "velo").
			with(func(d *Detail) { d.Sensitive, d.Private, d.ReviewPhotos = true, true, true }),
		start(life, "reclamation", "Réclamation sur un service", "Accueil, délai, collecte, cantine, facture", "pen", 15, "plainte", "accueil", "facture", "cantine", "collecte", "reclamation").
			with(func(d *Detail) {
				d.Nature, d.Private, d.Anonymous = "complaint", true, false
				d.Questions = []Question{{Code: "service", Label: "De quel service s’agit-il\u00a0?", Type: "text"}, {Code: "jour", Label: "Quel jour\u00a0?", Hint: "Par exemple 12/11/2026", Type: "date"}}
			}),
		start(life, "autre", "Autre demande", "Si rien d’autre ne va", "plus", 10, "divers", "question", "bruit", "animal"),
	}
	for i := range list {
		list[i].Rank = (i + 1) * 10
	}
	return list
}
