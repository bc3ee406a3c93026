package mail_test

import (
	"bytes"
	"errors"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parvis/platform/mail"
	"parvis/platform/mail/mailtest"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func TestCheckRefuses(t *testing.T) {
	if err := letter().Check(); err != nil {
		t.Fatal(err)
	}
	inject := "\r\nBcc: tous@exemple.fr"
	for name, change := range map[string]func(*mail.Message){
		"no addressee":      func(m *mail.Message) { m.To = "" },
		"bad addressee":     func(m *mail.Message) { m.To = "camille" },
		"two addressees":    func(m *mail.Message) { m.To = "a@exemple.fr, b@exemple.fr" },
		"header in To":      func(m *mail.Message) { m.To += inject },
		"header in To, 2":   func(m *mail.Message) { m.To = "camille@exemple.fr\nBcc: tous@exemple.fr" },
		"header in name":    func(m *mail.Message) { m.From = "\"Mairie" + inject + "\" <a@exemple.fr>" },
		"no sender":         func(m *mail.Message) { m.From = "Mairie" },
		"header in reply":   func(m *mail.Message) { m.ReplyTo += inject },
		"header in subject": func(m *mail.Message) { m.Subject += inject },
		"lone CR":           func(m *mail.Message) { m.Subject += "\rBcc: a@b.fr" },
		"line separator":    func(m *mail.Message) { m.Subject += "\u2028Bcc: a@b.fr" },
		"NEL":               func(m *mail.Message) { m.Subject += "\u0085Bcc: a@b.fr" },
		"no subject":        func(m *mail.Message) { m.Subject = " " },
		"endless subject":   func(m *mail.Message) { m.Subject = strings.Repeat("a", 501) },
		"HTML alone":        func(m *mail.Message) { m.Text = "" },
		"NUL":               func(m *mail.Message) { m.Text = "a\x00b" },
		"bytes":             func(m *mail.Message) { m.HTML = "\xff" },
		"odd language":      func(m *mail.Message) { m.Lang = "fr\r\nX: y" },
		"no reference":      func(m *mail.Message) { m.Ref = "" },
		"too big": func(m *mail.Message) {
			m.Attachments = []mail.Attachment{{Name: "a", Type: "a/b", Content: make([]byte, mail.MaxBytes)}}
		},
		"header in file":     func(m *mail.Message) { m.Attachments = []mail.Attachment{{Name: "a\r\nX: y", Type: "text/plain"}} },
		"header in type":     func(m *mail.Message) { m.Attachments = []mail.Attachment{{Name: "a", Type: "text/plain\r\nX: y"}} },
		"no type":            func(m *mail.Message) { m.Attachments = []mail.Attachment{{Name: "a"}} },
		"no name":            func(m *mail.Message) { m.Attachments = []mail.Attachment{{Type: "text/plain"}} },
		"not a calendar":     func(m *mail.Message) { m.ICS = []byte("SUMMARY:x") },
		"odd method":         func(m *mail.Message) { m.ICS, m.ICSMethod = []byte(ics), "REQUEST\r\nX: y" },
		"odd method inside":  func(m *mail.Message) { m.ICS = []byte("BEGIN:VCALENDAR\r\nMETHOD:DESTROY\r\nEND:VCALENDAR\r\n") },
		"list without https": func(m *mail.Message) { m.Unsubscribe = &mail.Unsubscribe{URL: "http://a.example/"} },
		"header in list":     func(m *mail.Message) { m.Unsubscribe = &mail.Unsubscribe{URL: "https://a.example/" + inject} },
		"list to nobody":     func(m *mail.Message) { m.Unsubscribe = &mail.Unsubscribe{URL: "https://a.example/", Mailto: "x"} },
	} {
		m := letter()
		change(&m)
		err := m.Check()
		if !errors.Is(err, mail.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := mail.Compose(m, noon); err == nil {
			t.Errorf("%s: composed all the same", name)
		}
	}
}

// Whatever people typed, a message has exactly the headers we put in it, one of
// each, and says what was given.
func TestNoHeaderCanBeInjected(t *testing.T) {
	allowed := []string{
		"Auto-Submitted", "Content-Language", "Content-Transfer-Encoding", "Content-Type", "Date", "From", "List-Unsubscribe",
		"List-Unsubscribe-Post", "Message-Id", "Mime-Version", "Reply-To", "Subject", "To", "X-Auto-Response-Suppress",
	}
	good := rapid.StringMatching(`[a-z é"<>@:;,=?_\\/’-]{1,120}`)
	odd := rapid.OneOf(good, good, good, good, good, good, rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("a:\r\n \"<>@\u2028\u0085=?_é\\;,"))))
	composed := 0
	rapid.Check(t, func(t *rapid.T) {
		m := letter()
		if rapid.Bool().Draw(t, "plain") {
			m.HTML = ""
		}
		m.Subject, m.Ref = odd.Draw(t, "subject"), odd.Draw(t, "ref")
		m.From = mail.Named(odd.Draw(t, "name"), "a@exemple.fr")
		m.Text = odd.Draw(t, "text")
		m.Attachments = []mail.Attachment{{Name: odd.Draw(t, "file"), Type: "text/csv", Content: []byte("a;b")}}
		raw, err := mail.Compose(m, noon)
		if err != nil {
			if !errors.Is(err, mail.ErrRefused) {
				t.Fatal(err)
			}
			return
		}
		composed++
		read, err := netmail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("%v: %q", err, raw)
		}
		for name, values := range read.Header {
			if len(values) != 1 || !slices.Contains(allowed, name) {
				t.Fatalf("header %s: %q in %q", name, values, raw)
			}
		}
		got, err := mailtest.Parse(raw)
		if err != nil {
			t.Fatalf("%v: %q", err, raw)
		}
		if strings.TrimSpace(got.Subject()) != strings.TrimSpace(m.Subject) {
			t.Fatalf("subject %q became %q", m.Subject, got.Subject())
		}
		if len(got.Attachments) != 1 {
			t.Fatalf("%d attachments in %q", len(got.Attachments), raw)
		}
		for line := range strings.SplitSeq(string(raw), "\r\n") {
			if len(line) > 998 || strings.ContainsAny(line, "\r\n") {
				t.Fatalf("a line of %d bytes, or a lone line end: %q", len(line), line)
			}
		}
	})
	if composed < 10 {
		t.Errorf("only %d messages were composed", composed)
	}
}

