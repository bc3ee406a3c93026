package official

import (
	"slices"
	"strings"

	"parvis/platform/search"
)

// Reserved tells whether a first segment of an address belongs to the program
// itself; no territory gets it.
func Reserved(segment string) bool {
	_, found := slices.BinarySearch(reserved[:], segment)
	return found
}

// In alphabetical order.
var reserved = [...]string{
	".well-known", "accessibilite", "admin", "agents", "aide", "api", "assets", "catalog.jsonld", "compte", "connexion",
	"contact", "deconnexion", "demo", "docs", "donnees", "donnees-personnelles", "en", "favicon.ico", "feed", "fr",
	"healthz", "inscription", "manifest.webmanifest", "mentions-legales", "metrics", "observatoire", "open311",
	"operateur", "plan-du-site", "pratiques", "readyz", "recherche", "robots.txt", "securite", "service-worker.js",
	"sitemap.xml", "sources", "static", "territoires", "theme", "webhooks",
}

// slugify returns "l-hay-les-roses" for "L’Haÿ-les-Roses".
func slugify(name string) string { return strings.ReplaceAll(search.Fold(name), " ", "-") }

// assignSlugs gives every row an address of its own. Communes come first: alone of
// its name, a commune gets it bare; those that share a name all get it with their
// code. What comes after takes its name if it is free, else a longer form. Nothing
// depends on the order within a kind, so that a new commune changes no address but
// those of its namesakes.
func (l *List) assignSlugs() {
	l.slugs = make(map[string]int32, len(l.rows))
	shared := map[string]bool{} // names of several communes, nobody's
	for i := range l.rows {
		r := &l.rows[i]
		if r.kind != Commune {
			continue
		}
		r.slug = slugify(r.name)
		first, taken := l.slugs[r.slug]
		switch {
		case taken && !shared[r.slug]:
			shared[r.slug] = true
			l.rows[first].slug = l.rows[first].withCode(r.slug)
			l.slugs[l.rows[first].slug] = first
			fallthrough
		case taken || Reserved(r.slug):
			r.slug = r.withCode(r.slug)
		}
		l.slugs[r.slug] = int32(i)
	}
	for name := range shared {
		delete(l.slugs, name)
	}
	for _, kinds := range [][]Kind{{Departement}, {COM}, {Region}, {EPCI, EPT}} {
		l.assignGroupSlugs(kinds, shared)
	}
}

// assignGroupSlugs serves what is not a commune, form after form; those that claim
// the same form all take the next one.
func (l *List) assignGroupSlugs(kinds []Kind, shared map[string]bool) {
	var waiting []int32
	for i := range l.rows {
		if slices.Contains(kinds, l.rows[i].kind) {
			waiting = append(waiting, int32(i))
		}
	}
	for level := 0; len(waiting) > 0; level++ {
		claims := make(map[string]int, len(waiting))
		for _, i := range waiting {
			claims[l.rows[i].address(level)]++
		}
		var left []int32
		for _, i := range waiting {
			slug := l.rows[i].address(level)
			_, taken := l.slugs[slug]
			if claims[slug] > 1 || taken || shared[slug] || Reserved(slug) {
				left = append(left, i)
				continue
			}
			l.rows[i].slug, l.slugs[slug] = slug, i
		}
		waiting = left
	}
}

// address is the slug a row would take at that level: its name, its kind and its
// name, then with its code, which ends the matter.
func (r *row) address(level int) string {
	name := slugify(r.name)
	switch {
	case level == 0:
		return name
	case r.kind == Departement || r.kind == COM: // « vienne-86 »: people know the number
	case r.kind == Region:
		name = "region-" + name
	default:
		name = strings.ToLower(r.form) + "-" + name // « cc-saint-flour »
	}
	if level == 1 && r.kind != Departement && r.kind != COM {
		return name
	}
	return r.withCode(name)
}

func (r *row) withCode(slug string) string { return slug + "-" + strings.ToLower(r.code) }
