package link_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/PuerkitoBio/goquery"

	"parvis/core/link"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

func kinds() []link.Kind {
	resolve := func(prefix string, p web.Permission) func(context.Context, store.Handle, store.ID) (link.Target, error) {
		return func(_ context.Context, h store.Handle, id store.ID) (link.Target, error) {
			if id == 404 {
				return link.Target{}, store.ErrNotFound
			}
			return link.Target{Title: prefix + " " + id.String() + " " + h.Territory(), Href: "/" + prefix + "/" + id.String(), Permission: p}, nil
		}
	}
	return []link.Kind{
		{Name: "idea", Label: "demo.idea", Resolve: resolve("idees", web.Public)},
		{Name: "project", Label: "demo.project", Resolve: resolve("projets", web.Public)},
		{Name: "memo", Label: "demo.memo", Resolve: resolve("notes", "memo.read")},
	}
}

func links(t *testing.T) *link.Links {
	t.Helper()
	l, err := link.New(kinds())
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func each(t *testing.T, body func(t *testing.T, l *link.Links, h, stranger store.Handle)) {
	storetest.Each(t, []store.Migration{link.Migration()}, func(t *testing.T, db *store.DB) {
		body(t, links(t), db.In("c86281"), db.In("c86194"))
	})
}

func add(t *testing.T, l *link.Links, h store.Handle, from link.Ref, w link.Word, to link.Ref) error {
	t.Helper()
	return h.Update(t.Context(), func(tx *store.Tx) error { return l.Add(t.Context(), tx, from, w, to, 7) })
}

func of(t *testing.T, l *link.Links, h store.Handle, a web.Actor, r link.Ref) []string {
	t.Helper()
	list, err := l.Of(t.Context(), h, a, r)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, x := range list {
		arrow := "<-"
		if x.Forward {
			arrow = "->"
		}
		out = append(out, string(x.Word)+arrow+string(x.Ref))
	}
	return out
}

func TestReadBothWays(t *testing.T) {
	each(t, func(t *testing.T, l *link.Links, h, stranger store.Handle) {
		idea, project, memo := link.To("idea", 3), link.To("project", 9), link.To("memo", 5)
		for range 2 { // the same link twice is one link
			if err := add(t, l, h, idea, link.Became, project); err != nil {
				t.Fatal(err)
			}
		}
		if err := add(t, l, h, memo, link.Concerns, project); err != nil {
			t.Fatal(err)
		}
		if err := add(t, l, h, link.To("idea", 404), link.Became, project); err != nil {
			t.Fatal(err)
		}
		if got := of(t, l, h, web.Actor{}, idea); strings.Join(got, " ") != "became->project:9" {
			t.Errorf("from the idea: %v", got)
		}
		if got := of(t, l, h, web.Actor{}, project); strings.Join(got, " ") != "became<-idea:3" {
			t.Errorf("what a resident sees from the project: %v", got)
		}
		staff := web.Actor{ID: 7, May: func(p web.Permission) bool { return p == "memo.read" }}
		if got := of(t, l, h, staff, project); strings.Join(got, " ") != "became<-idea:3 concerns<-memo:5" {
			t.Errorf("what staff see from the project: %v", got)
		}
		if got := of(t, l, stranger, staff, project); got != nil {
			t.Errorf("another territory sees %v", got)
		}
		err := h.Update(t.Context(), func(tx *store.Tx) error { return l.Remove(t.Context(), tx, idea, link.Became, project) })
		if got := of(t, l, h, staff, project); err != nil || strings.Join(got, " ") != "concerns<-memo:5" {
			t.Errorf("after removal: %v, %v", got, err)
		}
		err = stranger.Update(t.Context(), func(tx *store.Tx) error { return l.Forget(t.Context(), tx, project) })
		if got := of(t, l, h, staff, project); err != nil || len(got) != 1 {
			t.Errorf("a stranger made it forget: %v, %v", got, err)
		}
		err = h.Update(t.Context(), func(tx *store.Tx) error { return l.Forget(t.Context(), tx, project) })
		if got := of(t, l, h, staff, project); err != nil || got != nil {
			t.Errorf("after forgetting: %v, %v", got, err)
		}
	})
}

func TestRefused(t *testing.T) {
	each(t, func(t *testing.T, l *link.Links, h, _ store.Handle) {
		for _, bad := range []struct {
			from link.Ref
			word link.Word
			to   link.Ref
		}{
			{"moon:1", link.Became, "idea:2"}, {"idea:1", link.Became, "moon:2"}, {"idea:1", "loves", "idea:2"},
			{"idea:1", link.Became, "idea:1"}, {"idea", link.Became, "idea:1"}, {"idea:x", link.Became, "idea:1"}, {":3", link.Became, "idea:1"},
		} {
			if err := add(t, l, h, bad.from, bad.word, bad.to); !errors.Is(err, link.ErrUnknown) {
				t.Errorf("%v: %v", bad, err)
			}
		}
	})
}

func TestIncompleteKindsStopTheProgram(t *testing.T) {
	good := kinds()[0]
	for name, list := range map[string][]link.Kind{
		"twice": {good, good}, "no name": {{Label: "x", Resolve: good.Resolve}},
		"no label": {{Name: "x", Resolve: good.Resolve}}, "no resolver": {{Name: "x", Label: "x"}},
	} {
		if _, err := link.New(list); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestListSpeaksBothLanguages(t *testing.T) {
	demo := fstest.MapFS{"fr.json": {Data: []byte(`{"demo.idea": "Idée", "demo.project": "Projet", "demo.memo": "Note"}`)},
		"en.json": {Data: []byte(`{"demo.idea": "Idea", "demo.project": "Project", "demo.memo": "Memo"}`)}}
	cat, err := i18n.New(link.Locales, page.Locales, demo)
	if err != nil {
		t.Fatal(err)
	}
	list := []link.Link{{Word: link.Became, Forward: true, Kind: kinds()[1], Target: link.Target{Title: "Un banc", Href: "/projets/9"}},
		{Word: link.Answers, Kind: kinds()[0], Target: link.Target{Title: "Sans page"}}}
	for lang, want := range map[string]string{"fr": "Est devenu|Un banc|Projet|A pour réponse|Sans page|Idée", "en": "Became|Un banc|Project|Is answered by|Sans page|Idea"} {
		var b strings.Builder
		ctx := i18n.With(t.Context(), cat.Localizer(lang))
		if err := link.List(&page.Site{Path: "/vouneuil"}, list).Render(ctx, &b); err != nil {
			t.Fatal(err)
		}
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(b.String()))
		if err != nil {
			t.Fatal(err)
		}
		var words []string
		doc.Find("dt, dd a, dd .note").Each(func(_ int, s *goquery.Selection) { words = append(words, strings.TrimSpace(s.Text())) })
		for _, w := range strings.Split(want, "|") {
			if !strings.Contains(doc.Text(), w) {
				t.Errorf("%s: %q lacks %q", lang, doc.Text(), w)
			}
		}
		if href := doc.Find("a").AttrOr("href", ""); href != "/vouneuil/projets/9" || doc.Find("a").Length() != 1 {
			t.Errorf("%s: %v, link %q", lang, words, href)
		}
		for _, w := range link.Words() {
			w.Label(ctx, true)
			w.Label(ctx, false)
		}
		var none strings.Builder
		if err := link.List(nil, nil).Render(ctx, &none); err != nil || none.Len() != 0 {
			t.Errorf("no link draws %q, %v", none.String(), err)
		}
	}
	if missing := cat.Missing(); len(missing) > 0 {
		t.Errorf("missing %v", missing)
	}
	if err := i18n.Check(link.Locales); err != nil {
		t.Error(err)
	}
}
