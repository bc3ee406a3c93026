package page

import "strings"

// Link is an address with its words. Lang is the language of the target when it is not that of the page
// (BCP 47, "en"); Current marks where the reader is. A Link without Href is written as plain text.
type Link struct {
	Label, Href string
	Lang        string
	Current     bool
}

// OpeningDay is one line of opening hours, already in words: "Mardi au jeudi", "8 h 30 – 12 h".
type OpeningDay struct {
	Label, Hours string
	Today        bool
}

// Site is what the frame of a territory's pages shows.
type Site struct {
	ID   string // identifier of the territory, opaque here
	Path string // prefix of its addresses, "" or "/vouneuil", without final slash
	Kind string // "Commune de", "Département", "Communauté urbaine"
	Name string // "Vouneuil"
	Sign string // drawing of its sign, one of SignNames; unknown or empty: the first one

	ThemeHref string // stylesheet with the colours computed from its own; wins over Territory
	Territory string // its colour, "#B4532F", used when ThemeHref is empty

	Phone      string   // "05 36 49 12 40"
	PhoneHours string   // "prix d’un appel local" or "du lundi au vendredi, 9 h – 17 h"
	Place      string   // name of the place, "Mairie de Vouneuil"; default: Name
	Address    []string // lines of the postal address
	Opening    []OpeningDay
	OpenNow    string // "Ouvert jusqu’à 17 h 30", or "" when closed
	Tracking   string // address where a request is found again by its number; default "/suivi", "-" hides it

	Help               []Link // links under « Être aidé »
	AccessibilityState string // result of the last audit, "partiellement conforme"; never typed by hand
	Menu               []Link // main menu
}

// Href is the address of a path of the site: "/rendez-vous" → "/vouneuil/rendez-vous". Complete addresses
// (https:, tel:, mailto:), fragments and the empty string are returned as they are. It works on a nil Site,
// which is the instance itself.
func (s *Site) Href(path string) string {
	if s == nil || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") {
		return path
	}
	if path == "/" && s.Path != "" {
		return s.Path + "/"
	}
	return s.Path + path
}

// FullName is the name with its kind, "Commune de Vouneuil".
func (s *Site) FullName() string {
	if s == nil {
		return ""
	}
	return strings.TrimSpace(s.Kind + " " + s.Name)
}

// place is the title of the address in the footer.
func (s *Site) place() string {
	if s.Place != "" {
		return s.Place
	}
	return s.FullName()
}

func (s *Site) tracking() string {
	switch s.Tracking {
	case "":
		return s.Href("/suivi")
	case "-":
		return ""
	}
	return s.Tracking
}

// Operator is what the frame of the instance's own pages shows: the home page, pages for local authorities.
type Operator struct {
	Phone, PhoneHours  string
	Tracking           string      // where a request is found again by its number, "" hides it
	StaffHref          string      // entrance of the staff, "" hides it
	Groups             []LinkGroup // columns of the footer after « Sans internet »
	AccessibilityState string
}

// LinkGroup is a titled list of links.
type LinkGroup struct {
	Title string
	Links []Link
}

// LegalPaths are the addresses, under each site and under the instance, that every footer links to:
// accessibility statement (decree 2019-768), legal notice (law 2004-575, art. 6), personal data (GDPR,
// art. 13) and map of the site (RGAA 12.1).
func LegalPaths() (accessibility, notice, privacy, sitemap string) {
	return "/accessibilite", "/mentions-legales", "/donnees-personnelles", "/plan-du-site"
}
