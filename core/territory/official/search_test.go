package official_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parvis/core/territory/official"
)

func TestSearchFindsFirst(t *testing.T) {
	list := load(t)
	for query, want := range map[string]string{
		// spelling
		"L’Haÿ-les-Roses": "c94038", "l'hay les roses": "c94038", "lhay": "c94038", "HAY LES ROSES": "c94038", "Y": "c80829",
		"Œuilly": "c51410", "oeuilly": "c51410", "Saint-Étienne": "c42218", "st etienne": "c42218", "St-Étienne": "c42218",
		"saintetienne": "c42218", "ste-maxime": "c83115", "havre": "c76351", "le havre": "c76351", "lehavre": "c76351",
		"vouneuil sous biard": "c86297", "biard vouneuil": "c86297", "vouneu bia": "c86297",
		// one mistake
		"vouneil sous biard": "c86297", "Marseile": "c13055", "Toulose": "c31555", "Chatelerault": "c86066", "Grnoble": "c38185", "Bodreaux": "c33063",
		// codes
		"86000": "c86194", "86 000": "c86194", "97411": "c97415", "01000": "c01053", "1000": "c01053", "86194": "c86194", "13055": "c13055",
		"200069854": "e200069854", "200 069 854": "e200069854", "21860194600012": "c86194", "86": "d86", "2A": "d2A", "2b": "d2B", "2a004": "c2A004", "987": "o987",
		// names of before
		"Paris 11": "c75056", "paris 11eme": "c75056", "Lyon 3e": "c69123", "Arbignieu": "c01015", "CINOR": "e249740119",
		// with words around
		"commune du havre": "c76351", "Mairie de Nantes": "c44109", "saint-denis 93": "c93066", "saint denis 974": "c97411", "93 saint-denis": "c93066",
		"Saint-Denis (93200)": "c93066", "86000 Poitiers": "c86194", "département de la Vienne": "d86", "région bretagne": "r53",
		"communauté de communes du Pays d'Uzès": "e200034379", "cc pays d'uzes": "e200034379", "la métropole de Lyon": "e200046977",
		// the commune before its namesakes
		"paris": "c75056", "dunkerque": "c59183", "grand poitiers": "e200069854", "pas de calais": "d62", "nouvelle aquitaine": "r75",
		// inside a word
		"rcassonne": "c11069", "vienne 86": "d86", "vienne 38": "c38544",
	} {
		found := list.Search(query, 5)
		if len(found) == 0 || found[0].ID != want {
			var ids []string
			for _, m := range found {
				ids = append(ids, m.ID+" "+m.Name)
			}
			t.Errorf("%q gives %v, want %s first", query, ids, want)
		}
	}
}

func TestSearchSaysHow(t *testing.T) {
	list := load(t)
	for query, want := range map[string]official.Match{
		"Poitiers":  {By: official.ByName},
		"86000":     {By: official.ByPostalCode},
		"86194":     {By: official.ByCode},
		"69387":     {By: official.ByCode, Alias: "Lyon 7e Arrondissement"},
		"Paris 11":  {By: official.ByFormerName, Alias: "Paris 11e Arrondissement"},
		"arbignieu": {By: official.ByFormerName, Alias: "Arbignieu"},
	} {
		found := list.Search(query, 1)
		if len(found) != 1 || found[0].By != want.By || found[0].Alias != want.Alias {
			t.Errorf("%q: %+v", query, found)
		}
	}
}

func TestSearchByPostalCodeGivesAllItsCommunes(t *testing.T) {
	list := load(t)
	most, code := 0, ""
	byPostal := map[string][]string{}
	for e := range list.All(official.Commune) {
		for _, postal := range e.PostalCodes {
			byPostal[postal] = append(byPostal[postal], e.ID)
			if n := len(byPostal[postal]); n > most {
				most, code = n, postal
			}
		}
	}
	for _, postal := range []string{code, "86000", "75011", "20000", "98800"} {
		var got []string
		last := 1 << 40
		for _, m := range list.Search(postal, 1) {
			if m.By != official.ByPostalCode {
				continue
			}
			got = append(got, m.ID)
			if m.Population > last {
				t.Errorf("%s: %s has more inhabitants than the one before", postal, m.Name)
			}
			last = m.Population
		}
		slices.Sort(got)
		if want := byPostal[postal]; !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", postal, got, want)
		}
	}
	if most < 40 {
		t.Errorf("the widest postal code has %d communes", most)
	}
}

func TestSearchOrderAndLimits(t *testing.T) {
	list := load(t)
	saints := list.Search("saint", 30, official.Commune)
	if len(saints) != 30 {
		t.Fatalf("%d answers, want 30", len(saints))
	}
	for i, m := range saints[2:] { // the two first may be called Saint
		if i > 0 && m.Population > saints[i+1].Population {
			t.Errorf("%s comes after %s", m.Name, saints[i+1].Name)
		}
		if m.Kind != official.Commune {
			t.Errorf("%s is a %s", m.Name, m.Kind)
		}
	}
	if got := list.Search("saint", 30, official.EPCI, official.EPT); len(got) != 30 || got[0].Kind != official.EPCI {
		t.Errorf("%d EPCI", len(got))
	}
	for limit, want := range map[int]int{0: official.DefaultLimit, -3: official.DefaultLimit, 7: 7, 1_000_000: official.MaxLimit} {
		if got := len(list.Search("s", limit)); got != want {
			t.Errorf("limit %d gives %d answers, want %d", limit, got, want)
		}
	}
	for _, query := range []string{"", "   ", "'’-", "…", "zzzzzzzz", "00000", "123456789012345678901234567890", "\x00", "\xff\xfe"} {
		if got := list.Search(query, 5); len(got) != 0 {
			t.Errorf("%q gives %v", query, got)
		}
	}
	if got := list.Search(strings.Repeat("saint ", 10_000), 5); len(got) > 5 {
		t.Errorf("a long query gives %d answers", len(got))
	}
}

// TestEveryNameFindsItsOwner types real names, as they are and in one word.
func TestEveryNameFindsItsOwner(t *testing.T) {
	list := load(t)
	all := slices.Collect(list.All())
	rapid.Check(t, func(t *rapid.T) {
		e := all[rapid.IntRange(0, len(all)-1).Draw(t, "entry")]
		for _, query := range []string{e.Name, strings.ToUpper(e.Name), strings.NewReplacer("-", " ", "’", " ").Replace(e.Name), e.Name + " " + e.Departement} {
			found := list.Search(query, official.MaxLimit)
			if !slices.ContainsFunc(found, func(m official.Match) bool { return m.ID == e.ID }) {
				t.Fatalf("%q does not find %s %s", query, e.ID, e.Name)
			}
		}
	})
}

func FuzzSearch(f *testing.F) {
	for _, seed := range []string{"Poitiers", "st etienne", "86000", "2a", "\xff", "a-b'c", "1er", "saint denis 93", "ÿœ", "commune de", "0000", "lhay"} {
		f.Add(seed, 5)
	}
	list := load(f)
	f.Fuzz(func(t *testing.T, query string, limit int) {
		seen := map[string]bool{}
		found := list.Search(query, limit)
		for _, m := range found {
			if seen[m.ID] || m.By == "" || m.Name == "" {
				t.Errorf("%q: %+v", query, m)
			}
			seen[m.ID] = true
		}
		if len(found) > official.MaxLimit {
			t.Errorf("%q gives %d answers", query, len(found))
		}
	})
}
