package person_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parvis/core/access"
	"parvis/core/person"
	"parvis/core/person/persontest"
	"parvis/platform/fault"
	"parvis/platform/store"
)

const nadia = "nadia.roux@vouneuil.example"

// other is a code of six figures that is not the right one.
func other(code string) string {
	if code == "111111" {
		return "222222"
	}
	return "111111"
}

func ask(t *testing.T, town *persontest.Town, b *persontest.Browser, email string) (code string) {
	t.Helper()
	before := len(town.Mailbox.To(email))
	if p := b.Post("/connexion", "email", email); p.Location != "/connexion/code" {
		t.Fatalf("asking for a code: %d %v", p.Status, p.Errors())
	}
	town.Work()
	if letters := town.Mailbox.To(email); len(letters) > before {
		return letters[len(letters)-1].Fields["Code"]
	}
	return ""
}

func TestSignIn(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		who := town.Hire("Nadia Roux", nadia, persontest.Vouneuil, access.Agent)
		b := town.Browser(t)
		p := b.Get("/vouneuil/usagers?q=mart")
		if p.Status != http.StatusSeeOther || p.Location != "/connexion?vers=%2Fvouneuil%2Fusagers%3Fq%3Dmart" {
			t.Fatalf("a page of the staff, signed in as nobody: %d %s", p.Status, p.Location)
		}
		p = b.Get(p.Location)
		next := p.Doc.Find("input[name=vers]").AttrOr("value", "")
		if p.Status != http.StatusOK || next != "/vouneuil/usagers?q=mart" {
			t.Fatalf("sign-in page: %d, next %q", p.Status, next)
		}
		if p := b.Get("/connexion/code"); p.Location != "/connexion" {
			t.Errorf("the second step before the first: %d %s", p.Status, p.Location)
		}
		p = b.Post("/connexion", "email", " Nadia.Roux@Vouneuil.example ", "vers", next)
		if p.Location != "/connexion/code" {
			t.Fatalf("asking for a code: %d %v", p.Status, p.Errors())
		}
		if n := len(town.Mailbox.All()); n != 0 {
			t.Fatalf("%d letters before the job ran: the request itself looked for the person", n)
		}
		town.Work()
		letters := town.Mailbox.To(nadia)
		if len(letters) != 1 || letters[0].Notice != "person.code" || letters[0].Lang != "fr" || len(letters[0].Fields["Code"]) != 6 || letters[0].Name != "Nadia Roux" {
			t.Fatalf("letters %+v", letters)
		}
		p = b.Get("/connexion/code")
		field := p.Doc.Find("input#code")
		if p.Status != http.StatusOK || field.AttrOr("autocomplete", "") != "one-time-code" || field.AttrOr("inputmode", "") != "numeric" {
			t.Errorf("page of the code: %d", p.Status)
		}
		code := letters[0].Fields["Code"]
		p = b.Post("/connexion/code", "code", code[:3]+" "+code[3:])
		if p.Status != http.StatusSeeOther || p.Location != next {
			t.Fatalf("the right code: %d %s %v", p.Status, p.Location, p.Errors())
		}
		if p := b.Get("/vouneuil/usagers"); p.Status != http.StatusOK {
			t.Errorf("the desk: %d", p.Status)
		}
		if err := town.DB.System("test").View(t.Context(), func(tx *store.Tx) error {
			got, err := town.People.Get(t.Context(), tx, who.ID)
			if !got.LastSeenAt.Equal(town.Clock.Now()) {
				t.Errorf("last seen %v", got.LastSeenAt)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if p := b.Post("/deconnexion"); p.Location != "/connexion?fin=1" {
			t.Errorf("signing out: %d %s", p.Status, p.Location)
		}
		if p := b.Get("/vouneuil/usagers"); p.Status != http.StatusSeeOther {
			t.Errorf("after signing out: %d", p.Status)
		}
		if p := b.Get("/connexion?fin=1"); p.Doc.Find("[role=status]").Length() == 0 {
			t.Error("nobody says that one is signed out")
		}
	})
}

func TestSignInRenewsTheSession(t *testing.T) {
	town := persontest.Open(t, sqlite(t), persontest.Options{})
	town.Hire("Nadia Roux", nadia, persontest.Vouneuil, access.Agent)
	b := town.Browser(t)
	first := b.Post("/connexion", "email", nadia)
	town.Work()
	second := b.Post("/connexion/code", "code", town.Mailbox.To(nadia)[0].Fields["Code"])
	before, after := first.Header.Get("Set-Cookie"), second.Header.Get("Set-Cookie")
	if before == "" || after == "" || before == after {
		t.Errorf("the token is the same before and after: %q, %q", before, after)
	}
	for _, want := range []string{"HttpOnly", "SameSite=Lax"} {
		if !strings.Contains(after, want) {
			t.Errorf("cookie %q without %s", after, want)
		}
	}
}

func TestWrongCodes(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		town.Hire("Nadia Roux", nadia, persontest.Vouneuil, access.Agent)
		b := town.Browser(t)
		code := ask(t, town, b, nadia)
		for _, bad := range []string{"", "12345", "1234567", "abcdef", "12 34 5x"} {
			if p := b.Post("/connexion/code", "code", bad); p.Status != http.StatusUnprocessableEntity || p.Errors()["code"] == "" {
				t.Errorf("%q: %d %v", bad, p.Status, p.Errors())
			}
		}
		for i, want := range []string{"4 essais", "3 essais", "2 essais", "un essai"} {
			p := b.Post("/connexion/code", "code", other(code))
			if p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Errors()["code"], want) || !strings.HasPrefix(p.Doc.Find("title").Text(), "Erreur") {
				t.Errorf("wrong %d times: %d %v", i+1, p.Status, p.Errors())
			}
		}
		for _, try := range []string{other(code), code} {
			if p := b.Post("/connexion/code", "code", try); p.Status != http.StatusTooManyRequests || !strings.Contains(p.Errors()["code"], "trop de fois") {
				t.Errorf("after five wrong ones: %d %v", p.Status, p.Errors())
			}
		}
		if p := b.Get("/agents"); p.Status != http.StatusSeeOther {
			t.Errorf("and yet signed in: %d", p.Status)
		}
	})
}

