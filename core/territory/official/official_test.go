package official_test

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"parvis/core/territory/official"
	"parvis/platform/i18n"
)

func load(t testing.TB) *official.List {
	t.Helper()
	list, err := official.Load()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func byID(t testing.TB, id string) official.Entry {
	t.Helper()
	e, found := load(t).ByID(id)
	if !found {
		t.Fatalf("%s is not in the list", id)
	}
	return e
}

func TestCounts(t *testing.T) {
	counts := map[official.Kind]int{}
	for e := range load(t).All() {
		counts[e.Kind]++
	}
	for kind, between := range map[official.Kind][2]int{
		official.Commune: {34_900, 35_000}, official.Departement: {101, 101}, official.Region: {18, 18},
		official.EPCI: {1_230, 1_270}, official.EPT: {11, 11}, official.COM: {8, 8},
	} {
		if n := counts[kind]; n < between[0] || n > between[1] {
			t.Errorf("%d %s, want %d to %d", n, kind, between[0], between[1])
		}
	}
	if len(counts) != len(official.Kinds()) {
		t.Errorf("kinds found: %v", counts)
	}
}

func TestEntry(t *testing.T) {
	want := official.Entry{
		ID: "c86194", Kind: official.Commune, Code: "86194", SIREN: "218601946", Name: "Poitiers", Slug: "poitiers",
		Departement: "86", Region: "75", EPCI: "200069854", PostalCodes: []string{"86000"}, Zone: official.Metro,
	}
	got := byID(t, "c86194")
	if got.Population < 80_000 || got.Population > 100_000 || math.Abs(got.Lat-46.58) > .02 || math.Abs(got.Lon-.34) > .02 || got.Approximate {
		t.Errorf("Poitiers: %d inhabitants at %v, %v (approximate: %v)", got.Population, got.Lat, got.Lon, got.Approximate)
	}
	ignored := cmpopts.IgnoreFields(official.Entry{}, "Population", "Lat", "Lon")
	if diff := cmp.Diff(want, got, ignored, cmpopts.IgnoreUnexported(official.Entry{})); diff != "" {
		t.Error(diff)
	}
	paris := byID(t, "c75056")
	if paris.EPCI == "" || len(paris.PostalCodes) < 20 || paris.Zone != official.Metro {
		t.Errorf("Paris: %+v", paris)
	}
	if nouméa := byID(t, "c98818"); nouméa.COM != "988" || nouméa.Departement != "" || nouméa.EPCI != "" || nouméa.Zone != official.Overseas {
		t.Errorf("Nouméa: %+v", nouméa)
	}
	if e := byID(t, "e200057867"); e.Kind != official.EPT || e.Form != "EPT" || e.Departement != "93" || !e.Approximate {
		t.Errorf("Plaine Commune: %+v", e)
	}
}

// TestWhole goes over every entry: what one says of another must be true.
func TestWhole(t *testing.T) {
	list := load(t)
	slug := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	slugs, ids := map[string]bool{}, map[string]bool{}
	members := map[string]int{}
	located, certain, people, known := 0, 0, 0, 0
	for e := range list.All() {
		if slugs[e.Slug] || ids[e.ID] {
			t.Errorf("%s: identifier or slug %q is not unique", e.ID, e.Slug)
		}
		slugs[e.Slug], ids[e.ID] = true, true
		if !slug.MatchString(e.Slug) || official.Reserved(e.Slug) {
			t.Errorf("%s: slug %q", e.ID, e.Slug)
		}
		same := cmp.Options{cmpopts.IgnoreUnexported(official.Entry{})}
		for how, get := range map[string]func() (official.Entry, bool){
			"ByID":   func() (official.Entry, bool) { return list.ByID(e.ID) },
			"BySlug": func() (official.Entry, bool) { return list.BySlug(e.Slug) },
			"ByCode": func() (official.Entry, bool) {
				if e.Kind == official.Region {
					return e, true // a code of région is a code of département too
				}
				return list.ByCode(e.Code)
			},
		} {
			got, found := get()
			if !found || got.ID != e.ID || !cmp.Equal(got, e, same) {
				t.Fatalf("%s gives %+v for %+v", how, got, e)
			}
		}
		if e.Name == "" || strings.Contains(e.Name, "'") || e.Title() == "" || e.Of() == "" || e.Zone == "" {
			t.Errorf("%+v", e)
		}
		if _, err := time.LoadLocation(e.TimeZone()); err != nil {
			t.Errorf("%s: %v", e.ID, err)
		}
		if e.Kind != official.Commune {
			continue
		}
		people += e.Population
		if e.Located() {
			located++
			if !e.Approximate {
				certain++
				known += e.Population
			}
		}
		for _, up := range []string{"e" + e.EPCI, "e" + e.EPT, "d" + e.Departement, "o" + e.COM} {
			members[up]++
		}
	}
	for _, group := range []official.Kind{official.EPCI, official.EPT, official.Departement, official.COM} {
		for e := range list.All(group) {
			inside := list.Members(e.ID)
			if len(inside) == 0 || len(inside) != members[e.ID] {
				t.Errorf("%s %s: %d members, %d communes name it", e.ID, e.Name, len(inside), members[e.ID])
			}
			sum := 0
			for _, m := range inside {
				sum += m.Population
			}
			if sum != e.Population {
				t.Errorf("%s: %d inhabitants, its communes have %d", e.ID, e.Population, sum)
			}
		}
	}
	for e := range list.All(official.Region) {
		for _, d := range list.Members(e.ID) {
			if d.Kind != official.Departement || d.Region != e.Code {
				t.Errorf("%s: member %+v", e.ID, d)
			}
		}
	}
	if located < 34_900 || certain < 8_500 || float64(known) < .80*float64(people) {
		t.Errorf("%d communes located, %d for certain, %d of %d inhabitants", located, certain, known, people)
	}
	if people < 66_000_000 || people > 72_000_000 {
		t.Errorf("%d inhabitants", people)
	}
}

func TestSlugs(t *testing.T) {
	list := load(t)
	for slug, id := range map[string]string{
		"vouneuil-sous-biard": "c86297", "saint-denis-93066": "c93066", "saint-denis-97411": "c97411", "l-hay-les-roses": "c94038",
		"y": "c80829", "oeuilly-02565": "c02565", "paris": "c75056", "paris-75": "d75", "vienne": "c38544", "vienne-86": "d86",
		"pas-de-calais": "d62", "nouvelle-aquitaine": "r75", "grand-poitiers": "e200069854", "region-mayotte": "r06", "saint-martin-978": "o978",
		// with its code though it needs none
		"poitiers-86194": "c86194", "ajaccio-2a004": "c2A004",
	} {
		if e, found := list.BySlug(slug); !found || e.ID != id {
			t.Errorf("%s is %s, want %s", slug, e.ID, id)
		}
	}
	for _, slug := range []string{"", "-", "saint-denis", "poitiers-", "-86194", "limoges-86194", "poitiers-86", "static", "Poitiers", "arbignieu-01015"} {
		if e, found := list.BySlug(slug); found {
			t.Errorf("%q is %s", slug, e.ID)
		}
	}
	for _, segment := range []string{"static", "api", "healthz", "readyz", "metrics", "connexion", "agents", "operateur", "demo", "mentions-legales",
		"accessibilite", "donnees-personnelles", "plan-du-site", "recherche", "webhooks", "favicon.ico", "robots.txt", "en", "fr", "docs", ".well-known"} {
		if !official.Reserved(segment) {
			t.Errorf("%s is not reserved", segment)
		}
	}
	if official.Reserved("poitiers") || official.Reserved("") {
		t.Error("too much is reserved")
	}
}

func TestIdentifiersAndCodes(t *testing.T) {
	list := load(t)
	for code, id := range map[string]string{
		"86194": "c86194", "200069854": "e200069854", "218601946": "c86194", "86": "d86", "2A": "d2A", "987": "o987", "75": "d75",
		"13201": "c13055", "75111": "c75056", // municipal districts
		"01015": "c01015", "01340": "c01015", // merged into Arboys en Bugey
	} {
		if e, found := list.ByCode(code); !found || e.ID != id {
			t.Errorf("%s is %s, want %s", code, e.ID, id)
		}
	}
	for _, id := range []string{"", "c", "86194", "x86194", "e86194", "c200069854", "c218601946", "c13201", "c01340", "r86", "d7", "dr75", "c86194 "} {
		if e, found := list.ByID(id); found {
			t.Errorf("%q is %s", id, e.ID)
		}
		if list.Members(id) != nil || list.Parents(id) != nil {
			t.Errorf("%q has relatives", id)
		}
	}
	if _, found := list.ByCode("99999"); found {
		t.Error("99999 is a code")
	}
}

func TestRelatives(t *testing.T) {
	list := load(t)
	ids := func(entries []official.Entry) []string {
		var all []string
		for _, e := range entries {
			all = append(all, e.ID)
		}
		return all
	}
	for id, want := range map[string][]string{
		"c86194": {"e200069854", "d86", "r75"}, "c93001": {"e200057867", "e200054781", "d93", "r11"}, "e200069854": {"d86", "r75"},
		"d86": {"r75"}, "r75": nil, "c98818": {"o988"}, "o988": nil, "c29155": {"d29", "r53"},
	} {
		if diff := cmp.Diff(want, ids(list.Parents(id))); diff != "" {
			t.Errorf("parents of %s: %s", id, diff)
		}
	}
	if got := ids(list.Members("r94")); !slices.Equal(got, []string{"d2A", "d2B"}) {
		t.Errorf("members of Corse: %v", got)
	}
	if got := ids(list.Members("e200069854")); len(got) < 35 || !slices.Contains(got, "c86194") {
		t.Errorf("members of Grand Poitiers: %v", got)
	}
	if got := list.Members("c86194"); got != nil {
		t.Errorf("members of a commune: %v", got)
	}
}

func TestNear(t *testing.T) {
	list := load(t)
	near := list.Near(46.5803, .3402, 12)
	if len(near) != 12 || near[0].ID != "c86194" || near[0].Km > 2 {
		t.Fatalf("near Poitiers: %+v", near)
	}
	// The whole list, by the textbook formula on the sphere.
	all := list.Near(46.5803, .3402, 40_000)
	if len(all) < 34_900 {
		t.Errorf("%d communes", len(all))
	}
	for i, n := range all {
		const r = math.Pi / 180
		angle := math.Acos(min(1, math.Sin(46.5803*r)*math.Sin(n.Lat*r)+math.Cos(46.5803*r)*math.Cos(n.Lat*r)*math.Cos((n.Lon-.3402)*r)))
		if km := 6371.0088 * angle; math.Abs(km-n.Km) > .05 {
			t.Fatalf("%s is at %.3f km, want %.3f", n.ID, n.Km, km)
		}
		if i > 0 && all[i-1].Km > n.Km {
			t.Fatalf("%s at %.4f km comes after %.4f km", n.ID, n.Km, all[i-1].Km)
		}
	}
	// Across the date line: Wallis is nearer to Fiji's 179° E than Tahiti.
	if far := list.Near(-16, 179, 1); len(far) != 1 || far[0].COM != "986" {
		t.Errorf("near 179° E: %+v", far)
	}
	for _, bad := range [][3]float64{{91, 0, 5}, {0, 181, 5}, {math.NaN(), 0, 5}, {0, math.NaN(), 5}, {0, 0, 0}, {0, 0, -1}} {
		if got := list.Near(bad[0], bad[1], int(bad[2])); got != nil {
			t.Errorf("%v: %v", bad, got)
		}
	}
}

func TestGrammar(t *testing.T) {
	for id, want := range map[string][3]string{ // of, with article, title
		"c86297":     {"de Vouneuil-sous-Biard", "Vouneuil-sous-Biard", "Commune de Vouneuil-sous-Biard"},
		"c76351":     {"du Havre", "Le Havre", "Commune du Havre"},
		"c16015":     {"d’Angoulême", "Angoulême", "Commune d’Angoulême"},
		"c85194":     {"des Sables-d’Olonne", "Les Sables-d’Olonne", "Commune des Sables-d’Olonne"},
		"c17300":     {"de La Rochelle", "La Rochelle", "Commune de La Rochelle"},
		"c94038":     {"de L’Haÿ-les-Roses", "L’Haÿ-les-Roses", "Commune de L’Haÿ-les-Roses"},
		"c83069":     {"d’Hyères", "Hyères", "Commune d’Hyères"},
		"c14333":     {"de Honfleur", "Honfleur", "Commune de Honfleur"},
		"c51410":     {"d’Œuilly", "Œuilly", "Commune d’Œuilly"},
		"c80829":     {"d’Y", "Y", "Commune d’Y"},
		"c60703":     {"d’Aux Marais", "Aux Marais", "Commune d’Aux Marais"},
		"c66104":     {"de Los Masos", "Los Masos", "Commune de Los Masos"},
		"c63448":     {"du Vernet-Chaméane", "Le Vernet-Chaméane", "Commune du Vernet-Chaméane"},
		"c98817":     {"du Mont-Dore", "Le Mont-Dore", "Commune du Mont-Dore"},
		"d86":        {"de la Vienne", "la Vienne", "Département de la Vienne"},
		"d62":        {"du Pas-de-Calais", "le Pas-de-Calais", "Département du Pas-de-Calais"},
		"d01":        {"de l’Ain", "l’Ain", "Département de l’Ain"},
		"d40":        {"des Landes", "les Landes", "Département des Landes"},
		"d75":        {"de Paris", "Paris", "Département de Paris"},
		"d974":       {"de La Réunion", "La Réunion", "Département de La Réunion"},
		"d41":        {"du Loir-et-Cher", "le Loir-et-Cher", "Département du Loir-et-Cher"},
		"r75":        {"de la Nouvelle-Aquitaine", "la Nouvelle-Aquitaine", "Région Nouvelle-Aquitaine"},
		"r32":        {"des Hauts-de-France", "les Hauts-de-France", "Région Hauts-de-France"},
		"r11":        {"d’Île-de-France", "Île-de-France", "Région Île-de-France"},
		"o987":       {"de Polynésie française", "Polynésie française", "Polynésie française"},
		"e200069854": {"du Grand Poitiers", "le Grand Poitiers", "Communauté urbaine du Grand Poitiers"},
		"e200034379": {"du Pays d’Uzès", "le Pays d’Uzès", "Communauté de communes Pays d’Uzès"},
		"e200057867": {"de Plaine Commune", "Plaine Commune", "Plaine Commune"},
		"e200046977": {"de la Métropole de Lyon", "la Métropole de Lyon", "Métropole de Lyon"},
		"e200067668": {"de la Cléry, Betz et Ouanne", "la Cléry, Betz et Ouanne", "Communauté de communes de la Cléry, du Betz et de l’Ouanne"},
	} {
		e := byID(t, id)
		if got := [3]string{e.Of(), e.WithArticle(), e.Title()}; got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
	if got := byID(t, "c76351").Article + byID(t, "d86").Article + byID(t, "d01").Article + byID(t, "d40").Article + byID(t, "c86194").Article; got != "lelal’les" {
		t.Errorf("articles: %s", got)
	}
}

func TestTimeZone(t *testing.T) {
	for id, want := range map[string]string{
		"c86194": "Europe/Paris", "d2A": "Europe/Paris", "r75": "Europe/Paris", "e200069854": "Europe/Paris",
		"c97411": "Indian/Reunion", "d974": "Indian/Reunion", "r04": "Indian/Reunion", "e249740119": "Indian/Reunion",
		"r01": "America/Guadeloupe", "d973": "America/Cayenne", "c97611": "Indian/Mayotte", "o988": "Pacific/Noumea", "c98818": "Pacific/Noumea",
		"c98735": "Pacific/Tahiti", "c98731": "Pacific/Marquesas", "c98719": "Pacific/Gambier", "c97502": "America/Miquelon",
	} {
		if got := byID(t, id).TimeZone(); got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
}

func TestLocalesAndSources(t *testing.T) {
	if err := i18n.Check(official.Locales); err != nil {
		t.Error(err)
	}
	catalogue, err := i18n.New(official.Locales)
	if err != nil {
		t.Fatal(err)
	}
	french := catalogue.Localizer("fr")
	for e := range load(t).All() {
		if label := french.T(e.KindKey()); label != e.KindLabel() {
			t.Fatalf("%s: %q and %q", e.ID, e.KindLabel(), label)
		}
	}
	sources := load(t).Sources()
	if len(sources) != 2 || !strings.Contains(sources[0].Name, "INSEE") || sources[0].Licence != "Licence Ouverte 2.0" || !strings.Contains(sources[1].Name, "GeoNames") {
		t.Errorf("%+v", sources)
	}
}
