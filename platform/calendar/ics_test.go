package calendar_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-ical"
	"pgregory.net/rapid"

	"parvis/platform/calendar"
)

func appointment(t fataler) calendar.Event {
	paris := zone(t, "Europe/Paris")
	return calendar.Event{
		UID: "appointment-1194@parvis", Sequence: 2, Method: calendar.MethodRequest,
		Stamp: time.Date(2026, 11, 23, 9, 40, 0, 0, time.UTC),
		Start: day(t, "2026-11-24").At(570, paris), End: day(t, "2026-11-24").At(600, paris), TZ: paris,
		Summary:     "Carte d’identité : dépôt du dossier; à l’heure, ou un peu avant",
		Description: "Apportez :\r\n- une photo de moins de six mois\n- un justificatif de domicile \\ de moins d’un an\nÀ demain, à la mairie de Vouneuil.",
		Location:    "Mairie, 1 place de l’Église, Vouneuil", URL: "https://parvis.example/vouneuil/rendez-vous/1194?v=2",
		Organizer: calendar.Person{Name: "Mairie de \"Vouneuil\": accueil", Email: "accueil@vouneuil.example"},
		Attendees: []calendar.Person{{Name: "Mme Aubépin", Email: "aubepin+rdv@example.org"}},
	}
}

func write(t testing.TB, e calendar.Event) []byte {
	t.Helper()
	out, err := calendar.ICS(e)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// property is a content line as the small parser below reads it.
type property struct {
	params map[string]string
	value  string
}

// part is a component: what the standard says and nothing of the library.
type part struct {
	name     string
	props    map[string][]property
	children []*part
}

// parse reads RFC 5545 by its grammar: unfold, split, nest.
func parse(t fataler, content []byte) *part {
	for line := range strings.SplitSeq(strings.TrimSuffix(string(content), "\r\n"), "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") {
			t.Fatalf("line of %d octets, or a cut character: %q", len(line), line)
		}
	}
	root := &part{}
	stack := []*part{root}
	for line := range strings.SplitSeq(strings.TrimSuffix(strings.ReplaceAll(string(content), "\r\n ", ""), "\r\n"), "\r\n") {
		top := stack[len(stack)-1]
		head, value := line, ""
		for i, quoted := 0, false; i < len(line); i++ {
			if line[i] == '"' {
				quoted = !quoted
			} else if line[i] == ':' && !quoted {
				head, value = line[:i], line[i+1:]
				break
			}
		}
		fields := strings.Split(head, ";")
		switch name := fields[0]; name {
		case "BEGIN":
			child := &part{name: value, props: map[string][]property{}}
			top.children = append(top.children, child)
			stack = append(stack, child)
		case "END":
			if top.name != value {
				t.Fatalf("END:%s closes %s", value, top.name)
			}
			stack = stack[:len(stack)-1]
		default:
			p := property{params: map[string]string{}, value: value}
			for _, param := range fields[1:] {
				key, v, _ := strings.Cut(param, "=")
				p.params[key] = strings.Trim(v, `"`)
			}
			top.props[name] = append(top.props[name], p)
		}
	}
	if len(stack) != 1 || len(root.children) != 1 || root.children[0].name != "VCALENDAR" {
		t.Fatalf("not one VCALENDAR:\n%s", content)
	}
	return root.children[0]
}

