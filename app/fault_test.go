package app_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"parvis/app"
	"parvis/core/notify"
	"parvis/engine/booking"
	"parvis/loop/serve/appointment"
	"parvis/platform/api"
	"parvis/platform/calendar"
	"parvis/platform/clock"
	"parvis/platform/mail/mailtest"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
	"parvis/platform/web"
)

// faultChild names, in the environment, the program that a test starts to kill.
const faultChild = "FAULT_CHILD"

// TestMain lets this binary be the program: a test can then kill -9 it.
func TestMain(m *testing.M) {
	if os.Getenv(faultChild) != "" {
		if err := serveChild(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// childConfig is how a test and the process it starts see the same instance.
type childConfig struct {
	DSN, Data string
	MailPort  int
}

func (c childConfig) build(ctx context.Context) (*app.App, error) {
	return c.buildAt(ctx, clock.System{})
}

func (c childConfig) buildAt(ctx context.Context, clk clock.Clock) (*app.App, error) {
	cfg, err := app.LoadConfig("", nil)
	if err != nil {
		return nil, err
	}
	cfg.Data, cfg.Database, cfg.Name, cfg.Limits = c.Data, c.DSN, "fault", false
	cfg.MailHost, cfg.MailPort, cfg.MailTLS, cfg.MailFrom = "127.0.0.1", c.MailPort, "none", "ne-pas-repondre@parvis.exemple.fr"
	return app.Build(ctx, cfg, app.Options{Clock: clk})
}

// serveChild serves until it is killed; its address is its first line.
func serveChild() error {
	var c childConfig
	if err := json.Unmarshal([]byte(os.Getenv(faultChild)), &c); err != nil {
		return err
	}
	a, err := c.build(context.Background())
	if err != nil {
		return err
	}
	if err := a.Start(context.Background()); err != nil {
		return err
	}
	fmt.Println(httptest.NewServer(a.Handler()).URL)
	_, err = io.Copy(io.Discard, os.Stdin) // ends with the test, should it not kill us
	return err
}

// faultTown is a territory with a key and one reason, open day and night.
type faultTown struct {
	id, slug, key, channel string
	reason                 store.ID
}

// openFaultTown is in a zone where it is day now: the quiet hours of messages
// stay what they are.
func openFaultTown(t *testing.T, a *app.App, agents int) faultTown {
	t.Helper()
	out := faultTown{id: "c98818"} // Nouméa, UTC+11
	if h := time.Now().UTC().Hour(); h >= 5 && h < 20 {
		out.id = here
	}
	return openFaultTownIn(t, a, out.id, agents, "mail")
}

// openFaultTownIn reminds half an hour before, by the channel.
func openFaultTownIn(t *testing.T, a *app.App, id string, agents int, channel string) faultTown {
	t.Helper()
	out := faultTown{id: id, channel: channel}
	x, err := a.Book.Activate(t.Context(), out.id, "")
	if err != nil {
		t.Fatal(err)
	}
	out.slug = x.Slug
	err = a.DB.In(out.id).Update(t.Context(), func(tx *store.Tx) error {
		r := appointment.NewReason()
		r.Name, r.DurationMin, r.StepMin, r.MinDelayMin = "Essai", 5, 5, 0
		r.Reminders.V = []appointment.Step{{Before: 30, Channel: channel}}
		var err error
		if out.reason, err = a.Rdv.SaveReason(t.Context(), tx, r); err != nil {
			return err
		}
		for i := range agents {
			agent, err := a.Booking.AddResource(t.Context(), tx, booking.Resource{Kind: booking.Person, Name: fmt.Sprint("Agent ", i), TimeZone: "UTC",
				HolidayZone: calendar.ZoneMainland, WorksOnHolidays: true, Active: true, HorizonDays: 2})
			if err != nil {
				return err
			}
			if _, _, err := a.Booking.SaveRule(t.Context(), tx, booking.Rule{ResourceID: agent, Tags: []string{appointment.Tag(out.reason)},
				When: calendar.Rule{RRule: "FREQ=DAILY", Start: calendar.DateOf(tx.Now(), time.UTC).AddDays(-1), From: i % 5, To: 24*60 + i%5}}); err != nil {
				return err
			}
		}
		if err := a.Hub.SetSettings(t.Context(), tx, notify.Settings{Quiet: notify.Quiet{From: 23 * 60, To: 5 * 60}}, 0); err != nil {
			return err
		}
		_, out.key, err = a.API.CreateToken(t.Context(), tx, web.Actor{ID: 1, Name: "essai", May: func(web.Permission) bool { return true }},
			api.NewToken{Name: "essai", Permissions: []web.Permission{appointment.MayWrite, appointment.MayRead}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// book books through the API; the error is that of the connection.
func (f faultTown) book(ctx context.Context, base string, at time.Time, who int) (status int, id store.ID, err error) {
	contact := fmt.Sprintf(`"email":"essai%d@essai.exemple.fr"`, who)
	if f.channel == "sms" {
		contact = `"phone":"+33600000001"`
	}
	body := fmt.Sprintf(`{"reason":"%s","start":"%s","firstName":"Ève","lastName":"Essai %d",%s}`, f.reason, at.UTC().Format(time.RFC3339), who, contact)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/api/v1/"+f.slug+"/appointments", strings.NewReader(body))
	if err != nil {
		return 0, 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+f.key)
	res, err := (&http.Client{Timeout: 20 * time.Second}).Do(req)
	if err != nil {
		return 0, 0, err
	}
	defer res.Body.Close()
	var out struct{ ID store.ID }
	if res.StatusCode < 300 {
		err = json.NewDecoder(res.Body).Decode(&out)
	}
	return res.StatusCode, out.ID, err
}

// must fails unless each appointment is booked and holds its time.
func (f faultTown) must(t *testing.T, db *store.DB, confirmed []store.ID) {
	t.Helper()
	for _, id := range confirmed {
		var there bool
		err := db.In(f.id).View(t.Context(), func(tx *store.Tx) error {
			return tx.Get(t.Context(), &there, `SELECT EXISTS (SELECT 1 FROM appointment a JOIN booking b ON b.territory_id = a.territory_id AND b.id = a.booking_id
				WHERE a.territory_id = @territory AND a.id = ? AND a.status = 'booked' AND b.state = 'active')`, id)
		})
		if err != nil || !there {
			t.Errorf("appointment %s was confirmed and is not there (%v)", id, err)
		}
	}
}

// soon is a start whose reminder is due within a few seconds to a minute.
func soon() time.Time {
	return time.Now().Add(30*time.Minute + time.Second).Truncate(time.Minute).Add(time.Minute)
}

// start runs the program in a process of its own and returns its address.
func (c childConfig) start(t *testing.T) (cmd *exec.Cmd, base string) {
	t.Helper()
	raw, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd = exec.CommandContext(t.Context(), self)
	cmd.Env, cmd.Stderr = append(os.Environ(), faultChild+"="+string(raw)), os.Stderr
	if _, err := cmd.StdinPipe(); err != nil { // stays open as long as the test
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the program did not start: %v", err)
	}
	return cmd, strings.TrimSpace(line)
}

// TestKilled: kill -9 in the middle of bookings loses nothing that was
// confirmed, books nothing twice, and each reminder leaves once, in its time.
func TestKilled(t *testing.T) {
	server := mailtest.Start(t)
	c := childConfig{DSN: storetest.SQLiteDSN(t), Data: t.TempDir(), MailPort: server.Port()}
	a, err := c.build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	town := openFaultTown(t, a, 20)
	if err := a.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var confirmed []store.ID
	asked := 0
	for range 3 {
		cmd, base := c.start(t)
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() {
				for {
					mu.Lock()
					asked++
					i := asked
					mu.Unlock()
					status, id, err := town.book(t.Context(), base, soon().Add(time.Duration(5+i%90)*time.Minute), i)
					if err != nil {
						return
					}
					if status < 300 {
						mu.Lock()
						confirmed = append(confirmed, id)
						mu.Unlock()
					}
				}
			})
		}
		time.Sleep(800 * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		all.Wait()
	}
	clk := clock.NewFake(time.Now())
	if a, err = c.buildAt(t.Context(), clk); err != nil {
		t.Fatal(err)
	}
	// The start takes back what was running at the last kill.
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := a.Queue.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	if len(confirmed) == 0 {
		t.Fatal("nothing was confirmed: the kills prove nothing")
	}
	town.must(t, a.DB, confirmed)
	var overlaps, appointments, reminders int
	for query, into := range map[string]*int{
		`SELECT COUNT(*) FROM booking_allocation a JOIN booking_allocation b ON b.territory_id = a.territory_id AND b.resource_id = a.resource_id AND b.id > a.id
			AND b.starts_at < a.ends_at AND b.ends_at > a.starts_at AND b.state = 'active' WHERE a.state = 'active'`: &overlaps,
		`SELECT COUNT(*) FROM appointment`:                                   &appointments,
		`SELECT COUNT(*) FROM message WHERE notice = 'appointment.reminder'`: &reminders,
	} {
		if err := a.DB.SQL().QueryRowContext(t.Context(), query).Scan(into); err != nil {
			t.Fatal(err)
		}
	}
	if overlaps != 0 || reminders != appointments {
		t.Errorf("%d overlaps, %d reminders for %d appointments", overlaps, reminders, appointments)
	}
	town.pass(t, a, clk, 140*time.Minute)
	told, reminded := map[string]int{}, map[string]int{}
	for _, m := range server.Messages() {
		if strings.Contains(m.Subject(), "Rappel") {
			reminded[m.To[0]]++
		} else {
			told[m.To[0]]++
		}
	}
	// Each appointment has its own addressee.
	if len(reminded) != appointments || len(told) != appointments {
		t.Errorf("%d told and %d reminded of %d appointments", len(told), len(reminded), appointments)
	}
	for who, n := range reminded {
		if n != 1 {
			t.Errorf("%s was reminded %d times", who, n)
		}
	}
}

// pass lets time go by, minute by minute, doing what is due.
func (f faultTown) pass(t *testing.T, a *app.App, clk *clock.Fake, long time.Duration) {
	t.Helper()
	for end := clk.Now().Add(long); clk.Now().Before(end); clk.Set(clk.Now().Add(time.Minute)) {
		if _, err := a.Queue.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// outage starts the program in this process with a town.
func outage(t *testing.T, dsn string, port int) (*app.App, faultTown, string) {
	t.Helper()
	a, err := childConfig{DSN: dsn, Data: t.TempDir(), MailPort: port}.build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	town := openFaultTown(t, a, 5)
	srv := httptest.NewServer(a.Handler())
	t.Cleanup(srv.Close)
	return a, town, srv.URL
}

// booked books or fails.
func (f faultTown) booked(t *testing.T, base string, at time.Time, who int) store.ID {
	t.Helper()
	status, id, err := f.book(t.Context(), base, at, who)
	if err != nil || status >= 300 {
		t.Fatalf("booking: %d %v", status, err)
	}
	return id
}

// sorry checks that a page says in French that it cannot be served now.
func sorry(t *testing.T, base, path string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	// A page with a session in hand is never one kept in memory.
	req.Header.Set("Cookie", "parvis_session=unknown")
	checkSorry(t, path, req)
}

func checkSorry(t *testing.T, what string, req *http.Request) {
	t.Helper()
	res, err := (&http.Client{Timeout: 60 * time.Second}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	page := string(body)
	if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") ||
		!strings.Contains(page, `lang="fr"`) || !strings.Contains(page, "<h1") || !strings.Contains(page, "Ce que vous aviez confirmé est en sécurité") {
		t.Errorf("%s: %d (Retry-After %q) %.300s", what, res.StatusCode, res.Header.Get("Retry-After"), page)
	}
}

// TestDiskFull: on a disk that has no room left, what must be written is refused
// with 503 and words, what was confirmed stays, and the next booking goes
// through once there is room.
func TestDiskFull(t *testing.T) {
	disk := t.TempDir()
	small := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=24m") == nil // as root; otherwise the database itself stops growing
	if small {
		t.Cleanup(func() {
			if err := syscall.Unmount(disk, syscall.MNT_DETACH); err != nil {
				t.Error(err)
			}
		})
	}
	a, town, base := outage(t, "sqlite:"+filepath.Join(disk, "parvis.db"), mailtest.Start(t).Port())
	kept := []store.ID{town.booked(t, base, soon(), 1)}
	fillDisk(t, a.DB, disk, small)
	refused := 0
	for i := 2; i < 400 && refused < 5; i++ { // the room that the journal kept goes first
		status, id, err := town.book(t.Context(), base, soon().Add(time.Duration(i%90)*time.Minute), i)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case status < 300:
			kept = append(kept, id)
		case status == http.StatusServiceUnavailable:
			refused++
		case status != http.StatusConflict:
			t.Fatalf("a full disk answers %d", status)
		}
	}
	if refused == 0 {
		t.Fatal("the disk never filled")
	}
	checkSorry(t, "a form on a full disk", signInForm(t, base))
	town.must(t, a.DB, kept) // reading goes on
	if small {
		if err := os.Remove(filepath.Join(disk, "ballast")); err != nil {
			t.Fatal(err)
		}
	} else if err := a.DB.SQL().QueryRowContext(t.Context(), `PRAGMA max_page_count = 1073741823`).Scan(new(int64)); err != nil {
		t.Fatal(err)
	}
	town.must(t, a.DB, append(kept, town.booked(t, base, soon().Add(95*time.Minute), 500)))
}

// fillDisk takes the room that is left.
func fillDisk(t *testing.T, db *store.DB, disk string, small bool) {
	t.Helper()
	if !small {
		var pages int64
		if err := db.SQL().QueryRowContext(t.Context(), `PRAGMA page_count`).Scan(&pages); err != nil {
			t.Fatal(err)
		}
		if err := db.SQL().QueryRowContext(t.Context(), fmt.Sprintf(`PRAGMA max_page_count = %d`, pages)).Scan(&pages); err != nil {
			t.Fatal(err)
		}
		return
	}
	ballast, err := os.Create(filepath.Join(disk, "ballast"))
	if err != nil {
		t.Fatal(err)
	}
	for err == nil { // until nothing more fits
		_, err = ballast.Write(make([]byte, 4096))
	}
	if err := ballast.Close(); err != nil {
		t.Fatal(err)
	}
}

// signInForm is a form that always writes, whoever asks.
func signInForm(t *testing.T, base string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/connexion", strings.NewReader(url.Values{"email": {"essai@essai.exemple.fr"}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return req
}

// line is a wire between the program and its database that a test can cut.
type line struct {
	net.Listener
	to    string
	mu    sync.Mutex
	cut   bool
	conns []net.Conn
}

func newLine(t *testing.T, to string) *line {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &line{Listener: l, to: to}
	t.Cleanup(func() { w.set(true); _ = l.Close() })
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			w.carry(from)
		}
	}()
	return w
}

func (w *line) carry(from net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	to, err := net.DialTimeout("tcp", w.to, 5*time.Second)
	if w.cut || err != nil {
		_ = from.Close()
		if err == nil {
			_ = to.Close()
		}
		return
	}
	w.conns = append(w.conns, from, to)
	for _, x := range [][2]net.Conn{{from, to}, {to, from}} {
		go func() {
			_, _ = io.Copy(x[0], x[1])
			_, _ = x[0].Close(), x[1].Close()
		}()
	}
}

// set cuts the line, connections under way included, or mends it.
func (w *line) set(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = cut
	if cut {
		for _, c := range w.conns {
			_ = c.Close()
		}
		w.conns = nil
	}
}

// TestDatabaseLost: while the line to PostgreSQL is cut, in the middle of
// requests too, pages and operations answer 503; once it is mended everything
// works, and nothing confirmed is lost.
func TestDatabaseLost(t *testing.T) {
	dsn, err := url.Parse(storetest.PostgresDSN(t))
	if err != nil {
		t.Fatal(err)
	}
	wire := newLine(t, dsn.Host)
	dsn.Host = wire.Addr().String()
	a, town, base := outage(t, dsn.String(), mailtest.Start(t).Port())
	var kept []store.ID
	next := 0
	for round := range 3 {
		kept = append(kept, town.booked(t, base, soon().Add(time.Duration(round)*20*time.Minute), 1000+round))
		// Cut while others are booking.
		var all sync.WaitGroup
		var mu sync.Mutex
		lost := 0
		for range 3 {
			all.Go(func() {
				for range 40 {
					mu.Lock()
					next++
					i := next
					mu.Unlock()
					status, id, err := town.book(t.Context(), base, soon().Add(time.Duration(i%100)*time.Minute), i)
					mu.Lock()
					switch {
					case err != nil:
						t.Error(err)
					case status < 300:
						kept = append(kept, id)
					case status == http.StatusServiceUnavailable:
						lost++
					case status != http.StatusConflict:
						t.Errorf("a lost database answers %d", status)
					}
					mu.Unlock()
				}
			})
		}
		time.Sleep(200 * time.Millisecond)
		wire.set(true)
		sorry(t, base, "/"+town.slug+"/rendez-vous")
		checkSorry(t, "a form without a database", signInForm(t, base))
		all.Wait()
		if status, body := fetch(t, http.DefaultClient, base+"/readyz"); status != http.StatusServiceUnavailable {
			t.Errorf("readyz: %d %s", status, body)
		}
		if lost == 0 {
			t.Error("nobody noticed: the cut proves nothing")
		}
		wire.set(false)
		town.must(t, a.DB, kept)
	}
	town.must(t, a.DB, append(kept, town.booked(t, base, soon().Add(115*time.Minute), 2000)))
}

// TestMailServerDown: while the mail server is down, booking and pages go on;
// confirmation and reminder leave when it is back, once each.
func TestMailServerDown(t *testing.T) {
	server := mailtest.Start(t)
	clk := clock.NewFake(morning())
	a, err := childConfig{DSN: storetest.SQLiteDSN(t), Data: t.TempDir(), MailPort: server.Port()}.buildAt(t.Context(), clk)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	town := openFaultTownIn(t, a, here, 2, "mail")
	srv := httptest.NewServer(a.Handler())
	t.Cleanup(srv.Close)
	server.Down()
	id := town.booked(t, srv.URL, clk.Now().Add(time.Hour), 1)
	town.pass(t, a, clk, 40*time.Minute) // past the hour of the reminder
	if n := len(server.Messages()); n != 0 {
		t.Fatalf("%d messages without a server", n)
	}
	if status, _ := fetch(t, http.DefaultClient, srv.URL+"/"+town.slug+"/rendez-vous"); status != http.StatusOK {
		t.Errorf("without a mail server a page answers %d", status)
	}
	server.Up(t)
	town.pass(t, a, clk, 3*time.Hour)
	reminders := 0
	for _, m := range server.Messages() {
		if strings.Contains(m.Subject(), "Rappel") {
			reminders++
		}
	}
	if n := len(server.Messages()); n != 2 || reminders != 1 {
		t.Errorf("%d messages, %d reminders: want the confirmation and the reminder, once each", n, reminders)
	}
	town.must(t, a.DB, []store.ID{id})
}

// TestSMSProviderDown: the same by SMS.
func TestSMSProviderDown(t *testing.T) {
	provider := newSMSProvider(t)
	clk := clock.NewFake(morning())
	a := build(t, provider.config(t, "type"), clk)
	town := openFaultTownIn(t, a, here, 2, "sms")
	srv := httptest.NewServer(a.Handler())
	t.Cleanup(srv.Close)
	provider.down = true
	id := town.booked(t, srv.URL, clk.Now().Add(time.Hour), 1)
	town.pass(t, a, clk, 40*time.Minute)
	if len(provider.taken) != 0 {
		t.Fatalf("sent %q without a provider", provider.taken)
	}
	provider.down = false
	town.pass(t, a, clk, 3*time.Hour)
	reminders := 0
	for _, text := range provider.taken {
		if strings.Contains(text, "Rappel") {
			reminders++
		}
	}
	if len(provider.taken) != 2 || reminders != 1 {
		t.Errorf("sent %q: want the confirmation and the reminder, once each", provider.taken)
	}
	town.must(t, a.DB, []store.ID{id})
}

// morning is 10 h in Paris, the day after tomorrow.
func morning() time.Time {
	return time.Now().UTC().Truncate(24 * time.Hour).Add(48*time.Hour + 9*time.Hour)
}
