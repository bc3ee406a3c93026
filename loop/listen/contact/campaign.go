package contact

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"parvis/core/link"
	"parvis/engine/dossier"
	"parvis/platform/fault"
	"parvis/platform/phone"
	"parvis/platform/store"
)

// Consent is somebody who agreed to be called, with its proof (GDPR art. 7(1)):
// to what, when, how, who noted it.
type Consent struct {
	ID          store.ID
	Name        string
	Phone       string // E.164
	Wording     string
	GivenOn     string // "2026-11-21"
	How         string
	KeyedBy     store.ID
	KeyedAt     time.Time
	WithdrawnAt time.Time
}

const consentColumns = `id, name, phone, wording, given_on, how, keyed_by, keyed_at, withdrawn_at`

// Agree notes a consent. Invalid names the field; a number that already agreed
// is a mistake of "phone".
func (s *Service) Agree(ctx context.Context, h store.Handle, c Consent, region string) (Consent, error) {
	var wrong fault.Fields
	c.Name, c.Wording, c.How = tidy(c.Name), tidy(c.Wording), tidy(c.How)
	if c.Name == "" || len([]rune(c.Name)) > 120 {
		wrong.Add("name", "contact.error.name")
	}
	n, err := phone.Parse(c.Phone, region)
	if err != nil || n.IsZero() {
		wrong.Add("phone", "contact.error.phone")
	}
	if c.Wording == "" || len([]rune(c.Wording)) > 300 {
		wrong.Add("wording", "contact.error.wording")
	}
	if _, err := time.Parse(time.DateOnly, c.GivenOn); err != nil {
		wrong.Add("given", "contact.error.day")
	}
	if c.How == "" || len([]rune(c.How)) > 120 {
		wrong.Add("how", "contact.error.how")
	}
	if err := wrong.Err(); err != nil {
		return c, err
	}
	c.Phone = n.E164()
	err = h.Update(ctx, func(tx *store.Tx) error {
		c.ID, c.KeyedAt = store.NewID(), tx.Now()
		k, err := tx.Exec(ctx, `INSERT INTO contact_consent (territory_id, `+consentColumns+`) VALUES (@territory, ?, ?, ?, ?, ?, ?, ?, ?, NULL)
			ON CONFLICT (territory_id, phone) WHERE withdrawn_at IS NULL DO NOTHING`, c.ID, c.Name, c.Phone, c.Wording, c.GivenOn, c.How, c.KeyedBy, c.KeyedAt)
		if err != nil {
			return fmt.Errorf("contact: noting a consent: %w", err)
		}
		if k == 0 {
			return field("phone", "contact.error.agreed")
		}
		return nil
	})
	return c, err
}

