package person

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"parvis/core/access"
	"parvis/core/notify"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
)

// InvitationLife is how long the link of an invitation opens the door.
const InvitationLife = 7 * 24 * time.Hour

// invitationsPerDay bounds the letters one person gets from one territory.
const invitationsPerDay = 5

// Invite is somebody to bring into the team of a territory.
type Invite struct {
	Territory   string
	Name, Email string         // as typed
	Roles       []access.Scope // at least one
	By          store.ID       // who invites
	Link        func(path string) string
}

// InstanceURL is the complete address of a path of the instance, from any page:
// what Invite and Resend take as Link.
func InstanceURL(c *web.Context) func(path string) string {
	return func(path string) string {
		site := c.Site
		c.Site = nil
		defer func() { c.Site = site }()
		return c.URL(path)
	}
}

// Invite gives the roles and writes to the person: a link that opens the door to
// somebody new, a word to somebody who already signs in. It returns the person.
// Faults: Invalid with the fields name, email, role; those of access.Grant;
// person.error.closed for somebody who was shut out of the instance.
func (p *People) Invite(ctx context.Context, in Invite) (Person, error) {
	var fs fault.Fields
	readName(&fs, "name", in.Name)
	readEmail(&fs, "email", in.Email)
	if len(in.Roles) == 0 {
		fs.Add("role", "person.error.role")
	}
	if err := fs.Err(); err != nil {
		return Person{}, err
	}
	from, err := p.signature(ctx, in.Territory, in.By)
	if err != nil {
		return Person{}, err
	}
	var invited Person
	err = p.system().Update(ctx, func(tx *store.Tx) error {
		var err error
		if invited, err = p.Add(ctx, tx, NewPerson{Name: in.Name, Email: in.Email, Lang: i18n.Lang(ctx)}); err != nil {
			return err
		}
		if !invited.Active {
			return &fault.Fault{Kind: fault.Invalid, Fields: []fault.Field{{Name: "email", Key: "person.error.closed"}}}
		}
		bound := tx.Bind(in.Territory)
		for _, s := range in.Roles {
			if err := p.access.Grant(ctx, bound, access.Grant{Person: invited.ID, Service: s.Service, Role: s.Role, By: in.By}); err != nil {
				return err
			}
		}
		return p.write(ctx, bound, invited, in.By, from, in.Link)
	})
	return invited, err
}

// Resend writes again to a member who has not come yet; the link sent before is
// worth nothing any more. Faults: person.error.joined, person.error.letters.
func (p *People) Resend(ctx context.Context, territory string, id, by store.ID, link func(path string) string) error {
	from, err := p.signature(ctx, territory, by)
	if err != nil {
		return err
	}
	return p.system().Update(ctx, func(tx *store.Tx) error {
		m, err := p.member(ctx, tx, territory, id)
		if err != nil {
			return err
		}
		if m.Joined() {
			return fault.New(fault.Conflict, "person.error.joined")
		}
		return p.write(ctx, tx.Bind(territory), m.Person, by, from, link)
	})
}

// signature is in whose name a letter is written: the person's, else the
// territory's.
func (p *People) signature(ctx context.Context, territory string, by store.ID) (string, error) {
	names, err := p.Names(ctx, []store.ID{by})
	if err != nil || names[by] != "" {
		return names[by], err
	}
	place, err := p.w.Places.Place(ctx, territory)
	if err != nil {
		return "", fmt.Errorf("person: naming the territory: %w", err)
	}
	return strings.TrimSpace(place.Kind + " " + place.Name), nil
}

// write sends the letter that fits; tx is bound to the inviting territory.
func (p *People) write(ctx context.Context, tx *store.Tx, to Person, by store.ID, from string, link func(path string) string) error {
	letter := Message{Channel: notify.Mail, To: to.Email, Name: to.Name, Lang: to.Lang, Subject: "person:" + to.ID.String(),
		Fields: map[string]string{"Name": to.Name, "From": from}}
	if to.Joined() {
		letter.Notice, letter.Key = "person.access", "person.access/"+store.NewID().String()
		letter.Fields["Link"] = link("/agents")
		return p.w.Sender.Send(ctx, tx, letter)
	}
	var today int
	if err := tx.Get(ctx, &today, `SELECT COUNT(*) FROM person_invitation WHERE territory_id = @territory AND person_id = ? AND created_at > ?`,
		to.ID, tx.Now().Add(-24*time.Hour)); err != nil {
		return fmt.Errorf("person: counting invitations: %w", err)
	}
	if today >= invitationsPerDay {
		return fault.New(fault.TooMany, "person.error.letters")
	}
	if err := closeInvitations(ctx, tx, to.ID); err != nil {
		return err
	}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails since Go 1.24
	token := base64.RawURLEncoding.EncodeToString([]byte(tx.Territory())) + "." + base64.RawURLEncoding.EncodeToString(secret)
	id := store.NewID()
	if _, err := tx.Exec(ctx, `INSERT INTO person_invitation (territory_id, id, person_id, token_hash, invited_by, created_at, expires_at)
		VALUES (@territory, ?, ?, ?, ?, ?, ?)`, id, to.ID, web.HashToken(token), by, tx.Now(), tx.Now().Add(InvitationLife)); err != nil {
		return fmt.Errorf("person: inviting: %w", err)
	}
	letter.Notice, letter.Key = "person.invitation", "person.invitation/"+id.String()
	letter.Fields["Link"], letter.Useful = link("/invitation/"+token), tx.Now().Add(InvitationLife)
	return p.w.Sender.Send(ctx, tx, letter)
}

