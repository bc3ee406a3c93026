package mailbox

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	netmail "net/mail"
	"strings"
	"time"

	"parvis/platform/mail"
	"parvis/platform/phone"
	"parvis/platform/search"
	"parvis/platform/sms"
	"parvis/platform/store"
)

//go:embed migrations/*.sql
var files embed.FS

// Migration is the package's schema.
func Migration() store.Migration { return store.Migration{Name: "mailbox", FS: files} }

// Provider is the name under which the box says what became of an SMS.
const Provider = "mailbox"

// Receive takes what a provider would say: notify.Hub.Receive.
type Receive func(ctx context.Context, provider, number string, list []sms.Incoming) error

// Box keeps messages. It is safe for concurrent use once connected.
type Box struct {
	db      *store.DB
	perPart sms.Cost
	log     *slog.Logger
	receive Receive
	towns   func(ctx context.Context) ([]Town, error)
}

// New returns a box whose SMS are counted at perPart for each part; log may be nil.
func New(db *store.DB, perPart sms.Cost, log *slog.Logger) *Box {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Box{db: db, perPart: perPart, log: log}
}

// Connect says who is told that an SMS was delivered or answered.
func (b *Box) Connect(r Receive) { b.receive = r }

func (b *Box) handle() store.Handle {
	return b.db.System("a demonstration has one box for all its territories")
}

// Mail is the mail adapter.
func (b *Box) Mail() mail.Sender { return mailSender{b} }

// SMS is the SMS adapter; it can tell what it has (notify.Asker).
func (b *Box) SMS() sms.Sender { return smsSender{b} }

// Item is one message of the box.
type Item struct {
	ID         store.ID
	ParentID   store.ID
	Channel    string // "mail", "sms", or "reply": an SMS from the person
	Ref        string
	Sender     string
	Recipient  string // as kept: an address, or a number in E.164
	Subject    string
	Body       string
	HTML       string
	ICS        string
	Lang       string
	ReceivedAt time.Time
}

const columns = `id, COALESCE(parent_id, 0) AS parent_id, channel, ref, sender, recipient, subject, body, html, ics, lang, received_at`

