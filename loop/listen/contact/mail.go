package contact

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"parvis/engine/dossier"
	"parvis/loop/listen/contact/letter"
	"parvis/platform/fault"
	"parvis/platform/photo"
	"parvis/platform/store"
)

// Filed is what became of a mail.
type Filed string

// What becomes of a mail.
const (
	FiledReply    Filed = "reply"    // under the request it answers
	FiledNew      Filed = "new"      // a new request
	FiledAside    Filed = "aside"    // written by a machine: in the ledger, without answer
	FiledKnown    Filed = "known"    // received before
	FiledNowhere  Filed = "nowhere"  // no territory of ours is its receiver
	FiledTooLarge Filed = "toolarge" // not read
	FiledBroken   Filed = "broken"   // not a mail
)

// replyAddress finds the token that an answer carries in its address,
// « demandes+c86194-…@ ».
var replyAddress = regexp.MustCompile(`\+([a-z][a-z0-9]{1,15}-[a-z2-7]{39})@`)

// maxLetters bounds the requests one address may open in a day: two programs
// that answer each other stop here.
const maxLetters = 10

// Take files one mail: an answer goes to its request, anything else opens one
// in the territory whose address it was sent to; "only" names that territory
// when the mailbox is its own. A mail read before changes nothing. Errors are
// the database's: the mail stays where it is and is read again.
func (s *Service) Take(ctx context.Context, r io.Reader, only string) (Filed, error) {
	l, err := letter.Read(r)
	switch {
	case errors.Is(err, letter.ErrTooLarge):
		return FiledTooLarge, nil
	case errors.Is(err, letter.ErrNotMail):
		return FiledBroken, nil
	case err != nil:
		return "", err
	}
	if l.MessageID == "" {
		sum := sha256.Sum256([]byte(l.From + "\x00" + l.Subject + "\x00" + l.Text))
		l.MessageID = hex.EncodeToString(sum[:16])
	}
	for _, to := range l.To {
		if m := replyAddress.FindStringSubmatch(to); m != nil {
			return s.takeReply(ctx, l, m[1])
		}
	}
	if only == "" && s.mailFor != nil {
		if only, err = s.mailFor(ctx, l.To); err != nil {
			return "", err
		}
	}
	if only == "" {
		return FiledNowhere, nil
	}
	return s.takeNew(ctx, s.db.In(only), l)
}

// takeReply files an answer under its request, once.
func (s *Service) takeReply(ctx context.Context, l letter.Letter, token string) (Filed, error) {
	territory, _, _ := strings.Cut(token, "-")
	h := s.db.In(territory)
	e := Entry{Key: "mail:" + l.MessageID, Channel: Mail, Kind: Message, State: Done, Text: clip(tidy(l.Text)), Sender: s.hub.Hash(l.From), Automatic: l.Automatic}
	known, err := s.noted(ctx, h, e.Key)
	if err != nil || known {
		return FiledKnown, err
	}
	if l.Automatic { // « Je suis absent » is nobody's answer: kept aside, and nothing is sent back
		return FiledAside, s.note(ctx, h, e)
	}
	d, err := s.dossiers.Reply(ctx, token, l.Text)
	if err != nil {
		if fault.Of(err) == nil && !errors.Is(err, store.ErrNotFound) {
			return "", err
		}
		if fault.Is(err, fault.NotFound) || errors.Is(err, store.ErrNotFound) {
			return FiledNowhere, nil
		}
		return s.takeNew(ctx, h, l) // closed for good, or nothing but a quotation: a person reads it
	}
	e.SubjectRef, e.Number = d.SubjectRef, d.Number
	if err := s.note(ctx, h, e); err != nil {
		return "", err
	}
	return FiledReply, s.join(ctx, h, d.ID, l)
}

func (s *Service) noted(ctx context.Context, h store.Handle, key string) (known bool, err error) {
	err = h.View(ctx, func(tx *store.Tx) error {
		var n int
		err := tx.Get(ctx, &n, `SELECT COUNT(*) FROM contact_entry WHERE territory_id = @territory AND key = ?`, key)
		known = n > 0
		return err
	})
	return known, err
}

