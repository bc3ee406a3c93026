package report_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parvis/core/access"
	"parvis/core/notify"
	"parvis/engine/dossier"
	"parvis/loop/listen/report"
	"parvis/platform/clock"
	"parvis/platform/event"
	"parvis/platform/fault"
	"parvis/platform/file"
	"parvis/platform/geo"
	"parvis/platform/i18n"
	"parvis/platform/job"
	"parvis/platform/photo"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
	"parvis/platform/web/page"
)

const (
	here      = "c86194"
	elsewhere = "c86281"
)

var halle = geo.Point{Lat: 46.5802, Lon: 0.3404}

// bench is a small town with its own clock.
type bench struct {
	*report.Reports
	Dossiers *dossier.Engine
	here     store.Handle
	stranger store.Handle
	files    file.Store
	dir      string
}

func each(t *testing.T, body func(t *testing.T, b *bench)) {
	storetest.Each(t, []store.Migration{event.Migration(), dossier.Migration(), report.Migration()}, func(t *testing.T, db *store.DB) {
		body(t, newBench(t, db))
	})
}

func newBench(t *testing.T, db *store.DB) *bench {
	t.Helper()
	b := &bench{here: db.In(here), stranger: db.In(elsewhere), dir: t.TempDir()}
	var err error
	if b.files, err = file.OpenFolder(b.dir, file.FolderOptions{}); err != nil {
		t.Fatal(err)
	}
	q, err := job.New(db, nil, job.Options{Name: "test"})
	if err == nil {
		err = job.Migrate(t.Context(), db)
	}
	if err != nil {
		t.Fatal(err)
	}
	bus := event.New(db)
	if err = q.Declare(bus.Worker()); err == nil {
		err = bus.Connect(q, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	if b.Dossiers, err = dossier.New(dossier.Config{Events: bus}, report.DossierKind(func() *report.Reports { return b.Reports })); err != nil {
		t.Fatal(err)
	}
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	b.Reports, err = report.New(report.Deps{Clock: clock.System{}, DB: db, Dossiers: b.Dossiers, Bus: bus, Files: b.files, Secret: []byte("0123456789abcdef"),
		Where: func(context.Context, *store.Tx) (report.Where, error) {
			return report.Where{Name: "Ville", URL: "https://exemple.fr/ville", Region: "FR", Centre: halle, Location: paris}, nil
		},
		Within: func(_ context.Context, _ string, p geo.Point) (report.Outside, bool, error) {
			return report.Outside{Name: "Commune d’à côté"}, geo.Distance(p, halle) < 10_000, nil
		},
		Sectors: func(_ context.Context, _ *store.Tx, p geo.Point) ([]store.ID, error) {
			if p.Lat > halle.Lat {
				return []store.ID{77}, nil
			}
			return nil, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Seed(t.Context(), b.here); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) category(t *testing.T, code string) report.Category {
	t.Helper()
	var c report.Category
	if err := b.here.View(t.Context(), func(tx *store.Tx) (err error) {
		c, err = b.CategoryByCode(t.Context(), tx, code)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return c
}

func (b *bench) draft(t *testing.T, code string, p geo.Point) report.Draft {
	t.Helper()
	return report.Draft{Category: b.category(t, code).ID, Text: "Le banc de la place est cassé", Point: &p, Address: "place de la Halle",
		Answers: map[string][]string{"danger": {"non"}, "offense": {"non"}}, Contact: report.Contact{Email: "zoe@exemple.fr"}}
}

func (b *bench) open(t *testing.T, d report.Draft) report.Report {
	t.Helper()
	r, err := b.Open(t.Context(), b.here, d)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (b *bench) get(t *testing.T, id store.ID) report.Report {
	t.Helper()
	var r report.Report
	if err := b.here.View(t.Context(), func(tx *store.Tx) (err error) {
		r, err = b.Get(t.Context(), tx, id)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return r
}

func staff() dossier.Author { return dossier.Author{Kind: dossier.Staff, ID: 7} }

func north(metres float64) geo.Point {
	return geo.Point{Lat: halle.Lat + metres/111_195, Lon: halle.Lon}
}

func TestLocales(t *testing.T) {
	if err := i18n.Check(report.Locales); err != nil {
		t.Error(err)
	}
	if err := i18n.CheckUsage(".", report.Locales, page.Locales); err != nil {
		t.Error(err)
	}
}

func TestPermissions(t *testing.T) {
	if _, err := access.Compile((&report.Reports{}).Service().Permissions); err != nil {
		t.Error(err)
	}
}

func TestDefaultCategoriesAreTwentyAndCorrect(t *testing.T) {
	list := report.DefaultCategories()
	if len(list) != 20 || list[len(list)-1].Code != "autre" {
		t.Errorf("%d categories, the last %q", len(list), list[len(list)-1].Code)
	}
	seen := map[string]bool{}
	for _, c := range list {
		if err := c.Check(); err != nil || seen[c.Code] {
			t.Errorf("%s: %v, twice: %v", c.Code, err, seen[c.Code])
		}
		seen[c.Code] = true
	}
}

func TestOpenNumbersPromisesAndTellsOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		d := b.draft(t, "banc", halle)
		d.Key = "form:1"
		r := b.open(t, d)
		if r.Number == "" || r.DueAt.IsZero() || r.Token == "" || !r.Visible || r.State != report.Received || !r.Fresh {
			t.Errorf("opened as %+v", r)
		}
		again := b.open(t, d)
		if again.ID != r.ID || again.Fresh {
			t.Errorf("the same key opened %s beside %s", again.Number, r.Number)
		}
		var n int
		if err := b.stranger.View(t.Context(), func(tx *store.Tx) error {
			list, err := b.List(t.Context(), tx, report.Filter{}, report.Cursor{}, 10)
			n = len(list)
			return err
		}); err != nil || n != 0 {
			t.Errorf("another territory reads %d reports: %v", n, err)
		}
	})
}

func TestTheSameKeyAtOnceIsOneReport(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		d := b.draft(t, "banc", halle)
		d.Key = "storm"
		ids := make([]store.ID, 12)
		var wg sync.WaitGroup
		for i := range ids {
			wg.Add(1)
			go func() {
				defer wg.Done()
				r, err := b.Open(context.WithoutCancel(t.Context()), b.here, d)
				if err != nil {
					t.Errorf("open %d: %v", i, err)
				}
				ids[i] = r.ID
			}()
		}
		wg.Wait()
		slices.Sort(ids)
		if ids = slices.Compact(ids); len(ids) != 1 || ids[0] == 0 {
			t.Errorf("one key gave %v", ids)
		}
	})
}

func TestMistakesNameTheirField(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		good := func() report.Draft { return b.draft(t, "chaussee", halle) }
		for field, change := range map[string]func(*report.Draft){
			"category": func(d *report.Draft) { d.Category = 404 },
			"address":  func(d *report.Draft) { d.Point, d.Address = nil, " " },
			"point":    func(d *report.Draft) { d.Point = &geo.Point{Lat: 48.85, Lon: 2.35} },
			"text":     func(d *report.Draft) { d.Text = "" },
			"contact":  func(d *report.Draft) { d.Contact = report.Contact{} },
			"email":    func(d *report.Draft) { d.Contact.Email = "chez moi" },
			"phone":    func(d *report.Draft) { d.Contact.Phone = "12" },
			"q-danger": func(d *report.Draft) { d.Answers = nil },
			"stop":     func(d *report.Draft) { d.Answers = map[string][]string{"danger": {"oui"}} },
			"photos":   func(d *report.Draft) { d.Photos = []report.PhotoRef{{ID: 404}} },
		} {
			d := good()
			change(&d)
			_, err := b.Open(t.Context(), b.here, d)
			if f := fault.Of(err); err == nil || f.Kind != fault.Invalid || !fault.Fields(f.Fields).Has(field) {
				t.Errorf("%s: %v", field, err)
			}
		}
		var n int
		if err := b.here.View(t.Context(), func(tx *store.Tx) error {
			return tx.Get(t.Context(), &n, `SELECT COUNT(*) FROM report WHERE territory_id = @territory`)
		}); err != nil || n != 0 {
			t.Errorf("refused reports were kept: %d, %v", n, err)
		}
	})
}

func TestNearFindsTheSameThingOnly(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		same := b.open(t, b.draft(t, "banc", north(20)))
		far := b.open(t, b.draft(t, "banc", north(300)))
		other := b.open(t, b.draft(t, "jeux", north(5)))
		old := b.open(t, b.draft(t, "banc", north(10)))
		if _, err := b.Close(t.Context(), b.here.At(time.Now().AddDate(0, 0, -40)), old.ID, staff(), report.Closing{State: report.Fixed, Reason: "Fait"}); err != nil {
			t.Fatal(err)
		}
		find := func(q report.Query) (out []store.ID) {
			if err := b.here.View(t.Context(), func(tx *store.Tx) error {
				list, err := b.Near(t.Context(), tx, q)
				out = nil
				for _, x := range list {
					out = append(out, x.ID)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return out
		}
		if got := find(report.Query{Category: same.CategoryID, Point: &halle}); !slices.Equal(got, []store.ID{same.ID}) {
			t.Errorf("near the hall: %v, want %v; not %v (far), %v (other), %v (closed long ago)", got, same.ID, far.ID, other.ID, old.ID)
		}
		if got := find(report.Query{Category: same.CategoryID, Point: &halle, RadiusM: 500}); !slices.Equal(got, []store.ID{same.ID, far.ID}) {
			t.Errorf("within 500 m: %v, nearest first", got)
		}
		if got := find(report.Query{Category: same.CategoryID, Address: "Place de la halle"}); len(got) != 2 {
			t.Errorf("by words alone: %v", got)
		}
		if got := find(report.Query{Category: same.CategoryID, Address: "rue du Port"}); len(got) != 0 {
			t.Errorf("another street finds %v", got)
		}
		for i := range 8 {
			b.open(t, b.draft(t, "banc", north(float64(i))))
		}
		if got := find(report.Query{Category: same.CategoryID, Point: &halle}); len(got) != 5 {
			t.Errorf("%d candidates, want at most five", len(got))
		}
	})
}

func TestFollowCountsVoicesAndRaisesOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		r := b.open(t, b.draft(t, "banc", halle))
		for range 2 {
			if _, err := b.Follow(t.Context(), b.here, r.ID, report.Contact{Email: "voisin@exemple.fr"}, "fr"); err != nil {
				t.Fatal(err)
			}
		}
		if got := b.get(t, r.ID); got.Followers != 1 {
			t.Errorf("the same contact twice is %d voices", got.Followers)
		}
		for range 30 {
			if _, err := b.Follow(t.Context(), b.here, r.ID, report.Contact{}, "fr"); err != nil {
				t.Fatal(err)
			}
		}
		got := b.get(t, r.ID)
		if got.Followers != 31 || got.Priority != report.High {
			t.Errorf("31 voices: %d, priority %d, want high and no more", got.Followers, got.Priority)
		}
		if _, err := b.Follow(t.Context(), b.here, r.ID, report.Contact{Email: "pas une adresse"}, "fr"); fault.Of(err).Kind != fault.Invalid {
			t.Errorf("a wrong address: %v", err)
		}
	})
}

func TestMergeKeepsEverybodyAndIsUndone(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		kept := b.open(t, b.draft(t, "banc", halle))
		d := b.draft(t, "banc", north(15))
		d.Contact.Email = "autre@exemple.fr"
		gone := b.open(t, d)
		for _, x := range []struct {
			id   store.ID
			mail string
		}{{kept.ID, "a@exemple.fr"}, {gone.ID, "b@exemple.fr"}, {gone.ID, "c@exemple.fr"}} {
			if _, err := b.Follow(t.Context(), b.here, x.id, report.Contact{Email: x.mail}, "fr"); err != nil {
				t.Fatal(err)
			}
		}
		r, err := b.Merge(t.Context(), b.here, gone.ID, kept.ID, staff())
		if err != nil || r.State != report.Duplicate || r.MergedInto != kept.ID {
			t.Fatalf("merged: %+v, %v", r, err)
		}
		follow := func() (out []string) {
			if err := b.here.View(t.Context(), func(tx *store.Tx) error {
				list, err := b.Dossiers.Followers(t.Context(), tx, kept.DossierID, 0, 100)
				out = nil
				for _, f := range list {
					out = append(out, f.Email)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			slices.Sort(out)
			return out
		}
		if got := strings.Join(follow(), " "); got != "a@exemple.fr autre@exemple.fr b@exemple.fr c@exemple.fr" {
			t.Errorf("after the merge the kept one is followed by %s", got)
		}
		if got := b.get(t, kept.ID); got.Followers != 4 {
			t.Errorf("voices of the kept one: %d, want 1 + 2 + its author", got.Followers)
		}
		if r, err = b.Unmerge(t.Context(), b.here, gone.ID, staff()); err != nil || r.State != report.Received || r.MergedInto != 0 || r.Closed() {
			t.Errorf("undone: %+v, %v", r, err)
		}
		if got := strings.Join(follow(), " "); got != "a@exemple.fr" || b.get(t, kept.ID).Followers != 1 {
			t.Errorf("after undoing: %s, %d voices", got, b.get(t, kept.ID).Followers)
		}
	})
}

func TestClosingNeedsAReasonAndReopensWithinTheDelay(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		r := b.open(t, b.draft(t, "banc", halle))
		for _, end := range []report.Closing{{State: report.Fixed}, {State: report.Planned, Reason: "x"}, {State: report.Fixed, Reason: "Fait", Cause: "Lune"}} {
			if _, err := b.Close(t.Context(), b.here, r.ID, staff(), end); fault.Of(err).Kind != fault.Invalid {
				t.Errorf("%+v: %v", end, err)
			}
		}
		closed, err := b.Close(t.Context(), b.here, r.ID, staff(), report.Closing{State: report.Fixed, Reason: "Réparé, appelez M. Dupont au 0639981234", Cause: "Usure"})
		if err != nil || closed.Cause != "Usure" || !closed.Closed() || strings.Contains(closed.Reason, "Dupont") || strings.Contains(closed.Reason, "9812") {
			t.Errorf("closed: %+v, %v", closed, err)
		}
		later := b.here.At(time.Now().AddDate(0, 0, 31))
		if _, err := b.Reopen(t.Context(), later, r.ID, dossier.Author{Kind: dossier.Resident}, "encore cassé"); !fault.Is(err, fault.Gone) {
			t.Errorf("after the delay of the category: %v", err)
		}
		again, err := b.Reopen(t.Context(), b.here, r.ID, dossier.Author{Kind: dossier.Resident}, "encore cassé")
		if err != nil || again.Closed() || again.State != report.ToQualify || again.Cause != "" || again.DueAt.IsZero() {
			t.Errorf("reopened: %+v, %v", again, err)
		}
	})
}