func (p *part) text(name string) string {
	if len(p.props[name]) != 1 {
		return fmt.Sprintf("%d times %s", len(p.props[name]), name)
	}
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\,`, ",", `\;`, ";").Replace(p.props[name][0].value)
}

func (p *part) find(name string) []*part {
	var found []*part
	for _, child := range p.children {
		if child.name == name {
			found = append(found, child)
		}
	}
	return found
}

func seconds(offset string) time.Duration {
	var hours, minutes int
	fmt.Sscanf(offset[1:], "%02d%02d", &hours, &minutes)
	d := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if offset[0] == '-' {
		return -d
	}
	return d
}

// instant reads a time with what the file itself says of its zone, as a calendar
// that knows no zone by name would (RFC 5545, § 3.6.5): the observance whose onset
// is the last before the wall time.
func instant(t fataler, file *part, p property) time.Time {
	if strings.HasSuffix(p.value, "Z") {
		at, _ := time.Parse("20060102T150405Z", p.value)
		return at
	}
	wall, err := time.Parse("20060102T150405", p.value)
	if err != nil {
		t.Fatalf("%q is not a time", p.value)
	}
	var latest, shift = time.Time{}, time.Duration(0)
	for _, vtimezone := range file.find("VTIMEZONE") {
		if vtimezone.text("TZID") != p.params["TZID"] {
			continue
		}
		for _, o := range vtimezone.children {
			onset, _ := time.Parse("20060102T150405", o.text("DTSTART"))
			for year := onset.Year(); year <= wall.Year()+1; year++ {
				at := onset
				if rules := o.props["RRULE"]; len(rules) == 1 {
					var month, nth int
					var sunday string
					rule := strings.NewReplacer("SU", " SU", ";", " ").Replace(rules[0].value)
					if n, err := fmt.Sscanf(rule, "FREQ=YEARLY BYMONTH=%d BYDAY=%d %s", &month, &nth, &sunday); n != 3 {
						t.Fatalf("%q: %v", rule, err)
					}
					at = time.Date(year, time.Month(month), 1, onset.Hour(), onset.Minute(), 0, 0, time.UTC)
					if nth < 0 {
						at = at.AddDate(0, 1, -1)
						at = at.AddDate(0, 0, -int(at.Weekday()))
					} else {
						at = at.AddDate(0, 0, (7-int(at.Weekday()))%7+7*(nth-1))
					}
				}
				if !at.After(wall) && at.After(latest) {
					latest, shift = at, seconds(o.text("TZOFFSETTO"))
				}
			}
		}
	}
	if latest.IsZero() {
		t.Fatalf("zone %q is not told for %s", p.params["TZID"], p.value)
	}
	return wall.Add(-shift)
}

func TestInvitationReadBySmallParser(t *testing.T) {
	e := appointment(t)
	file := parse(t, write(t, e))
	for name, want := range map[string]string{"VERSION": "2.0", "METHOD": "REQUEST", "CALSCALE": "GREGORIAN", "PRODID": "-//Parvis//Parvis//FR"} {
		if got := file.text(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	event := file.find("VEVENT")[0]
	for name, want := range map[string]string{
		"UID": e.UID, "SEQUENCE": "2", "STATUS": "CONFIRMED", "DTSTAMP": "20261123T094000Z",
		"SUMMARY": e.Summary, "LOCATION": e.Location, "URL": e.URL, "DTSTART": "20261124T093000", "DTEND": "20261124T100000",
		"DESCRIPTION": strings.ReplaceAll(e.Description, "\r\n", "\n"),
		"ORGANIZER":   "mailto:accueil@vouneuil.example", "ATTENDEE": "mailto:aubepin+rdv@example.org",
	} {
		if got := event.text(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := event.props["ORGANIZER"][0].params["CN"]; got != "Mairie de ”Vouneuil”: accueil" {
		t.Errorf("organizer named %q", got)
	}
	if got := event.props["DTSTART"][0].params["TZID"]; got != "Europe/Paris" {
		t.Errorf("TZID %q", got)
	}
	if at := instant(t, file, event.props["DTSTART"][0]); !at.Equal(e.Start) {
		t.Errorf("starts at %v, want %v", at, e.Start)
	}
}

func TestInvitationReadByLibrary(t *testing.T) {
	e := appointment(t)
	decoded, err := ical.NewDecoder(bytes.NewReader(write(t, e))).Decode()
	if err != nil {
		t.Fatal(err)
	}
	events := decoded.Events()
	if len(events) != 1 {
		t.Fatalf("%d events", len(events))
	}
	start, errStart := events[0].DateTimeStart(nil)
	end, errEnd := events[0].DateTimeEnd(nil)
	if errStart != nil || errEnd != nil || !start.Equal(e.Start) || !end.Equal(e.End) {
		t.Errorf("from %v (%v) to %v (%v)", start, errStart, end, errEnd)
	}
	for name, want := range map[string]string{ical.PropUID: e.UID, ical.PropSummary: e.Summary, ical.PropLocation: e.Location,
		ical.PropDescription: strings.ReplaceAll(e.Description, "\r\n", "\n")} {
		if got, err := events[0].Props.Text(name); err != nil || got != want {
			t.Errorf("%s is %q (%v), want %q", name, got, err, want)
		}
	}
	if status, err := events[0].Status(); status != ical.EventConfirmed || err != nil {
		t.Errorf("status %s, %v", status, err)
	}
}

// Lines are folded at 75 octets and no sooner than a character asks for.
func TestLinesAreFolded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := appointment(t)
		e.Description = rapid.StringOfN(rapid.RuneFrom([]rune("aé€😀")), 40, 400, -1).Draw(t, "description")
		out, err := calendar.ICS(e)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(out), "\r\n")
		for i, line := range lines {
			if len(line) > 75 || !utf8.ValidString(line) {
				t.Fatalf("line of %d octets: %q", len(line), line)
			}
			if i+1 < len(lines) && strings.HasPrefix(lines[i+1], " ") && len(line) < 72 {
				t.Fatalf("line folded at %d octets: %q", len(line), line)
			}
		}
		if got := parse(t, out).find("VEVENT")[0]; got.text("DESCRIPTION") != e.Description {
			t.Fatalf("unfolded: %q", got.text("DESCRIPTION"))
		}
	})
}

func TestMethods(t *testing.T) {
	for method, want := range map[calendar.Method][2]string{
		"": {"PUBLISH", "CONFIRMED"}, calendar.MethodPublish: {"PUBLISH", "CONFIRMED"},
		calendar.MethodRequest: {"REQUEST", "CONFIRMED"}, calendar.MethodCancel: {"CANCEL", "CANCELLED"},
	} {
		e := appointment(t)
		e.Method = method
		file := parse(t, write(t, e))
		if got := [2]string{file.text("METHOD"), file.find("VEVENT")[0].text("STATUS")}; got != want {
			t.Errorf("%q gives %v, want %v", method, got, want)
		}
	}
}

// The zone of the mainland has a yearly rule, that of Saint-Pierre-et-Miquelon
// another, the others none.
func TestTimezoneDefinitions(t *testing.T) {
	tests := []struct{ zone, want string }{
		{"Europe/Paris", "STANDARD 20251026T030000 +0200 +0100 CET FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU | " +
			"DAYLIGHT 20250330T020000 +0100 +0200 CEST FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"},
		{"America/Miquelon", "STANDARD 20251102T020000 -0200 -0300 -03 FREQ=YEARLY;BYMONTH=11;BYDAY=1SU | " +
			"DAYLIGHT 20250309T020000 -0300 -0200 -02 FREQ=YEARLY;BYMONTH=3;BYDAY=2SU"},
		{"Indian/Reunion", "STANDARD 20250101T040000 +0400 +0400 +04 "},
		{"Pacific/Marquesas", "STANDARD 20241231T143000 -0930 -0930 -0930 "},
	}
	for _, test := range tests {
		e := appointment(t)
		e.TZ = zone(t, test.zone)
		zones := parse(t, write(t, e)).find("VTIMEZONE")
		if len(zones) != 1 || zones[0].text("TZID") != test.zone {
			t.Fatalf("%s: %d zones", test.zone, len(zones))
		}
		var got []string
		for _, o := range zones[0].children {
			rule := ""
			if len(o.props["RRULE"]) > 0 {
				rule = o.text("RRULE")
			}
			got = append(got, strings.Join([]string{o.name, o.text("DTSTART"), o.text("TZOFFSETFROM"), o.text("TZOFFSETTO"), o.text("TZNAME"), rule}, " "))
		}
		if strings.Join(got, " | ") != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.zone, strings.Join(got, " | "), test.want)
		}
	}
}

// Whatever the zone and the instant, the file says by itself when the event is;
// zones with irregular changes (Casablanca, Apia) included. The hour that comes
// twice is left out: an iCalendar wall time names the first only.
func TestInstantsReadBack(t *testing.T) {
	names := []string{"Europe/Paris", "America/Miquelon", "America/Cayenne", "Indian/Mayotte", "Pacific/Tahiti", "Pacific/Marquesas",
		"Pacific/Noumea", "Pacific/Wallis", "Africa/Casablanca", "Pacific/Apia", "Australia/Lord_Howe"}
	rapid.Check(t, func(t *rapid.T) {
		loc, err := time.LoadLocation(rapid.SampledFrom(names).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		d := anyDate().Draw(t, "d")
		start := d.At(rapid.IntRange(0, 1439).Draw(t, "minutes"), loc)
		e := calendar.Event{UID: "1@parvis", Stamp: start, Start: start, TZ: loc,
			End: start.AddDate(0, 0, rapid.IntRange(0, 900).Draw(t, "days")).Add(time.Minute)}
		if again := calendar.DateOf(e.End, loc).At(e.End.In(loc).Hour()*60+e.End.In(loc).Minute(), loc); !again.Equal(e.End) {
			return // the second of two equal hours
		}
		out, err := calendar.ICS(e)
		if err != nil {
			t.Fatal(err)
		}
		file := parse(t, out)
		event := file.find("VEVENT")[0]
		for name, want := range map[string]time.Time{"DTSTART": e.Start, "DTEND": e.End} {
			if got := instant(t, file, event.props[name][0]); !got.Equal(want) {
				t.Fatalf("%s in %s: %v, want %v\n%s", name, loc, got, want.UTC(), out)
			}
		}
	})
}

func TestUTCAndAllDay(t *testing.T) {
	e := appointment(t)
	e.TZ = nil
	file := parse(t, write(t, e))
	if len(file.find("VTIMEZONE")) != 0 || file.find("VEVENT")[0].text("DTSTART") != "20261124T083000Z" {
		t.Errorf("in UTC: %s", file.find("VEVENT")[0].text("DTSTART"))
	}
	e = appointment(t)
	e.AllDay = true
	e.Start, e.End = day(t, "2026-11-24").Start(e.TZ), day(t, "2026-11-26").Start(e.TZ)
	file = parse(t, write(t, e))
	event := file.find("VEVENT")[0]
	if len(file.find("VTIMEZONE")) != 0 {
		t.Error("days have a time zone")
	}
	if event.text("DTSTART") != "20261124" || event.text("DTEND") != "20261126" || event.props["DTSTART"][0].params["VALUE"] != "DATE" {
		t.Errorf("two days: %v to %v", event.props["DTSTART"], event.props["DTEND"])
	}
	e.End = e.Start.Add(time.Hour)
	if event := parse(t, write(t, e)).find("VEVENT")[0]; event.text("DTEND") != "20261125" {
		t.Errorf("part of a day ends on %s", event.text("DTEND"))
	}
}

func TestICSRefuses(t *testing.T) {
	for name, change := range map[string]func(*calendar.Event){
		"no UID":             func(e *calendar.Event) { e.UID = "" },
		"no stamp":           func(e *calendar.Event) { e.Stamp = time.Time{} },
		"negative":           func(e *calendar.Event) { e.Sequence = -1 },
		"not after":          func(e *calendar.Event) { e.End = e.Start.Add(time.Millisecond) },
		"no name others":     func(e *calendar.Event) { e.TZ = time.Local },
		"method":             func(e *calendar.Event) { e.Method = "REPLY" },
		"without organizer":  func(e *calendar.Event) { e.Organizer = calendar.Person{} },
		"without attendee":   func(e *calendar.Event) { e.Attendees = nil },
		"not an address":     func(e *calendar.Event) { e.Attendees[0].Email = "a@b.example\r\nX-EVIL:1" },
		"not a web address":  func(e *calendar.Event) { e.URL = "javascript:alert(1)" },
		"events too far":     func(e *calendar.Event) { e.End = e.End.AddDate(150, 0, 0) },
		`organizer: "Mairie`: func(e *calendar.Event) { e.Organizer.Email = "Mairie <a@b.example>" },
	} {
		e := appointment(t)
		change(&e)
		if _, err := calendar.ICS(e); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v, want one with %q", err, name)
		}
	}
}

