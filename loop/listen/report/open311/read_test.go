package open311

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parvis/platform/geo"
)

// Answers written anew after what real servers send; see also shared_test.go.
func TestReadServicesOfManyShapes(t *testing.T) {
	want := []Service{{Code: "013", Name: "Laterne défekt", Type: Realtime, Keywords: []string{"lampe", "nuit"}, Group: "Éclairage"}}
	for name, text := range map[string]string{
		"plain":      `<?xml version="1.0" encoding="utf-8"?><services><service><service_code>013</service_code><service_name>Laterne défekt</service_name><metadata>false</metadata><type>realtime</type><keywords>lampe, nuit</keywords><group>Éclairage</group></service></services>`,
		"namespaces": `<services is_array="true" xmlns:m="urn:x"><m:service><service_code> 013 </service_code><service_name>Laterne d&#233;fekt</service_name><keywords>lampe;nuit</keywords><group>Éclairage</group><description/></m:service></services>`,
		"latin":      "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><services><service><service_code>013</service_code><service_name>Laterne d\xe9fekt</service_name><keywords>lampe,nuit</keywords><group>\xc9clairage</group></service></services>",
		"array":      `[{"service_code":"013","service_name":"Laterne défekt","metadata":false,"keywords":"lampe, nuit","group":"Éclairage","description":null}]`,
		"wrapped":    `{"services":[{"service_code":"013","service_name":"Laterne défekt","metadata":"false","keywords":"lampe, nuit","group":"Éclairage"}]}`,
		"lone":       `{"services":{"service":{"service_code":"013","service_name":"Laterne défekt","keywords":"lampe, nuit","group":"Éclairage"}}}`,
		"byte order": "\ufeff" + `[{"service_code":"013","service_name":"Laterne défekt","keywords":"lampe, nuit","group":"Éclairage","type":"odd"}]`,
	} {
		got, err := ReadServices([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	for _, none := range []string{`[]`, `<services/>`, `<services></services>`, `{"services":[]}`} {
		if got, err := ReadServices([]byte(none)); err != nil || len(got) != 0 {
			t.Errorf("%s: %v %v", none, got, err)
		}
	}
}

func TestReadRequestsOfManyShapes(t *testing.T) {
	at := time.Date(2026, 3, 29, 6, 30, 0, 0, time.UTC)
	want := []Request{{ID: "42", Status: Open, ServiceCode: "7", ServiceName: "Trou", Description: "Ligne 1\nligne 2", RequestedAt: at, Point: &geo.Point{Lat: 46.5, Lon: 0.25}, MediaURL: "https://x.example/a.jpg"}}
	for name, text := range map[string]string{
		"xml":         "<service_requests><request><service_request_id>42</service_request_id><status>OPEN</status><service_code>7</service_code><service_name>Trou</service_name><description>Ligne 1\nligne 2</description><requested_datetime>2026-03-29T08:30:00+02:00</requested_datetime><updated_datetime/><long>0.25</long><lat>46.5</lat><media_url>https://x.example/a.jpg </media_url></request></service_requests>",
		"numbers":     `[{"service_request_id":42,"status":"open","service_code":7,"service_name":"Trou","description":"Ligne 1\nligne 2","requested_datetime":"2026-03-29T06:30:00Z","lat":46.5,"long":0.25,"media_url":"https://x.example/a.jpg"}]`,
		"texts":       `[{"service_request_id":"42","status":"open","service_code":"7","service_name":"Trou","description":"Ligne 1\nligne 2","requested_datetime":"2026-03-29 06:30:00","lat":"46,5","lon":"0,25","media_url":"https://x.example/a.jpg"}]`,
		"fixmystreet": `{"requests":[{"service_request_id":42,"status":"open","service_code":"7","service_name":"Trou","description":"Ligne 1\nligne 2","requested_datetime":"2026-03-29T08:30:00.25+02:00","lat":46.5,"long":0.25,"media_url":"https://x.example/a.jpg"}]}`,
		"lone":        `{"service_requests":{"request":{"service_request_id":42,"status":"open","service_code":"7","service_name":"Trou","description":"Ligne 1\nligne 2","requested_datetime":"2026-03-29T08:30:00+0200","lat":46.5,"long":0.25,"media_url":"https://x.example/a.jpg"}}}`,
	} {
		got, err := ReadRequests([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i := range got {
			got[i].RequestedAt = got[i].RequestedAt.Truncate(time.Second)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	got, err := ReadRequests([]byte(`[{"status":"open"},{"service_request_id":"9","agency_responsible":{"recipient":["Voirie",{"name":"Eau"}]},"lat":0,"long":0}]`))
	if err != nil || len(got) != 2 || got[0].ID != "" || got[1].ID != "9" || got[1].Point != nil || got[1].Agency != "Voirie, Eau" {
		t.Errorf("%+v %v", got, err)
	}
}

func TestReadOthers(t *testing.T) {
	d, err := ReadDefinition([]byte(`<service_definition><service_code>D</service_code><attribute><variable>false</variable><code>I</code></attribute><attribute><code>Q</code><datatype>SingleValueList</datatype><required>true</required><order>4</order><values><value><key>1</key><name>Un</name></value></values></attribute></service_definition>`))
	want := Definition{ServiceCode: "D", Attributes: []Attribute{{Code: "I", Order: 1}, {Variable: true, Code: "Q", Datatype: SingleList, Required: true, Order: 4, Values: []Value{{"1", "Un"}}}}}
	if df := cmp.Diff(want, d); err != nil || df != "" {
		t.Errorf("%v %s", err, df)
	}
	for text, want := range map[string]Receipt{
		`<service_requests><request><service_request_id>1</service_request_id><service_notice> N </service_notice><account_id/></request></service_requests>`: {RequestID: "1", Notice: "N"},
		`[{"token":"abc"}]`:                               {Token: "abc"},
		`[{"service_request_id":null,"token":"abc"}]`:     {Token: "abc"},
		`{"service_requests":[{"service_request_id":5}]}`: {RequestID: "5"},
	} {
		if got, err := ReadReceipt([]byte(text)); err != nil || got != want {
			t.Errorf("%s: %+v %v", text, got, err)
		}
	}
	if _, err := ReadReceipt([]byte(`[{}]`)); !errors.Is(err, ErrNotGeoReport) {
		t.Errorf("no identifier: %v", err)
	}
	for text, want := range map[string]Fault{
		`<errors><error><code>404</code><description>absent</description></error></errors>`: {"404", "absent"},
		`[{"code":403,"description":"clé"}]`:                                                {"403", "clé"},
		`{"errors":[{"code":400,"description":"x"}]}`:                                       {"400", "x"},
		`{"error":"bare"}`: {"", "bare"},
		"HTTP/1.1 403 Forbidden \n\n<error>bare</error>": {"", "bare"},
	} {
		if got := ReadFaults([]byte(text)); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %+v", text, got)
		}
	}
	if got := ReadFaults([]byte("Forbidden")); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestWhatIsNoGeoReport(t *testing.T) {
	for _, text := range []string{"", "Bonjour", "<!DOCTYPE html><html><body>Not found</body></html>", `[{"service_code":`, "<services><service>", "<", "{",
		strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100), strings.Repeat("[", 1000)} {
		if got, err := ReadServices([]byte(text)); !errors.Is(err, ErrNotGeoReport) {
			t.Errorf("%.40q: %v %v", text, got, err)
		}
	}
}

// What is written is read again the same, in both formats.
func TestWrittenIsRead(t *testing.T) {
	at := time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)
	services := []Service{{Code: "a", Name: "Été & « hiver » <b>", Description: "une\nligne", Metadata: true, Type: Batch, Keywords: []string{"x", "y"}, Group: "G"}, {Code: "b", Name: "B", Type: Realtime}}
	definition := Definition{ServiceCode: "a", Attributes: []Attribute{{Variable: true, Code: "c", Datatype: MultiList, Required: true, Order: 1, Description: "?", Values: []Value{{"k", "N"}}}, {Code: "i", Datatype: String, Order: 2, Description: "Info"}}}
	requests := []Request{{ID: "1", Status: Closed, StatusNotes: "fini", ServiceCode: "a", ServiceName: "A", Description: "<script>\n&", Agency: "Ville", RequestedAt: at, UpdatedAt: at, ExpectedAt: at, Address: "1 rue", AddressID: "86_1", Point: &geo.Point{Lat: -20.5, Lon: 55.25}, MediaURL: "https://x.example/1.jpg"},
		{ID: "2", Status: Open, ServiceCode: "a", ServiceName: "A", RequestedAt: at, Extended: &Extended{Channel: "web", Photos: []Photo{{MediaURL: "https://x.example/2.jpg", CreatedAt: at}}, Notes: []Note{{at, "reçu", "received"}}}}}
	updates := []Update{{ID: "u", RequestID: "1", Status: "OPEN", At: at, Description: "vu", MediaURL: "https://x.example/u.jpg", ExternalStatus: "x"}}
	discovery := Discovery{Changeset: at, Contact: "c", KeyService: "k", Endpoints: []Endpoint{{Specification, "https://x.example", "production", at, []string{"text/xml", "application/json"}}}}
	for _, f := range []Format{XML, JSON} {
		check := func(want, got any, err error) {
			t.Helper()
			if d := cmp.Diff(want, got); err != nil || d != "" {
				t.Errorf("%s: %v %s", f, err, d)
			}
		}
		s, err := ReadServices(Services(services).Bytes(f))
		check(services, s, err)
		d, err := ReadDefinition(ServiceDefinition(definition).Bytes(f))
		check(definition, d, err)
		r, err := ReadRequests(Requests(requests).Bytes(f))
		check(requests, r, err)
		u, err := ReadUpdates(Updates(updates).Bytes(f))
		check(updates, u, err)
		x, err := ReadDiscovery(discovery.Answer().Bytes(f))
		check(discovery, x, err)
		p, err := ReadReceipt(Posted(Receipt{Token: "t", Notice: "n"}).Bytes(f))
		check(Receipt{Token: "t", Notice: "n"}, p, err)
		check([]Fault{{"400", "a"}, {"404", "b"}}, ReadFaults(Faults([]Fault{{"400", "a"}, {"404", "b"}}).Bytes(f)), nil)
	}
	if x := string(Requests(requests).Bytes(XML)); strings.Contains(x, "<script>") || strings.Contains(x, "xmlns") || !strings.HasPrefix(x, `<?xml version="1.0" encoding="UTF-8"?>`) {
		t.Error(x)
	}
	if x := string(Services(nil).Bytes(JSON)); x != "[]\n" {
		t.Errorf("no service: %s", x)
	}
}

// Whatever a server sends: no crash, and what is read may be written again.
func FuzzReaders(f *testing.F) {
	f.Add([]byte(`[{"service_request_id":42,"lat":"46,5","long":0.25,"notes":[{"datetime":"2026-01-01"}]}]`))
	f.Add([]byte(`<service_requests><request><service_request_id>1</service_request_id><long>1</long></request></service_requests>`))
	f.Add([]byte(`<service_definition><service_code>D</service_code><attribute><code>Q</code></attribute></service_definition>`))
	f.Add([]byte("HTTP/1.1 403\n\n<error>x</error>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _ = ReadServices(data)
		_, _ = ReadDefinition(data)
		_, _ = ReadUpdates(data)
		_, _ = ReadReceipt(data)
		_, _ = ReadDiscovery(data)
		ReadFaults(data)
		rows, err := ReadRequests(data)
		if err != nil {
			if !errors.Is(err, ErrNotGeoReport) {
				t.Fatal(err)
			}
			return
		}
		again, err := ReadRequests(Requests(rows).Bytes(XML))
		if err != nil || len(again) != len(rows) {
			t.Fatalf("%d rows written, %d read: %v", len(rows), len(again), err)
		}
	})
}