func TestTheDeskMovesTheReportToo(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		r := b.open(t, b.draft(t, "banc", halle))
		if err := b.here.Update(t.Context(), func(tx *store.Tx) error {
			_, err := b.Dossiers.Advance(t.Context(), tx, r.DossierID, staff(), string(report.Planned))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if got := b.get(t, r.ID); got.State != report.Planned || got.PublicState() != report.Underway {
			t.Errorf("after the desk planned it: %s", got.State)
		}
	})
}

func TestPromisesDependOnPriorityAndSector(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		c := b.category(t, "banc")
		c.Detail.V.Promises = []report.Promise{{Minutes: 4200}, {Priority: report.Urgent, Minutes: 60}, {Sector: 77, Minutes: 420}}
		if _, err := b.SaveCategory(t.Context(), b.here, c); err != nil {
			t.Fatal(err)
		}
		south, up := b.open(t, b.draft(t, "banc", north(-50))), b.open(t, b.draft(t, "banc", north(50)))
		if !up.DueAt.Before(south.DueAt) || up.SectorID != 77 || south.SectorID != 0 {
			t.Errorf("in the sector %v (%d), outside %v (%d)", up.DueAt, up.SectorID, south.DueAt, south.SectorID)
		}
		urgent, err := b.Sort(t.Context(), b.here, south.ID, staff(), report.Sorting{Category: south.CategoryID, Priority: report.Urgent})
		if err != nil || !urgent.DueAt.Before(south.DueAt) || urgent.Priority != report.Urgent {
			t.Errorf("urgent: %v after %v, %v", urgent.DueAt, south.DueAt, err)
		}
	})
}