// Nothing typed by anybody adds a line to the file.
func TestNoInjection(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nasty := rapid.Custom(func(t *rapid.T) string {
			return rapid.String().Draw(t, "before") + rapid.SampledFrom([]string{"", "\r\nEND:VEVENT\r\n", "\n", "\r", "\";X=:", "\x00", "\xff", "\u2028"}).Draw(t, "nasty") +
				rapid.String().Draw(t, "after")
		})
		start := time.Date(2026, 11, 24, 8, 30, 0, 0, time.UTC)
		e := calendar.Event{UID: "1" + nasty.Draw(t, "uid"), Stamp: start, Start: start, End: start.Add(time.Hour), Method: calendar.MethodRequest,
			Summary: nasty.Draw(t, "summary"), Description: nasty.Draw(t, "description"), Location: nasty.Draw(t, "location"),
			Organizer: calendar.Person{Name: nasty.Draw(t, "organizer"), Email: "a@b.example"},
			Attendees: []calendar.Person{{Name: nasty.Draw(t, "attendee"), Email: "c@d.example"}}}
		out, err := calendar.ICS(e)
		if err != nil {
			t.Fatal(err)
		}
		file := parse(t, out)
		if len(file.children) != 1 || len(file.children[0].children) != 0 || len(file.children[0].props) > 12 {
			t.Fatalf("%d parts, %d properties", len(file.children), len(file.children[0].props))
		}
		if _, err := ical.NewDecoder(bytes.NewReader(out)).Decode(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	})
}