// Consents lists those who agree, by name.
func (s *Service) Consents(ctx context.Context, tx *store.Tx, limit int) ([]Consent, error) {
	var out []Consent
	err := tx.Select(ctx, &out, `SELECT `+consentColumns+` FROM contact_consent WHERE territory_id = @territory AND withdrawn_at IS NULL ORDER BY name, id LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("contact: listing consents: %w", err)
	}
	return out, nil
}

// Withdraw ends a consent at once: no campaign calls any more.
func (s *Service) Withdraw(ctx context.Context, h store.Handle, id store.ID) error {
	return h.Update(ctx, func(tx *store.Tx) error {
		var known store.ID
		if err := tx.Get(ctx, &known, `SELECT id FROM contact_consent WHERE territory_id = @territory AND id = ?`, id); err != nil {
			return err
		}
		return withdraw(ctx, tx, id)
	})
}

func withdraw(ctx context.Context, tx *store.Tx, id store.ID) error {
	if _, err := tx.Exec(ctx, `UPDATE contact_consent SET withdrawn_at = ? WHERE territory_id = @territory AND id = ? AND withdrawn_at IS NULL`, tx.Now(), id); err != nil {
		return fmt.Errorf("contact: withdrawing a consent: %w", err)
	}
	return nil
}

// Calls is a round of calls: what to ask, to everybody who agreed.
type Calls struct {
	ID       store.ID
	Name     string
	Script   string
	OpenedAt time.Time
	ClosedAt time.Time
	Total    int
	Reached  int
	Left     int
}

// Outcome is what a call came to.
type Outcome string

// The outcomes. NoAnswer is tried again, three times in all.
const (
	Reached  Outcome = "reached"
	FollowUp Outcome = "followup" // somebody has to do something: a request is opened
	NoAnswer Outcome = "noanswer"
	Wrong    Outcome = "wrong"   // not their number
	Refused  Outcome = "refused" // does not want to be called any more
	GaveUp   Outcome = "gaveup"  // three times without answer
)

// Outcomes lists those of the call sheet.
func Outcomes() []Outcome { return []Outcome{Reached, FollowUp, NoAnswer, Wrong, Refused} }

const (
	maxAttempts = 3
	retryAfter  = 3 * time.Hour
	sheetLease  = 20 * time.Minute
)

// StartCalls opens a campaign for everybody who agrees now.
func (s *Service) StartCalls(ctx context.Context, h store.Handle, name, script string, by store.ID) (Calls, error) {
	var wrong fault.Fields
	c := Calls{Name: tidy(name), Script: tidy(script)}
	if c.Name == "" || len([]rune(c.Name)) > 120 {
		wrong.Add("name", "contact.error.campaign")
	}
	if c.Script == "" || len([]rune(c.Script)) > 2000 {
		wrong.Add("script", "contact.error.script")
	}
	if err := wrong.Err(); err != nil {
		return c, err
	}
	err := h.Update(ctx, func(tx *store.Tx) error {
		c.ID, c.OpenedAt = store.NewID(), tx.Now()
		if _, err := tx.Exec(ctx, `INSERT INTO contact_campaign (territory_id, id, name, script, opened_by, opened_at) VALUES (@territory, ?, ?, ?, ?, ?)`, c.ID, c.Name, c.Script, by, c.OpenedAt); err != nil {
			return fmt.Errorf("contact: opening a campaign: %w", err)
		}
		n, err := tx.Exec(ctx, `INSERT INTO contact_call (territory_id, campaign_id, consent_id, outcome, attempts, held_by, note, called_by, subject_ref, number)
			SELECT territory_id, ?, id, '', 0, 0, '', 0, '', '' FROM contact_consent WHERE territory_id = @territory AND withdrawn_at IS NULL`, c.ID)
		c.Total, c.Left = int(n), int(n)
		return err
	})
	return c, err
}

const callsColumns = `c.id, c.name, c.script, c.opened_at, c.closed_at,
	(SELECT COUNT(*) FROM contact_call k WHERE k.territory_id = @territory AND k.campaign_id = c.id) AS total,
	(SELECT COUNT(*) FROM contact_call k WHERE k.territory_id = @territory AND k.campaign_id = c.id AND k.outcome IN ('reached', 'followup')) AS reached,
	(SELECT COUNT(*) FROM contact_call k WHERE k.territory_id = @territory AND k.campaign_id = c.id AND k.outcome = '') AS "left"`

// AllCalls lists the campaigns, newest first.
func (s *Service) AllCalls(ctx context.Context, tx *store.Tx, limit int) ([]Calls, error) {
	var out []Calls
	err := tx.Select(ctx, &out, `SELECT `+callsColumns+` FROM contact_campaign c WHERE c.territory_id = @territory ORDER BY c.id DESC LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("contact: listing campaigns: %w", err)
	}
	return out, nil
}

// CallsOf finds one campaign.
func (s *Service) CallsOf(ctx context.Context, tx *store.Tx, id store.ID) (Calls, error) {
	var c Calls
	err := tx.Get(ctx, &c, `SELECT `+callsColumns+` FROM contact_campaign c WHERE c.territory_id = @territory AND c.id = ?`, id)
	return c, err
}

// Sheet is the next person to call.
type Sheet struct {
	ConsentID store.ID
	Name      string
	Phone     string
	Wording   string
	GivenOn   string
	Attempts  int
	Note      string
}

// Next is who to call now: whoever agrees still, was not reached, and whose
// sheet nobody else has open. The sheet is held for 20 minutes. NotFound when
// nobody is left for the moment.
func (s *Service) Next(ctx context.Context, h store.Handle, campaign, by store.ID) (Sheet, error) {
	var sheet Sheet
	err := h.Update(ctx, func(tx *store.Tx) error {
		if _, err := s.CallsOf(ctx, tx, campaign); err != nil {
			return err
		}
		for range 50 { // two colleagues may reach for the same sheet
			err := tx.Get(ctx, &sheet, `SELECT k.consent_id, a.name, a.phone, a.wording, a.given_on, k.attempts, k.note FROM contact_call k
				JOIN contact_consent a ON a.territory_id = k.territory_id AND a.id = k.consent_id
				WHERE k.territory_id = @territory AND a.territory_id = @territory AND k.campaign_id = ? AND k.outcome = '' AND a.withdrawn_at IS NULL AND (k.next_at IS NULL OR k.next_at <= ?)
					AND (k.held_by = 0 OR k.held_by = ? OR k.held_until < ?)
				ORDER BY CASE WHEN k.held_by = ? THEN 0 ELSE 1 END, k.attempts, k.consent_id LIMIT 1`, campaign, tx.Now(), by, tx.Now(), by)
			if err != nil {
				return err
			}
			n, err := tx.Exec(ctx, `UPDATE contact_call SET held_by = ?, held_until = ? WHERE territory_id = @territory AND campaign_id = ? AND consent_id = ? AND outcome = ''
				AND (held_by = 0 OR held_by = ? OR held_until < ?)`, by, tx.Now().Add(sheetLease), campaign, sheet.ConsentID, by, tx.Now())
			if err != nil {
				return fmt.Errorf("contact: taking a sheet: %w", err)
			}
			if n == 1 {
				return nil
			}
		}
		return store.ErrNotFound
	})
	return sheet, err
}

