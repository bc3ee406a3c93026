package exchange

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"parvis/engine/dossier"
	"parvis/loop/listen/report"
	"parvis/loop/listen/report/open311"
	"parvis/platform/store"
)

// sharedFile finds the published cases beside the checkout (see the data's README).
func sharedFile(name string) string {
	dir := os.Getenv("PARVIS_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "..", "..", "..", "shared")
	}
	return filepath.Join(dir, "data", "open311", name)
}

// schema validates a JSON answer when the published schemas are there.
func schema(t *testing.T, name, body string) {
	t.Helper()
	f, err := os.Open(sharedFile("georeport-v2.schema.json"))
	if err != nil {
		return // TestSchemasAreThere says so
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("urn:parvis:georeport-v2", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("urn:parvis:georeport-v2#/$defs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(v); err != nil {
		t.Errorf("schema %s: %v\n%s", name, err, body)
	}
}

func TestSchemasAreThere(t *testing.T) {
	if _, err := os.Stat(sharedFile("georeport-v2.schema.json")); err != nil {
		t.Skipf("the shared data is not beside the checkout (set PARVIS_SHARED): %v", err)
	}
}

// root is the name of the first element, without namespace or attribute.
func root(t *testing.T, body string) string {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(body))
	name := ""
	for {
		tok, err := d.Token()
		if err != nil {
			break
		}
		if e, ok := tok.(xml.StartElement); ok {
			if name == "" {
				name = e.Name.Local
			}
			if e.Name.Space != "" || len(e.Attr) > 0 {
				t.Errorf("element %s has a namespace or attributes", e.Name.Local)
			}
		}
	}
	return name
}

// refusal checks a refused call: status, standard form in both formats, one item per
// fault, words that name each argument.
func (b *bench) refusal(t *testing.T, status int, ask func(format string) reply, names ...string) {
	t.Helper()
	for _, f := range []string{"json", "xml"} {
		r := ask(f)
		if r.status != status {
			t.Errorf("%s: %d, want %d: %s", f, r.status, status, r.body)
		}
		if f == "json" {
			schema(t, "errors", r.body)
		} else if got := root(t, r.body); got != "errors" {
			t.Errorf("root %q", got)
		}
		faults := open311.ReadFaults([]byte(r.body))
		if len(faults) != max(len(names), 1) {
			t.Errorf("%s: %d faults, want %d: %s", f, len(faults), len(names), r.body)
		}
		for _, n := range names {
			if !slices.ContainsFunc(faults, func(f open311.Fault) bool { return strings.Contains(f.Description, n) }) {
				t.Errorf("%s: nothing names %q: %s", f, n, r.body)
			}
		}
		for _, x := range faults {
			if x.Code != strconv.Itoa(status) && status != http.StatusBadRequest || strings.Contains(x.Description, "⟦") {
				t.Errorf("%s: fault %+v", f, x)
			}
		}
	}
}

func (b *bench) badPost(t *testing.T, status int, names []string, pairs ...string) {
	t.Helper()
	before := b.reports()
	b.refusal(t, status, func(f string) reply { return b.post("/requests."+f, b.args(pairs...)) }, names...)
	if after := b.reports(); after != before {
		t.Errorf("a refused report was kept: %d, then %d", before, after)
	}
}

func (b *bench) badGet(t *testing.T, status int, path string, names ...string) {
	t.Helper()
	b.refusal(t, status, func(f string) reply { return b.get(strings.Replace(path, ".json", "."+f, 1)) }, names...)
}

// goodPost posts in both formats and returns the reports.
func (b *bench) goodPost(t *testing.T, pairs ...string) []report.Report {
	t.Helper()
	var out []report.Report
	for _, f := range []string{"json", "xml"} {
		r := b.post("/requests."+f, b.args(pairs...))
		got := b.receipt(r)
		if f == "json" {
			schema(t, "post_response", r.body)
		} else if root(t, r.body) != "service_requests" {
			t.Error(r.body)
		}
		if got.RequestID == "" || got.Token != "" {
			t.Fatalf("receipt %+v", got)
		}
		out = append(out, b.stored(got.RequestID))
	}
	return out
}

func (b *bench) good(t *testing.T, name, path string) []string {
	t.Helper()
	var out []string
	for _, f := range []open311.Format{open311.JSON, open311.XML} {
		r := b.get(strings.Replace(path, ".json", "."+string(f), 1))
		if r.status != http.StatusOK || r.header.Get("Content-Type") != f.ContentType() || r.header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %d %v %s", path, r.status, r.header, r.body)
		}
		if f == open311.JSON {
			schema(t, name, r.body)
		} else if !strings.HasPrefix(r.body, `<?xml version="1.0" encoding="UTF-8"?>`) {
			t.Errorf("no declaration: %.60s", r.body)
		}
		out = append(out, r.body)
	}
	return out
}

