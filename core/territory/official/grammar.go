package official

import (
	"embed"
	"strings"
)

// Locales holds the names of the kinds of territory.
//
//go:embed locales/*.json
var Locales embed.FS

// INSEE's codes TNCC: how a name is joined to the noun before it.
const (
	bare       = 0 // de Poitiers
	elided     = 1 // d’Angoulême
	masculine  = 2 // du Havre
	feminine   = 3 // de La Rochelle, de la Vienne
	plural     = 4 // des Sables-d’Olonne
	apostrophe = 5 // de L’Haÿ-les-Roses, de l’Ain
	aux        = 6 // d’Aux Marais
	las        = 7
	los        = 8 // de Los Masos
)

func articleOf(liaison byte) string {
	switch liaison {
	case masculine:
		return "le"
	case feminine:
		return "la"
	case plural:
		return "les"
	case apostrophe:
		return "l’"
	}
	return ""
}

// Of returns the name after a noun: "de Vouneuil-sous-Biard", "du Havre",
// "d’Angoulême", "des Sables-d’Olonne", "de la Vienne", "du Grand Poitiers".
func (e Entry) Of() string {
	switch e.liaison {
	case elided, aux:
		return "d’" + e.Name
	case masculine:
		return "du " + strings.TrimPrefix(e.Name, "Le ")
	case plural:
		return "des " + strings.TrimPrefix(e.Name, "Les ")
	}
	return "de " + e.WithArticle()
}

// WithArticle returns the name as the subject of a sentence: "la Vienne", "l’Ain",
// "les Landes", "le Grand Poitiers", "Le Havre", "Paris".
func (e Entry) WithArticle() string {
	for _, written := range [...]string{"Le ", "La ", "Les ", "L’"} {
		if strings.HasPrefix(e.Name, written) {
			return e.Name
		}
	}
	switch e.Article {
	case "":
		return e.Name
	case "l’":
		return "l’" + e.Name
	}
	return e.Article + " " + e.Name
}

// Title returns the full official name: "Commune du Havre", "Département de la
// Vienne", "Communauté urbaine du Grand Poitiers", "Région Nouvelle-Aquitaine",
// "Polynésie française".
func (e Entry) Title() string {
	switch e.Kind {
	case Commune:
		return "Commune " + e.Of()
	case Departement:
		return "Département " + e.Of()
	case Region:
		return "Région " + e.Name
	case EPCI, EPT:
		return e.title
	}
	return e.Name
}

// KindLabel returns the kind in French: "Commune", "Communauté de communes".
func (e Entry) KindLabel() string {
	switch e.Form {
	case "CC":
		return "Communauté de communes"
	case "CA":
		return "Communauté d’agglomération"
	case "CU":
		return "Communauté urbaine"
	case "METRO", "MET69":
		return "Métropole"
	case "EPT":
		return "Établissement public territorial"
	}
	switch e.Kind {
	case Departement:
		return "Département"
	case Region:
		return "Région"
	case COM:
		return "Collectivité d’outre-mer"
	}
	return "Commune"
}

// KindKey returns the message of [Locales] that says KindLabel in the language of
// the page.
func (e Entry) KindKey() string {
	if e.Form != "" {
		return "official.kind." + strings.ToLower(e.Form)
	}
	return "official.kind." + string(e.Kind)
}
