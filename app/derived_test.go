package app_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"parvis/app/apptest"
	"parvis/core/access"
	"parvis/platform/clock"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
	"parvis/platform/web"
)

const (
	here      = "c86194" // a town of the demonstration
	elsewhere = "d86"    // another territory of the same instance
)

// TestPermissionMatrix asks every page as nobody, as each role, and as the same
// role of another territory. It reads the routes and the permissions from the
// declarations: what is not declared is not reachable.
func TestPermissionMatrix(t *testing.T) {
	in := apptest.Start(t, storetest.SQLiteDSN(t), clock.System{}, false)
	holders := map[web.Permission]map[access.Role]bool{}
	for _, s := range in.Services {
		for _, p := range s.Permissions {
			holders[p.Name] = map[access.Role]bool{}
			for _, r := range p.Roles {
				holders[p.Name][r] = true
			}
		}
	}
	roles := []access.Role{access.Admin, access.Manager, access.Agent, access.Desk, access.Elected, access.DPO, access.Operator}
	clients := map[access.Role]*http.Client{}
	strangers := map[access.Role]*http.Client{}
	for _, r := range roles {
		clients[r] = in.SignIn(t, here, r)
		strangers[r] = in.SignIn(t, elsewhere, r)
	}
	nobody := apptest.Client(t)
	prefix := in.Slug(t, here)
	asked := 0
	for _, r := range in.Server.Routes() {
		if r.Scope != web.OfSite || r.Permission == web.Public {
			continue
		}
		path := prefix + strings.NewReplacer("{id}", "987654321", "{token}", "x", "{link}", "x", "{reason}", "987654321", "{name}", "appointment", "{$}", "").Replace(r.Path)
		if sample := in.Sample(t, here, r); sample != "" && r.Method == http.MethodGet {
			path = prefix + sample // a real page: who may gets it
		}
		asked++
		if got := status(t, nobody, r.Method, in.URL+path); got != http.StatusUnauthorized {
			t.Errorf("%s %s as nobody: %d", r.Method, r.Path, got)
		}
		for _, role := range roles {
			got := status(t, clients[role], r.Method, in.URL+path)
			may := r.Permission == web.SignedIn || holders[r.Permission][role]
			if may && (got == http.StatusForbidden || got == http.StatusUnauthorized || got >= 500 || got == http.StatusNotFound && r.Method == http.MethodGet && r.Sample != "-") {
				t.Errorf("%s %s as %s, who holds %s: %d", r.Method, r.Path, role, r.Permission, got)
			}
			if !may && got != http.StatusForbidden {
				t.Errorf("%s %s as %s, who does not hold %s: %d", r.Method, r.Path, role, r.Permission, got)
			}
			if r.Permission == web.SignedIn {
				continue
			}
			if got := status(t, strangers[role], r.Method, in.URL+path); got != http.StatusForbidden && got != http.StatusUnauthorized {
				t.Errorf("%s %s as %s of another territory: %d", r.Method, r.Path, role, got)
			}
		}
	}
	if asked < 20 {
		t.Fatalf("only %d protected routes asked", asked)
	}
}

// status is the answer's; the way to the sign-in page counts as 401.
func status(t *testing.T, c *http.Client, method, target string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusSeeOther && strings.HasPrefix(res.Header.Get("Location"), "/connexion") {
		return http.StatusUnauthorized
	}
	return res.StatusCode
}

