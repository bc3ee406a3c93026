package report

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parvis/platform/store"
)

func TestMaskHidesWhatNamesSomebody(t *testing.T) {
	for in, secret := range map[string]string{
		"Écrivez à zoe.camomille@exemple.fr svp":       "exemple.fr",
		"mon adresse : zoe (at) exemple point fr":      "exemple point",
		"appelez le 06 39 98 12 34":                    "98 12",
		"tél. 06.39.98.12.34":                          "39.98",
		"+33 6 39 98 12 34 après 18 h":                 "39 98",
		"0033639981234":                                "39981234",
		"une voiture AB-123-CD":                        "123",
		"la plaque ab 123 cd":                          "123",
		"immatriculée 123 ABC 86":                      "ABC",
		"mon numéro 2 84 05 86 194 123 45":             "86 194",
		"NIR 284058619412345":                          "2840586",
		"chez Mme Zoé Camomille, au 3":                 "Camomille",
		"le chien de M. Dupont":                        "Dupont",
		"c’est Monsieur de La Tour qui jette":          "Tour",
		"Signé : Camomille":                            "Camomille",
		"CAMOMILLE, voisine":                           "CAMOMILLE",
		"0 6 3 9 9 8 1 2 3 4":                          "3 9 9",
		"numéro 06-39-98-12-34 ou zoe@a.fr et AB123CD": "AB123CD",
	} {
		out, found := mask(in, "Zoé", "Camomille")
		if !found || strings.Contains(out, secret) {
			t.Errorf("%q → %q still says %q", in, out, secret)
		}
	}
	for _, in := range []string{"Le trou est devant le 14, depuis le 12/11/2026.", "Merci à Madame la maire et Monsieur le maire", "Il fait 30 cm sur 2 m, rue du 8 mai 1945", "La D910 est coupée à 9 h 30",
		"Bus n° 12, arrêt 4", "Madame, Monsieur, bonjour"} {
		if out, found := mask(in, "Zoé"); found || out != in {
			t.Errorf("%q is innocent, and became %q", in, out)
		}
	}
}

func TestMaskTwiceChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-zA-Z0-9éÉ @.,+-]{0,80}`).Draw(t, "text")
		once, _ := mask(text, "Zoé")
		if twice, _ := mask(once, "Zoé"); twice != once {
			t.Fatalf("%q → %q → %q", text, once, twice)
		}
	})
}

func TestLikenessIsBetweenNoneAndAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.SampledFrom([]string{"trou", "lampadaire", "eteint", "banc", "rue", "pont", "casse"}), 0, 8)
		a, b := strings.Join(words.Draw(t, "a"), " "), strings.Join(words.Draw(t, "b"), " ")
		x, y := likeness(a, b), likeness(b, a)
		if x != y || x < 0 || x > 1 {
			t.Fatalf("likeness(%q, %q) = %v, %v", a, b, x, y)
		}
		if a != "" && likeness(a, a) < 0.999 {
			t.Fatalf("%q is not like itself: %v", a, likeness(a, a))
		}
	})
	if likeness("lampadaires eteints", "lampadaire eteint") < 0.35 || likeness("trou dans la chaussee", "banc casse") > 0.1 {
		t.Errorf("endings: %v, nothing in common: %v", likeness("lampadaires eteints", "lampadaire eteint"), likeness("trou dans la chaussee", "banc casse"))
	}
}

func TestNearerIsAlwaysMoreProbable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rapid.Float64Range(10, 1000).Draw(t, "radius")
		d := rapid.Float64Range(0, r).Draw(t, "metres")
		like := rapid.Float64Range(0, 1).Draw(t, "like")
		if score(d/2, r, like, time.Hour, true) < score(d, r, like, time.Hour, true) {
			t.Fatal("half the distance scores less")
		}
		if s := score(d, r, like, time.Hour, true); s < 0 || s > 1 {
			t.Fatalf("score %v", s)
		}
	})
}

func TestFollowersNeverMakeUrgent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Priority(rapid.IntRange(1, 4).Draw(t, "p"))
		n := rapid.IntRange(0, 100_000).Draw(t, "n")
		got := p.With(n)
		if got < p || got > p+maxFollowSteps || got > p && got == Urgent {
			t.Fatalf("%d with %d voices is %d", p, n, got)
		}
	})
}

func TestTheMostPrecisePromiseWins(t *testing.T) {
	d := Detail{Promises: []Promise{{Minutes: 1}, {Priority: High, Minutes: 2}, {Sector: 5, Minutes: 3}, {Priority: High, Sector: 5, Minutes: 4}}}
	for _, x := range []struct {
		p       Priority
		sectors []store.ID
		want    int
	}{{Normal, nil, 1}, {High, nil, 2}, {Normal, []store.ID{9, 5}, 3}, {High, []store.ID{5}, 4}} {
		if got := d.Promised(x.p, x.sectors); got != x.want {
			t.Errorf("priority %d in %v: %d, want %d", x.p, x.sectors, got, x.want)
		}
	}
	if (Detail{}).Promised(High, nil) != 0 {
		t.Error("nothing promised is a promise")
	}
}

func TestSeasons(t *testing.T) {
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	summer, winter := Detail{SeasonFrom: "04-01", SeasonTo: "09-30"}, Detail{SeasonFrom: "11-15", SeasonTo: "03-15"}
	for s, want := range map[string][2]bool{"2026-04-01": {true, false}, "2026-09-30": {true, false}, "2026-10-01": {false, false}, "2026-12-25": {false, true}, "2027-03-15": {false, true}} {
		if got := [2]bool{summer.InSeason(day(s)), winter.InSeason(day(s))}; got != want {
			t.Errorf("%s: %v", s, got)
		}
	}
	if !(Detail{}).InSeason(day("2026-01-01")) {
		t.Error("no season is never")
	}
}

func TestAnswersAreChecked(t *testing.T) {
	c := Category{Detail: store.JSON[Detail]{V: Detail{Questions: []Question{
		{Code: "t", Label: "T", Type: "text"}, {Code: "n", Label: "N", Type: "number"}, {Code: "d", Label: "D", Type: "date"},
		{Code: "s", Label: "S", Type: "single", Required: true, Options: []Option{{Code: "a", Label: "A"}, {Code: "b", Label: "B", Stop: "Appelez", Priority: Urgent}}},
		{Code: "m", Label: "M", Type: "multi", Options: []Option{{Code: "x", Label: "X"}, {Code: "y", Label: "Y", Priority: High}}},
		{Code: "h", Type: "hidden", Value: "v"}}}}}
	kept, stop, p, err := c.Answer(map[string][]string{"t": {" mot "}, "n": {"2,5"}, "d": {"12/11/2026"}, "s": {"a"}, "m": {"x", "y"}, "h": {"forgé"}, "inconnu": {"z"}})
	if err != nil || stop != "" || p != High || kept["t"][0] != "mot" || kept["h"][0] != "v" || kept["inconnu"] != nil {
		t.Errorf("good answers: %v %q %d %v", kept, stop, p, err)
	}
	if _, stop, p, err := c.Answer(map[string][]string{"s": {"b"}}); err != nil || stop != "Appelez" || p != Urgent {
		t.Errorf("stop: %q %d %v", stop, p, err)
	}
	for name, in := range map[string]map[string][]string{"q-s": {}, "q-n": {"s": {"a"}, "n": {"deux"}}, "q-d": {"s": {"a"}, "d": {"32/01/2026"}}, "q-m": {"s": {"a"}, "m": {"z"}},
		"q-t": {"s": {"a"}, "t": {strings.Repeat("é", maxAnswer+1)}}} {
		if _, _, _, err := c.Answer(in); !fieldsOf(err).Has(name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, _, err := c.Answer(map[string][]string{"s": {"a", "b"}}); !fieldsOf(err).Has("q-s") {
		t.Error("two answers to one")
	}
}

func TestZonesAndAreas(t *testing.T) {
	for in, want := range map[string]bool{"46,0.1,47,0.5": true, "": false, "47,0.1,46,0.5": false, "46,0.5,47,0.1": false, "NaN,0,1,1": false, "46,0.1,91,0.5": false, "a,b,c,d": false, "1,2,3": false} {
		if _, ok := readZone(in); ok != want {
			t.Errorf("zone %q: %v", in, ok)
		}
	}
	for in, want := range map[string]int{"10,20,30,40": 1, "0,0,100,100;1,1,1,1": 2, "": 0, "1,2,3": 0, "-1,0,5,5": 0, "0,0,0,5": 0, "101,0,5,5": 0, "a,b,c,d": 0, "NaN,0,5,5": 0} {
		got, ok := readAreas([]string{in})
		if len(got) != want || ok != (want > 0) {
			t.Errorf("areas %q: %v, %v", in, got, ok)
		}
	}
}

func TestCodesAreOfTheirSigns(t *testing.T) {
	seen := map[string]bool{}
	for range 500 {
		c := newCode()
		if len(c) != 10 || strings.Trim(c, codeSigns) != "" || seen[c] {
			t.Fatalf("code %q", c)
		}
		seen[c] = true
	}
}

func TestStopTokensAreTheTerritorysOwn(t *testing.T) {
	s := &Reports{Deps: Deps{Secret: []byte("0123456789abcdef")}}
	token := s.stopToken("c1", 12, 34)
	if r, f, err := s.readStop("c1", token); err != nil || r != 12 || f != 34 {
		t.Errorf("%v %v %v", r, f, err)
	}
	for _, x := range [][2]string{{"c2", token}, {"c1", "B" + token[1:]}, {"c1", ""}, {"c1", "zz"}} {
		if _, _, err := s.readStop(x[0], x[1]); err == nil {
			t.Errorf("%v is accepted", x)
		}
	}
}

func TestPublishingAWaitingPhotoShowsIt(t *testing.T) {
	for state, want := range map[PhotoState]string{PhotoWaiting: string(PhotoShown), PhotoShown: string(PhotoShown), PhotoHidden: string(PhotoHidden)} {
		var chosen []string
		for _, o := range photoOptions(t.Context(), photoView{State: state}) {
			if o.Selected {
				chosen = append(chosen, o.Value)
			}
		}
		if len(chosen) != 1 || chosen[0] != want {
			t.Errorf("a photo that is %s offers %v", state, chosen)
		}
	}
}
