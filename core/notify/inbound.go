package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"parvis/platform/phone"
	"parvis/platform/sms"
	"parvis/platform/store"
)

// ReceivedKind is the event appended for each SMS that a person sent. Its
// subject is "inbound:ID" and its data a Received: no number, no text; those are
// read with Hub.Inbound.
const ReceivedKind = "sms.received"

// Received is the data of the event "sms.received".
type Received struct {
	Keyword sms.Word `json:"keyword"` // "yes", "no", "stop", "help" or "": something else
	// About lists the subjects of the SMS this territory sent to that number of
	// late, the latest first: what the person is probably answering.
	About []string `json:"about"`
}

// Inbound is one SMS that a person sent.
type Inbound struct {
	ID         store.ID
	Phone      phone.Number
	Text       string
	Keyword    sms.Word
	About      store.JSON[[]string]
	ReceivedAt time.Time
}

// recently is how far back an outbound SMS explains an answer.
const recently = 60 * 24 * time.Hour

// Receive takes what a provider's call said, each piece in a transaction of its
// own. A piece delivered twice has one effect. number is the number that
// answers arrived at, when the provider tells; "" otherwise.
func (h *Hub) Receive(ctx context.Context, provider, number string, list []sms.Incoming) error {
	for _, in := range list {
		err := h.all().Update(ctx, func(tx *store.Tx) error {
			fresh, err := h.first(ctx, tx, provider, in)
			if err != nil || !fresh {
				return err
			}
			if in.Kind == sms.Delivery {
				return h.receipt(ctx, tx, provider, in)
			}
			return h.inbound(ctx, tx, provider, digits(number), in)
		})
		if err != nil {
			return fmt.Errorf("notify: receiving from %s: %w", provider, err)
		}
	}
	return nil
}

// repeatWindow: without a time of the provider's, the same text from the same
// person within a day is the same call; a month later it is another answer.
const repeatWindow = 24 * time.Hour

// first tells whether this piece was not received before.
func (h *Hub) first(ctx context.Context, tx *store.Tx, provider string, in sms.Incoming) (bool, error) {
	var forget time.Time
	if in.At.IsZero() {
		forget = tx.Now().Add(-repeatWindow)
	} else {
		forget = time.UnixMicro(1).UTC()
	}
	n, err := tx.Exec(ctx, `INSERT INTO message_seen (key, received_at) VALUES (?, ?)
		ON CONFLICT (key) DO UPDATE SET received_at = excluded.received_at WHERE message_seen.received_at < ?`,
		provider+":"+in.Key(), tx.Now(), forget)
	if err != nil {
		return false, fmt.Errorf("noting a call: %w", err)
	}
	return n == 1, nil
}

// contact is an SMS that left for a number.
type contact struct {
	TerritoryID string
	SubjectRef  string
	Lang        string
}

// inbound files a person's text with the territory it answers, says so to the
// services, and does what STOP asks.
func (h *Hub) inbound(ctx context.Context, tx *store.Tx, provider, number string, in sms.Incoming) error {
	if in.From.IsZero() {
		return h.putAside(ctx, tx, provider, in)
	}
	var contacts []contact
	err := tx.Select(ctx, &contacts, `SELECT territory_id, subject_ref, lang FROM message
		WHERE recipient_hash = ? AND channel = 'sms' AND sending_at > ? ORDER BY sending_at DESC, id DESC LIMIT 100`,
		h.hash(in.From.E164()), tx.Now().Add(-recently))
	if err != nil {
		return fmt.Errorf("looking for what a text answers: %w", err)
	}
	to, err := h.route(ctx, tx, provider, number, in, contacts)
	if err != nil {
		return err
	}
	if len(to) == 0 {
		h.o.Log.WarnContext(ctx, "text from a number nobody wrote to", "provider", provider, "kind", string(in.Kind))
		return h.putAside(ctx, tx, provider, in)
	}
	confirm := in.Text != "" // a STOP made with the provider is confirmed by the provider
	for _, territory := range to {
		confirmed, err := h.file(ctx, tx.Bind(territory), in, contacts, confirm)
		if err != nil {
			return err
		}
		confirm = confirm && !confirmed
	}
	return nil
}

// route is the territories a text is for: the one whose message it answers, by
// the provider's reference, by the number it arrived at, by the latest SMS that
// left for this person. STOP is for all that wrote to them: a short number is
// shared and the person cannot tell who uses it.
func (h *Hub) route(ctx context.Context, tx *store.Tx, provider, number string, in sms.Incoming, contacts []contact) ([]string, error) {
	var wrote []string
	for _, c := range contacts {
		if !slices.Contains(wrote, c.TerritoryID) {
			wrote = append(wrote, c.TerritoryID)
		}
	}
	owner, err := h.owner(ctx, tx, number)
	if err != nil {
		return nil, err
	}
	answered, _, err := h.find(ctx, tx, provider, in)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	first := ""
	switch {
	case answered != "":
		first = answered
	case owner != "" && (slices.Contains(wrote, owner) || len(wrote) == 0):
		first = owner
	case len(wrote) > 0:
		first = wrote[0]
	default:
		return nil, nil
	}
	out := []string{first}
	if in.Kind == sms.Stop {
		for _, t := range wrote {
			if t != first {
				out = append(out, t)
			}
		}
	}
	return out, nil
}