func TestFeed(t *testing.T) {
	feed := calendar.Feed{Name: "Agenda de Vouneuil", Description: "Fêtes, réunions", URL: "https://parvis.example/vouneuil/agenda.ics", Refresh: 6 * time.Hour}
	var events []calendar.Event
	for i, name := range []string{"Europe/Paris", "Europe/Paris", "Indian/Reunion"} {
		e := appointment(t)
		e.UID, e.TZ = fmt.Sprintf("event-%d@parvis", i), zone(t, name)
		e.Start, e.End = e.Start.AddDate(0, i*4, 0), e.End.AddDate(0, i*4, 0)
		events = append(events, e)
	}
	events[1].Method = calendar.MethodCancel
	out, err := feed.ICS(events)
	if err != nil {
		t.Fatal(err)
	}
	file := parse(t, out)
	for name, want := range map[string]string{"METHOD": "PUBLISH", "NAME": feed.Name, "X-WR-CALNAME": feed.Name,
		"DESCRIPTION": feed.Description, "URL": feed.URL, "REFRESH-INTERVAL": "PT21600S"} {
		if got := file.text(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	written := file.find("VEVENT")
	if len(written) != 3 || len(file.find("VTIMEZONE")) != 2 {
		t.Fatalf("%d events, %d zones", len(written), len(file.find("VTIMEZONE")))
	}
	for i, event := range written {
		if at := instant(t, file, event.props["DTSTART"][0]); !at.Equal(events[i].Start) {
			t.Errorf("event %d starts at %v, want %v", i, at, events[i].Start)
		}
	}
	if written[1].text("STATUS") != "CANCELLED" || written[0].text("STATUS") != "CONFIRMED" {
		t.Error("the cancelled event is not told from the others")
	}
	if _, err := ical.NewDecoder(bytes.NewReader(out)).Decode(); err != nil {
		t.Error(err)
	}
}

func TestFeedEdges(t *testing.T) {
	out, err := calendar.Feed{Name: "Vide"}.ICS(nil)
	if err != nil {
		t.Fatal(err)
	}
	file := parse(t, out)
	if len(file.find("VEVENT")) != 0 || len(file.children) == 0 {
		t.Errorf("an empty feed has %d components, want one that is no event", len(file.children))
	}
	e := appointment(t)
	if _, err := (calendar.Feed{}).ICS([]calendar.Event{e, e}); err == nil {
		t.Error("two events with one UID are accepted")
	}
	if _, err := (calendar.Feed{}).ICS(make([]calendar.Event, 10_001)); err == nil {
		t.Error("10 001 events are accepted")
	}
	if _, err := (calendar.Feed{URL: "agenda"}).ICS(nil); err == nil {
		t.Error("an address without host is accepted")
	}
}

func ExampleICS() {
	start := time.Date(2026, time.November, 24, 8, 30, 0, 0, time.UTC)
	file, err := calendar.ICS(calendar.Event{
		UID: "appointment-1194@parvis", Stamp: start.AddDate(0, 0, -1),
		Start: start, End: start.Add(30 * time.Minute), Summary: "Carte d’identité",
	})
	fmt.Println(strings.ReplaceAll(string(file), "\r\n", "\n"), err)
	// Output:
	// BEGIN:VCALENDAR
	// CALSCALE:GREGORIAN
	// METHOD:PUBLISH
	// PRODID:-//Parvis//Parvis//FR
	// VERSION:2.0
	// BEGIN:VEVENT
	// DTEND:20261124T090000Z
	// DTSTAMP:20261123T083000Z
	// DTSTART:20261124T083000Z
	// SEQUENCE:0
	// STATUS:CONFIRMED
	// SUMMARY:Carte d’identité
	// UID:appointment-1194@parvis
	// END:VEVENT
	// END:VCALENDAR
	//  <nil>
}
