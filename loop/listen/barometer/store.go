package barometer

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"parvis/platform/store"
)

const answerColumns = `id, service, month, source, channel, delay, satisfaction, comprehension, tried, reached, missed, help, locked`

// drawn is an identifier that tells no order: those of store.NewID would say
// when somebody answered.
func drawn() store.ID {
	var b [8]byte
	_, _ = rand.Read(b[:])
	return store.ID(binary.BigEndian.Uint64(b[:])>>2 | 1)
}

// Invitation is what a token opens: the questions still to answer.
type Invitation struct {
	Topic  Topic
	Answer Answer // zero ID: nothing answered yet
	Texts  map[string]string
}

// Read looks a token up. It writes nothing: mail scanners open links. ErrSpent
// when the token was never made, is past its window or answered to the end.
func (s *Service) Read(ctx context.Context, h store.Handle, secret string) (Invitation, error) {
	var in Invitation
	err := h.View(ctx, func(tx *store.Tx) error {
		in = Invitation{Texts: map[string]string{}}
		w, err := s.where(ctx, tx)
		if err != nil {
			return err
		}
		t, _, err := s.find(ctx, tx, w.Zone, secret)
		if err != nil {
			return err
		}
		if in.Topic, err = s.topic(ctx, tx, t.Service); err != nil {
			return err
		}
		if in.Answer, err = s.answerOf(ctx, tx, t.Hash); errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if in.Answer.Locked {
			return ErrSpent
		}
		return tx.Each(ctx, `SELECT field, text FROM barometer_comment WHERE territory_id = @territory AND answer_id = ?`, []any{in.Answer.ID}, func(scan func(...any) error) error {
			var field, text string
			err := scan(&field, &text)
			in.Texts[field] = text
			return err
		})
	})
	return in, err
}

func (s *Service) answerOf(ctx context.Context, tx *store.Tx, hash string) (Answer, error) {
	var a Answer
	err := tx.Get(ctx, &a, `SELECT `+answerColumns+` FROM barometer_answer WHERE territory_id = @territory AND hash = ?`, hash)
	return a, err
}

// Answer saves one step under a token and returns the answer as it now stands.
// The first question alone makes an answer; steps may come again until End,
// which locks. A hundred at once make one answer. Mistakes are Invalid.
func (s *Service) Answer(ctx context.Context, h store.Handle, secret string, step Step, f form, many []string, end bool) (Answer, error) {
	var a Answer
	err := h.Update(ctx, func(tx *store.Tx) error {
		w, err := s.where(ctx, tx)
		if err != nil {
			return err
		}
		t, key, err := s.find(ctx, tx, w.Zone, secret)
		if err != nil {
			return err
		}
		a, err = s.write(ctx, tx, w.Zone, t, key, step, f, many, end)
		return err
	})
	return a, err
}

func (s *Service) write(ctx context.Context, tx *store.Tx, zone *time.Location, t token, key []byte, step Step, f form, many []string, end bool) (Answer, error) {
	// The row of the token is the lock of its answer: whoever comes second waits.
	if _, err := tx.Exec(ctx, `UPDATE barometer_token SET month = month WHERE territory_id = @territory AND hash = ?`, t.Hash); err != nil {
		return Answer{}, fmt.Errorf("barometer: locking: %w", err)
	}
	old, err := s.answerOf(ctx, tx, t.Hash)
	fresh := errors.Is(err, store.ErrNotFound)
	if err != nil && !fresh {
		return old, fmt.Errorf("barometer: reading an answer: %w", err)
	}
	if old.Locked {
		return old, ErrSpent
	}
	if fresh {
		month, err := s.openMonth(ctx, tx, t.Month, zone)
		if err != nil {
			return old, err
		}
		old = Answer{ID: drawn(), Service: t.Service, Month: month, Source: Source(t.Source), Channel: t.Channel, Delay: t.Delay}
	}
	a := old
	texts, err := a.take(step, f, many)
	if err != nil {
		return old, err
	}
	if a.Satisfaction == 0 { // a later step cannot come first
		var empty Answer
		_, err := empty.take(StepSatisfaction, f, nil)
		return old, err
	}
	a.Locked = end
	if fresh {
		err = s.insert(ctx, tx, a, t.Hash)
	} else {
		err = s.update(ctx, tx, old, a)
	}
	if err != nil {
		return old, err
	}
	for field, text := range texts {
		if err := s.keepComment(ctx, tx, a, field, text); err != nil {
			return old, err
		}
	}
	if fresh {
		if _, err := s.hub.CancelKey(ctx, tx, messageKey(key, t.Hash)); err != nil { // no reminder to who answered
			return old, err
		}
	}
	return a, nil
}

