package intervention

// Templates are the trades that a territory starts with; it changes them as it
// likes. Periods and delays are proposals, not law.
func Templates() []Trade {
	trade := func(code, name string, c Config) Trade {
		t := Trade{Code: code, Name: name, Active: true}
		t.Config.V = c
		return t
	}
	field := func(label, kind string, options ...string) Field {
		return Field{Key: keyOf(label), Label: label, Kind: kind, Options: options}
	}
	number := func(label, unit string) Field {
		return Field{Key: keyOf(label), Label: label, Kind: "number", Unit: unit}
	}
	items := func(list ...Item) []Item {
		for i := range list {
			list[i].Key = keyOf(list[i].Label)
		}
		return list
	}
	endings := func(list ...string) []Choice {
		var out []Choice
		for _, x := range list {
			out = append(out, Choice{keyOf(x), x})
		}
		return out
	}
	stock := func(list ...Material) []Material {
		for i := range list {
			list[i].Key = keyOf(list[i].Label)
		}
		return list
	}
	return []Trade{
		trade("graffiti", "Graffiti", Config{About: "Enlever les tags des façades et du mobilier", Quantity: "Surface nettoyée", Unit: "m²", Minutes: 45, HourCents: 3800, DueHours: [3]int{24, 120, 720}, Before: true, After: true, Sign: true,
			Fields:    []Field{field("Support", "choice", "Pierre", "Enduit", "Brique", "Métal", "Vitre", "Bois"), field("Injurieux", "bool"), field("Accord du propriétaire", "choice", "Convention", "Accord oral", "Domaine public")},
			Checklist: items(Item{Label: "Zone balisée"}, Item{Label: "Support testé"}, Item{Label: "Eaux récupérées"}, Item{Label: "Pression utilisée", Unit: "bar"}),
			Outcomes:  endings("Effacé", "Estompé", "À repeindre"), Skills: []string{"Hydrogommage", "Nacelle"},
			Materials: stock(Material{Label: "Décapant", Unit: "litre", Cents: 1250}, Material{Label: "Granulat", Unit: "kg", Cents: 180}, Material{Label: "Peinture", Unit: "litre", Cents: 900})}),
		trade("voirie", "Voirie", Config{About: "Nids-de-poule, trottoirs, signalisation", Quantity: "Surface reprise", Unit: "m²", Minutes: 60, HourCents: 4000, DueHours: [3]int{4, 168, 720}, Before: true, After: true,
			Fields:    []Field{field("Nature", "choice", "Nid-de-poule", "Trottoir", "Bordure", "Signalisation", "Autre"), number("Profondeur", "cm")},
			Checklist: items(Item{Label: "Signalisation temporaire posée"}, Item{Label: "Réseaux vérifiés (DICT)"}, Item{Label: "Chaussée rendue propre"}), Outcomes: endings("Réparé", "Mis en sécurité", "Chantier à prévoir"),
			Materials: stock(Material{Label: "Enrobé à froid", Unit: "sac", Cents: 1100}, Material{Label: "Béton", Unit: "sac", Cents: 700})}),
		trade("eau", "Eau", Config{About: "Fuites, avaloirs, points d’eau incendie", Minutes: 90, HourCents: 4500, DueHours: [3]int{2, 48, 240}, After: true, Quantity: "Débit mesuré", Unit: "m³/h",
			Fields:    []Field{field("Ouvrage", "choice", "Conduite", "Branchement", "Avaloir", "Poteau incendie", "Fontaine"), number("Pression statique", "bar")},
			Checklist: items(Item{Label: "Vanne repérée"}, Item{Label: "Riverains prévenus"}, Item{Label: "Pression après travaux", Unit: "bar"}, Item{Label: "Ouvrage refermé", Photo: true}), Outcomes: endings("Réparé", "Provisoire", "À confier à l’exploitant"),
			Materials: stock(Material{Label: "Manchon", Unit: "pièce", Cents: 4200}, Material{Label: "Joint", Unit: "pièce", Cents: 350})}),
		trade("mobilier", "Mobilier urbain", Config{About: "Bancs, corbeilles, potelets, abris", Minutes: 45, HourCents: 3800, DueHours: [3]int{24, 240, 720}, After: true,
			Fields:    []Field{field("Mobilier", "choice", "Banc", "Corbeille", "Potelet", "Abri", "Panneau", "Jeu"), field("Cause", "choice", "Usure", "Choc", "Dégradation", "Inconnue")},
			Checklist: items(Item{Label: "Fixations contrôlées"}, Item{Label: "Arêtes vives supprimées"}), Outcomes: endings("Réparé", "Remplacé", "Déposé"),
			Materials: stock(Material{Label: "Lame de banc", Unit: "pièce", Cents: 3900}, Material{Label: "Potelet", Unit: "pièce", Cents: 6500}, Material{Label: "Visserie", Unit: "lot", Cents: 300})}),
		trade("eclairage", "Éclairage", Config{About: "Lampes éteintes, mâts, armoires", Minutes: 40, HourCents: 4600, DueHours: [3]int{4, 120, 720}, After: true,
			Fields:    []Field{field("Panne", "choice", "Lampe", "Appareillage", "Câble", "Armoire", "Mât accidenté"), number("Puissance", "W")},
			Checklist: items(Item{Label: "Consignation faite"}, Item{Label: "Isolement mesuré", Unit: "MΩ"}, Item{Label: "Essai de nuit ou forcé"}), Outcomes: endings("Rallumé", "Mis en sécurité", "Génie civil à prévoir"), Skills: []string{"Habilitation électrique", "Nacelle"},
			Materials: stock(Material{Label: "Module LED", Unit: "pièce", Cents: 8900}, Material{Label: "Fusible", Unit: "pièce", Cents: 250})}),
		trade("espaces-verts", "Espaces verts", Config{About: "Tonte, taille, arrosage, arbres", Quantity: "Surface entretenue", Unit: "m²", Minutes: 120, HourCents: 3600, DueHours: [3]int{24, 240, 1440}, After: true,
			Fields:    []Field{field("Travail", "choice", "Tonte", "Taille", "Désherbage", "Arrosage", "Plantation", "Arbre dangereux")},
			Checklist: items(Item{Label: "Machines vérifiées"}, Item{Label: "Déchets ramassés"}), Outcomes: endings("Fait", "Fait en partie", "Reporté"),
			Materials: stock(Material{Label: "Paillage", Unit: "sac", Cents: 650}, Material{Label: "Plant", Unit: "pièce", Cents: 320})}),
	}
}