// owner is the territory that has a receiving number for itself.
func (h *Hub) owner(ctx context.Context, tx *store.Tx, number string) (string, error) {
	if number == "" {
		return "", nil
	}
	var owners []struct{ TerritoryID string }
	err := tx.Select(ctx, &owners, `SELECT territory_id FROM message_setting WHERE number = ? LIMIT 2`, number)
	if err != nil {
		return "", fmt.Errorf("looking for the owner of a number: %w", err)
	}
	if len(owners) != 1 {
		return "", nil
	}
	return owners[0].TerritoryID, nil
}

// file keeps the text in the territory of tx, which is bound; it tells whether
// an SMS confirms a STOP.
func (h *Hub) file(ctx context.Context, tx *store.Tx, in sms.Incoming, contacts []contact, confirm bool) (confirmed bool, err error) {
	word := sms.Keyword(in.Text)
	if in.Kind == sms.Stop {
		word = sms.WordStop
	}
	about, lang := []string{}, ""
	for _, c := range contacts {
		if c.TerritoryID != tx.Territory() {
			continue
		}
		if lang == "" {
			lang = c.Lang
		}
		if c.SubjectRef != "" && !slices.Contains(about, c.SubjectRef) && len(about) < 10 {
			about = append(about, c.SubjectRef)
		}
	}
	id := store.NewID()
	if _, err := tx.Exec(ctx, `INSERT INTO message_inbound (territory_id, id, phone, text, keyword, about, received_at)
		VALUES (@territory, ?, ?, ?, ?, ?, ?)`, id, in.From, in.Text, string(word), store.JSON[[]string]{V: about}, tx.Now()); err != nil {
		return false, fmt.Errorf("keeping a text: %w", err)
	}
	if err := h.bus.Append(ctx, tx, ReceivedKind, "inbound:"+id.String(), Received{word, about}); err != nil {
		return false, err
	}
	to := To{Phone: in.From, Lang: lang}
	if word == sms.WordStop {
		source := "sms"
		if in.Text == "" {
			source = "provider"
		}
		stop, added, err := h.Suppress(ctx, tx, in.From, source)
		if err != nil || !added || !confirm {
			return false, err
		}
		return true, h.Send(ctx, tx, Message{Notice: stoppedNotice, To: to, Key: "notify:stopped:" + stop.String()})
	}
	return false, h.answer(ctx, tx, to, in.Text, about)
}

// chooses tells whether a text answers a question of a service: OUI, NON, or a
// choice in a list: « 2 », « NON 2 ».
func chooses(text string) bool {
	rest := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return ' '
		}
		return r
	}, text)
	word := sms.Keyword(rest)
	return word == sms.WordYes || word == sms.WordNo || strings.TrimSpace(rest) == "" && len(digits(text)) <= 2
}

// answer tells where to call, once a day, whoever asks for help or writes what
// no service understands. What may answer a service's question is left to it.
func (h *Hub) answer(ctx context.Context, tx *store.Tx, to To, text string, about []string) error {
	if len(about) > 0 && chooses(text) {
		return nil
	}
	if h.understands != nil {
		if ok, err := h.understands(ctx, tx, text); err != nil || ok {
			return err
		}
	}
	stopped, err := h.Suppressed(ctx, tx, to.Phone)
	if err != nil || stopped {
		return err
	}
	t, err := h.o.Who(ctx, tx)
	if err != nil {
		return fmt.Errorf("notify: the territory of a message: %w", err)
	}
	if t.Phone == "" {
		return nil
	}
	day := tx.Now().In(t.zone()).Format(time.DateOnly)
	return h.Send(ctx, tx, Message{Notice: answerNotice, To: to, Key: "notify:answer:" + h.hash(to.Phone.E164()) + ":" + day})
}

// Inbound reads one text of the territory of the transaction.
func (h *Hub) Inbound(ctx context.Context, tx *store.Tx, id store.ID) (Inbound, error) {
	var in Inbound
	err := tx.Get(ctx, &in, `SELECT id, COALESCE(phone, '') AS phone, COALESCE(text, '') AS text, keyword, about, received_at
		FROM message_inbound WHERE territory_id = @territory AND id = ?`, id)
	if err != nil {
		return in, fmt.Errorf("notify: reading a text: %w", err)
	}
	return in, nil
}

// Inbounds lists the texts of the territory of the transaction, newest first,
// at most limit of those before the given one (0: from the newest).
func (h *Hub) Inbounds(ctx context.Context, tx *store.Tx, before store.ID, limit int) ([]Inbound, error) {
	var out []Inbound
	err := tx.Select(ctx, &out, `SELECT id, COALESCE(phone, '') AS phone, COALESCE(text, '') AS text, keyword, about, received_at
		FROM message_inbound WHERE territory_id = @territory AND id < ? ORDER BY id DESC LIMIT ?`, upTo(before), limit)
	if err != nil {
		return nil, fmt.Errorf("notify: listing the texts: %w", err)
	}
	return out, nil
}

// Unread notes that a provider's call could not be read.
func (h *Hub) Unread(ctx context.Context, provider string, err error) {
	h.o.Log.WarnContext(ctx, "call of an SMS provider that cannot be read", "provider", provider, "error", err)
}