// Called notes what a call came to; a follow-up opens a request. Consent is
// checked again: Gone when it was withdrawn since.
func (s *Service) Called(ctx context.Context, h store.Handle, campaign, consent, by store.ID, o Outcome, note string) (number string, err error) {
	note = tidy(note)
	switch {
	case !slices.Contains(Outcomes(), o):
		return "", field("outcome", "contact.error.outcome")
	case o == FollowUp && note == "":
		return "", field("note", "contact.error.note")
	case len([]rune(note)) > 2000:
		return "", field("note", "contact.error.long", "Max", 2000)
	}
	err = h.Update(ctx, func(tx *store.Tx) error {
		number = ""
		var c Consent
		if err := tx.Get(ctx, &c, `SELECT `+consentColumns+` FROM contact_consent WHERE territory_id = @territory AND id = ?`, consent); err != nil {
			return err
		}
		if !c.WithdrawnAt.IsZero() {
			return fault.New(fault.Gone, "contact.error.withdrawn")
		}
		var k struct {
			Outcome  string
			Attempts int
		}
		if err := tx.Get(ctx, &k, `SELECT outcome, attempts FROM contact_call WHERE territory_id = @territory AND campaign_id = ? AND consent_id = ?`, campaign, consent); err != nil {
			return err
		}
		if k.Outcome != "" {
			return fault.New(fault.Conflict, "contact.error.called")
		}
		var next time.Time
		final := o
		ref := ""
		switch o {
		case NoAnswer:
			final = ""
			if next = tx.Now().Add(retryAfter); k.Attempts+1 >= maxAttempts {
				final, next = GaveUp, time.Time{}
			}
		case Refused, Wrong:
			if err := withdraw(ctx, tx, consent); err != nil {
				return err
			}
		case FollowUp:
			var err error
			if ref, number, err = s.followUp(ctx, tx, c, by, note); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `UPDATE contact_call SET outcome = ?, attempts = attempts + 1, next_at = ?, held_by = 0, held_until = NULL, note = ?, called_by = ?, called_at = ?, subject_ref = ?, number = ?
			WHERE territory_id = @territory AND campaign_id = ? AND consent_id = ?`, string(final), next, note, by, tx.Now(), ref, number, campaign, consent)
		if err != nil {
			return fmt.Errorf("contact: noting a call: %w", err)
		}
		return nil
	})
	return number, err
}

// followUp files what was said in the call and opens its request.
func (s *Service) followUp(ctx context.Context, tx *store.Tx, c Consent, by store.ID, note string) (ref, number string, err error) {
	e, _, err := s.add(ctx, tx, Entry{Key: "call:" + store.NewID().String(), Channel: Campaign, Kind: Question, State: Done, Text: note, KeyedBy: by, Sender: s.hub.Hash(c.Phone)})
	if err != nil {
		return "", "", err
	}
	d, err := s.dossiers.Open(ctx, tx, dossier.Opening{Kind: DossierName, Subject: string(link.To(DossierName, e.ID)), Title: clipTitle(c.Name + " : " + note), Channel: dossier.Phone,
		By: dossier.Author{Kind: dossier.Staff, ID: by}, Phone: c.Phone, Text: note})
	if err != nil {
		return "", "", fmt.Errorf("contact: opening the request of a call: %w", err)
	}
	e.SubjectRef, e.Number = d.SubjectRef, d.Number
	_, err = s.tie(ctx, tx, e)
	return d.SubjectRef, d.Number, err
}

func clipTitle(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return s
}

// purgeConsents erases those who withdrew, a year after: until then the proof
// that calls were agreed to is kept.
func purgeConsents(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	var ids []store.ID
	if err := tx.Select(ctx, &ids, `SELECT id FROM contact_consent WHERE territory_id = @territory AND withdrawn_at < ? LIMIT ?`, before, limit); err != nil {
		return 0, fmt.Errorf("contact: finding old consents: %w", err)
	}
	var errs []error
	for _, id := range ids {
		_, err := tx.Exec(ctx, `DELETE FROM contact_call WHERE territory_id = @territory AND consent_id = ?`, id)
		errs = append(errs, err)
		_, err = tx.Exec(ctx, `DELETE FROM contact_consent WHERE territory_id = @territory AND id = ?`, id)
		errs = append(errs, err)
	}
	return int64(len(ids)), errors.Join(errs...)
}
