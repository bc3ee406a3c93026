package person

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parvis/core/notify"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/job"
	"parvis/platform/search"
	"parvis/platform/store"
)

// signInsPerHour bounds the codes asked for one address, known or not.
const signInsPerHour = 10

// signInJob looks for the person once the page has been answered.
const signInJob = "person.signin"

type signInArgs struct {
	Territory string   `json:"territory"` // empty: sign-ins belong to the instance
	SignIn    store.ID `json:"signIn"`
}

// AskSignIn notes that somebody wants to sign in with an address and returns the
// number of the attempt, which stays in the browser's session. It does the same
// work whether the address is known or not, and the job that follows is the only
// one to know. Faults: Invalid with the field email; person.error.code.wait and
// person.error.code.often, TooMany.
func (p *People) AskSignIn(ctx context.Context, email string) (store.ID, error) {
	var fs fault.Fields
	email = readEmail(&fs, "email", email)
	if err := fs.Err(); err != nil {
		return 0, err
	}
	id := store.NewID()
	err := p.system().Update(ctx, func(tx *store.Tx) error {
		var hour, minute int
		if err := tx.Get(ctx, &hour, `SELECT COUNT(*) FROM person_signin WHERE email = ? AND created_at > ?`, email, tx.Now().Add(-time.Hour)); err != nil {
			return fmt.Errorf("person: counting sign-ins: %w", err)
		}
		if err := tx.Get(ctx, &minute, `SELECT COUNT(*) FROM person_signin WHERE email = ? AND created_at > ?`, email, tx.Now().Add(-CodeResend)); err != nil {
			return fmt.Errorf("person: counting sign-ins: %w", err)
		}
		switch {
		case hour >= signInsPerHour:
			return fault.New(fault.TooMany, "person.error.code.often")
		case minute > 0:
			return fault.New(fault.TooMany, "person.error.code.wait")
		}
		// One per address and minute of the clock, also when requests come together.
		noted, err := tx.Exec(ctx, `INSERT INTO person_signin (id, email, minute, lang, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT DO NOTHING`, id, email, tx.Now().Unix()/60, i18n.Lang(ctx), tx.Now(), tx.Now().Add(CodeLife))
		if err != nil {
			return fmt.Errorf("person: noting a sign-in: %w", err)
		}
		if noted == 0 {
			return fault.New(fault.TooMany, "person.error.code.wait")
		}
		return p.w.Queue.Enqueue(ctx, tx, signInJob, signInArgs{SignIn: id})
	})
	return id, err
}

// SignInJob sends the code of a sign-in to whoever owns the address.
func (p *People) SignInJob() job.Worker {
	return job.Define(signInJob, func(ctx context.Context, j job.Job[signInArgs]) error { return p.sendCode(ctx, j.Args.SignIn) })
}

func (p *People) sendCode(ctx context.Context, id store.ID) error {
	code, err := newCode()
	if err != nil {
		return err
	}
	hash, err := hashCode(id, code)
	if err != nil {
		return err
	}
	return p.system().Update(ctx, func(tx *store.Tx) error {
		var asked struct {
			Email, Lang, CodeHash string
			ExpiresAt             time.Time
		}
		err := tx.Get(ctx, &asked, `SELECT email, lang, code_hash, expires_at FROM person_signin WHERE id = ?`, id)
		if errors.Is(err, store.ErrNotFound) || err == nil && (asked.CodeHash != "" || !tx.Now().Before(asked.ExpiresAt)) {
			return nil // purged, already sent, or too late to be of use
		}
		if err != nil {
			return fmt.Errorf("person: reading a sign-in: %w", err)
		}
		who, err := p.byEmail(ctx, tx, asked.Email)
		if errors.Is(err, store.ErrNotFound) || err == nil && (!who.Active || !who.Joined()) {
			return nil
		}
		if err != nil {
			return err
		}
		territories, err := p.access.Territories(ctx, tx, who.ID)
		if err != nil || len(territories) == 0 {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE person_signin SET code_hash = ?, person_id = ? WHERE id = ?`, hash, who.ID, id); err != nil {
			return fmt.Errorf("person: keeping a code: %w", err)
		}
		return p.w.Sender.Send(ctx, tx.Bind(territories[0]), Message{Notice: "person.code", Channel: notify.Mail, To: who.Email, Name: who.Name,
			Lang: asked.Lang, Subject: "person:" + who.ID.String(), Fields: map[string]string{"Code": code},
			Key: "person.signin/" + id.String(), Useful: asked.ExpiresAt})
	})
}

// SignIn answers an attempt with the code received and returns who signs in.
// Each answer is counted before it is looked at, in a transaction of its own.
// Faults, on the field "code": person.error.code.empty, .form, .wrong with the
// tries left, .last, .tries, .expired, .used.
func (p *People) SignIn(ctx context.Context, id store.ID, raw string) (Person, error) {
	typed, err := readCode(id, raw)
	if err != nil {
		return Person{}, err
	}
	var who Person
	var refused error
	err = p.system().Update(ctx, func(tx *store.Tx) error {
		who, refused = Person{}, nil
		counted, err := tx.Exec(ctx, `UPDATE person_signin SET tries = tries + 1
			WHERE id = ? AND used_at IS NULL AND tries < ? AND expires_at > ?`, id, CodeTries, tx.Now())
		if err != nil {
			return fmt.Errorf("person: counting a try: %w", err)
		}
		var a struct {
			attempt
			PersonID store.ID
		}
		err = tx.Get(ctx, &a, `SELECT id, code_hash, tries, expires_at, used_at, person_id FROM person_signin WHERE id = ?`, id)
		if errors.Is(err, store.ErrNotFound) {
			refused = codeFault(fault.Gone, "person.error.code.expired")
			return nil
		}
		if err != nil {
			return fmt.Errorf("person: reading a sign-in: %w", err)
		}
		if counted == 0 {
			refused = a.refusal(tx.Now())
			return nil
		}
		if a.matches(typed) {
			who, err = p.Get(ctx, tx, a.PersonID)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		if !who.Active || !who.Joined() {
			who, refused = Person{}, a.wrong()
			return nil
		}
		if _, err := tx.Exec(ctx, `UPDATE person_signin SET used_at = ? WHERE id = ?`, tx.Now(), id); err != nil {
			return fmt.Errorf("person: using a code: %w", err)
		}
		who.LastSeenAt = tx.Now()
		return p.enter(ctx, tx, who)
	})
	if err == nil {
		err = refused
	}
	return who, err
}

// enter writes that a person came, under the name they go by.
func (p *People) enter(ctx context.Context, tx *store.Tx, who Person) error {
	if _, err := tx.Exec(ctx, `UPDATE person SET name = ?, name_fold = ?, joined_at = ?, last_seen_at = ? WHERE id = ?`,
		who.Name, search.Fold(who.Name), who.JoinedAt, who.LastSeenAt, who.ID); err != nil {
		return fmt.Errorf("person: noting a visit: %w", err)
	}
	tx.AfterCommit(func() { p.cache.forget(who.ID) })
	return nil
}