// Parallel guesses are counted one by one.
func TestParallelGuessesAreCounted(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		town.Hire("Nadia Roux", nadia, persontest.Vouneuil, access.Agent)
		ctx := t.Context()
		id, err := town.People.AskSignIn(ctx, nadia)
		if err != nil {
			t.Fatal(err)
		}
		town.Work()
		code := town.Mailbox.To(nadia)[0].Fields["Code"]
		var wrong atomic.Int32
		var wg sync.WaitGroup
		for range 30 {
			wg.Go(func() {
				if _, err := town.People.SignIn(ctx, id, other(code)); fault.Is(err, fault.Invalid) {
					wrong.Add(1)
				} else if !fault.Is(err, fault.TooMany) {
					t.Errorf("a wrong code: %v", err)
				}
			})
		}
		wg.Wait()
		if n := wrong.Load(); n != person.CodeTries-1 {
			t.Errorf("%d guesses were told to try again, want %d", n, person.CodeTries-1)
		}
		if _, err := town.People.SignIn(ctx, id, code); !fault.Is(err, fault.TooMany) {
			t.Errorf("the right code after too many: %v", err)
		}
	})
}

func TestCodesExpireAndServeOnce(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		town.Hire("Nadia Roux", nadia, persontest.Vouneuil, access.Agent)
		ctx := t.Context()
		key := func(err error) string {
			if f := fault.Of(err); f != nil && len(f.Fields) == 1 {
				return f.Fields[0].Key
			}
			return ""
		}
		id, err := town.People.AskSignIn(ctx, nadia)
		if err != nil {
			t.Fatal(err)
		}
		town.Work()
		code := town.Mailbox.To(nadia)[0].Fields["Code"]
		town.Clock.Advance(person.CodeLife)
		if _, err := town.People.SignIn(ctx, id, code); key(err) != "person.error.code.expired" || !fault.Is(err, fault.Gone) {
			t.Errorf("after ten minutes: %v", err)
		}
		if id, err = town.People.AskSignIn(ctx, nadia); err != nil {
			t.Fatal(err)
		}
		town.Work()
		code = town.Mailbox.To(nadia)[1].Fields["Code"]
		town.Clock.Advance(person.CodeLife - time.Second)
		if who, err := town.People.SignIn(ctx, id, code); err != nil || who.Email != nadia {
			t.Fatalf("in time: %v", err)
		}
		if _, err := town.People.SignIn(ctx, id, code); key(err) != "person.error.code.used" {
			t.Errorf("a second time: %v", err)
		}
		if _, err := town.People.SignIn(ctx, 12345, code); key(err) != "person.error.code.expired" {
			t.Errorf("an attempt that never was: %v", err)
		}
	})
}

