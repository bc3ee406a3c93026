package intervention

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"parvis/platform/fault"
	"parvis/platform/file"
	"parvis/platform/job"
	"parvis/platform/photo"
	"parvis/platform/store"
	"parvis/platform/sync"
	"parvis/platform/upload"
)

// Jobs of the service.
const (
	jobPhoto = "intervention.photo"
	jobPlans = "intervention.plans"
)

// photoArgs name a photo: all the lines of a person that wait for a digest.
type photoArgs struct {
	Territory string   `json:"territory"`
	Person    store.ID `json:"person"`
	SHA256    string   `json:"sha256"`
}

// photo notes a photo or a signature; its content comes apart, before or after.
// Two lines may have the same content: the same picture twice is no mistake.
func (m model) photo(ctx context.Context, tx *store.Tx, op *sync.Op, o Order, e Entry, phase string) error {
	if len(op.Blobs) != 1 {
		return sync.Refuse("blobs")
	}
	if !slices.Contains([]string{"", "before", "during", "after"}, phase) {
		return sync.Refuse("phase")
	}
	e.Phase, e.SHA256, e.FileState = phase, op.Blobs[0], fileWaiting
	if _, err := m.s.write(ctx, tx, e); err != nil {
		return err
	}
	return m.s.later(ctx, tx, jobPhoto, photoArgs{tx.Territory(), op.Who.Person, e.SHA256})
}

// photoCame is told by the receiver that a file is whole.
func (s *Service) photoCame(ctx context.Context, tx *store.Tx, x upload.Upload) error {
	return s.later(ctx, tx, jobPhoto, photoArgs{tx.Territory(), x.PersonID, x.SHA256})
}

// keepPhoto makes safe and stores what has come for the lines that wait for it.
// Nothing to do is no error: the other half is still on its way, and brings its
// own job.
func (s *Service) keepPhoto(ctx context.Context, j job.Job[photoArgs]) error {
	a := j.Args
	h := s.DB.In(a.Territory)
	var lines []Entry
	read := func(tx *store.Tx) error {
		lines = nil
		return tx.Select(ctx, &lines, `SELECT `+entryColumns+` FROM intervention_entry WHERE territory_id = @territory AND sha256 = ? AND file_state = 'waiting' AND person_id = ? LIMIT 100`, a.SHA256, a.Person)
	}
	if err := h.View(ctx, read); err != nil || len(lines) == 0 {
		return err
	}
	raw, err := s.uploads.Take(ctx, h, a.Person, a.SHA256)
	if errors.Is(err, upload.ErrGone) {
		return nil
	}
	if err != nil {
		return err
	}
	state, key := fileReady, ""
	pic, err := photo.Clean(bytes.NewReader(raw), photo.Limits{})
	switch {
	case fault.Is(err, fault.Invalid):
		state = fileRefused
	case err != nil:
		return err
	default:
		if key, err = file.Key(a.Territory, "intervention", lines[0].ID.String()+".jpg"); err != nil {
			return err
		}
		if _, err := s.Files.Put(ctx, key, bytes.NewReader(pic.JPEG), "image/jpeg"); err != nil {
			return fmt.Errorf("intervention: keeping a photo: %w", err)
		}
	}
	left := 0
	err = h.Update(ctx, func(tx *store.Tx) error {
		if err := read(tx); err != nil {
			return err
		}
		left = len(lines)
		for _, e := range lines {
			if _, err := tx.Exec(ctx, `UPDATE intervention_entry SET file_state = ?, file_key = ?, size = ? WHERE territory_id = @territory AND id = ? AND file_state = 'waiting'`,
				state, key, len(pic.JPEG), e.ID); err != nil {
				return err
			}
			o, err := s.Get(ctx, tx, e.InterventionID)
			if err != nil {
				return err
			}
			if _, err := s.sync.Touch(ctx, tx, entityKind, o.UID); err != nil {
				return err
			}
			if state == fileReady {
				if err := s.say(ctx, tx, "intervention.photo", o); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil || left == 0 {
		return err
	}
	return s.uploads.Drop(ctx, h, a.Person, a.SHA256)
}

// Photo is a picture of an order. Phase is before, during or after.
type Photo struct {
	ID    store.ID
	Phase string
	Key   string // in platform/file
	Sign  bool
	Entry Entry
}

// Photos lists the pictures that may be seen, in order of time.
func (s *Service) Photos(ctx context.Context, tx *store.Tx, id store.ID) ([]Photo, error) {
	lines, err := s.Journal(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	var out []Photo
	for _, e := range lines {
		if e.FileState == fileReady {
			out = append(out, Photo{e.ID, e.Phase, e.FileKey, e.Kind == SignLine, e})
		}
	}
	return out, nil
}
