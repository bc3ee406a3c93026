package mail_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parvis/platform/clock"
	"parvis/platform/mail"
	"parvis/platform/mail/mailtest"
)

const ics = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Parvis//FR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:rdv-1@parvis.example\r\nSUMMARY:Rendez-vous à la mairie\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

func letter() mail.Message {
	return mail.Message{
		To: "camille@exemple.fr", From: mail.Named("Mairie de Brandes", "ne-pas-repondre@brandes.exemple.fr"), ReplyTo: "accueil@brandes.exemple.fr",
		Subject: "Votre rendez-vous du 24 novembre à 9 h 30, état civil", Text: "Bonjour,\nà mardi !\n.\n..fin", HTML: "<p>Bonjour, à mardi&nbsp;!</p>",
		Lang: "fr", Ref: "86294-0001",
	}
}

// outcome checks that err is a *mail.Failure of exactly this outcome and reason
// that tells no address.
func outcome(t *testing.T, name string, err, want error, reason mail.Reason) {
	t.Helper()
	var f *mail.Failure
	if !errors.As(err, &f) {
		t.Errorf("%s: %v is not a failure", name, err)
		return
	}
	for _, o := range []error{mail.ErrRefused, mail.ErrNotSent, mail.ErrDoubtful} {
		if errors.Is(err, o) != (o == want) {
			t.Errorf("%s: %v, want: %v", name, err, want)
		}
	}
	if f.Reason != reason {
		t.Errorf("%s: %v, want the reason %s", name, err, reason)
	}
	if strings.Contains(err.Error(), "camille") || strings.Contains(err.Error(), "Bonjour") {
		t.Errorf("%s: the error tells too much: %v", name, err)
	}
}

