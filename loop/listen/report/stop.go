package report

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"parvis/platform/store"
)

// stopToken lets who holds it stop following: made again at will, so that none
// is stored (HMAC-SHA256, 96 bits).
func (s *Reports) stopToken(territory string, report, follower store.ID) string {
	var ids [16]byte
	binary.BigEndian.PutUint64(ids[:8], uint64(report))
	binary.BigEndian.PutUint64(ids[8:], uint64(follower))
	mac := hmac.New(sha256.New, s.Secret)
	mac.Write([]byte("report stop\x00" + territory + "\x00"))
	mac.Write(ids[:])
	return base64.RawURLEncoding.EncodeToString(append(ids[:], mac.Sum(nil)[:12]...))
}

func (s *Reports) stopPath(territory string, report, follower store.ID) string {
	return "/signalements-arret/" + s.stopToken(territory, report, follower)
}

// readStop is what a token of stopToken names; store.ErrNotFound for any other.
func (s *Reports) readStop(territory, token string) (report, follower store.ID, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != 28 {
		return 0, 0, store.ErrNotFound
	}
	report, follower = store.ID(binary.BigEndian.Uint64(raw[:8])), store.ID(binary.BigEndian.Uint64(raw[8:16]))
	if !hmac.Equal([]byte(token), []byte(s.stopToken(territory, report, follower))) {
		return 0, 0, store.ErrNotFound
	}
	return report, follower, nil
}

// Unfollow stops telling a follower; the voice stays counted.
func (s *Reports) Unfollow(ctx context.Context, h store.Handle, report, follower store.ID) error {
	_, err := s.change(ctx, h, report, func(tx *store.Tx, r Report) error {
		id := r.DossierID
		if r.MergedInto != 0 { // they follow the one that goes on
			kept, err := s.Get(ctx, tx, r.MergedInto)
			if err != nil {
				return err
			}
			id = kept.DossierID
		}
		return s.Dossiers.Unfollow(ctx, tx, id, follower)
	})
	return err
}
