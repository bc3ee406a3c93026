package app_test

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"parvis/app/apptest"
	"parvis/core/access"
	"parvis/engine/dossier"
	"parvis/loop/listen/report"
	"parvis/platform/clock"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
)

// resident fills the pages of a report as a browser without script does.
type resident struct {
	t    *testing.T
	in   *apptest.Instance
	c    *http.Client
	base string
}

func newResident(t *testing.T, in *apptest.Instance) *resident {
	return &resident{t, in, apptest.Client(t), in.URL + in.Slug(t, here)}
}

func (r *resident) do(req *http.Request, err error) (*http.Response, *goquery.Document) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
	res, err := r.c.Do(req.WithContext(r.t.Context()))
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return res, doc
}

func (r *resident) get(path string) (*http.Response, *goquery.Document) {
	r.t.Helper()
	return r.do(http.NewRequest(http.MethodGet, r.in.URL+path, nil))
}

func (r *resident) post(path string, form url.Values) (*http.Response, *goquery.Document) {
	r.t.Helper()
	req, err := http.NewRequest(http.MethodPost, r.in.URL+path, strings.NewReader(form.Encode()))
	if err == nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r.do(req, err)
}

// begin chooses a category and gives the address of the draft.
func (r *resident) begin(code string) string {
	r.t.Helper()
	var id store.ID
	if err := r.in.DB.In(here).View(r.t.Context(), func(tx *store.Tx) error {
		c, err := r.in.Reports.CategoryByCode(r.t.Context(), tx, code)
		id = c.ID
		return err
	}); err != nil {
		r.t.Fatal(err)
	}
	res, _ := r.post(strings.TrimPrefix(r.base, r.in.URL)+"/signaler", url.Values{"categorie": {id.String()}})
	if res.StatusCode != http.StatusSeeOther {
		r.t.Fatalf("choosing %s: %d", code, res.StatusCode)
	}
	path := res.Header.Get("Location")
	return path[:strings.LastIndexByte(path, '/')]
}

