package barometer

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"parvis/platform/fault"
	"parvis/platform/store"
)

// window is how long an invitation can be answered.
const window = 30

// token is an invitation to answer, without the request it follows.
type token struct {
	Hash, Month, Service, Source, Channel, Delay string
	ExpiresOn                                    int64
}

// newSecret draws 128 bits, as they stand in an address.
func newSecret() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// valid tells whether a text looks like a token at all.
func validToken(s string) bool {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return err == nil && len(raw) == 16
}

// seal is the HMAC-SHA256 of a purpose and a value.
func seal(key []byte, purpose, value string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("barometer\x00" + purpose + "\x00" + value))
	return mac.Sum(nil)
}

// hashOf is what rows keep of a token.
func hashOf(key []byte, token string) string { return hex.EncodeToString(seal(key, "token", token)) }

// grow is the token of a seed: the seed waits in the queue of messages, the
// token exists only in the message that left, and in the hand of who got it.
func grow(key []byte, seed string) string {
	return base64.RawURLEncoding.EncodeToString(seal(key, "seed", seed)[:16])
}

// messageKey names the messages of an invitation without telling which it is to
// who does not hold the key of the month.
func messageKey(key []byte, hash string) string {
	return "barometer:" + hex.EncodeToString(seal(key, "message", hash)[:16])
}

// monthOf is the calendar month of t in the zone.
func monthOf(t time.Time, zone *time.Location) string { return t.In(zone).Format("2006-01") }

// dayOf numbers the days since 1970 in the zone.
func dayOf(t time.Time, zone *time.Location) int64 {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400
}

// keyOf is the key of a month, drawn when first needed.
func (s *Service) keyOf(ctx context.Context, tx *store.Tx, month string) ([]byte, error) {
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh)
	if _, err := tx.Exec(ctx, `INSERT INTO barometer_key (territory_id, month, secret) VALUES (@territory, ?, ?) ON CONFLICT (territory_id, month) DO NOTHING`, month, fresh); err != nil {
		return nil, fmt.Errorf("barometer: drawing the key of a month: %w", err)
	}
	keys, err := s.keys(ctx, tx, month)
	if err != nil {
		return nil, err
	}
	if len(keys) != 1 {
		return nil, fmt.Errorf("barometer: no key for %s", month)
	}
	return keys[0], nil
}

// keys are the living keys, of one month or of all.
func (s *Service) keys(ctx context.Context, tx *store.Tx, month string) (out [][]byte, err error) {
	err = tx.Each(ctx, `SELECT secret FROM barometer_key WHERE territory_id = @territory AND (month = ? OR ? = '') ORDER BY month DESC`, []any{month, month}, func(scan func(...any) error) error {
		var key []byte
		err := scan(&key)
		out = append(out, key)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("barometer: reading keys: %w", err)
	}
	return out, nil
}

// ErrSpent is a token that cannot be used: never made, past its window, or
// answered to the end. One answer for the three: it tells nothing.
var ErrSpent = fault.New(fault.Gone, "barometer.error.spent")

// issue keeps a new token and returns it with the prefix of its messages. From
// a seed the token can be made again while the key lives; "" draws a token that
// only the caller knows.
func (s *Service) issue(ctx context.Context, tx *store.Tx, zone *time.Location, t token, seed string) (secret, messages string, err error) {
	key, err := s.keyOf(ctx, tx, t.Month)
	if err != nil {
		return "", "", err
	}
	secret = newSecret()
	if seed != "" {
		secret = grow(key, seed)
	}
	t.Hash, t.ExpiresOn = hashOf(key, secret), dayOf(tx.Now(), zone)+window
	if err := s.keep(ctx, tx, t); err != nil {
		return "", "", err
	}
	return secret, messageKey(key, t.Hash), nil
}

func (s *Service) keep(ctx context.Context, tx *store.Tx, t token) error {
	if _, err := tx.Exec(ctx, `INSERT INTO barometer_token (territory_id, hash, month, service, source, channel, delay, expires_on)
		VALUES (@territory, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (territory_id, hash) DO NOTHING`,
		t.Hash, t.Month, t.Service, t.Source, t.Channel, t.Delay, t.ExpiresOn); err != nil {
		return fmt.Errorf("barometer: keeping a token: %w", err)
	}
	return nil
}

// find is the row of a token and the key it lives under; ErrSpent when there is
// none or its window is over.
func (s *Service) find(ctx context.Context, tx *store.Tx, zone *time.Location, secret string) (token, []byte, error) {
	if !validToken(secret) {
		return token{}, nil, ErrSpent
	}
	keys, err := s.keys(ctx, tx, "")
	if err != nil {
		return token{}, nil, err
	}
	for _, key := range keys { // three at most: this month, the one before, one more while its window ends
		var t token
		err := tx.Get(ctx, &t, `SELECT hash, month, service, source, channel, delay, expires_on FROM barometer_token WHERE territory_id = @territory AND hash = ?`, hashOf(key, secret))
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return token{}, nil, fmt.Errorf("barometer: finding a token: %w", err)
		}
		if t.ExpiresOn < dayOf(tx.Now(), zone) {
			return token{}, nil, ErrSpent
		}
		return t, key, nil
	}
	return token{}, nil, ErrSpent
}

