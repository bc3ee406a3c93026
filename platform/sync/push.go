package sync

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"parvis/platform/fault"
	"parvis/platform/store"
)

// Batch is what a device sends.
type Batch struct {
	Device string `json:"device"`
	Name   string `json:"name"`       // what the browser says of itself
	Now    int64  `json:"device_now"` // the device's clock, milliseconds
	Ops    []Op   `json:"ops"`
}

// Answer is one result per operation, in order. Revoked tells the device to
// erase what it holds.
type Answer struct {
	Now     int64    `json:"now"` // the server's clock, milliseconds
	Revoked bool     `json:"revoked,omitempty"`
	Results []Result `json:"results"`
}

// ErrTooLarge is returned for a batch over MaxOps: the device splits it.
var ErrTooLarge = errors.New("sync: too many operations in one push")

// Push applies the operations of a device. One that cannot be applied never
// stops the others. An error means that nothing of the batch is certain: the
// device keeps everything and sends it again.
func (s *Sync) Push(ctx context.Context, h store.Handle, who Who, b Batch) (Answer, error) {
	switch {
	case len(b.Ops) > MaxOps:
		return Answer{}, ErrTooLarge
	case !IsUUID(b.Device) || who.Person == 0:
		return Answer{}, fault.New(fault.Invalid, "sync.error.device")
	}
	a, err := s.pushOnce(ctx, h, who, b)
	if err == nil || len(b.Ops) == 0 || fault.Of(err).Kind != fault.Internal || ctx.Err() != nil {
		return a, err
	}
	// One of them makes the program fail: the others must not wait for it.
	all := Answer{Results: make([]Result, 0, len(b.Ops))}
	for _, op := range b.Ops {
		one := b
		one.Ops = []Op{op}
		a, err := s.pushOnce(ctx, h, who, one)
		switch {
		case err == nil:
			all.Now, all.Revoked = a.Now, a.Revoked
			all.Results = append(all.Results, a.Results...)
		case fault.Of(err).Kind != fault.Internal || ctx.Err() != nil:
			return Answer{}, err
		default:
			all.Results = append(all.Results, Result{ID: op.ID, Status: Later, Reason: "internal", Retryable: true})
		}
	}
	return all, nil
}

func (s *Sync) pushOnce(ctx context.Context, h store.Handle, who Who, b Batch) (Answer, error) {
	var a Answer
	err := h.Update(ctx, func(tx *store.Tx) error {
		a = Answer{Now: tx.Now().UnixMilli(), Results: make([]Result, 0, len(b.Ops))}
		if _, err := next(ctx, tx); err != nil { // one push at a time in a territory
			return err
		}
		d, err := device(ctx, tx, b.Device, b.Name, who)
		if err != nil {
			return fmt.Errorf("sync: finding the device: %w", err)
		}
		if !d.RevokedAt.IsZero() {
			a.Revoked = true
			return nil
		}
		for i := range b.Ops {
			op := b.Ops[i]
			op.Device, op.Who, op.Received = d.ID, who, tx.Now()
			r, err := s.one(ctx, tx, &d, &op, b.Now)
			if err != nil {
				return err
			}
			a.Results = append(a.Results, r)
		}
		_, err = tx.Exec(ctx, `UPDATE sync_device SET last_seq = ?, received = ?, seen_at = ? WHERE territory_id = @territory AND id = ?`, d.LastSeq, d.Received, tx.Now(), d.ID)
		return err
	})
	return a, err
}

// one answers one operation.
func (s *Sync) one(ctx context.Context, tx *store.Tx, d *Device, op *Op, deviceNow int64) (Result, error) {
	if !IsUUID(op.ID) {
		return Result{ID: op.ID, Status: Rejected, Reason: "op_id"}, nil
	}
	if op.Actor != op.Who.Person || d.PersonID != op.Who.Person {
		return Result{ID: op.ID, Status: Later, Reason: "actor", Retryable: true}, nil
	}
	digest, err := op.digest()
	if err != nil {
		return Result{ID: op.ID, Status: Rejected, Reason: "payload"}, nil
	}
	if r, known, err := replay(ctx, tx, op.ID, digest); err != nil || known {
		return r, err
	}
	op.When = op.happened(op.Received, deviceNow)
	r := Result{ID: op.ID, Status: Rejected, Reason: op.malformed()}
	if r.Reason == "" {
		if r, err = s.guarded(ctx, tx, op); err != nil || r.Status == Later {
			return r, err
		}
	}
	return r, s.record(ctx, tx, d, op, digest, r)
}

