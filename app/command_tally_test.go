package app

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const townElection = "META\nkey;value\ndescription;Budget participatif d’essai\nbudget;1000\nvote_type;approval\nrule;greedy\ncurrency;EUR\nnum_projects;3\nnum_votes;3\n" +
	"PROJECTS\nproject_id;cost;votes;name;selected\nA;600;3;Un abri à vélos;1\nB;700;2;Une aire de jeux;0\nC;400;1;Trois bancs;1\n" +
	"VOTES\nvoter_id;vote\n1;A,B\n2;A,B\n3;A,C\n"

func tallyRun(t *testing.T, content string, args ...string) (code int, out, complaint string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "vote.pb")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	var o, e bytes.Buffer
	code = Main(append([]string{"tally", file}, args...), nil, &o, &e)
	return code, o.String(), e.String()
}

func TestTallyCommand(t *testing.T) {
	code, out, complaint := tallyRun(t, townElection, "--why")
	if code != 0 {
		t.Fatalf("%d: %s", code, complaint)
	}
	for _, want := range []string{"Retenus : 2 projets", "Un abri à vélos", "Ce sont les lauréats", "il ne restait que 400", "il aurait été retenu à 400"} {
		if !strings.Contains(strings.ReplaceAll(out, "\u00a0", " "), want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	code, out, complaint = tallyRun(t, townElection, "--json")
	var res tallyResult
	if err := json.Unmarshal([]byte(out), &res); err != nil || code != 0 {
		t.Fatalf("%d %v: %s", code, err, complaint)
	}
	if strings.Join(res.Winners, " ") != "A C" || res.Spent != "1000" || res.Projects[1].Reason != "no-money" {
		t.Errorf("%+v", res)
	}
}

func TestTallyMistakes(t *testing.T) {
	rule := filepath.Join(t.TempDir(), "rule.json")
	for name, c := range map[string]struct {
		content, rule string
		args          []string
		want          string
	}{
		"a broken file":       {strings.Replace(townElection, "B;700", "B;cher", 1), "", nil, "ligne 13, colonne 3"},
		"a cut file":          {townElection[:60], "", nil, "s’arrête trop tôt"},
		"an unreadable rule":  {townElection, "{", []string{"--rule", rule}, "n’est pas une règle lisible"},
		"an unknown word":     {townElection, `{"version":1,"rule":"greedy","tiess":[]}`, []string{"--rule", rule}, "tiess"},
		"an impossible rule":  {townElection, `{"version":1,"rule":"dice"}`, []string{"--rule", rule}, "ne s’applique pas"},
		"no such rule":        {townElection, "", []string{"--rule", rule + "x"}, "rule.jsonx"},
		"a tie without a lot": {strings.NewReplacer("B;700;2", "B;600;3", "3;A,C", "3;A,B,C").Replace(townElection), `{"version":1,"rule":"greedy"}`, []string{"--rule", rule}, "tirez au sort"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(rule, []byte(c.rule), 0o600); err != nil {
				t.Fatal(err)
			}
			code, out, complaint := tallyRun(t, c.content, c.args...)
			if code != 1 || out != "" || !strings.Contains(complaint, c.want) {
				t.Errorf("%d %q: %s", code, out, complaint)
			}
		})
	}
}