// insert keeps a new answer and counts it. The event says that a service was
// answered about, and nothing else.
func (s *Service) insert(ctx context.Context, tx *store.Tx, a Answer, hash string) error {
	if _, err := tx.Exec(ctx, `INSERT INTO barometer_answer (territory_id, hash, `+answerColumns+`) VALUES (@territory, ?, `+store.In(13)+`)`,
		hash, a.ID, a.Service, a.Month, string(a.Source), a.Channel, a.Delay, int(a.Satisfaction), a.Comprehension, int(a.Tried), int(a.Reached), int(a.Missed), a.Help, a.Locked); err != nil {
		return fmt.Errorf("barometer: keeping an answer: %w", err)
	}
	return count(ctx, tx, a.place(), a.cells(), nil)
}

func (s *Service) update(ctx context.Context, tx *store.Tx, old, a Answer) error {
	if _, err := tx.Exec(ctx, `UPDATE barometer_answer SET satisfaction = ?, comprehension = ?, tried = ?, reached = ?, missed = ?, help = ?, locked = ?
		WHERE territory_id = @territory AND id = ?`, int(a.Satisfaction), a.Comprehension, int(a.Tried), int(a.Reached), int(a.Missed), a.Help, a.Locked, a.ID); err != nil {
		return fmt.Errorf("barometer: changing an answer: %w", err)
	}
	return count(ctx, tx, old.place(), a.cells(), old.cells())
}

// AnswerOpenly takes the first answer of somebody who came by the open link of
// a service; secret is what the page drew for the visit. It returns the answer.
func (s *Service) AnswerOpenly(ctx context.Context, h store.Handle, service, secret string, f form, end bool) (Answer, error) {
	var a Answer
	err := h.Update(ctx, func(tx *store.Tx) error {
		w, err := s.where(ctx, tx)
		if err != nil {
			return err
		}
		topic, err := s.topic(ctx, tx, service)
		if err != nil {
			return err
		}
		if !topic.Asks() || !validToken(secret) {
			return ErrSpent
		}
		t, key, err := s.find(ctx, tx, w.Zone, secret)
		if errors.Is(err, ErrSpent) {
			t = token{Month: monthOf(tx.Now(), w.Zone), Service: topic.Name, Source: string(Open), Channel: "web", ExpiresOn: dayOf(tx.Now(), w.Zone) + 1}
			if key, err = s.keyOf(ctx, tx, t.Month); err != nil {
				return err
			}
			t.Hash = hashOf(key, secret)
			err = s.keep(ctx, tx, t)
		}
		if err != nil {
			return err
		}
		a, err = s.write(ctx, tx, w.Zone, t, key, StepSatisfaction, f, nil, end)
		return err
	})
	return a, err
}

// Key keeps an answer on paper that staff type in: all questions at once.
func (s *Service) Key(ctx context.Context, h store.Handle, service string, f form, many []string) error {
	return h.Update(ctx, func(tx *store.Tx) error {
		w, err := s.where(ctx, tx)
		if err != nil {
			return err
		}
		topic, err := s.topic(ctx, tx, service)
		if err != nil {
			return err
		}
		if !topic.Asks() {
			return ErrSpent
		}
		a := Answer{ID: drawn(), Service: topic.Name, Month: monthOf(tx.Now(), w.Zone), Source: Desk, Channel: "counter", Locked: true}
		texts := map[string]string{}
		for _, step := range []Step{StepSatisfaction, StepClarity, StepAid, StepHelp, StepComment} {
			some, err := a.take(step, f, many)
			if err != nil {
				return err
			}
			for field, text := range some {
				texts[field] = text
			}
		}
		if err := s.insert(ctx, tx, a, ""); err != nil {
			return err
		}
		for field, text := range texts {
			if err := s.keepComment(ctx, tx, a, field, text); err != nil {
				return err
			}
		}
		return nil
	})
}