func TestMessageID(t *testing.T) {
	id := func(ref string) string {
		m := letter()
		m.Ref = ref
		got, err := mail.MessageID(m)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := mail.Compose(m, noon)
		if err != nil {
			t.Fatal(err)
		}
		read, err := mailtest.Parse(raw)
		if err != nil || read.ID() != got {
			t.Fatalf("%q in the message, %q announced, %v", read.ID(), got, err)
		}
		return got
	}
	if got := id("86294-12"); got != "86294-12@brandes.exemple.fr" {
		t.Error(got)
	}
	odd := []string{"a b", "a>b", "é", ".a", "a.", "a..b", strings.Repeat("a", 101)}
	seen := map[string]bool{}
	for _, ref := range odd {
		got := id(ref)
		if got != id(ref) || len(got) != 32+len("@brandes.exemple.fr") || seen[got] {
			t.Errorf("%q gives %q", ref, got)
		}
		seen[got] = true
	}
	m := letter()
	m.Ref = ""
	if _, err := mail.MessageID(m); err == nil {
		t.Error("an identifier without reference")
	}
}

func TestCalendarMethod(t *testing.T) {
	for content, want := range map[string]string{
		ics: "REQUEST",
		strings.Replace(ics, "METHOD:REQUEST", "method:cancel", 1):      "CANCEL",
		strings.Replace(ics, "METHOD:REQUEST\r\n", "", 1):               "PUBLISH",
		strings.Replace(ics, "METHOD:REQUEST\r\n", "METHOD:REPLY\n", 1): "REPLY",
	} {
		m := letter()
		m.ICS = []byte(content)
		raw, err := mail.Compose(m, noon)
		if err != nil {
			t.Fatal(err)
		}
		got, err := mailtest.Parse(raw)
		if err != nil || got.Method != want || got.Calendar != content || len(got.Attachments) != 1 {
			t.Errorf("method %q, want %q, %v", got.Method, want, err)
		}
	}
}

func TestNamed(t *testing.T) {
	for _, name := range []string{"Mairie de Brandes", "Été, \"Culture\" & Co", "Mairie\r\nBcc: x@y.fr", "", "=?utf-8?q?x?=", "名前"} {
		m := letter()
		m.From = mail.Named(name, "a@exemple.fr")
		raw, err := mail.Compose(m, noon)
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		got, err := mailtest.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		from, err := netmail.ParseAddress(got.Header.Get("From"))
		if want := strings.Join(strings.Fields(name), " "); err != nil || from.Name != want || from.Address != "a@exemple.fr" {
			t.Errorf("%q became %+v, %v", name, from, err)
		}
		if got.Get("Bcc") != "" {
			t.Errorf("%q added a header", name)
		}
	}
}

func TestInternationalAddressee(t *testing.T) {
	server := mailtest.Start(t)
	m := letter()
	m.To = "accueil@mairie-évian.fr"
	if _, err := server.Sender(t).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if got := server.Messages()[0].To[0]; got != "accueil@xn--mairie-vian-hbb.fr" {
		t.Errorf("sent to %s", got)
	}
}