func TestSMTP(t *testing.T) {
	for _, mode := range []mail.TLS{mail.None, mail.StartTLS, mail.Implicit} {
		t.Run(string(mode), func(t *testing.T) {
			options := []mailtest.Option{}
			if mode != mail.None {
				options = append(options, mailtest.WithTLS(mode), mailtest.WithUser("parvis", "un secret"))
			}
			server := mailtest.Start(t, options...)
			config := server.Config()
			now := time.Date(2026, 11, 24, 8, 30, 0, 0, time.UTC)
			config.Clock = clock.NewFake(now)
			sender, err := mail.NewSMTP(config)
			if err != nil {
				t.Fatal(err)
			}
			m := letter()
			m.ICS = []byte(ics)
			m.Attachments = []mail.Attachment{{Name: "reçu n° 1.pdf", Type: "application/pdf", Content: []byte("%PDF-1.7\x00\xff")}}
			receipt, err := sender.Send(t.Context(), m)
			if err != nil {
				t.Fatal(err)
			}
			if receipt.MessageID != "86294-0001@brandes.exemple.fr" || !receipt.At.Equal(now) || receipt.Response == "" {
				t.Errorf("receipt %+v", receipt)
			}
			taken := server.Messages()
			if len(taken) != 1 {
				t.Fatalf("%d messages", len(taken))
			}
			got := taken[0]
			want := mailtest.Message{
				From: "ne-pas-repondre@brandes.exemple.fr", To: []string{"camille@exemple.fr"},
				Text: m.Text, HTML: m.HTML, Calendar: ics, Method: "REQUEST",
				Attachments: []mailtest.Attachment{
					{Name: "invitation.ics", Type: "application/ics", Content: []byte(ics)},
					{Name: "reçu n° 1.pdf", Type: "application/pdf", Content: []byte("%PDF-1.7\x00\xff")},
				},
			}
			for header, value := range map[string]string{
				"Subject": m.Subject, "To": "<camille@exemple.fr>", "From": `"Mairie de Brandes" <ne-pas-repondre@brandes.exemple.fr>`,
				"Reply-To": "<accueil@brandes.exemple.fr>", "Message-Id": "<86294-0001@brandes.exemple.fr>", "Auto-Submitted": "auto-generated",
				"Content-Language": "fr", "Mime-Version": "1.0", "Date": "Tue, 24 Nov 2026 08:30:00 +0000", "X-Auto-Response-Suppress": "All",
				"List-Unsubscribe": "", "User-Agent": "", "X-Mailer": "", "Bcc": "", "Precedence": "",
			} {
				if have := got.Get(header); have != value {
					t.Errorf("%s: %q, want %q", header, have, value)
				}
			}
			got.Raw, got.Header = nil, nil
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSMTPPlainText(t *testing.T) {
	server := mailtest.Start(t)
	m := letter()
	m.HTML, m.Lang, m.ReplyTo = "", "", ""
	if _, err := server.Sender(t).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := server.Messages()[0]
	if got.Text != m.Text+"\n" || got.HTML != "" || !strings.HasPrefix(got.Get("Content-Type"), "text/plain") || got.Get("Reply-To") != "" {
		t.Errorf("%q", got.Raw)
	}
}

func TestSMTPNewsletter(t *testing.T) {
	server := mailtest.Start(t)
	config := server.Config()
	config.Bounce = "retours@Brandes.exemple.fr"
	sender, err := mail.NewSMTP(config)
	if err != nil {
		t.Fatal(err)
	}
	m := letter()
	m.Unsubscribe = &mail.Unsubscribe{URL: "https://parvis.example/d/abc?x=1", Mailto: "desinscription@brandes.exemple.fr"}
	if _, err := sender.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := server.Messages()[0]
	if want := "<https://parvis.example/d/abc?x=1>, <mailto:desinscription@brandes.exemple.fr>"; got.Get("List-Unsubscribe") != want {
		t.Errorf("List-Unsubscribe: %q", got.Get("List-Unsubscribe"))
	}
	if got.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		t.Errorf("List-Unsubscribe-Post: %q", got.Get("List-Unsubscribe-Post"))
	}
	if got.From != "retours@brandes.exemple.fr" || got.Get("From") != m.From {
		t.Errorf("envelope from %s, header %s", got.From, got.Get("From"))
	}
}

// Every fault at every step, and whether the message was taken all the same.
func TestSMTPFaults(t *testing.T) {
	server := mailtest.Start(t)
	config := server.Config()
	config.Timeout, config.Final = 700*time.Millisecond, 700*time.Millisecond
	sender, err := mail.NewSMTP(config)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		at     mailtest.Step
		fault  mailtest.Fault
		want   error
		reason mail.Reason
		taken  int
	}{
		{"no such user", mailtest.To, mailtest.Fault{Code: 550, Text: "5.1.1 <camille@exemple.fr>: no such user"}, mail.ErrRefused, mail.ReasonRecipient, 0},
		{"mailbox full", mailtest.To, mailtest.Fault{Code: 552, Text: "5.2.2 mailbox full"}, mail.ErrRefused, mail.ReasonRecipient, 0},
		{"greylisted", mailtest.To, mailtest.Fault{Code: 451, Text: "4.7.1 come back later"}, mail.ErrNotSent, mail.ReasonUnavailable, 0},
		{"relay denied", mailtest.To, mailtest.Fault{Code: 554, Text: "5.7.1 <camille@exemple.fr>: Relay access denied"}, mail.ErrNotSent, mail.ReasonSettings, 0},
		{"authentication required", mailtest.From, mailtest.Fault{Code: 530, Text: "5.7.0 authentication required"}, mail.ErrNotSent, mail.ReasonCredential, 0},
		{"sender refused", mailtest.From, mailtest.Fault{Code: 553, Text: "5.1.8 unknown sender domain"}, mail.ErrRefused, mail.ReasonSender, 0},
		{"overloaded", mailtest.From, mailtest.Fault{Code: 421, Text: "4.3.2 too busy"}, mail.ErrNotSent, mail.ReasonUnavailable, 0},
		{"refused while reading", mailtest.Content, mailtest.Fault{Code: 554, Text: "5.6.0 no"}, mail.ErrRefused, mail.ReasonMessage, 0},
		{"spam", mailtest.End, mailtest.Fault{Code: 554, Text: "5.7.1 looks like spam"}, mail.ErrRefused, mail.ReasonMessage, 0},
		{"too big", mailtest.End, mailtest.Fault{Code: 552, Text: "5.3.4 too big"}, mail.ErrRefused, mail.ReasonMessage, 0},
		{"not now", mailtest.End, mailtest.Fault{Code: 452, Text: "4.3.1 disk full"}, mail.ErrNotSent, mail.ReasonUnavailable, 0},
		{"cut at once", mailtest.Connecting, mailtest.Fault{}, mail.ErrNotSent, mail.ReasonConnection, 0},
		{"cut at the sender", mailtest.From, mailtest.Fault{}, mail.ErrNotSent, mail.ReasonConnection, 0},
		{"cut at the recipient", mailtest.To, mailtest.Fault{}, mail.ErrNotSent, mail.ReasonConnection, 0},
		{"cut after the message, taken", mailtest.End, mailtest.Fault{Keep: true}, mail.ErrDoubtful, mail.ReasonConnection, 1},
		{"cut after the message, lost", mailtest.End, mailtest.Fault{}, mail.ErrDoubtful, mail.ReasonConnection, 0},
		{"silent at once", mailtest.Connecting, mailtest.Fault{Stall: true}, mail.ErrNotSent, mail.ReasonTimeout, 0},
		{"silent at the recipient", mailtest.To, mailtest.Fault{Stall: true}, mail.ErrNotSent, mail.ReasonTimeout, 0},
		{"silent after the message, taken", mailtest.End, mailtest.Fault{Stall: true, Keep: true}, mail.ErrDoubtful, mail.ReasonTimeout, 1},
	} {
		server.Fail(c.at, c.fault)
		before := server.Sessions()
		_, err := sender.Send(t.Context(), letter())
		outcome(t, c.name, err, c.want, c.reason)
		if got := server.Sessions() - before; got != 1 {
			t.Errorf("%s: %d attempts, want one", c.name, got)
		}
		server.Heal()
		deadline := time.Now().Add(10 * time.Second)
		for len(server.Messages()) < c.taken && time.Now().Before(deadline) {
			time.Sleep(5 * time.Millisecond)
		}
		if got := len(server.Messages()); got != c.taken {
			t.Errorf("%s: %d messages taken, want %d", c.name, got, c.taken)
		}
		server.Forget()
	}
	if _, err := sender.Send(t.Context(), letter()); err != nil || len(server.Messages()) != 1 {
		t.Errorf("once healed: %v, %d messages", err, len(server.Messages()))
	}
}

// A server that is down two hours, then back: nothing lost, nothing twice, and
// the same Message-ID at each attempt.
func TestSMTPDownThenUp(t *testing.T) {
	server := mailtest.Start(t)
	sender := server.Sender(t)
	server.Down()
	for range 3 {
		_, err := sender.Send(t.Context(), letter())
		outcome(t, "down", err, mail.ErrNotSent, mail.ReasonConnection)
	}
	server.Up(t)
	receipt, err := sender.Send(t.Context(), letter())
	if err != nil {
		t.Fatal(err)
	}
	if taken := server.Messages(); len(taken) != 1 || taken[0].ID() != receipt.MessageID {
		t.Errorf("%d messages, receipt %+v", len(taken), receipt)
	}
}

// A server whose window closes in the middle of the message: what was written
// must not be ended as if it were whole.
func TestSMTPCutInTheMiddle(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var after strings.Builder
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		buffer := make([]byte, 64<<10)
		say := func(line string) { io.WriteString(conn, line+"\r\n") }
		say("220 here")
		for _, answer := range []string{"250 hello", "250 ok", "250 ok", "354 go on"} {
			if _, err := conn.Read(buffer); err != nil {
				return
			}
			say(answer)
		}
		// A first gulp, then a closed window: the sender times out while writing.
		conn.(*net.TCPConn).SetReadBuffer(4 << 10)
		time.Sleep(1500 * time.Millisecond)
		conn.SetReadDeadline(time.Now().Add(time.Second))
		for {
			n, err := conn.Read(buffer)
			after.Write(buffer[:n])
			if err != nil {
				return
			}
		}
	}()
	sender, err := mail.NewSMTP(mail.SMTPConfig{
		Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, TLS: mail.None, Hello: "parvis.example",
		Timeout: 500 * time.Millisecond, Final: 500 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	m := letter()
	m.Attachments = []mail.Attachment{{Name: "a.bin", Type: "application/octet-stream", Content: make([]byte, 6<<20)}}
	_, err = sender.Send(t.Context(), m)
	outcome(t, "window closed", err, mail.ErrNotSent, mail.ReasonTimeout)
	<-done
	if strings.Contains(after.String(), "\r\n.\r\n") {
		t.Error("half a message was ended as if it were whole")
	}
}

func TestSMTPContext(t *testing.T) {
	server := mailtest.Start(t)
	sender := server.Sender(t)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := sender.Send(over, letter())
	outcome(t, "over before", err, mail.ErrNotSent, mail.ReasonTimeout)
	if server.Sessions() != 0 {
		t.Error("the server was called all the same")
	}
	for at, want := range map[mailtest.Step]error{mailtest.To: mail.ErrNotSent, mailtest.End: mail.ErrDoubtful} {
		server.Fail(at, mailtest.Fault{Stall: true})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(300*time.Millisecond, cancel)
		start := time.Now()
		_, err := sender.Send(ctx, letter())
		outcome(t, "over at "+string(at), err, want, mail.ReasonTimeout)
		if waited := time.Since(start); waited > 5*time.Second {
			t.Errorf("waited %v after the context ended", waited)
		}
		cancel()
		server.Heal()
	}
}

func TestSMTPProtection(t *testing.T) {
	t.Run("wrong password", func(t *testing.T) {
		server := mailtest.Start(t, mailtest.WithTLS(mail.StartTLS), mailtest.WithUser("parvis", "un secret"))
		config := server.Config()
		config.Password = "un autre"
		sender, err := mail.NewSMTP(config)
		if err != nil {
			t.Fatal(err)
		}
		_, err = sender.Send(t.Context(), letter())
		outcome(t, "wrong password", err, mail.ErrNotSent, mail.ReasonCredential)
		if strings.Contains(err.Error(), "un autre") {
			t.Errorf("the password is in %v", err)
		}
	})
	t.Run("no password given", func(t *testing.T) {
		server := mailtest.Start(t, mailtest.WithTLS(mail.Implicit), mailtest.WithUser("parvis", "un secret"))
		config := server.Config()
		config.User, config.Password = "", ""
		sender, err := mail.NewSMTP(config)
		if err != nil {
			t.Fatal(err)
		}
		_, err = sender.Send(t.Context(), letter())
		outcome(t, "no password", err, mail.ErrNotSent, mail.ReasonSettings)
	})
	t.Run("STARTTLS missing", func(t *testing.T) {
		server := mailtest.Start(t)
		config := server.Config()
		config.TLS = mail.StartTLS
		sender, err := mail.NewSMTP(config)
		if err != nil {
			t.Fatal(err)
		}
		_, err = sender.Send(t.Context(), letter())
		outcome(t, "STARTTLS missing", err, mail.ErrNotSent, mail.ReasonSettings)
		if len(server.Messages()) != 0 {
			t.Error("the message left in clear")
		}
	})
	for _, mode := range []mail.TLS{mail.StartTLS, mail.Implicit} {
		t.Run("unknown certificate, "+string(mode), func(t *testing.T) {
			server := mailtest.Start(t, mailtest.WithTLS(mode))
			config := server.Config()
			config.Roots = mailtest.Start(t).Roots
			sender, err := mail.NewSMTP(config)
			if err != nil {
				t.Fatal(err)
			}
			_, err = sender.Send(t.Context(), letter())
			outcome(t, "unknown certificate", err, mail.ErrNotSent, mail.ReasonSettings)
			if len(server.Messages()) != 0 {
				t.Error("the message left all the same")
			}
		})
	}
}

func TestSMTPLimit(t *testing.T) {
	server := mailtest.Start(t, mailtest.WithLimit(10_000))
	m := letter()
	m.Text = strings.Repeat("a", 20_000)
	_, err := server.Sender(t).Send(t.Context(), m)
	outcome(t, "over the server's limit", err, mail.ErrRefused, mail.ReasonMessage)
}

func TestSMTPNotSMTP(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\n")
			conn.Close()
		}
	}()
	sender, err := mail.NewSMTP(mail.SMTPConfig{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, TLS: mail.None})
	if err != nil {
		t.Fatal(err)
	}
	_, err = sender.Send(t.Context(), letter())
	outcome(t, "not a mail server", err, mail.ErrNotSent, mail.ReasonAnswer)
}

func TestSMTPManyAtOnce(t *testing.T) {
	server := mailtest.Start(t, mailtest.WithTLS(mail.StartTLS), mailtest.WithUser("parvis", "un secret"))
	sender := server.Sender(t)
	const many = 25
	var wg sync.WaitGroup
	for i := range many {
		wg.Go(func() {
			m := letter()
			m.Ref = string(rune('a' + i))
			if _, err := sender.Send(context.Background(), m); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, m := range server.Messages() {
		seen[m.ID()] = true
	}
	if len(seen) != many || len(server.Messages()) != many {
		t.Errorf("%d messages, %d identifiers, want %d", len(server.Messages()), len(seen), many)
	}
}

func TestSMTPSettings(t *testing.T) {
	for name, c := range map[string]mail.SMTPConfig{
		"no host": {}, "odd protection": {Host: "h", TLS: "ssl"}, "odd port": {Host: "h", Port: 70000},
		"password in clear": {Host: "h", TLS: mail.None, User: "u", Password: "p"}, "password without user": {Host: "h", Password: "p"},
		"odd bounce": {Host: "h", Bounce: "personne"}, "DKIM without domain": {Host: "h", DKIM: &mail.DKIM{Selector: "s"}},
		"DKIM without key": {Host: "h", DKIM: &mail.DKIM{Domain: "d.fr", Selector: "s", KeyPEM: "x"}},
	} {
		if _, err := mail.NewSMTP(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := mail.NewSMTP(mail.SMTPConfig{Host: "smtp.exemple.fr"}); err != nil {
		t.Error(err)
	}
}