// add keeps a message; a mail that comes again under the same reference is the
// same mail, as for any receiver.
func (b *Box) add(ctx context.Context, it Item) error {
	return b.handle().Update(ctx, func(tx *store.Tx) error {
		if it.Channel == "mail" {
			var n int
			if err := tx.Get(ctx, &n, `SELECT COUNT(*) FROM mailbox WHERE ref = ? AND channel = 'mail'`, it.Ref); err != nil || n > 0 {
				return err
			}
		}
		var parent any
		if it.ParentID != 0 {
			parent = it.ParentID
		}
		_, err := tx.Exec(ctx, `INSERT INTO mailbox (id, parent_id, channel, ref, sender, recipient, recipient_fold, subject, body, html, ics, lang, received_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			store.NewID(), parent, it.Channel, it.Ref, it.Sender, it.Recipient, search.Fold(it.Recipient), it.Subject, it.Body, it.HTML, it.ICS, it.Lang, tx.Now())
		return err
	})
}

type mailSender struct{ b *Box }

// Send keeps the mail.
func (s mailSender) Send(ctx context.Context, m mail.Message) (mail.Receipt, error) {
	if err := m.Check(); err != nil {
		return mail.Receipt{}, err
	}
	err := s.b.add(ctx, Item{Channel: "mail", Ref: m.Ref, Sender: display(m.From), Recipient: display(m.To), Subject: m.Subject,
		Body: m.Text, HTML: m.HTML, ICS: string(m.ICS), Lang: m.Lang})
	if err != nil {
		return mail.Receipt{}, &mail.Failure{Outcome: mail.ErrNotSent, Reason: mail.ReasonUnavailable, Cause: err}
	}
	id, err := mail.MessageID(m)
	return mail.Receipt{MessageID: id, At: s.b.db.Clock().Now()}, err
}

// display writes « Nom <adresse> » with its accents.
func display(address string) string {
	a, err := netmail.ParseAddress(address)
	if err != nil || a.Name == "" {
		return strings.Trim(address, "<>")
	}
	return a.Name + " <" + a.Address + ">"
}

type smsSender struct{ b *Box }

// Send keeps the SMS and reports it delivered, as a provider would.
func (s smsSender) Send(ctx context.Context, m sms.Message) (sms.Receipt, error) {
	m, size, err := sms.Prepare(m)
	if err != nil {
		return sms.Receipt{}, err
	}
	err = s.b.add(ctx, Item{Channel: "sms", Ref: m.Ref, Sender: m.Sender, Recipient: m.To.E164(), Body: m.Text})
	if err != nil {
		return sms.Receipt{}, &sms.Failure{Outcome: sms.ErrNotSent, Reason: sms.ReasonUnavailable, Cause: err}
	}
	if s.b.receive != nil {
		report := sms.Incoming{Kind: sms.Delivery, Ref: m.Ref, From: m.To, Status: sms.StatusDelivered, At: s.b.db.Clock().Now()}
		if err := s.b.receive(ctx, Provider, "", []sms.Incoming{report}); err != nil {
			s.b.log.WarnContext(ctx, "demonstration: delivery report lost", "error", err)
		}
	}
	return s.b.receipt(m.Ref, size.Parts), nil
}

func (b *Box) receipt(ref string, parts int) sms.Receipt {
	return sms.Receipt{ProviderID: ref, Parts: parts, Cost: b.perPart.Times(parts)}
}

// Ask tells whether the box has the SMS with our reference.
func (s smsSender) Ask(ctx context.Context, ref string) (sms.Receipt, bool, error) {
	var body string
	err := s.b.handle().View(ctx, func(tx *store.Tx) error {
		return tx.Get(ctx, &body, `SELECT body FROM mailbox WHERE ref = ? AND channel = 'sms' ORDER BY id LIMIT 1`, ref)
	})
	if errors.Is(err, store.ErrNotFound) {
		return sms.Receipt{}, false, nil
	}
	if err != nil {
		return sms.Receipt{}, false, fmt.Errorf("mailbox: asking for a message: %w", err)
	}
	return s.b.receipt(ref, sms.Billed(body, sms.Alert).Parts), true, nil
}

// List shows the messages whose recipient contains text (a number may be typed
// as people write it), newest first, at most limit of those before the given
// one (0: from the newest), without the answers.
func (b *Box) List(ctx context.Context, text string, before store.ID, limit int) ([]Item, error) {
	where, args := "channel <> 'reply'", []any{}
	if n, err := phone.Parse(text, phone.Mainland); err == nil {
		where, args = where+" AND recipient = ?", append(args, n)
	} else if text != "" {
		folded := search.Fold(text)
		if folded == "" {
			return nil, nil // nothing but punctuation
		}
		where, args = where+` AND recipient_fold LIKE ? ESCAPE '!'`, append(args, "%"+like(folded)+"%")
	}
	if before != 0 {
		where, args = where+" AND id < ?", append(args, before)
	}
	var out []Item
	err := b.handle().View(ctx, func(tx *store.Tx) error {
		out = nil
		return tx.Select(ctx, &out, `SELECT `+columns+` FROM mailbox WHERE `+where+` ORDER BY id DESC LIMIT ?`, append(args, limit)...)
	})
	if err != nil {
		return nil, fmt.Errorf("mailbox: listing messages: %w", err)
	}
	return out, nil
}

func like(s string) string { return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s) }

// Replies lists the answers to the messages given, oldest first.
func (b *Box) Replies(ctx context.Context, items []Item) (map[store.ID][]Item, error) {
	if len(items) == 0 {
		return nil, nil
	}
	args := make([]any, 0, len(items))
	for _, it := range items {
		args = append(args, it.ID)
	}
	var list []Item
	err := b.handle().View(ctx, func(tx *store.Tx) error {
		list = nil
		return tx.Select(ctx, &list, `SELECT `+columns+` FROM mailbox WHERE parent_id IN (`+store.In(len(args))+`) ORDER BY id`, args...)
	})
	if err != nil {
		return nil, fmt.Errorf("mailbox: listing answers: %w", err)
	}
	out := map[store.ID][]Item{}
	for _, it := range list {
		out[it.ParentID] = append(out[it.ParentID], it)
	}
	return out, nil
}

// Get reads one message; store.ErrNotFound when there is none.
func (b *Box) Get(ctx context.Context, id store.ID) (Item, error) {
	var it Item
	err := b.handle().View(ctx, func(tx *store.Tx) error {
		return tx.Get(ctx, &it, `SELECT `+columns+` FROM mailbox WHERE id = ?`, id)
	})
	if err != nil {
		return it, fmt.Errorf("mailbox: reading a message: %w", err)
	}
	return it, nil
}

// Reply answers an SMS of the box: the provider's webhook would say the same.
func (b *Box) Reply(ctx context.Context, to Item, text string) error {
	n, err := phone.FromE164(to.Recipient)
	if err != nil {
		return fmt.Errorf("mailbox: answering: %w", err)
	}
	if err := b.add(ctx, Item{ParentID: to.ID, Channel: "reply", Ref: to.Ref, Sender: to.Recipient, Recipient: to.Recipient, Body: text}); err != nil {
		return fmt.Errorf("mailbox: keeping an answer: %w", err)
	}
	in := sms.Incoming{Kind: sms.Inbound, Ref: to.Ref, From: n, Text: text, At: b.db.Clock().Now()}
	if sms.Keyword(text) == sms.WordStop {
		in.Kind = sms.Stop
	}
	if b.receive == nil {
		return errors.New("mailbox: nobody listens to answers")
	}
	return b.receive(ctx, Provider, "", []sms.Incoming{in})
}

// Keep is how long a message stays in the box.
const Keep = 30 * 24 * time.Hour

// Purge erases messages received before; it works on the instance.
func (b *Box) Purge(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	if tx.Territory() != "" {
		return 0, nil
	}
	n, err := tx.Exec(ctx, `DELETE FROM mailbox WHERE id IN (SELECT id FROM mailbox WHERE received_at < ? ORDER BY id LIMIT ?)`, before, limit)
	if err != nil {
		return 0, fmt.Errorf("mailbox: erasing old messages: %w", err)
	}
	return n, nil
}