func picture(t *testing.T, side int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, image.NewRGBA(image.Rect(0, 0, side, side/2)), nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func (r *resident) details(path string, fields map[string]string, photos map[string][]byte) (*http.Response, *goquery.Document) {
	r.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for k, v := range fields {
		if err := w.WriteField(k, v); err != nil {
			r.t.Fatal(err)
		}
	}
	for name, b := range photos {
		f, err := w.CreateFormFile("photos", name)
		if err == nil {
			_, err = f.Write(b)
		}
		if err != nil {
			r.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		r.t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, r.in.URL+path, &body)
	if err == nil {
		req.Header.Set("Content-Type", w.FormDataContentType())
	}
	return r.do(req, err)
}

// TestAReportFromQuestionToReceipt goes through every page without a script,
// plants personal data on the way, and looks for it everywhere in public.
func TestAReportFromQuestionToReceipt(t *testing.T) {
	apptest.Each(t, clock.System{}, false, func(t *testing.T, in *apptest.Instance) {
		r := newResident(t, in)
		draft := r.begin("banc")
		if res, doc := r.post(draft+"/lieu", url.Values{}); res.StatusCode != http.StatusUnprocessableEntity || doc.Find("#address[aria-invalid]").Length() != 1 {
			t.Errorf("no place: %d", res.StatusCode)
		}
		res, doc := r.post(draft+"/lieu", url.Values{"lat": {"48.8566"}, "lon": {"2.3522"}})
		if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(doc.Find(".alert.late").Text(), "Paris") {
			t.Errorf("a place elsewhere: %d, %s", res.StatusCode, doc.Find(".alert").Text())
		}
		res, _ = r.post(draft+"/lieu", url.Values{"lat": {"46.6123"}, "lon": {"0.3611"}, "address": {"derrière l’école, chez Mme Camomille"}})
		if got := res.Header.Get("Location"); got != draft+"/details" {
			t.Fatalf("after the place: %d %s", res.StatusCode, got)
		}
		res, doc = r.details(draft+"/details", map[string]string{"text": "Rappelez-moi au 06 39 98 77 66"}, map[string][]byte{"a.heic": append([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), make([]byte, 200)...)})
		if res.StatusCode != http.StatusUnprocessableEntity || doc.Find("#photos.is-invalid").Length() != 1 || !strings.Contains(doc.Find("#text").Text(), "77 66") {
			t.Errorf("a HEIC photo: %d, text %q", res.StatusCode, doc.Find("#text").Text())
		}
		res, _ = r.details(draft+"/details", map[string]string{"text": "Rappelez-moi au 06 39 98 77 66, zoe.plantee@exemple.fr, Camomille. Voiture AB-123-CD."}, map[string][]byte{"a.jpg": picture(t, 300)})
		if got := res.Header.Get("Location"); got != draft+"/contact" {
			t.Fatalf("after the details: %d %s", res.StatusCode, got)
		}
		if res, doc = r.post(draft+"/contact", url.Values{"email": {"pas une adresse"}}); res.StatusCode != http.StatusUnprocessableEntity || doc.Find("#email").AttrOr("value", "") != "pas une adresse" {
			t.Errorf("a wrong address: %d", res.StatusCode)
		}
		who := url.Values{"email": {"zoe.contact@exemple.fr"}, "phone": {"06 39 98 55 44"}, "first_name": {"Zoé"}, "last_name": {"Camomille"}}
		for range 2 { // the second click finds the same receipt
			if res, _ = r.post(draft+"/contact", who); res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != draft+"/recu" {
				t.Fatalf("sending: %d %s", res.StatusCode, res.Header.Get("Location"))
			}
		}
		_, doc = r.get(draft + "/recu")
		number := regexp.MustCompile(`[A-Z]-20[0-9]{2}-[0-9]{5}`).FindString(doc.Find("main").Text())
		follow := doc.Find(`a[href*="/suivi/"]`).First().AttrOr("href", "")
		if number == "" || !strings.Contains(follow, "/suivi/") {
			t.Fatalf("the receipt gives number %q and %q", number, follow)
		}
		if res, _ := r.get(follow); res.StatusCode != http.StatusOK {
			t.Errorf("the author's page: %d", res.StatusCode)
		}
		slug := in.Slug(t, here)
		pages := map[string]string{}
		for _, p := range []string{"/signalements", "/signalements?q=ecole", "/signalements?q=camomille", "/signalements/" + number, "/signalements/flux.rss", "/signalements/donnees.geojson", "/signalements/" + number + "/moi-aussi"} {
			code, body := fetch(t, apptest.Client(t), in.URL+slug+p)
			if code != http.StatusOK {
				t.Errorf("%s: %d", p, code)
			}
			pages[p] = body
		}
		code, body := fetch(t, apptest.Client(t), in.URL+"/api/v1"+slug+"/reports/"+number)
		if code != http.StatusOK {
			t.Errorf("by API: %d %s", code, body)
		}
		pages["api"] = body
		var rows strings.Builder
		for _, s := range in.Reports.Service().Datasets {
			if err := s.Rows(t.Context(), in.DB.In(here), func(v []string) error { rows.WriteString(strings.Join(v, "|") + "\n"); return nil }); err != nil {
				t.Error(err)
			}
		}
		pages["dataset"] = rows.String()
		if !strings.Contains(pages["/signalements/"+number], "[masqué]") || !strings.Contains(pages["dataset"], number) {
			t.Error("the report is not where its secrets are looked for")
		}
		for p, body := range pages {
			for _, secret := range []string{"77 66", "zoe.plantee", "zoe.contact", "55 44", "+33639985544", "AB-123", "Zoé"} {
				if strings.Contains(body, secret) {
					t.Errorf("%s says %q", p, secret)
				}
			}
			if p != "/signalements?q=camomille" && strings.Contains(body, "Camomille") {
				t.Errorf("%s names the author", p)
			}
		}
		if strings.Contains(pages["/signalements?q=camomille"], number) {
			t.Error("the search finds a report by the name of its author")
		}
	})
}

// TestAPrivateReportIsNowhere asks every public address of a private report.
func TestAPrivateReportIsNowhere(t *testing.T) {
	in := apptest.Start(t, storetest.SQLiteDSN(t), clock.System{}, false)
	h := in.DB.In(here)
	var cat report.Category
	if err := h.View(t.Context(), func(tx *store.Tx) (err error) {
		cat, err = in.Reports.CategoryByCode(t.Context(), tx, "vehicule")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	p, err := in.Reports.KeepPhoto(t.Context(), h, bytes.NewReader(picture(t, 200)), "")
	if err != nil {
		t.Fatal(err)
	}
	x, err := in.Reports.Open(t.Context(), h, report.Draft{Category: cat.ID, Text: "épave secrète", Address: "rue du Secret", Photos: []report.PhotoRef{{ID: p.ID}}, Contact: report.Contact{Email: "a@exemple.fr"}})
	if err != nil {
		t.Fatal(err)
	}
	slug := in.Slug(t, here)
	for _, path := range []string{x.Path(), x.Path() + "/moi-aussi", x.Path() + "/rouvrir", x.Path() + "/photo/" + p.ID.String()} {
		if code, _ := fetch(t, apptest.Client(t), in.URL+slug+path); code != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", path, code)
		}
	}
	if code, _ := fetch(t, apptest.Client(t), in.URL+"/api/v1"+slug+"/reports/"+x.Number); code != http.StatusNotFound {
		t.Errorf("by API: %d, want 404", code)
	}
	for _, path := range []string{"/signalements", "/signalements?q=secret", "/signalements/flux.rss", "/signalements/donnees.geojson"} {
		if _, body := fetch(t, apptest.Client(t), in.URL+slug+path); strings.Contains(body, x.Number) || strings.Contains(body, "Secret") {
			t.Errorf("%s shows it", path)
		}
	}
	staff := in.SignIn(t, here, access.Agent)
	if code, body := fetch(t, staff, in.URL+slug+x.StaffPath()); code != http.StatusOK || !strings.Contains(body, "épave secrète") {
		t.Errorf("the staff's sheet: %d", code)
	}
	if code, _ := fetch(t, staff, in.URL+slug+x.StaffPath()+"/photo/"+p.ID.String()); code != http.StatusOK {
		t.Errorf("the staff's photo: %d", code)
	}
}

// TestTheStaffTreatsAReport goes through the gestures of the sheet.
func TestTheStaffTreatsAReport(t *testing.T) {
	in := apptest.Start(t, storetest.SQLiteDSN(t), clock.System{}, false)
	h := in.DB.In(here)
	r := newResident(t, in)
	r.c = in.SignIn(t, here, access.Manager)
	open := func(text string) report.Report {
		var cat report.Category
		err := h.View(t.Context(), func(tx *store.Tx) (err error) {
			cat, err = in.Reports.CategoryByCode(t.Context(), tx, "depot")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		p, err := in.Reports.KeepPhoto(t.Context(), h, bytes.NewReader(picture(t, 200)), "")
		if err != nil {
			t.Fatal(err)
		}
		x, err := in.Reports.Open(t.Context(), h, report.Draft{Category: cat.ID, Text: text, Address: "chemin des Essais", Channel: dossier.Phone, Photos: []report.PhotoRef{{ID: p.ID}}, Anonymous: true})
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	one, two := open("des gravats, appelez 0639981234"), open("les mêmes gravats")
	slug := in.Slug(t, here)
	path := slug + one.StaffPath()
	one = find(t, in, one.Number)
	photo := one.Photos[0].ID.String()
	for _, step := range []struct {
		path string
		form url.Values
		want int
	}{
		{path + "/clore", url.Values{"end": {"fixed"}}, http.StatusUnprocessableEntity},
		{path + "/tri", url.Values{"category": {one.CategoryID.String()}, "priority": {"3"}, "lat": {"nulle part"}, "lon": {"2"}}, http.StatusUnprocessableEntity},
		{path + "/fusion", url.Values{"number": {"P-2020-99999"}}, http.StatusUnprocessableEntity},
		{path + "/etat", url.Values{"state": {"planned"}, "planned": {"32/13/2026"}}, http.StatusUnprocessableEntity},
		{path + "/photo/" + photo + "/flouter", url.Values{"areas": {"trop, peu"}}, http.StatusUnprocessableEntity},
		{path + "/photo/" + photo + "/flouter", url.Values{"case": {"0,0,12.5,16.667"}}, http.StatusSeeOther},
		{path + "/moderation", url.Values{"show": {"1"}, "text": {"des gravats"}, "address": {"chemin des Essais"}, "photo-" + photo: {"shown"}}, http.StatusSeeOther},
		{path + "/tri", url.Values{"category": {one.CategoryID.String()}, "priority": {"3"}, "address": {"chemin des Essais"}}, http.StatusSeeOther},
		{slug + two.StaffPath() + "/fusion", url.Values{"number": {one.Number}}, http.StatusSeeOther},
		{slug + two.StaffPath() + "/separer", url.Values{}, http.StatusSeeOther},
		{slug + two.StaffPath() + "/fusion", url.Values{"number": {one.Number}}, http.StatusSeeOther},
		{path + "/etat", url.Values{"state": {"planned"}, "planned": {"26/11/2030"}}, http.StatusSeeOther},
		{path + "/clore", url.Values{"end": {"fixed"}, "reason": {"Enlevé"}, "cause": {"Particulier"}}, http.StatusSeeOther},
		{path + "/clore", url.Values{"end": {"fixed"}, "reason": {"Encore"}}, http.StatusConflict},
	} {
		if res, doc := r.post(step.path, step.form); res.StatusCode != step.want {
			t.Errorf("%s %v: %d, want %d: %s", step.path, step.form, res.StatusCode, step.want, strings.TrimSpace(doc.Find(".alert").Text()))
		}
	}
	one = find(t, in, one.Number)
	if one.State != report.Fixed || one.Priority != report.High || one.TextShown != "des gravats" || one.Photos[0].State != report.PhotoShown || one.PlannedAt.IsZero() {
		t.Errorf("treated: %+v", one)
	}
	res, _ := r.get(slug + two.Path())
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != slug+one.Path() {
		t.Errorf("the merged one: %d %s", res.StatusCode, res.Header.Get("Location"))
	}
	for _, format := range []string{"csv", "xlsx"} {
		code, body := fetch(t, r.c, in.URL+slug+"/bureau/signalements/export?etat=tous&format="+format)
		if code != http.StatusOK || format == "csv" && !strings.Contains(body, one.Number) {
			t.Errorf("%s: %d, %d bytes", format, code, len(body))
		}
	}
}

func find(t *testing.T, in *apptest.Instance, number string) (out report.Report) {
	t.Helper()
	if err := in.DB.In(here).View(t.Context(), func(tx *store.Tx) (err error) {
		out, err = in.Reports.ByNumber(t.Context(), tx, number)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestEveryFollowerIsToldOnce closes a report and counts what leaves.
func TestEveryFollowerIsToldOnce(t *testing.T) {
	in := apptest.Start(t, storetest.SQLiteDSN(t), clock.System{}, false)
	h := in.DB.In(here)
	var cat report.Category
	if err := h.View(t.Context(), func(tx *store.Tx) (err error) {
		cat, err = in.Reports.CategoryByCode(t.Context(), tx, "autre")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	x, err := in.Reports.Open(t.Context(), h, report.Draft{Category: cat.ID, Text: "une borne penche", Address: "rue des Essais", Contact: report.Contact{Email: "auteur@exemple.fr"}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if _, err := in.Reports.Follow(t.Context(), h, x.ID, report.Contact{Email: fmt.Sprintf("voisin%d@exemple.fr", i)}, "fr"); err != nil {
			t.Fatal(err)
		}
	}
	by := dossier.Author{Kind: dossier.Staff, ID: 1}
	if _, err := in.Reports.Advance(t.Context(), h, x.ID, by, report.Accepted, in.DB.Clock().Now(), ""); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Reports.Close(t.Context(), h, x.ID, by, report.Closing{State: report.Fixed, Reason: "La borne est redressée."}); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Queue.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	for notice, want := range map[string]int{"report.received": 1, "report.accepted": 4, "report.closed": 4, "report.planned": 0, "report.late": 0} {
		var n int
		if err := h.View(t.Context(), func(tx *store.Tx) error {
			return tx.Get(t.Context(), &n, `SELECT COUNT(*) FROM message WHERE territory_id = @territory AND subject_ref = ? AND notice = ?`, x.Ref(), notice)
		}); err != nil || n != want {
			t.Errorf("%s left %d times, want %d (%v)", notice, n, want, err)
		}
	}
	res, err := apptest.Client(t).Get(in.URL + in.Slug(t, here) + "/signalements-arret/forged")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, res.Body)
	res.Body.Close()
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("a forged link to stop: %d", res.StatusCode)
	}
}
