package dossier

import (
	"context"
	"fmt"
	"strings"
	"time"

	"parvis/platform/fault"
	"parvis/platform/mail"
	"parvis/platform/phone"
	"parvis/platform/store"
)

// Contact is where a follower is told; one of the two at least.
type Contact struct {
	Email string
	Phone string // E.164
	Lang  string // "fr" or "en"
}

// Follower is somebody who said « moi aussi », or whose request was merged.
type Follower struct {
	ID       store.ID
	Email    string
	Phone    string
	Lang     string
	CameFrom store.ID // their own request; 0: none
	Since    time.Time
}

// maxFollowers bounds those of one request.
const maxFollowers = 5000

const followerColumns = `id, email, phone, lang, came_from, created_at AS since`

// Follow adds somebody who is told what the requester is told. Adding the same
// contact again changes nothing and gives the same follower; the requester of
// the request needs not follow it. Invalid without a contact that can be read.
func (e *Engine) Follow(ctx context.Context, tx *store.Tx, id store.ID, c Contact) (Follower, error) {
	d, err := e.Get(ctx, tx, id)
	if err != nil {
		return Follower{}, err
	}
	if d, err = e.Kept(ctx, tx, d); err != nil {
		return Follower{}, err
	}
	if d.Closed() {
		return Follower{}, fault.New(fault.Conflict, "dossier.error.closed")
	}
	if c, err = e.contact(ctx, tx, c); err != nil {
		return Follower{}, err
	}
	var n int
	if err := tx.Get(ctx, &n, `SELECT COUNT(*) FROM dossier_follower WHERE territory_id = @territory AND dossier_id = ?`, d.ID); err != nil {
		return Follower{}, fmt.Errorf("dossier: counting followers: %w", err)
	}
	if n >= maxFollowers {
		return Follower{}, fault.New(fault.Conflict, "dossier.error.followers")
	}
	return e.follow(ctx, tx, d.ID, c, 0)
}

// contact normalises and checks.
func (e *Engine) contact(ctx context.Context, tx *store.Tx, c Contact) (Contact, error) {
	var wrong fault.Fields
	p, err := e.place(ctx, tx.Territory())
	if err != nil {
		return c, err
	}
	if c.Email = strings.TrimSpace(c.Email); c.Email != "" {
		address, err := mail.ParseAddress(c.Email)
		if err != nil {
			wrong.Add("email", "dossier.error.email")
		}
		c.Email = strings.ToLower(address)
	}
	if c.Phone = strings.TrimSpace(c.Phone); c.Phone != "" {
		n, err := phone.Parse(c.Phone, p.Region)
		if err != nil {
			wrong.Add("phone", "dossier.error.phone")
		}
		c.Phone = n.E164()
	}
	if len(wrong) == 0 && c.Email == "" && c.Phone == "" {
		wrong.Add("email", "dossier.error.contact")
	}
	if c.Lang != "en" {
		c.Lang = "fr"
	}
	return c, wrong.Err()
}

func (e *Engine) follow(ctx context.Context, tx *store.Tx, id store.ID, c Contact, from store.ID) (Follower, error) {
	if _, err := tx.Exec(ctx, `INSERT INTO dossier_follower (territory_id, dossier_id, id, email, phone, lang, came_from, created_at)
		VALUES (@territory, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, id, store.NewID(), c.Email, c.Phone, c.Lang, from, tx.Now()); err != nil {
		return Follower{}, fmt.Errorf("dossier: following: %w", err)
	}
	var f Follower
	err := tx.Get(ctx, &f, `SELECT `+followerColumns+` FROM dossier_follower
		WHERE territory_id = @territory AND dossier_id = ? AND email = ? AND phone = ? AND came_from = ?`, id, c.Email, c.Phone, from)
	return f, err
}

// Followers lists who follows a request, oldest first, after a follower's ID.
func (e *Engine) Followers(ctx context.Context, tx *store.Tx, id, after store.ID, limit int) ([]Follower, error) {
	var out []Follower
	err := tx.Select(ctx, &out, `SELECT `+followerColumns+` FROM dossier_follower
		WHERE territory_id = @territory AND dossier_id = ? AND id > ? ORDER BY id LIMIT ?`, id, after, min(max(limit, 1), 500))
	return out, err
}

// CountFollowers is how many people follow a request.
func (e *Engine) CountFollowers(ctx context.Context, tx *store.Tx, id store.ID) (n int, err error) {
	err = tx.Get(ctx, &n, `SELECT COUNT(*) FROM dossier_follower WHERE territory_id = @territory AND dossier_id = ?`, id)
	return n, err
}

// Unfollow stops telling somebody; stopping twice changes nothing.
func (e *Engine) Unfollow(ctx context.Context, tx *store.Tx, id, follower store.ID) error {
	for _, table := range []string{"dossier_link", "dossier_reply"} {
		if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE territory_id = @territory AND dossier_id = ? AND follower_id = ?`, id, follower); err != nil {
			return fmt.Errorf("dossier: forgetting the secrets of a follower: %w", err)
		}
	}
	if _, err := tx.Exec(ctx, `DELETE FROM dossier_follower WHERE territory_id = @territory AND dossier_id = ? AND id = ?`, id, follower); err != nil {
		return fmt.Errorf("dossier: unfollowing: %w", err)
	}
	return nil
}

// followWith makes those of a merged request follow the one that goes on.
func (e *Engine) followWith(ctx context.Context, tx *store.Tx, d Dossier, into store.ID) error {
	if d.Phone != "" || d.Email != "" {
		if _, err := e.follow(ctx, tx, into, Contact{Email: d.Email, Phone: d.Phone, Lang: d.Lang}, d.ID); err != nil {
			return err
		}
	}
	for after := store.ID(0); ; {
		list, err := e.Followers(ctx, tx, d.ID, after, 500)
		if err != nil {
			return err
		}
		for _, f := range list {
			if _, err := e.follow(ctx, tx, into, Contact{f.Email, f.Phone, f.Lang}, d.ID); err != nil {
				return err
			}
			after = f.ID
		}
		if len(list) < 500 {
			return nil
		}
	}
}

// unfollowWith takes those who came with a request away from the other.
func (e *Engine) unfollowWith(ctx context.Context, tx *store.Tx, from store.ID) error {
	_, err := tx.Exec(ctx, `DELETE FROM dossier_follower WHERE territory_id = @territory AND came_from = ? AND came_from <> 0`, from)
	if err != nil {
		return fmt.Errorf("dossier: taking followers back: %w", err)
	}
	return nil
}
