package barometer

import (
	"bufio"
	"net/url"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parvis/core/access"
	"parvis/engine/indicator"
	"parvis/platform/i18n"
)

func TestLocales(t *testing.T) {
	if err := i18n.Check(Locales); err != nil {
		t.Error(err)
	}
	if err := i18n.CheckUsage(".", Locales); err != nil {
		t.Error(err)
	}
}

func TestPermissions(t *testing.T) {
	if _, err := access.Compile((&Service{}).Service().Permissions); err != nil {
		t.Error(err)
	}
}

// TestScores recomputes the tiles of « Je donne mon avis » from its formulas.
func TestScores(t *testing.T) {
	var list []line
	add := func(a Answer, times int) {
		for _, c := range a.cells() {
			list = append(list, line{Source: string(Invited), Field: c.Field, Value: c.Value, N: times})
		}
	}
	one := Answer{Satisfaction: Good, Comprehension: 5, Tried: ByPhone | AtCounter, Reached: ByPhone, Missed: AtCounter}
	one.setHelp(ByPhone, 4)
	add(one, 6)
	add(Answer{Satisfaction: Medium, Comprehension: 3, Tried: NoHelp}, 3)
	add(Answer{Satisfaction: Bad, Comprehension: 1, Tried: Relative}, 1)
	f := figures(list, "x", bySource(Invited))
	for name, x := range map[string][2]float64{
		"satisfaction": {f.Mean().Value, 7.5}, "clarity": {f.Clarity().Value, 7.5}, "reached": {f.Reached.Rate(), 0.5}, "helped": {f.Helped().Value, 7.5},
		"autonomy": {f.Autonomy().Rate(), 0.3}, "contact": {f.ContactScore(), 3.75},
	} {
		if d := x[0] - x[1]; d > 1e-9 || d < -1e-9 {
			t.Errorf("%s: %v, want %v", name, x[0], x[1])
		}
	}
	if f.N != 10 || f.Good() != (indicator.Share{Count: 6, Of: 10}) {
		t.Errorf("%+v", f)
	}
	for score, want := range map[float64]string{4.99: "bad", 5: "medium", 7.99: "medium", 8: "good"} {
		if got := Verdict(score); got != want {
			t.Errorf("%v: %s, want %s", score, got, want)
		}
	}
	for share, want := range map[float64]string{0.69: "low", 0.7: "medium", 0.85: "optimal"} {
		if got := ReachVerdict(share); got != want {
			t.Errorf("%v: %s, want %s", share, got, want)
		}
	}
}

// TestQuality counts procedures scored 8 or more among those with five answers.
func TestQuality(t *testing.T) {
	good, poor, few := Figures{N: 10, Satisfaction: [3]int{0, 2, 8}}, Figures{N: 10, Satisfaction: [3]int{5, 0, 5}}, Figures{N: 4, Satisfaction: [3]int{0, 0, 4}}
	if got := Quality([]Figures{good, poor, few}); got != (indicator.Share{Count: 1, Of: 2}) {
		t.Errorf("%+v", got)
	}
}

func TestStepsFollowTheAnswers(t *testing.T) {
	all, none := Topic{Clarity: true, Help: true}, Topic{}
	for _, x := range []struct {
		step Step
		a    Answer
		t    Topic
		want Step
	}{
		{StepSatisfaction, Answer{}, all, StepClarity}, {StepSatisfaction, Answer{}, none, StepComment}, {StepSatisfaction, Answer{}, Topic{Help: true}, StepAid},
		{StepAid, Answer{Tried: ByPhone}, all, StepHelp}, {StepAid, Answer{Tried: Relative | Website}, all, StepComment}, {StepHelp, Answer{}, all, StepComment}, {StepComment, Answer{}, all, StepEnd},
	} {
		if got := x.step.After(x.a, x.t); got != x.want {
			t.Errorf("after %q: %q, want %q", x.step, got, x.want)
		}
	}
}