// Requests that come together send one code.
func TestParallelRequestsSendOneCode(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		town.Hire("Nadia Roux", nadia, persontest.Vouneuil, access.Agent)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if _, err := town.People.AskSignIn(t.Context(), nadia); err != nil && !fault.Is(err, fault.TooMany) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		town.Work()
		if n := len(town.Mailbox.To(nadia)); n != 1 {
			t.Errorf("%d codes", n)
		}
	})
}

// A code belongs to the browser that asked for it.
func TestACodeIsWorthNothingElsewhere(t *testing.T) {
	town := persontest.Open(t, sqlite(t), persontest.Options{})
	town.Hire("Nadia Roux", nadia, persontest.Vouneuil, access.Agent)
	code := ask(t, town, town.Browser(t), nadia)
	thief := town.Browser(t)
	if p := thief.Post("/connexion/code", "code", code); p.Location != "/connexion" {
		t.Errorf("without having asked: %d %s", p.Status, p.Location)
	}
}

// The answer is the same, word for word, whoever owns the address, and the page
// does the same work.
func TestNothingTellsWhetherAnAddressIsKnown(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		town.Hire("Nadia Roux", nadia, persontest.Vouneuil, access.Agent)
		former := town.Hire("Éric Ancien", "eric.ancien@vouneuil.example", persontest.Vouneuil, access.Agent)
		if err := town.People.Deactivate(t.Context(), former.ID, 0); err != nil {
			t.Fatal(err)
		}
		town.Hire("Sans Rôle", "sans.role@vouneuil.example", persontest.Vouneuil)
		type answer struct {
			status   int
			location string
			body     string
		}
		var wrong string // the same for everybody: it comes back in the field
		see := func(email string) (steps []answer, letters int) {
			b := town.Browser(t)
			for _, p := range []persontest.Page{
				b.Post("/connexion", "email", email), b.Get("/connexion/code"),
				b.Post("/connexion", "email", email), // at once again: refused
			} {
				steps = append(steps, answer{p.Status, p.Location, strings.ReplaceAll(p.Body, email, "ADDRESS")})
			}
			town.Work()
			if sent := town.Mailbox.To(email); len(sent) > 0 {
				wrong = other(sent[0].Fields["Code"])
			}
			for range person.CodeTries + 1 {
				p := b.Post("/connexion/code", "code", wrong)
				steps = append(steps, answer{p.Status, p.Location, strings.ReplaceAll(p.Body, email, "ADDRESS")})
			}
			return steps, len(town.Mailbox.To(email))
		}
		known, letters := see(nadia)
		if letters != 1 {
			t.Fatalf("%d letters to somebody known", letters)
		}
		for _, email := range []string{"inconnue@vouneuil.example", former.Email, "sans.role@vouneuil.example"} {
			unknown, letters := see(email)
			if letters != 0 {
				t.Errorf("%s got a letter", email)
			}
			for i := range known {
				if known[i] != unknown[i] {
					t.Errorf("%s, step %d: %d %s, want %d %s", email, i, unknown[i].status, unknown[i].location, known[i].status, known[i].location)
				}
			}
		}
	})
}