func closeInvitations(ctx context.Context, tx *store.Tx, person store.ID) error {
	_, err := tx.Exec(ctx, `UPDATE person_invitation SET closed_at = ? WHERE territory_id = @territory AND person_id = ? AND closed_at IS NULL`,
		tx.Now(), person)
	return err
}

// Opened is what the link of an invitation shows before it is answered.
type Opened struct {
	Person    Person
	Territory string
	InvitedBy store.ID
	Roles     []access.Membership
}

// errInvitation is the one answer to a link that opens nothing: never sent, too
// old, used, replaced, or the person was taken off the team since.
func errInvitation(cause error) error {
	return fault.New(fault.Gone, "person.error.invitation").Because(cause)
}

// Open reads an invitation without using it. Faults: person.error.invitation;
// person.error.joined when the person already signs in.
func (p *People) Open(ctx context.Context, token string) (Opened, error) {
	var found Opened
	err := p.system().View(ctx, func(tx *store.Tx) (err error) {
		found, err = p.open(ctx, tx, token)
		return err
	})
	return found, err
}

func (p *People) open(ctx context.Context, tx *store.Tx, token string) (Opened, error) {
	head, _, _ := strings.Cut(token, ".")
	territory, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil || len(territory) == 0 || len(token) > 200 || web.Clean(string(territory)) != string(territory) {
		return Opened{}, errInvitation(err)
	}
	bound := tx.Bind(string(territory))
	var row struct {
		PersonID, InvitedBy store.ID
	}
	err = bound.Get(ctx, &row, `SELECT person_id, invited_by FROM person_invitation
		WHERE territory_id = @territory AND token_hash = ? AND closed_at IS NULL AND expires_at > ?`, web.HashToken(token), tx.Now())
	if errors.Is(err, store.ErrNotFound) {
		return Opened{}, errInvitation(err)
	}
	if err != nil {
		return Opened{}, fmt.Errorf("person: reading an invitation: %w", err)
	}
	m, err := p.member(ctx, tx, string(territory), row.PersonID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return Opened{}, errInvitation(err)
	case err != nil:
		return Opened{}, err
	case !m.Active:
		return Opened{}, errInvitation(nil)
	case m.Joined():
		return Opened{}, fault.New(fault.Conflict, "person.error.joined")
	}
	return Opened{m.Person, string(territory), row.InvitedBy, m.Roles}, nil
}

// Accept answers an invitation: the person confirms the name, and may sign in
// from now on. The link is used up. Faults as Open; Invalid with the field name.
func (p *People) Accept(ctx context.Context, token, name string) (Opened, error) {
	var fs fault.Fields
	name = readName(&fs, "name", name)
	if err := fs.Err(); err != nil {
		return Opened{}, err
	}
	var opened Opened
	err := p.system().Update(ctx, func(tx *store.Tx) error {
		var err error
		if opened, err = p.open(ctx, tx, token); err != nil {
			return err
		}
		bound := tx.Bind(opened.Territory)
		n, err := bound.Exec(ctx, `UPDATE person_invitation SET closed_at = ?
			WHERE territory_id = @territory AND token_hash = ? AND closed_at IS NULL`, tx.Now(), web.HashToken(token))
		if err != nil {
			return fmt.Errorf("person: using an invitation: %w", err)
		}
		if n == 0 { // somebody was faster
			return errInvitation(nil)
		}
		opened.Person.Name, opened.Person.JoinedAt, opened.Person.LastSeenAt = name, tx.Now(), tx.Now()
		if err := p.enter(ctx, tx, opened.Person); err != nil {
			return err
		}
		return p.w.record(ctx, bound, "person.joined", "person:"+opened.Person.ID.String(), nil)
	})
	return opened, err
}