// replay finds the answer given to an operation before. The same identifier
// with another content is refused, and the first stays.
func replay(ctx context.Context, tx *store.Tx, id, digest string) (Result, bool, error) {
	var row struct {
		Digest string
		Result store.JSON[Result]
	}
	err := tx.Get(ctx, &row, `SELECT digest, result FROM sync_op WHERE territory_id = @territory AND id = ?`, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return Result{}, false, nil
	case err != nil:
		return Result{}, false, fmt.Errorf("sync: looking for an operation: %w", err)
	case row.Digest != digest:
		return Result{ID: id, Status: Rejected, Reason: "altered"}, true, nil
	}
	return row.Result.V, true, nil
}

// guarded merges inside a savepoint: a refusal undoes what it wrote.
func (s *Sync) guarded(ctx context.Context, tx *store.Tx, op *Op) (Result, error) {
	if _, err := tx.Raw().ExecContext(ctx, "SAVEPOINT op"); err != nil {
		return Result{}, fmt.Errorf("sync: savepoint: %w", err)
	}
	r, err := s.merge(ctx, tx, op)
	reason, no := refused(err)
	if f := fault.Of(err); !no && f != nil && (f.Kind == fault.Invalid || f.Kind == fault.Forbidden) {
		reason, no = faultReason(f), true
	}
	if no {
		if _, err := tx.Raw().ExecContext(ctx, "ROLLBACK TO SAVEPOINT op"); err != nil {
			return Result{}, fmt.Errorf("sync: undoing an operation: %w", err)
		}
		r, err = Result{Status: Rejected, Reason: reason}, nil
	}
	if err != nil {
		return Result{}, err
	}
	if _, err := tx.Raw().ExecContext(ctx, "RELEASE SAVEPOINT op"); err != nil {
		return Result{}, fmt.Errorf("sync: savepoint: %w", err)
	}
	r.ID = op.ID
	return r, nil
}

// faultReason is the word of a fault: the field that is wrong, or its kind.
func faultReason(f *fault.Fault) string {
	switch {
	case len(f.Fields) > 0:
		return f.Fields[0].Name
	case f.Kind == fault.Forbidden:
		return "forbidden"
	}
	return "invalid"
}

// record writes the operation and its answer into the journal.
func (s *Sync) record(ctx context.Context, tx *store.Tx, d *Device, op *Op, digest string, r Result) error {
	payload, blobs := op.Payload, op.Blobs
	if len(payload) == 0 || !json.Valid(payload) || len(payload) > maxPayload {
		payload = json.RawMessage("null")
	}
	if blobs == nil || len(blobs) > maxBlobs {
		blobs = []string{}
	}
	at := time.UnixMilli(min(max(op.At, 0), maxMillis))
	_, err := tx.Exec(ctx, `INSERT INTO sync_op (territory_id, id, device_id, seq, person_id, kind, entity, base_version, type, payload, blobs, digest, status, result,
			device_at, happened_at, received_at)
		VALUES (@territory, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, op.ID, op.Device, op.Seq, op.Who.Person, clip(op.Kind), clip(op.Entity), max(op.Base, 0), clip(op.Type),
		string(payload), store.JSON[[]string]{V: blobs}, digest, r.Status, store.JSON[Result]{V: r}, at, op.When, op.Received)
	if err != nil {
		return fmt.Errorf("sync: recording an operation: %w", err)
	}
	if op.Seq > 0 {
		d.LastSeq = max(d.LastSeq, op.Seq)
		d.Received++
	}
	return nil
}

// clip keeps what a hostile device sends within the journal's bounds.
func clip(s string) string {
	if len(s) > maxWord {
		s = s[:maxWord]
	}
	out := make([]rune, 0, len(s))
	for _, r := range s {
		if r != '\uFFFD' && r != 0 {
			out = append(out, r)
		}
	}
	return string(out)
}