func TestSignInIsBounded(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		town.Hire("Nadia Roux", nadia, persontest.Vouneuil, access.Agent)
		b := town.Browser(t)
		sent := 0
		for range 14 {
			p := b.Post("/connexion", "email", nadia)
			if p.Location == "/connexion/code" {
				sent++
			} else if p.Status != http.StatusTooManyRequests || len(p.Errors()) != 1 {
				t.Fatalf("refused with %d %v", p.Status, p.Errors())
			}
			town.Clock.Advance(person.CodeResend + time.Second)
		}
		if sent != 10 {
			t.Errorf("%d codes in a quarter of an hour, want 10", sent)
		}
		town.Clock.Advance(time.Hour)
		if p := b.Post("/connexion", "email", nadia); p.Location != "/connexion/code" {
			t.Errorf("an hour later: %d", p.Status)
		}
	})
}

func TestSignInRefusesWhatIsNoAddress(t *testing.T) {
	town := persontest.Open(t, sqlite(t), persontest.Options{})
	b := town.Browser(t)
	for _, bad := range []string{"", "nadia", "nadia@", "a b@c.fr", "<script>@x.fr", strings.Repeat("a", 300) + "@x.fr"} {
		p := b.Post("/connexion", "email", bad)
		if p.Status != http.StatusUnprocessableEntity || p.Errors()["email"] == "" {
			t.Errorf("%q: %d %v", bad, p.Status, p.Errors())
		}
		if got := p.Doc.Find("#email").AttrOr("value", ""); got != bad {
			t.Errorf("%q came back as %q", bad, got)
		}
	}
}

func TestOtherOriginsAreRefused(t *testing.T) {
	town := persontest.Open(t, sqlite(t), persontest.Options{Demo: true})
	who := town.Hire("Nadia Roux", nadia, persontest.Vouneuil, access.Agent, access.Admin)
	b := town.Browser(t).SignIn(town, nadia)
	for path, form := range map[string]url.Values{
		"/connexion":               {"email": {nadia}},
		"/connexion/code":          {"code": {"123456"}},
		"/connexion/demonstration": {"personne": {who.ID.String()}, "collectivite": {persontest.Vouneuil}},
		"/deconnexion":             {},
		"/invitation/abc":          {"name": {"Nadia Roux"}},
		"/vouneuil/usagers":        {"firstName": {"Aline"}, "lastName": {"Aubépin"}},
		"/vouneuil/equipe/inviter": {"name": {"Intrus"}, "email": {"intrus@exemple.fr"}, "role": {"admin"}},
		"/vouneuil/equipe/revue":   {},
	} {
		for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://ailleurs.example"}} {
			if p := b.Do("POST", path, form, header...); p.Status != http.StatusForbidden {
				t.Errorf("%s from %v: %d", path, header, p.Status)
			}
		}
	}
	if p := b.Get("/vouneuil/equipe"); p.Status != http.StatusOK {
		t.Errorf("signed out from another site: %d", p.Status)
	}
	if n := len(town.Mailbox.All()); n != 1 {
		t.Errorf("%d letters left, want the one of the sign-in", n)
	}
}

func TestNextNeverLeadsElsewhere(t *testing.T) {
	town := persontest.Open(t, sqlite(t), persontest.Options{})
	town.Hire("Nadia Roux", nadia, persontest.Vouneuil, access.Agent)
	for _, bad := range []string{"https://ailleurs.example/", "//ailleurs.example", "/\\ailleurs.example", "javascript:alert(1)", "/connexion/code"} {
		b := town.Browser(t)
		b.Post("/connexion", "email", nadia, "vers", bad)
		town.Work()
		letters := town.Mailbox.To(nadia)
		if p := b.Post("/connexion/code", "code", letters[len(letters)-1].Fields["Code"]); p.Location != "/agents" {
			t.Errorf("%q leads to %q", bad, p.Location)
		}
		town.Clock.Advance(2 * time.Minute)
	}
}