// TestEveryTableRefusesAStranger tries to read each table of the schema through
// a bound handle without naming its territory.
func TestEveryTableRefusesAStranger(t *testing.T) {
	apptest.Each(t, clock.System{}, false, func(t *testing.T, in *apptest.Instance) {
		tables, err := in.DB.Tables(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		bound := 0
		for _, x := range tables {
			for _, q := range []string{"SELECT COUNT(*) FROM " + x.Name, "SELECT COUNT(*) FROM " + x.Name + " WHERE territory_id = 'd86'", "DELETE FROM " + x.Name} {
				err := in.DB.In(here).Update(t.Context(), func(tx *store.Tx) error {
					_, err := tx.Exec(t.Context(), q)
					return err
				})
				if !errors.Is(err, store.ErrUnbound) {
					t.Errorf("%s: %v, want a refusal", q, err)
				}
			}
			if !x.Territory {
				continue
			}
			bound++
			// What a territory reads is its own.
			var own, all int
			if err := in.DB.In(here).View(t.Context(), func(tx *store.Tx) error {
				return tx.Get(t.Context(), &own, "SELECT COUNT(*) FROM "+x.Name+" WHERE territory_id = @territory")
			}); err != nil {
				t.Errorf("%s: %v", x.Name, err)
			}
			if err := in.DB.System("the test counts").View(t.Context(), func(tx *store.Tx) error {
				return tx.Get(t.Context(), &all, "SELECT COUNT(*) FROM "+x.Name+" WHERE territory_id = ?", here)
			}); err != nil || own != all {
				t.Errorf("%s: %d rows through the handle, %d of the territory (%v)", x.Name, own, all, err)
			}
		}
		if bound < 15 {
			t.Fatalf("only %d tables have a territory", bound)
		}
	})
}

// notPersonal are the tables without personal data, each with its reason.
var notPersonal = map[string]string{
	"territory": "settings of a public body", "territory_change": "who changed public settings: a trace, kept",
	"place": "public places", "appointment_reason": "settings", "appointment_agent": "staff diaries, erased with the appointment's link",
	"booking": "times and references", "booking_allocation": "times and references", "booking_resource": "staff diaries", "booking_rule": "opening hours",
	"booking_rule_tag": "opening hours", "booking_span": "opening hours", "booking_override": "opening hours", "booking_closure": "absences without motive",
	"intervention_trade": "settings", "intervention_trade_version": "settings", "intervention_asset": "public things", "intervention_plan": "settings", "intervention_occurrence": "days and references",
	"intervention_place": "counts of places", "intervention_counter": "numbers given", "sync_clock": "one number",
	"event_done": "identifiers of events", "dossier_counter": "numbers given", "dossier_number": "numbers given", "link": "references",
	"message_policy": "settings", "message_setting": "settings", "message_settings": "settings", "notify_policy": "settings", "notify_setting": "settings", "notify_settings": "settings",
	"barometer_topic": "services asked about", "barometer_tally": "counts", "barometer_month": "sums of counts", "barometer_action": "what a public body announces",
	"api_token": "keys of programs", "dossier_pause": "times", "dossier_template": "texts without anybody", "message_count": "counts", "message_spend": "sums", "access_settings": "settings",
	"sector_edition": "one number", "report_category": "settings", "report_tile": "counts",
	"open311_peer": "settings", "open311_import": "where an import stands",
	"contact_batch": "piles without anybody", "contact_word": "keywords", "contact_campaign": "what is asked in calls",
}

// TestEveryPersonalTableHasItsRetention compares the schema with the
// declarations: a new table is either declared or explained here.
func TestEveryPersonalTableHasItsRetention(t *testing.T) {
	in := apptest.Start(t, storetest.SQLiteDSN(t), clock.System{}, false)
	declared := map[string]bool{}
	for _, s := range in.Services {
		for _, r := range s.Retention {
			declared[r.Table] = true
		}
	}
	tables, err := in.DB.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	exists := map[string]bool{}
	for _, x := range tables {
		exists[x.Name] = true
		if x.Territory && !declared[x.Name] && notPersonal[x.Name] == "" {
			t.Errorf("table %s: no retention declared, and no reason why it needs none", x.Name)
		}
	}
	for name := range declared {
		if !exists[name] {
			t.Errorf("retention of table %s, which does not exist", name)
		}
	}
	if err := in.Purge(t.Context()); err != nil {
		t.Errorf("the purge of everything: %v", err)
	}
}

// TestCatalogues checks every text of every service in both languages, and that
// declared keys exist.
func TestCatalogues(t *testing.T) {
	in := apptest.Start(t, storetest.SQLiteDSN(t), clock.System{}, false)
	var keys []string
	for _, s := range in.Services {
		if s.Locales != nil {
			if err := i18n.Check(s.Locales); err != nil {
				t.Errorf("%s: %v", s.Name, err)
			}
		}
		keys = append(keys, s.Label)
		for _, p := range s.Permissions {
			keys = append(keys, p.Label)
		}
		for _, m := range s.Menu {
			keys = append(keys, m.Label)
		}
		for _, n := range s.Notices {
			keys = append(keys, n.Label)
		}
		for _, r := range s.Retention {
			keys = append(keys, r.Purpose, r.Basis, r.Then)
		}
	}
	for _, k := range keys {
		if !in.Catalog.Has(k) {
			t.Errorf("no text for %q", k)
		}
	}
}

// TestEveryPageAnswers visits the sample of every page with the demonstration's
// data, and its English version; nothing may be left untranslated.
func TestEveryPageAnswers(t *testing.T) {
	apptest.Each(t, clock.System{}, false, func(t *testing.T, in *apptest.Instance) {
		c := in.SignIn(t, here, access.Admin)
		clients := map[access.Role]*http.Client{access.Admin: c}
		for _, p := range in.Pages(t, here) {
			if clients[p.Role] == nil {
				clients[p.Role] = in.SignIn(t, here, p.Role)
			}
			client := clients[p.Role]
			for _, lang := range []string{"fr", "en"} {
				target := in.URL + p.Path
				sep := "?"
				if strings.Contains(target, "?") {
					sep = "&"
				}
				code, body := fetch(t, client, target+sep+"lang="+lang)
				if code != http.StatusOK && code != http.StatusSeeOther {
					t.Errorf("%s (%s) as %s: %d", p.Path, lang, p.Role, code)
				}
				if i := strings.Index(body, "⟦"); i >= 0 {
					t.Errorf("%s (%s): a text is missing: %.80s", p.Path, lang, body[i:])
				}
			}
		}
		if m := in.Catalog.Missing(); len(m) > 0 {
			t.Errorf("texts asked for and not found: %v", m)
		}
	})
}

func fetch(t *testing.T, c *http.Client, target string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}