func TestMistakesNameTheirField(t *testing.T) {
	for field, x := range map[string]struct {
		step Step
		form url.Values
	}{
		FieldSatisfaction: {StepSatisfaction, url.Values{FieldSatisfaction: {"superb"}}},
		FieldTried:        {StepAid, url.Values{FieldTried: {"none", "phone"}}},
		FieldTriedOther:   {StepAid, url.Values{FieldTried: {"other"}, FieldTriedOther: {strings.Repeat("é", 251)}}},
		FieldComment:      {StepComment, url.Values{FieldComment: {strings.Repeat("é", 2001)}}},
	} {
		var a Answer
		if _, err := a.take(x.step, x.form, x.form[FieldTried]); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// TestAnswersStaySound: whatever is posted, marks belong to channels that were
// tried and reached, and nothing stands beside « je n’ai pas eu besoin d’aide ».
func TestAnswersStaySound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var a Answer
		codes := []string{"desk", "phone", "email", "chat", "relative", "none", "other", "x"}
		for range rapid.IntRange(1, 6).Draw(t, "steps") {
			step := rapid.SampledFrom([]Step{StepSatisfaction, StepClarity, StepAid, StepHelp, StepComment}).Draw(t, "step")
			f := url.Values{FieldTried: rapid.SliceOf(rapid.SampledFrom(codes)).Draw(t, "tried"), FieldSatisfaction: {"good"}, FieldComprehension: {rapid.StringMatching(`[0-9]{0,2}`).Draw(t, "c")}}
			for _, x := range administrations() {
				f.Set(FieldReached+"."+x.Code(), rapid.SampledFrom([]string{"", "yes", "no", "perhaps"}).Draw(t, "reached"))
				f.Set(FieldHelp+"."+x.Code(), rapid.SampledFrom([]string{"", "0", "1", "5", "6", "-3"}).Draw(t, "help"))
			}
			before := a
			if _, err := a.take(step, f, f[FieldTried]); err != nil {
				a = before
			}
		}
		if a.Tried&NoHelp != 0 && a.Tried != NoHelp || a.Reached&a.Missed != 0 || (a.Reached|a.Missed)&^(a.Tried&administrationMask) != 0 || a.Comprehension < 0 || a.Comprehension > 5 {
			t.Fatalf("%+v", a)
		}
		for _, x := range administrations() {
			if a.helpOf(x) > 0 && a.Reached&x == 0 || a.helpOf(x) > 5 {
				t.Fatalf("a mark for %s: %+v", x.Code(), a)
			}
		}
	})
}

// TestMasking measures recall on 300 planted lines: kind, what must disappear,
// the comment. Names are counted apart, and no clean line may lose anything.
func TestMasking(t *testing.T) {
	file, err := os.Open("testdata/planted.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	m := newMasker()
	total, hit, wronged, clean := map[string]int{}, map[string]int{}, 0, 0
	lines := bufio.NewScanner(file)
	n := 0
	for lines.Scan() {
		n++
		kind, rest, _ := strings.Cut(lines.Text(), "\t")
		secret, text, ok := strings.Cut(rest, "\t")
		if !ok || secret != "" && !strings.Contains(text, secret) {
			t.Fatalf("line %d is not well made", n)
		}
		got := m.mask(text)
		if kind == "clean" {
			clean++
			if got.Text != text {
				wronged++
				t.Logf("masked for nothing: %s", got.Text)
			}
			continue
		}
		total[kind]++
		if !strings.Contains(got.Text, secret) {
			hit[kind]++
		} else {
			t.Logf("%s missed: %s", kind, text)
		}
	}
	if n != 300 {
		t.Errorf("%d lines, want 300", n)
	}
	all, found := 0, 0
	for _, kind := range []string{"email", "phone", "nir", "iban", "plate", "address"} {
		all, found = all+total[kind], found+hit[kind]
		if recall := float64(hit[kind]) / float64(total[kind]); recall < 0.95 {
			t.Errorf("%s: recall %.3f (%d of %d)", kind, recall, hit[kind], total[kind])
		}
	}
	t.Logf("recall %d of %d; names %d of %d; %d of %d clean lines touched", found, all, hit["name"], total["name"], wronged, clean)
	if wronged > clean/20 {
		t.Errorf("%d of %d clean lines were touched", wronged, clean)
	}
}

func TestMaskingKeepsTheRest(t *testing.T) {
	got := newMasker().mask("Écrivez à a.b@exemple.fr ou au 06 39 98 00 11, quel connard au guichet.")
	if got.Text != "Écrivez à "+block+" ou au "+block+", quel connard au guichet." || len(got.Flags) != 3 {
		t.Errorf("%+v", got)
	}
}

func TestMonths(t *testing.T) {
	if got := strings.Join(monthsBack("2026-02", 4), " "); got != "2025-11 2025-12 2026-01 2026-02" {
		t.Error(got)
	}
}
