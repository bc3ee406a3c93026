package phone

import (
	"encoding/json"
	"testing"
)

func must(t *testing.T, e164 string) Number {
	t.Helper()
	n, err := FromE164(e164)
	if err != nil {
		t.Fatalf("FromE164(%q): %v", e164, err)
	}
	return n
}

func TestNumber(t *testing.T) {
	for _, c := range []struct {
		e164, national, region string
		mobile, fiction        bool
	}{
		{"+33536491240", "05\u00a036\u00a049\u00a012\u00a040", "FR", false, true},
		{"+33199001234", "01\u00a099\u00a000\u00a012\u00a034", "FR", false, true},
		{"+33261911234", "02\u00a061\u00a091\u00a012\u00a034", "FR", false, true},
		{"+33353011234", "03\u00a053\u00a001\u00a012\u00a034", "FR", false, true},
		{"+33465711234", "04\u00a065\u00a071\u00a012\u00a034", "FR", false, true},
		{"+33639981234", "06\u00a039\u00a098\u00a012\u00a034", "FR", true, true},
		{"+33600000000", "06\u00a000\u00a000\u00a000\u00a000", "FR", true, false},
		{"+33730000000", "07\u00a030\u00a000\u00a000\u00a000", "FR", true, false},
		{"+33549000000", "05\u00a049\u00a000\u00a000\u00a000", "FR", false, false},
		{"+33946000000", "09\u00a046\u00a000\u00a000\u00a000", "FR", false, false},
		{"+33892000000", "08\u00a092\u00a000\u00a000\u00a000", "FR", false, false},
		{"+590690000000", "06\u00a090\u00a000\u00a000\u00a000", "GP", true, false},
		{"+590709000000", "07\u00a009\u00a000\u00a000\u00a000", "GP", true, false},
		{"+590590000000", "05\u00a090\u00a000\u00a000\u00a000", "GP", false, false},
		{"+594694000000", "06\u00a094\u00a000\u00a000\u00a000", "GF", true, false},
		{"+596696000000", "06\u00a096\u00a000\u00a000\u00a000", "MQ", true, false},
		{"+262692000000", "06\u00a092\u00a000\u00a000\u00a000", "RE", true, false},
		{"+262639000000", "06\u00a039\u00a000\u00a000\u00a000", "YT", true, false},
		{"+262269000000", "02\u00a069\u00a000\u00a000\u00a000", "YT", false, false},
		{"+508410000", "41\u00a000\u00a000", "PM", false, false},
		{"+508550000", "55\u00a000\u00a000", "PM", true, false},
		{"+508708400000", "07\u00a008\u00a040\u00a000\u00a000", "PM", true, false},
		{"+687750000", "75\u00a000\u00a000", "NC", true, false},
		{"+687250000", "25\u00a000\u00a000", "NC", false, false},
		{"+68987000000", "87\u00a000\u00a000\u00a000", "PF", true, false},
		{"+32470000000", "+32\u00a0470\u00a000\u00a000\u00a000", "BE", true, false},
		{"+14165550123", "+1\u00a0416\u2011555\u20110123", "CA", true, false},
		{"", "", "", false, false},
	} {
		n := must(t, c.e164)
		if got := n.National(); got != c.national {
			t.Errorf("%s is shown as %q, want %q", c.e164, got, c.national)
		}
		if got := n.Region(); got != c.region {
			t.Errorf("%s is of %q, want %q", c.e164, got, c.region)
		}
		if n.Mobile() != c.mobile || n.SMSAllowed() != c.mobile {
			t.Errorf("%s: mobile %v, SMS allowed %v, want %v", c.e164, n.Mobile(), n.SMSAllowed(), c.mobile)
		}
		if n.Fiction() != c.fiction {
			t.Errorf("%s: fiction %v, want %v", c.e164, n.Fiction(), c.fiction)
		}
	}
}

func TestFictionStopsAtItsBorders(t *testing.T) {
	for e164, want := range map[string]bool{
		"+33639979999": false, "+33639980000": true, "+33639989999": true, "+33639990000": false,
		"+33536489999": false, "+33536490000": true, "+33536499999": true, "+33536500000": false,
	} {
		if got := must(t, e164).Fiction(); got != want {
			t.Errorf("%s: fiction %v, want %v", e164, got, want)
		}
	}
}

func TestFromE164Refuses(t *testing.T) {
	for _, s := range []string{"33639981234", "+", "+0639981234", "+336399", "+3363998123456789", "+33 639981234", "+33639981234\n", "+3363998123a"} {
		if n, err := FromE164(s); err == nil {
			t.Errorf("FromE164(%q) = %s", s, n)
		}
	}
}

func TestStorage(t *testing.T) {
	n := must(t, "+33639981234")
	v, err := n.Value()
	if err != nil || v != "+33639981234" {
		t.Fatalf("Value() = %v, %v", v, err)
	}
	for _, src := range []any{"+33639981234", []byte("+33639981234")} {
		var back Number
		if err := back.Scan(src); err != nil || back != n {
			t.Errorf("Scan(%v) = %s, %v", src, back, err)
		}
	}
	back := n
	if err := back.Scan(nil); err != nil || !back.IsZero() {
		t.Errorf("Scan(nil) = %s, %v", back, err)
	}
	if err := back.Scan(33); err == nil {
		t.Error("Scan(33) accepted a number that is not text")
	}
	if err := back.Scan("0639981234"); err == nil {
		t.Error("Scan accepted a number that is not E.164")
	}
	encoded, err := json.Marshal(map[string]Number{"to": n})
	if err != nil || string(encoded) != `{"to":"+33639981234"}` {
		t.Fatalf("as JSON: %s, %v", encoded, err)
	}
	var decoded map[string]Number
	if err := json.Unmarshal(encoded, &decoded); err != nil || decoded["to"] != n {
		t.Fatalf("from JSON: %v, %v", decoded, err)
	}
}

func TestRegion(t *testing.T) {
	for insee, want := range map[string]string{
		"86": "FR", "86294": "FR", "2A": "FR", "2a004": "FR", "": "FR", "971": "GP", "97105": "GP", "972": "MQ",
		"973": "GF", "974": "RE", "97411": "RE", "975": "PM", "976": "YT", "977": "BL", "978": "MF",
		"986": "WF", "987": "PF", "988": "NC", "999": "FR",
	} {
		if got := Region(insee); got != want {
			t.Errorf("Region(%q) = %s, want %s", insee, got, want)
		}
	}
}

func TestPlanRefusesABadTable(t *testing.T) {
	for name, content := range map[string]string{
		"unknown use":   "n,i,r,u,s\n0690,590690,GP,pager,x\n",
		"twice":         "n,i,r,u,s\n0690,590690,GP,mobile,x\n0690,590690,GP,mobile,x\n",
		"not a prefix":  "n,i,r,u,s\n690,590690,GP,mobile,x\n",
		"missing field": "n,i,r,u,s\n0690,590690,GP\n",
	} {
		if _, err := readPlan([]byte(content)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