func TestSensitiveAndPrivateStayHidden(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		private := b.open(t, b.draft(t, "vehicule", halle))
		d := b.draft(t, "banc", halle)
		d.Private = true
		chosen := b.open(t, d)
		c := b.category(t, "tag")
		c.Detail.V.Sensitive = true
		if _, err := b.SaveCategory(t.Context(), b.here, c); err != nil {
			t.Fatal(err)
		}
		sensitive := b.open(t, b.draft(t, "tag", halle))
		for name, r := range map[string]report.Report{"private category": private, "asked": chosen, "sensitive": sensitive} {
			if r.Visible {
				t.Errorf("%s is public", name)
			}
		}
		if sensitive.TextShown != "" || sensitive.Moderation != report.Waiting {
			t.Errorf("sensitive shows %q, %s", sensitive.TextShown, sensitive.Moderation)
		}
		shown, err := b.Moderate(t.Context(), b.here, sensitive.ID, report.Verdict{Show: true, Text: "Inscriptions"})
		if err != nil || !shown.Visible || shown.TextShown != "Inscriptions" || shown.Moderation != report.Reviewed {
			t.Errorf("after review: %+v, %v", shown, err)
		}
		if still, err := b.Moderate(t.Context(), b.here, private.ID, report.Verdict{Show: true, Text: "x"}); err != nil || still.Visible {
			t.Errorf("a private report became public: %v, %v", still.Visible, err)
		}
	})
}