// cases are the published black-box cases, by their identifier, in their order: each
// leaves behind only reports.
func cases() map[string]func(t *testing.T, b *bench) {
	now := func(b *bench) time.Time { return b.clk.Now() }
	iso := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	return map[string]func(t *testing.T, b *bench){
		"D01": func(t *testing.T, b *bench) {
			x := b.good(t, "discovery", "/discovery.json")[1]
			d, err := open311.ReadDiscovery([]byte(x))
			if err != nil || root(t, x) != "discovery" || d.Changeset.IsZero() || d.Contact == "" || d.KeyService == "" || len(d.Endpoints) != 1 {
				t.Errorf("%+v %v", d, err)
			}
		},
		"D02": func(t *testing.T, b *bench) {
			d, err := open311.ReadDiscovery([]byte(b.good(t, "discovery", "/discovery.json")[0]))
			if err != nil || !slices.Equal(d.Endpoints[0].Formats, []string{"text/xml", "application/json"}) || d.Endpoints[0].URL != b.url(town)+Path || d.Endpoints[0].Specification != open311.Specification {
				t.Errorf("%+v %v", d, err)
			}
		},
		"D03": func(t *testing.T, b *bench) {
			stamp := func() string { return asJSON(t, b.get("/discovery.json").body).(map[string]any)["changeset"].(string) }
			before := stamp()
			b.clk.Advance(7 * time.Second)
			c := b.category("voi-tro")
			_, err := b.e.Reports.SaveCategory(t.Context(), b.db.In(town), c)
			b.must(err)
			if after := stamp(); after <= before {
				t.Errorf("changeset %s, then %s", before, after)
			}
		},
		"S01": func(t *testing.T, b *bench) {
			x := b.good(t, "services", "/services.json")[1]
			s, err := open311.ReadServices([]byte(x))
			if err != nil || root(t, x) != "services" || len(s) != 7 || !strings.Contains(x, "&amp; &lt;trou&gt;") || !strings.Contains(x, "<metadata>true</metadata>") || !strings.Contains(x, "<metadata>false</metadata>") {
				t.Errorf("%d services: %s", len(s), x)
			}
		},
		"S02": func(t *testing.T, b *bench) {
			all := asJSON(t, b.good(t, "services", "/services.json")[0]).([]any)
			first := all[0].(map[string]any)
			if first["metadata"] != false || first["description"] != nil || first["type"] != "realtime" {
				t.Errorf("%v", first)
			}
		},
		"S03": func(t *testing.T, b *bench) { b.withServices(t, 1) },
		"S04": func(t *testing.T, b *bench) { b.withServices(t, 0) },
		"S05": func(t *testing.T, b *bench) { b.withServices(t, 0) },
		"S06": func(t *testing.T, b *bench) {
			b.badGet(t, 404, "/services.json?jurisdiction_id=inconnue", "jurisdiction_id")
		},
		"S07": func(t *testing.T, b *bench) {
			instance := func(query string) func(string) reply {
				return func(f string) reply { return b.send("GET", Path+"/services."+f+query, "", nil) }
			}
			b.refusal(t, 400, instance(""), "jurisdiction_id")
			b.refusal(t, 404, instance("?jurisdiction_id=inconnue"), "jurisdiction_id")
			for _, name := range []string{"vouneuil", town} {
				if r := instance("?jurisdiction_id=" + name)("json"); r.status != 200 || r.body != b.get("/services.json").body {
					t.Errorf("%s: %d", name, r.status)
				}
			}
		},
		"S08": func(t *testing.T, b *bench) {
			if r := b.get("/services.json?jurisdiction_id="); r.status != 200 {
				t.Errorf("%d %s", r.status, r.body)
			}
			if r := b.get("/services.json?jurisdiction_id=vouneuil"); r.status != 200 {
				t.Errorf("%d %s", r.status, r.body)
			}
		},
		"S09": func(t *testing.T, b *bench) {
			in, _ := open311.ReadServices([]byte(b.good(t, "services", "/services.json?lat=46.58&long=0.34")[0]))
			out, _ := open311.ReadServices([]byte(b.good(t, "services", "/services.json?lat=48.85&long=2.35")[0]))
			if len(in) != 7 || len(out) != 0 {
				t.Errorf("%d services inside, %d outside", len(in), len(out))
			}
			b.badGet(t, 400, "/services.json?lat=46.58", "long")
		},
		"S10": func(t *testing.T, b *bench) {
			for _, path := range []string{"/services.html", "/services"} {
				if r := b.get(path); r.status != 400 || root(t, r.body) != "errors" {
					t.Errorf("%s: %d %s", path, r.status, r.body)
				}
			}
		},
		"F01": func(t *testing.T, b *bench) {
			d, err := open311.ReadDefinition([]byte(b.good(t, "service_definition", "/services/pro-tag.json")[0]))
			if err != nil || len(d.Attributes) != 3 {
				t.Fatalf("%+v %v", d, err)
			}
			for i, a := range d.Attributes {
				if a.Order != i+1 || !a.Variable || (a.Datatype == open311.SingleList) != (len(a.Values) > 0) {
					t.Errorf("%+v", a)
				}
			}
		},
		"F02": func(t *testing.T, b *bench) {
			x := b.good(t, "service_definition", "/services/pro-tag.json")[1]
			if !strings.Contains(x, "<service_definition><service_code>pro-tag</service_code><attributes><attribute><variable>true</variable><code>support</code>") ||
				!strings.Contains(x, "<values><value><key>pierre</key><name>Pierre</name></value>") {
				t.Error(x)
			}
		},
		"F03": func(t *testing.T, b *bench) {
			v := asJSON(t, b.good(t, "service_definition", "/services/voi-tro.json")[0]).(map[string]any)
			if a, ok := v["attributes"].([]any); !ok || len(a) != 0 {
				t.Errorf("%v", v)
			}
		},
		"F04": func(t *testing.T, b *bench) { b.badGet(t, 404, "/services/zzz.json", "service_code") },
		"F05": func(t *testing.T, b *bench) {
			d, err := open311.ReadDefinition([]byte(b.good(t, "service_definition", "/services/esp-arb.json")[0]))
			if err != nil || len(d.Attributes) != 2 || d.Attributes[1].Variable || !strings.Contains(d.Attributes[1].Description, "112") {
				t.Errorf("%+v %v", d, err)
			}
		},
		"P01": func(t *testing.T, b *bench) {
			for _, r := range b.goodPost(t, "description", "Dalle cassée") {
				if r.Text != "Dalle cassée" || r.Channel != dossier.API || r.Lat != 46.58 || r.Lon != 0.34 {
					t.Errorf("%+v", r)
				}
			}
		},
		"P02": func(t *testing.T, b *bench) { b.goodPost(t) },
		"P03": func(t *testing.T, b *bench) { b.badPost(t, 403, []string{"api_key"}, "api_key", "") },
		"P04": func(t *testing.T, b *bench) {
			for _, k := range []string{"faux", "parvis_faux", b.weak} {
				b.badPost(t, 403, []string{"api_key"}, "api_key", k)
			}
		},
		"P05": func(t *testing.T, b *bench) { b.badPost(t, 400, []string{"service_code"}, "service_code", "") },
		"P06": func(t *testing.T, b *bench) { b.badPost(t, 404, []string{"service_code"}, "service_code", "zzz") },
		"P07": func(t *testing.T, b *bench) { b.badPost(t, 400, []string{"address_string"}, "lat", "", "long", "") },
		"P08": func(t *testing.T, b *bench) {
			b.badPost(t, 400, []string{"long"}, "long", "")
			b.badPost(t, 400, []string{"lat"}, "lat", "")
		},
		"P09": func(t *testing.T, b *bench) {
			b.badPost(t, 400, []string{"lat"}, "lat", "abc")
			b.badPost(t, 400, []string{"lat"}, "lat", "NaN")
			b.badPost(t, 400, []string{"lat"}, "lat", "46,58")
		},
		"P10": func(t *testing.T, b *bench) {
			b.badPost(t, 400, []string{"lat"}, "lat", "95")
			b.badPost(t, 400, []string{"long"}, "long", "-181")
		},
		"P11": func(t *testing.T, b *bench) {
			for _, r := range b.goodPost(t, "lat", "", "long", "", "address_string", "12 rue de la Paix") {
				if r.Address != "12 rue de la Paix" || r.Located {
					t.Errorf("%+v", r)
				}
			}
		},
		"P12": func(t *testing.T, b *bench) {
			for _, r := range b.goodPost(t, "lat", "", "long", "", "address_id", "86194_0001_00012") {
				if r.AddressID != "86194_0001_00012" {
					t.Errorf("%+v", r)
				}
			}
		},
		"P13": func(t *testing.T, b *bench) {
			b.badPost(t, 400, []string{"injurieux"}, "service_code", "pro-tag", "attribute[support]", "pierre")
		},
		"P14": func(t *testing.T, b *bench) {
			b.badPost(t, 400, []string{"support"}, "service_code", "pro-tag", "attribute[support]", "papier", "attribute[injurieux]", "non")
		},
		"P15": func(t *testing.T, b *bench) {
			for _, r := range b.goodPost(t, "service_code", "pro-dep", "attribute[nature][]", "gravats", "attribute[nature][]", "verts") {
				if !slices.Equal(r.Answers.V["nature"], []string{"gravats", "verts"}) {
					t.Errorf("%v", r.Answers.V)
				}
			}
		},
		"P16": func(t *testing.T, b *bench) {
			b.badPost(t, 400, []string{"vu_le"}, "service_code", "pro-dep", "attribute[nature][]", "gravats", "attribute[vu_le]", "hier")
			for _, r := range b.goodPost(t, "service_code", "pro-dep", "attribute[nature][]", "gravats", "attribute[vu_le]", "2026-11-20T18:00:00+01:00") {
				if !slices.Equal(r.Answers.V["vu_le"], []string{"2026-11-20"}) {
					t.Errorf("%v", r.Answers.V)
				}
			}
		},
		"P17": func(t *testing.T, b *bench) {
			b.badPost(t, 400, []string{"profondeur"}, "service_code", "voi-nid", "attribute[profondeur]", "12,5", "attribute[danger]", "non")
			for _, r := range b.goodPost(t, "service_code", "voi-nid", "attribute[profondeur]", "12.5", "attribute[danger]", "non") {
				if !slices.Equal(r.Answers.V["profondeur"], []string{"12.5"}) {
					t.Errorf("%v", r.Answers.V)
				}
			}
		},
		"P18": func(t *testing.T, b *bench) {
			b.badPost(t, 400, []string{"address_string", "support", "injurieux"}, "service_code", "pro-tag", "lat", "", "long", "", "attribute[support]", "papier")
		},
		"P19": func(t *testing.T, b *bench) {
			text := strings.Repeat("é", 4000)
			for _, r := range b.goodPost(t, "description", text) {
				if r.Text != text {
					t.Errorf("%d characters kept", len([]rune(r.Text)))
				}
			}
		},
		"P20": func(t *testing.T, b *bench) {
			b.badPost(t, 400, []string{"description"}, "description", strings.Repeat("é", 4001))
		},
		"P21": func(t *testing.T, b *bench) {
			for _, r := range b.goodPost(t, "description", "<script>alert(1)</script>\r\nligne & suite") {
				for _, body := range b.good(t, "requests", "/requests/"+r.Number+".json") {
					if strings.Contains(body, "<script>") {
						t.Errorf("not escaped: %s", body)
					}
					got, err := open311.ReadRequests([]byte(body))
					if err != nil || got[0].Description != "<script>alert(1)</script>\nligne & suite" {
						t.Errorf("%q %v", got[0].Description, err)
					}
				}
			}
		},
		"P22": func(t *testing.T, b *bench) {
			before := b.reports()
			args := b.args("description", "une fois").Encode()
			once := func() reply {
				return b.send("POST", "/vouneuil"+Path+"/requests.json", args, map[string]string{"Idempotency-Key": "clé-22"})
			}
			first, second := b.receipt(once()), b.receipt(once())
			if first != second || b.reports() != before+1 {
				t.Errorf("%+v, then %+v: %d reports", first, second, b.reports()-before)
			}
		},
		"P23": func(t *testing.T, b *bench) {
			key := map[string]string{"Idempotency-Key": "clé-23"}
			first := b.receipt(b.send("POST", "/vouneuil"+Path+"/requests.json", b.args("description", "premier").Encode(), key))
			before := b.reports()
			b.refusal(t, 409, func(f string) reply {
				return b.send("POST", "/vouneuil"+Path+"/requests."+f, b.args("description", "second").Encode(), key)
			}, "Idempotency-Key")
			if b.stored(first.RequestID).Text != "premier" || b.reports() != before {
				t.Error("the first one changed, or a second was kept")
			}
		},
		"P24": func(t *testing.T, b *bench) {
			before := b.reports()
			b.refusal(t, 400, func(f string) reply {
				return b.send("POST", "/vouneuil"+Path+"/requests."+f, b.args().Encode()+"&description=cass%E9e", map[string]string{"Content-Type": "application/x-www-form-urlencoded; charset=ISO-8859-1"})
			}, "description")
			if b.reports() != before {
				t.Error("kept garbled")
			}
		},
		"P25": func(t *testing.T, b *bench) {
			var body bytes.Buffer
			w := multipart.NewWriter(&body)
			for name, v := range b.args("description", "avec photo") {
				b.must(w.WriteField(name, v[0]))
			}
			part, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="photo1"; filename="a.jpg"`}, "Content-Type": {"image/jpeg"}})
			b.must(err)
			_, err = part.Write(picture(t))
			b.must(err)
			b.must(w.Close())
			got := b.receipt(b.send("POST", "/vouneuil"+Path+"/requests.json", body.String(), map[string]string{"Content-Type": w.FormDataContentType()}))
			one := b.listed(b.get("/requests/" + got.RequestID + ".json"))[0]
			image := b.send("GET", strings.TrimPrefix(one.MediaURL, b.srv.URL), "", nil)
			if image.status != 200 || image.header.Get("Content-Type") != "image/jpeg" || strings.Contains(image.body, "Exif") || strings.Contains(image.body, "SECRET") {
				t.Errorf("media_url %q: %d %s", one.MediaURL, image.status, image.header.Get("Content-Type"))
			}
			// What is no photo is named, and nothing is kept.
			before := b.reports()
			bad := strings.Replace(body.String(), string(picture(t)), "%PDF-1.7", 1)
			b.refusal(t, 400, func(f string) reply {
				return b.send("POST", "/vouneuil"+Path+"/requests."+f, bad, map[string]string{"Content-Type": w.FormDataContentType()})
			}, "photo1")
			if b.reports() != before {
				t.Error("kept without its photo")
			}
		},
		"P26": func(t *testing.T, b *bench) {
			for _, f := range []string{"json", "xml"} {
				r := b.post("/requests."+f, b.args("service_code", "ani-nui"))
				if got := b.receipt(r); got.Token == "" || got.RequestID != "" || got.Notice == "" {
					t.Errorf("%+v", got)
				}
				if f == "json" {
					schema(t, "post_response", r.body)
				}
			}
		},
		"P27": func(t *testing.T, b *bench) {
			r := b.post("/requests.json", b.args("service_code", "aut-pri"))
			schema(t, "post_response", r.body)
			got := b.receipt(r)
			if got.RequestID != "" || got.Token == "" || got.Notice == "" {
				t.Errorf("%+v", got)
			}
			if x, _ := open311.ReadReceipt([]byte(b.good(t, "token_response", "/tokens/"+got.Token+".json")[0])); x.RequestID != "" {
				t.Errorf("an identifier of a private report: %+v", x)
			}
		},
		"T01": func(t *testing.T, b *bench) {
			got := b.receipt(b.post("/requests.json", b.args("service_code", "ani-nui")))
			var r report.Report
			b.must(b.db.In(town).View(t.Context(), func(tx *store.Tx) error {
				list, err := b.e.Reports.List(t.Context(), tx, report.Filter{Category: b.category("ani-nui").ID}, report.Cursor{}, 1)
				r = list[0]
				return err
			}))
			_, err := b.e.Reports.Moderate(t.Context(), b.db.In(town), r.ID, report.Verdict{Show: true, Text: "Relu", Address: r.Address, By: 7})
			b.must(err)
			for _, body := range b.good(t, "token_response", "/tokens/"+got.Token+".json") {
				if x, err := open311.ReadReceipt([]byte(body)); err != nil || x.RequestID != r.Number || x.Token != got.Token {
					t.Errorf("%+v %v, want %s", x, err, r.Number)
				}
			}
		},
		"T02": func(t *testing.T, b *bench) {
			got := b.receipt(b.post("/requests.json", b.args("service_code", "ani-nui")))
			v := asJSON(t, b.good(t, "token_response", "/tokens/"+got.Token+".json")[0]).([]any)[0].(map[string]any)
			if id, there := v["service_request_id"]; !there || id != nil {
				t.Errorf("%v", v)
			}
		},
		"T03": func(t *testing.T, b *bench) { b.badGet(t, 404, "/tokens/zzz.json", "zzz") },
		"G01": func(t *testing.T, b *bench) {
			old := b.open("voi-tro", func(d *report.Draft) { d.RequestedAt = now(b).AddDate(0, 0, -100) })
			recent := b.open("voi-tro", func(d *report.Draft) { d.RequestedAt = now(b).AddDate(0, 0, -89) })
			rows := b.listed(b.get("/requests.json"))
			if !has(rows, recent.Number) || has(rows, old.Number) {
				t.Error("not the last 90 days")
			}
			for _, r := range rows {
				if r.RequestedAt.Before(now(b).Add(-open311.Span)) {
					t.Errorf("%s is of %v", r.ID, r.RequestedAt)
				}
			}
		},
		"G02": func(t *testing.T, b *bench) { b.manyRows(t) },
		"G03": func(t *testing.T, b *bench) {
			from, to := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
			at := func(when time.Time) string {
				return b.open("voi-tro", func(d *report.Draft) { d.RequestedAt = when }).Number
			}
			first, last, before, after := at(from), at(to), at(from.Add(-time.Second)), at(to.Add(time.Second))
			rows := b.listed(b.get("/requests.json?start_date=2026-01-01T00:00:00Z&end_date=2026-02-01T00:00:00Z"))
			if !has(rows, first) || !has(rows, last) || has(rows, before) || has(rows, after) {
				t.Errorf("%d rows", len(rows))
			}
			if rows := b.listed(b.get("/requests.json?start_date=2026-01-01T01:00:00%2B01:00")); !has(rows, first) || has(rows, before) {
				t.Error("a start with an offset, and no end")
			}
			if rows := b.listed(b.get("/requests.json?end_date=2026-02-01")); !has(rows, first) || !has(rows, last) || has(rows, after) {
				t.Error("an end alone")
			}
		},
		"G04": func(t *testing.T, b *bench) {
			b.badGet(t, 400, "/requests.json?start_date=2026-01-01T00:00:00Z&end_date=2026-12-31T00:00:00Z", "90")
			b.badGet(t, 400, "/requests.json?start_date=2026-02-01T00:00:00Z&end_date=2026-01-31T00:00:00Z", "end_date")
		},
		"G05": func(t *testing.T, b *bench) { b.badGet(t, 400, "/requests.json?start_date=2026-13-01", "start_date") },
		"G06": func(t *testing.T, b *bench) {
			open, closed := b.open("voi-tro", nil).Number, b.closed(t).Number
			both, one, end := b.listed(b.get("/requests.json?status=open,closed")), b.listed(b.get("/requests.json?status=open")), b.listed(b.get("/requests.json?status=closed"))
			if !has(both, open) || !has(both, closed) || !has(one, open) || has(one, closed) || has(end, open) || !has(end, closed) {
				t.Errorf("%d in all, %d open, %d closed", len(both), len(one), len(end))
			}
		},
		"G07": func(t *testing.T, b *bench) { b.badGet(t, 400, "/requests.json?status=fini", "status") },
		"G08": func(t *testing.T, b *bench) {
			b.open("pro-tag", nil)
			b.open("pro-dep", nil)
			b.open("voi-tro", nil)
			codes := map[string]int{}
			for _, r := range b.listed(b.get("/requests.json?service_code=pro-tag,pro-dep")) {
				codes[r.ServiceCode]++
			}
			if len(codes) != 2 || codes["pro-tag"] == 0 || codes["pro-dep"] == 0 {
				t.Errorf("%v", codes)
			}
			if rows := b.listed(b.get("/requests.json?service_code=zzz")); len(rows) != 0 {
				t.Errorf("an unknown code: %d rows", len(rows))
			}
		},
		"G09": func(t *testing.T, b *bench) {
			x, y := b.open("voi-tro", nil).Number, b.open("pro-tag", nil).Number
			rows := b.listed(b.get("/requests.json?service_request_id=" + x + "," + y + "&status=closed&start_date=2030-01-01T00:00:00Z"))
			if len(rows) != 2 || !has(rows, x) || !has(rows, y) {
				t.Errorf("%+v", rows)
			}
		},
		"G10": func(t *testing.T, b *bench) {
			if bodies := b.good(t, "requests", "/requests.json?service_request_id=999999"); bodies[0] != "[]\n" || root(t, bodies[1]) != "service_requests" {
				t.Errorf("%s", bodies)
			}
		},
		"G11": func(t *testing.T, b *bench) {
			start := time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)
			var numbers []string
			for i := range 120 {
				numbers = append(numbers, b.open("pro-tag", func(d *report.Draft) { d.RequestedAt = start.Add(time.Duration(i/3) * time.Hour) }).Number)
			}
			slices.Reverse(numbers) // the latest first
			window := "start_date=" + iso(start) + "&end_date=" + iso(start.AddDate(0, 0, 60))
			got := ids(b.listed(b.get("/requests.json?page=2&page_size=50&" + window)))
			all := ids(b.listed(b.get("/requests.json?" + window)))
			if len(all) != 120 || !slices.Equal(got, all[50:100]) {
				t.Errorf("rows 51 to 100 are not those of the whole: %d of %d", len(got), len(all))
			}
			if slices.Sort(numbers); !slices.Equal(slices.Sorted(slices.Values(all)), numbers) {
				t.Error("rows are missing")
			}
			if rows := b.listed(b.get("/requests.json?page=4&page_size=50&" + window)); len(rows) != 0 {
				t.Errorf("beyond the end: %d", len(rows))
			}
			b.badGet(t, 400, "/requests.json?page=0", "page")
		},
		"G12": func(t *testing.T, b *bench) {
			r := b.open("voi-nid", func(d *report.Draft) { d.Answers = map[string][]string{"danger": {"oui"}, "profondeur": {"12"}} })
			bodies := b.good(t, "requests", "/requests/"+r.Number+".json?extensions=true")
			for _, body := range bodies {
				for _, want := range []string{"extended_attributes", "notes", "channel", "danger", "photos"} {
					if !strings.Contains(body, want) {
						t.Errorf("no %s: %s", want, body)
					}
				}
				if strings.Contains(body, "profondeur") {
					t.Errorf("an answer that is not public: %s", body)
				}
			}
			for _, body := range b.good(t, "requests", "/requests/"+r.Number+".json") {
				if strings.Contains(body, "extended_attributes") || strings.Contains(body, "\"notes\"") || strings.Contains(body, "<notes>") {
					t.Errorf("extensions unasked: %s", body)
				}
			}
		},
		"G13": func(t *testing.T, b *bench) {
			r := b.open("voi-tro", nil)
			rows := b.listed(reply{200, nil, b.good(t, "requests", "/requests/"+r.Number+".json")[0]})
			x := rows[0]
			if len(rows) != 1 || x.ID != r.Number || x.Status != open311.Open || x.ServiceCode != "voi-tro" || x.ServiceName != "Trottoir dégradé" || x.Description != "Une dalle est cassée." ||
				x.Address != r.Address || x.Zipcode != "86000" || x.Point == nil || x.Point.Lat != 46.58 || !x.RequestedAt.Equal(now(b)) || x.StatusNotes == "" || x.Agency != "vouneuil" {
				t.Errorf("%+v", x)
			}
		},
		"G14": func(t *testing.T, b *bench) {
			r := b.open("voi-tro", nil)
			x := b.good(t, "requests", "/requests/"+r.Number+".json")[1]
			if root(t, x) != "service_requests" || strings.Count(x, "<request>") != 1 || !strings.Contains(x, "<service_request_id>"+r.Number+"<") {
				t.Error(x)
			}
		},
		"G15": func(t *testing.T, b *bench) { b.badGet(t, 404, "/requests/zzz.json", "zzz") },
		"G16": func(t *testing.T, b *bench) {
			secret := "secret-de-la-rue"
			for code, private := range map[string]bool{"aut-pri": false, "ani-nui": false, "voi-tro": true} {
				r := b.open(code, func(d *report.Draft) { d.Private, d.Text = private, secret })
				b.badGet(t, 404, "/requests/"+r.Number+".json", r.Number)
				for _, path := range []string{"/requests.json?service_request_id=" + r.Number, "/requests.json?extensions=true", "/servicerequestupdates.json"} {
					if body := b.get(path).body; strings.Contains(body, r.Number) || strings.Contains(body, secret) {
						t.Errorf("%s of %s leaks", path, code)
					}
				}
				weak := b.post("/servicerequestupdates.json", b.update("service_request_id", r.Number))
				if weak.status != 404 {
					t.Errorf("an update of a private report of %s: %d", code, weak.status)
				}
			}
		},
		"G17": func(t *testing.T, b *bench) {
			posted := b.receipt(b.post("/requests.json", b.args("first_name", "Ginette", "last_name", "Ploumagoar", "email", "ginette.p@exemple.fr", "phone", "06 39 98 12 34",
				"description", "Ginette Ploumagoar, 06 39 98 12 34, ginette.p@exemple.fr : trottoir cassé")))
			for _, path := range []string{"/requests/" + posted.RequestID + ".json?extensions=true", "/requests.json?extensions=true", "/servicerequestupdates.json"} {
				for _, body := range b.good(t, map[bool]string{true: "requests", false: "request_updates"}[strings.HasPrefix(path, "/requests")], path) {
					for _, planted := range []string{"Ploumagoar", "ginette", "06 39 98", "639981234", "exemple.fr"} {
						if strings.Contains(body, planted) {
							t.Errorf("%s holds %q", path, planted)
						}
					}
				}
			}
		},
		"G18": func(t *testing.T, b *bench) {
			kept, double := b.open("voi-tro", nil), b.open("voi-tro", nil)
			_, err := b.e.Reports.Merge(t.Context(), b.db.In(town), double.ID, kept.ID, dossier.Author{Kind: dossier.Staff, ID: 7})
			b.must(err)
			for _, body := range b.good(t, "requests", "/requests/"+double.Number+".json") {
				if rows, err := open311.ReadRequests([]byte(body)); err != nil || rows[0].Status != open311.Closed || !strings.Contains(rows[0].StatusNotes, kept.Number) {
					t.Errorf("%+v %v", rows, err)
				}
			}
		},
		"G19": func(t *testing.T, b *bench) {
			b.open("voi-tro", nil)
			b.listed(b.get("/requests.xml"))
			root(t, b.get("/requests.xml").body)
			known := []string{"service_requests", "request", "service_request_id", "status", "status_notes", "service_name", "service_code", "description", "agency_responsible", "service_notice",
				"requested_datetime", "updated_datetime", "expected_datetime", "address", "address_id", "zipcode", "lat", "long", "media_url"}
			d := xml.NewDecoder(strings.NewReader(b.get("/requests.xml").body))
			for {
				tok, err := d.Token()
				if err != nil {
					break
				}
				if e, ok := tok.(xml.StartElement); ok && !slices.Contains(known, e.Name.Local) {
					t.Fatalf("foreign element %s", e.Name.Local)
				}
			}
		},
		"U01": func(t *testing.T, b *bench) {
			r := b.closed(t)
			x := b.good(t, "request_updates", "/servicerequestupdates.json?start_date="+iso(now(b).Add(-time.Hour))+"&end_date="+iso(now(b).Add(time.Hour)))[1]
			if root(t, x) != "service_request_updates" || !strings.Contains(x, "<service_request_updates><request_update><update_id>") || !strings.Contains(x, r.Number) {
				t.Error(x)
			}
		},
		"U02": func(t *testing.T, b *bench) {
			r := b.closed(t)
			body := b.good(t, "request_updates", "/servicerequestupdates.json?start_date="+iso(now(b).Add(-time.Hour))+"&end_date="+iso(now(b).Add(time.Hour)))[0]
			all, err := open311.ReadUpdates([]byte(body))
			i := slices.IndexFunc(all, func(u open311.Update) bool { return u.RequestID == r.Number })
			if err != nil || i < 0 || all[i].Status != "FIXED" || all[i].ExternalStatus != "fixed" || !strings.Contains(all[i].Description, "Dalle remplacée") {
				t.Errorf("%+v %v", all, err)
			}
			if all, _ := open311.ReadUpdates([]byte(b.get("/servicerequestupdates.json?start_date=2020-01-01&end_date=2020-02-01").body)); len(all) != 0 {
				t.Errorf("of another time: %+v", all)
			}
			b.badGet(t, 400, "/servicerequestupdates.json?start_date=hier", "start_date")
		},
		"U03": func(t *testing.T, b *bench) {
			for i, f := range []string{"json", "xml"} {
				r := b.open("voi-tro", nil)
				got := b.post("/servicerequestupdates."+f, b.update("service_request_id", r.Number, "update_id", fmt.Sprintf("u3-%d", i), "status", "IN_PROGRESS"))
				if got.status != 201 || !strings.Contains(got.body, fmt.Sprintf("u3-%d", i)) {
					t.Errorf("%d %s", got.status, got.body)
				}
				if s := b.stored(r.Number).State; s != report.InProgress {
					t.Errorf("state %s", s)
				}
			}
			b.refusal(t, 400, func(f string) reply {
				return b.post("/servicerequestupdates."+f, b.update("service_request_id", "", "update_id", "", "status", "fini"))
			}, "service_request_id", "update_id", "status")
			b.refusal(t, 403, func(f string) reply { return b.post("/servicerequestupdates."+f, b.update("api_key", "faux")) }, "api_key")
			b.refusal(t, 404, func(f string) reply {
				return b.post("/servicerequestupdates."+f, b.update("service_request_id", "V-2026-99999"))
			}, "V-2026-99999")
		},
		"U04": func(t *testing.T, b *bench) {
			r := b.open("voi-tro", nil)
			args := b.update("service_request_id", r.Number, "update_id", "u4", "status", "OPEN", "description", "Un mot du partenaire")
			first, second := b.post("/servicerequestupdates.json", args), b.post("/servicerequestupdates.json", args)
			if first.status != 201 || second.status != 200 || first.body != second.body {
				t.Errorf("%d %s, then %d %s", first.status, first.body, second.status, second.body)
			}
			if n := b.count(`SELECT COUNT(*) FROM dossier_entry WHERE territory_id = @territory AND dossier_id = ? AND body = ?`, r.DossierID, "Un mot du partenaire"); n != 1 {
				t.Errorf("said %d times", n)
			}
		},
		"X01": func(t *testing.T, b *bench) {
			r := b.send("OPTIONS", "/vouneuil"+Path+"/requests.json", "", map[string]string{"Origin": "https://carte.example", "Access-Control-Request-Method": "POST"})
			if r.status != 204 || r.header.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(r.header.Get("Access-Control-Allow-Methods"), "POST") {
				t.Errorf("%d %v", r.status, r.header)
			}
		},
		"X02": func(t *testing.T, b *bench) {
			get, head := b.get("/services.xml"), b.send("HEAD", "/vouneuil"+Path+"/services.xml", "", nil)
			for _, r := range []reply{get, head} {
				r.header.Del("Date")
			}
			if head.status != 200 || head.body != "" {
				t.Errorf("%d %q", head.status, head.body)
			}
			for name := range get.header {
				if name != "Set-Cookie" && get.header.Get(name) != head.header.Get(name) {
					t.Errorf("%s: %q, %q", name, get.header.Get(name), head.header.Get(name))
				}
			}
		},
		"X03": func(t *testing.T, b *bench) {
			for _, f := range []string{"json", "xml"} {
				tag := b.get("/services." + f).header.Get("ETag")
				r := b.send("GET", "/vouneuil"+Path+"/services."+f, "", map[string]string{"If-None-Match": `"x", W/` + tag})
				if tag == "" || r.status != 304 || r.body != "" {
					t.Errorf("%s %s: %d %q", f, tag, r.status, r.body)
				}
				if r := b.send("GET", "/vouneuil"+Path+"/services."+f, "", map[string]string{"If-None-Match": `"x"`}); r.status != 200 {
					t.Errorf("another tag: %d", r.status)
				}
			}
		},
		"X04": func(t *testing.T, b *bench) {
			number := b.open("voi-tro", nil).Number
			b.refusal(t, 405, func(f string) reply {
				r := b.send("DELETE", "/vouneuil"+Path+"/requests/"+number+"."+f, "", nil)
				if r.header.Get("Allow") != "OPTIONS, GET, HEAD" {
					t.Errorf("Allow %q", r.header.Get("Allow"))
				}
				return r
			})
			if r := b.get("/requests/" + number + ".json"); r.status != 200 {
				t.Error("deleted")
			}
		},
	}
}

func has(rows []open311.Request, id string) bool {
	return slices.ContainsFunc(rows, func(r open311.Request) bool { return r.ID == id })
}

func ids(rows []open311.Request) []string {
	var out []string
	for _, r := range rows {
		out = append(out, r.ID)
	}
	return out
}

// update are the arguments of a right update, changed.
func (b *bench) update(pairs ...string) (v map[string][]string) {
	args := b.args("service_code", "", "lat", "", "long", "", "update_id", "u", "status", "OPEN", "updated_datetime", "2026-11-23T07:00:00Z", "description", "vu")
	for i := 0; i < len(pairs); i += 2 {
		args.Set(pairs[i], pairs[i+1])
	}
	return args
}

// closed is a report that was repaired.
func (b *bench) closed(t *testing.T) report.Report {
	t.Helper()
	r, err := b.e.Reports.Close(t.Context(), b.db.In(town), b.open("voi-tro", nil).ID, dossier.Author{Kind: dossier.Staff, ID: 7}, report.Closing{State: report.Fixed, Reason: "Dalle remplacée"})
	b.must(err)
	return r
}

// withServices leaves n services open in the other territory.
func (b *bench) withServices(t *testing.T, n int) {
	t.Helper()
	at := b.db.In(other)
	b.must(b.e.Reports.Seed(t.Context(), at))
	b.must(at.Update(t.Context(), func(tx *store.Tx) error {
		var all []store.ID
		if err := tx.Select(t.Context(), &all, `SELECT id FROM report_category WHERE territory_id = @territory ORDER BY rank, id`); err != nil {
			return err
		}
		for i, id := range all {
			if _, err := tx.Exec(t.Context(), `UPDATE report_category SET active = ? WHERE territory_id = @territory AND id = ?`, i < n, id); err != nil {
				return err
			}
		}
		return nil
	}))
	b.clk.Advance(10 * time.Second) // categories are remembered for some seconds
	for _, f := range []open311.Format{open311.JSON, open311.XML} {
		r := b.send("GET", "/poitiers"+Path+"/services."+string(f), "", nil)
		got, err := open311.ReadServices([]byte(r.body))
		if r.status != 200 || err != nil || len(got) != n {
			t.Errorf("%s: %d services, want %d: %d %v %s", f, len(got), n, r.status, err, r.body)
		}
		if f == open311.JSON {
			schema(t, "services", r.body)
			if all, ok := asJSON(t, r.body).([]any); !ok || len(all) != n {
				t.Errorf("not an array of %d: %s", n, r.body)
			}
		} else if root(t, r.body) != "services" {
			t.Error(r.body)
		}
	}
}

// manyRows has 1 500 public rows in the window; they are copies of one row, numbered.
func (b *bench) manyRows(t *testing.T) {
	t.Helper()
	model := b.open("voi-tro", func(d *report.Draft) { d.RequestedAt = time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC) })
	var columns []string
	b.must(b.db.In(town).Update(t.Context(), func(tx *store.Tx) error {
		for _, c := range strings.Split(`dossier_id,category_id,title,text,text_shown,text_fold,answers,lat,lon,located,cell,accuracy,address,address_id,state,tone,visible,private,moderation,anonymous,priority,follow_count,cause,reason,sector_id,crew_id,channel,source,external_id,staff_id,code_hash,merged_into,opened_at,updated_at,version`, ",") {
			columns = append(columns, strings.TrimSpace(c))
		}
		list := strings.Join(columns, ", ")
		for i := range 1499 {
			if _, err := tx.Exec(t.Context(), `INSERT INTO report (territory_id, id, number, `+list+`) SELECT territory_id, ?, ?, `+list+` FROM report WHERE territory_id = @territory AND id = ?`,
				store.NewID(), fmt.Sprintf("V-2024-%d", 50000+i), model.ID); err != nil {
				return err
			}
		}
		return nil
	}))
	window := "start_date=2024-04-30T00:00:00Z&end_date=2024-05-02T00:00:00Z"
	first := b.get("/requests.json?" + window)
	rows := b.listed(first)
	next := first.header.Get("Link")
	if len(rows) != 1000 || !strings.Contains(next, `rel="next"`) {
		t.Fatalf("%d rows, next %q", len(rows), next)
	}
	address := strings.TrimPrefix(next[1:strings.IndexByte(next, '>')], b.srv.URL)
	rest := b.listed(b.send("GET", address, "", nil))
	seen := map[string]bool{}
	for _, r := range append(rows, rest...) {
		seen[r.ID] = true
	}
	if len(rest) != 500 || len(seen) != 1500 {
		t.Errorf("%d more rows, %d in all", len(rest), len(seen))
	}
}

// TestBlackBox runs every published case through the real server, on both engines.
func TestBlackBox(t *testing.T) {
	all := cases()
	benches(t, func(t *testing.T, b *bench) {
		for _, id := range order(all) {
			t.Run(id, func(t *testing.T) {
				was := b.t
				b.t = t
				defer func() { b.t = was }()
				all[id](t, b)
			})
		}
	})
}

// order is that of the published list.
func order[T any](all map[string]T) []string {
	var out []string
	for _, group := range []string{"D", "S", "F", "P", "T", "G", "U", "X"} {
		var some []string
		for id := range all {
			if strings.HasPrefix(id, group) {
				some = append(some, id)
			}
		}
		slices.Sort(some)
		out = append(out, some...)
	}
	return out
}

// TestEveryPublishedCaseIsHere compares with the list beside the checkout.
func TestEveryPublishedCaseIsHere(t *testing.T) {
	f, err := os.Open(sharedFile("blackbox-cases.csv"))
	if err != nil {
		t.Skipf("the shared data is not beside the checkout (set PARVIS_SHARED): %v", err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	all := cases()
	for _, r := range rows[1:] {
		if all[r[0]] == nil {
			t.Errorf("case %s is not run", r[0])
		}
	}
	if len(rows)-1 != len(all) {
		t.Errorf("%d cases published, %d run", len(rows)-1, len(all))
	}
}