// expire forgets the tokens whose window is over, at most limit: their answers
// lose their hash, their messages their row. It returns how many.
func (s *Service) expire(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	var old []token
	if err := tx.Select(ctx, &old, `SELECT hash, month, service, source, channel, delay, expires_on FROM barometer_token
		WHERE territory_id = @territory AND expires_on < ? ORDER BY expires_on LIMIT ?`, dayOf(before, time.UTC), limit); err != nil {
		return 0, fmt.Errorf("barometer: finding old tokens: %w", err)
	}
	for _, t := range old {
		key, err := s.keyOf(ctx, tx, t.Month)
		if err != nil {
			return 0, err
		}
		if _, err := s.hub.ForgetKey(ctx, tx, messageKey(key, t.Hash)); err != nil {
			return 0, err
		}
		if _, err := tx.Exec(ctx, `UPDATE barometer_answer SET hash = '', locked = TRUE WHERE territory_id = @territory AND hash = ?`, t.Hash); err != nil {
			return 0, fmt.Errorf("barometer: freeing an answer: %w", err)
		}
		if _, err := tx.Exec(ctx, `DELETE FROM barometer_token WHERE territory_id = @territory AND hash = ?`, t.Hash); err != nil {
			return 0, fmt.Errorf("barometer: forgetting a token: %w", err)
		}
	}
	if len(old) < limit {
		return int64(len(old)), s.destroyKeys(ctx, tx, before)
	}
	return int64(len(old)), nil
}

// destroyKeys erases the keys of past months under which no token lives any
// more. The secret is overwritten where it stands before its row goes.
func (s *Service) destroyKeys(ctx context.Context, tx *store.Tx, now time.Time) error {
	const dead = `month < ? AND NOT EXISTS (SELECT 1 FROM barometer_token t WHERE t.territory_id = @territory AND t.month = barometer_key.month)`
	month := monthOf(now.AddDate(0, 0, -window), time.UTC)
	if _, err := tx.Exec(ctx, `UPDATE barometer_key SET secret = ? WHERE territory_id = @territory AND `+dead, make([]byte, 32), month); err != nil {
		return fmt.Errorf("barometer: overwriting keys: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM barometer_key WHERE territory_id = @territory AND `+dead, month); err != nil {
		return fmt.Errorf("barometer: erasing keys: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM barometer_guard WHERE territory_id = @territory AND month NOT IN (SELECT k.month FROM barometer_key k WHERE k.territory_id = @territory)`); err != nil {
		return fmt.Errorf("barometer: erasing guards: %w", err)
	}
	return nil
}