func TestAnonymousKeepsNothingButACode(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		d := b.draft(t, "banc", halle)
		d.Anonymous, d.Contact = true, report.Contact{FirstName: "Zoé", Email: "zoe@exemple.fr", Phone: "0639981234"}
		r := b.open(t, d)
		if len(r.Code) != 10 {
			t.Fatalf("code %q", r.Code)
		}
		err := b.here.View(t.Context(), func(tx *store.Tx) error {
			who, _, err := b.Author(t.Context(), tx, r.ID)
			if err != nil || who != (report.Contact{}) {
				t.Errorf("an author is kept: %+v, %v", who, err)
			}
			x, err := b.Dossiers.Get(t.Context(), tx, r.DossierID)
			if err != nil || x.Email != "" || x.Phone != "" {
				t.Errorf("the dossier knows %q %q, %v", x.Email, x.Phone, err)
			}
			if found, err := b.ByCode(t.Context(), tx, r.Number, strings.ToLower(r.Code[:5]+" "+r.Code[5:])); err != nil || found.ID != r.ID {
				t.Errorf("by its code: %v", err)
			}
			for _, wrong := range []string{"", "AAAAAAAAAA", r.Code + "A"} {
				if _, err := b.ByCode(t.Context(), tx, r.Number, wrong); !errors.Is(err, store.ErrNotFound) {
					t.Errorf("code %q: %v", wrong, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		d = b.draft(t, "reclamation", halle)
		d.Anonymous = true
		if _, err := b.Open(t.Context(), b.here, d); !fault.Fields(fault.Of(err).Fields).Has("contact") {
			t.Errorf("an anonymous complaint: %v", err)
		}
	})
}

func picture(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	img := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for i := range img.Pix {
		img.Pix[i] = uint8(i * 37)
	}
	if err := jpeg.Encode(&out, img, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestPhotosAreTakenOnceAndBlurredForEver(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p, err := b.KeepPhoto(t.Context(), b.here, bytes.NewReader(picture(t)), "")
		if err != nil {
			t.Fatal(err)
		}
		d := b.draft(t, "depot", halle)
		d.Photos = []report.PhotoRef{{ID: p.ID}}
		r := b.open(t, d)
		got := b.get(t, r.ID)
		if len(got.Photos) != 1 || got.Photos[0].State != report.PhotoWaiting || got.Moderation != report.Waiting {
			t.Fatalf("a category that reviews shows %+v, %s", got.Photos, got.Moderation)
		}
		if _, err := b.Open(t.Context(), b.here, d); fault.Of(err).Kind != fault.Invalid {
			t.Errorf("a second report took the same photo: %v", err)
		}
		before, err := b.Image(t.Context(), got.Photos[0], false)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.BlurPhoto(t.Context(), b.here, p.ID, []photo.Rect{{X: 0, Y: 0, W: .5, H: .5}}, 7); err != nil {
			t.Fatal(err)
		}
		after, err := b.Image(t.Context(), b.get(t, r.ID).Photos[0], false)
		if err != nil || bytes.Equal(before, after) {
			t.Errorf("the bytes did not change: %v", err)
		}
		for name, body := range map[string][]byte{"empty": nil, "text": []byte("pas une photo"), "cut": picture(t)[:40], "heic": append([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), make([]byte, 64)...)} {
			if _, err := b.KeepPhoto(t.Context(), b.here, bytes.NewReader(body), ""); !fault.Fields(fault.Of(err).Fields).Has("photos") {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestPurgeLeavesStatisticsOnly(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p, err := b.KeepPhoto(t.Context(), b.here, bytes.NewReader(picture(t)), "")
		if err != nil {
			t.Fatal(err)
		}
		lost, err := b.KeepPhoto(t.Context(), b.here, bytes.NewReader(picture(t)), "")
		if err != nil {
			t.Fatal(err)
		}
		d := b.draft(t, "banc", halle)
		d.Photos = []report.PhotoRef{{ID: p.ID}}
		r := b.open(t, d)
		if _, err := b.Close(t.Context(), b.here, r.ID, staff(), report.Closing{State: report.Fixed, Reason: "Fait", Cause: "Usure"}); err != nil {
			t.Fatal(err)
		}
		r = b.get(t, r.ID)
		purge := func(at time.Time) {
			for _, x := range b.Service().Retention {
				if x.Purge == nil {
					continue
				}
				if err := b.here.At(at).Update(t.Context(), func(tx *store.Tx) error {
					_, err := x.Purge(t.Context(), tx, tx.Now().Add(-x.Keep), 100)
					return err
				}); err != nil {
					t.Fatalf("%s: %v", x.Table, err)
				}
			}
		}
		purge(time.Now())
		if got := b.get(t, r.ID); got.Text == "" || len(got.Photos) != 1 {
			t.Errorf("purged too soon: %+v", got)
		}
		purge(time.Now().AddDate(3, 0, 0))
		got := b.get(t, r.ID)
		if got.Text+got.TextShown+got.Address+got.Reason != "" || len(got.Photos) != 0 || got.Visible || got.Cause != "Usure" || got.Lat == r.Lat {
			t.Errorf("after its time: %+v", got)
		}
		for _, x := range []report.Photo{p, lost} {
			if _, err := b.Image(t.Context(), x, false); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("the bytes of a photo are still there: %v", err)
			}
		}
	})
}

func TestNoticesHaveTheirTexts(t *testing.T) {
	for _, n := range (&report.Reports{}).Service().Notices {
		if len(n.Channels) != 2 || n.Channels[0] != notify.Mail {
			t.Errorf("%s: %v", n.Name, n.Channels)
		}
	}
}

// TestTheTableOfSquaresCountsWhatIsPublic changes reports in every way and
// compares what triggers counted with the rows themselves.
func TestTheTableOfSquaresCountsWhatIsPublic(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		var all []report.Report
		for i := range 12 {
			all = append(all, b.open(t, b.draft(t, []string{"banc", "jeux", "vehicule"}[i%3], north(float64(i*700-4000)))))
		}
		if _, err := b.Close(t.Context(), b.here, all[0].ID, staff(), report.Closing{State: report.Fixed, Reason: "Fait"}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Merge(t.Context(), b.here, all[3].ID, all[6].ID, staff()); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Moderate(t.Context(), b.here, all[1].ID, report.Verdict{}); err != nil {
			t.Fatal(err)
		}
		to := north(9000)
		if _, err := b.Sort(t.Context(), b.here, all[4].ID, staff(), report.Sorting{Category: all[4].CategoryID, Priority: report.Normal, Point: &to}); err != nil {
			t.Fatal(err)
		}
		whole := geo.Around(halle, 12_000)
		far, err := b.Groups(t.Context(), b.here, report.Filter{Public: true}, whole, 60)
		if err != nil {
			t.Fatal(err)
		}
		near, err := b.Groups(t.Context(), b.here, report.Filter{Public: true}, whole, 0.5)
		if err != nil {
			t.Fatal(err)
		}
		sum := func(list []report.Group) (n int) {
			for _, g := range list {
				n += g.N
			}
			return n
		}
		// 12 without 4 private, 1 merged and 1 hidden.
		if sum(far) != 6 || sum(near) != 6 || len(far) >= len(near) {
			t.Errorf("from afar %d in %d squares, from near %d in %d; want 6 and 6", sum(far), len(far), sum(near), len(near))
		}
		planned, err := b.Groups(t.Context(), b.here, report.Filter{Public: true, Tones: []report.PublicState{report.Mended}}, whole, 60)
		if err != nil || sum(planned) != 1 {
			t.Errorf("mended: %d, %v", sum(planned), err)
		}
		if none, err := b.Groups(t.Context(), b.stranger, report.Filter{Public: true}, whole, 60); err != nil || len(none) != 0 {
			t.Errorf("another territory counts %d, %v", len(none), err)
		}
	})
}