func (s *Service) note(ctx context.Context, h store.Handle, e Entry) error {
	return h.Update(ctx, func(tx *store.Tx) error {
		_, _, err := s.add(ctx, tx, e)
		return err
	})
}

// takeNew files a mail as a contribution and opens its request.
func (s *Service) takeNew(ctx context.Context, h store.Handle, l letter.Letter) (Filed, error) {
	filed := FiledNew
	var e Entry
	err := h.Update(ctx, func(tx *store.Tx) error {
		filed = FiledNew
		text := tidy(l.Text)
		if l.Subject != "" && !strings.HasPrefix(text, l.Subject) {
			text = strings.TrimSpace(l.Subject + "\n" + text)
		}
		e = Entry{Key: "mail:" + l.MessageID, Channel: Mail, Kind: Question, Text: clip(text), Sender: s.hub.Hash(l.From), Automatic: l.Automatic}
		if l.Automatic {
			e.Kind, e.State = Message, Done
		}
		var fresh bool
		var err error
		if e, fresh, err = s.add(ctx, tx, e); err != nil {
			return err
		}
		if !fresh {
			filed = FiledKnown
			return nil
		}
		if l.Automatic || l.From == "" || text == "" {
			filed = FiledAside
			return nil
		}
		var today int
		if err := tx.Get(ctx, &today, `SELECT COUNT(*) FROM contact_entry WHERE territory_id = @territory AND sender = ? AND received_at > ?`, e.Sender, tx.Now().AddDate(0, 0, -1)); err != nil {
			return err
		}
		if today > maxLetters {
			filed = FiledAside
			return nil
		}
		e, err = s.open(ctx, tx, e, Person{Email: l.From, Lang: "fr"})
		return err
	})
	if err != nil || filed != FiledNew {
		return filed, err
	}
	var d dossier.Dossier
	if err := h.View(ctx, func(tx *store.Tx) (err error) {
		d, err = s.dossiers.BySubject(ctx, tx, e.SubjectRef)
		return err
	}); err != nil {
		return filed, err
	}
	return filed, s.join(ctx, h, d.ID, l)
}

// join keeps what was joined: photos cleaned of everything but the picture, PDF
// and plain text as they are; anything else is named in a note, not kept.
func (s *Service) join(ctx context.Context, h store.Handle, id store.ID, l letter.Letter) error {
	if s.files == nil {
		return nil
	}
	refused := l.Dropped
	for _, f := range l.Files {
		content, kind, ok := acceptable(f)
		if !ok {
			refused = append(refused, f.Name)
			continue
		}
		key := h.Territory() + "/contact/" + store.NewID().String()
		if err := s.files(ctx, key, bytes.NewReader(content), kind); err != nil {
			return fmt.Errorf("contact: keeping a file: %w", err)
		}
		err := h.Update(ctx, func(tx *store.Tx) error {
			_, err := s.dossiers.Attach(ctx, tx, id, dossier.Author{Kind: dossier.Resident}, dossier.File{Name: f.Name, MediaType: kind, Size: int64(len(content)), StorageKey: key, Public: true})
			return err
		})
		if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
			refused = append(refused, f.Name)
			continue
		}
		if err != nil {
			return err
		}
	}
	if len(refused) == 0 {
		return nil
	}
	return h.Update(ctx, func(tx *store.Tx) error {
		err := s.dossiers.Log(ctx, tx, id, dossier.Author{Kind: dossier.System}, "contact.timeline.refused", map[string]string{"Names": strings.Join(refused[:min(len(refused), 20)], ", ")})
		return err
	})
}

// acceptable tells what is kept of a file, by what it is and not by what it says
// it is.
func acceptable(f letter.File) (content []byte, kind string, ok bool) {
	if bytes.HasPrefix(f.Content, []byte("%PDF-")) {
		return f.Content, "application/pdf", true
	}
	if p, err := photo.Clean(bytes.NewReader(f.Content), photo.Limits{}); err == nil {
		return p.JPEG, "image/jpeg", true
	}
	if f.MediaType == "text/plain" && !bytes.ContainsRune(f.Content, 0) {
		return f.Content, "text/plain; charset=utf-8", true
	}
	return nil, "", false
}