func TestChoosingATerritory(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		town.Hire("Nadia Roux", nadia, persontest.Vouneuil, access.Agent)
		b := town.Browser(t).SignIn(town, nadia)
		if p := b.Get("/agents"); p.Location != "/vouneuil/usagers" {
			t.Errorf("one territory: %d %s", p.Status, p.Location)
		}
		town.Hire("Nadia Roux", nadia, persontest.Brandes, access.Manager, access.Desk)
		p := b.Get("/agents")
		if p.Status != http.StatusOK || p.Doc.Find(`main a[href="/brandes/usagers"]`).Length() != 1 || p.Doc.Find(`main a[href="/vouneuil/usagers"]`).Length() != 1 {
			t.Errorf("two territories: %d", p.Status)
		}
		if got := p.Doc.Find("main li").First().Find("small").Text(); got != "responsable de service, agent d’accueil" {
			t.Errorf("roles in words: %q", got)
		}
	})
}

func TestDemoAccounts(t *testing.T) {
	persontest.Each(t, persontest.Options{Demo: true}, func(t *testing.T, town *persontest.Town) {
		who := town.Hire("Nadia Roux", nadia, persontest.Vouneuil, access.Agent, access.Desk)
		town.Hire("Martine Ballu", "martine@brandes.example", persontest.Brandes, access.Admin)
		b := town.Browser(t)
		p := b.Get("/connexion?vers=/vouneuil/usagers/nouveau")
		form := p.Doc.Find(`form[action="/connexion/demonstration"]`)
		if form.Length() != 2 || !strings.Contains(p.Doc.Find("main").Text(), "agent, agent d’accueil") {
			t.Fatalf("%d accounts shown", form.Length())
		}
		for _, c := range []struct{ person, territory, next, want string }{
			{who.ID.String(), persontest.Vouneuil, "/vouneuil/usagers/nouveau", "/vouneuil/usagers/nouveau"},
			{who.ID.String(), persontest.Vouneuil, "/brandes/usagers", "/vouneuil/usagers"},
		} {
			if p := town.Browser(t).Post("/connexion/demonstration", "personne", c.person, "collectivite", c.territory, "vers", c.next); p.Location != c.want {
				t.Errorf("one click: %d %s, want %s", p.Status, p.Location, c.want)
			}
		}
		if p := b.Post("/connexion/demonstration", "personne", who.ID.String(), "collectivite", persontest.Brandes); p.Status != http.StatusNotFound {
			t.Errorf("into a territory without role: %d", p.Status)
		}
		if p := b.Post("/connexion/demonstration", "personne", "x", "collectivite", ""); p.Status != http.StatusNotFound {
			t.Errorf("nobody: %d", p.Status)
		}
	})
}

func TestNoDemoDoorInProduction(t *testing.T) {
	town := persontest.Open(t, sqlite(t), persontest.Options{})
	who := town.Hire("Nadia Roux", nadia, persontest.Vouneuil, access.Agent)
	b := town.Browser(t)
	if p := b.Post("/connexion/demonstration", "personne", who.ID.String(), "collectivite", persontest.Vouneuil); p.Status != http.StatusNotFound {
		t.Errorf("the door is open: %d %s", p.Status, p.Location)
	}
	if p := b.Get("/connexion"); strings.Contains(p.Body, "Nadia") {
		t.Error("accounts are shown")
	}
}

func TestCarefulRoutesAreLimited(t *testing.T) {
	town := persontest.Open(t, sqlite(t), persontest.Options{Limits: true})
	b := town.Browser(t)
	refused := 0
	for range 30 {
		if p := b.Post("/connexion", "email", "personne@exemple.fr"); p.Header.Get("Retry-After") != "" {
			refused++
		}
	}
	if refused != 10 {
		t.Errorf("%d of 30 requests refused by network, want 10", refused)
	}
}
