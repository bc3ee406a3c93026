package notify

import (
	"context"
	"fmt"
	"slices"

	"parvis/platform/fault"
	"parvis/platform/store"
)

// Mode is what a territory decided for a notice on a channel.
type Mode string

// The modes. Without decision a channel is On.
const (
	On    Mode = "on"
	Spare Mode = "spare" // SMS only: for those who gave no mail address
	Off   Mode = "off"
)

// Policy is the mode of each channel of a notice.
type Policy map[Channel]Mode

// policy reads what the territory of the transaction decided for a notice.
func (h *Hub) policy(ctx context.Context, tx *store.Tx, n Notice) (Policy, error) {
	all, err := h.policies(ctx, tx, `AND notice = ?`, n.Name)
	if err != nil {
		return nil, err
	}
	return all[n.Name], nil
}

// Policies reads what the territory of the transaction decided, for every
// declared notice.
func (h *Hub) Policies(ctx context.Context, tx *store.Tx) (map[string]Policy, error) {
	return h.policies(ctx, tx, "")
}

func (h *Hub) policies(ctx context.Context, tx *store.Tx, where string, args ...any) (map[string]Policy, error) {
	out := map[string]Policy{}
	for name, n := range h.notices {
		p := Policy{}
		for _, c := range n.Channels {
			p[c] = On
		}
		out[name] = p
	}
	err := tx.Each(ctx, `SELECT notice, channel, mode FROM message_policy WHERE territory_id = @territory `+where, args,
		func(scan func(...any) error) error {
			var notice, channel, mode string
			if err := scan(&notice, &channel, &mode); err != nil {
				return err
			}
			if p := out[notice]; p[Channel(channel)] != "" {
				p[Channel(channel)] = Mode(mode)
			}
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("notify: reading the policies: %w", err)
	}
	return out, nil
}

// SetPolicy writes what the territory of the transaction decides for a notice.
// A mode that does not suit the channel, or a required notice without any
// channel, is an Invalid fault that names the field "mail" or "sms".
func (h *Hub) SetPolicy(ctx context.Context, tx *store.Tx, notice string, p Policy, by store.ID) error {
	n, ok := h.notices[notice]
	if !ok {
		return fault.New(fault.NotFound, "")
	}
	var wrong fault.Fields
	left := 0
	for _, c := range n.Channels {
		modes := []Mode{On, Off}
		if c == SMS && n.has(Mail) {
			modes = append(modes, Spare)
		}
		if !slices.Contains(modes, p[c]) {
			wrong.Add(string(c), "notify.error.mode")
			continue
		}
		if p[c] != Off {
			left++
		}
	}
	if n.Required && left == 0 && len(wrong) == 0 {
		wrong.Add(string(n.Channels[0]), "notify.error.required")
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	for _, c := range n.Channels {
		if _, err := tx.Exec(ctx, `INSERT INTO message_policy (territory_id, notice, channel, mode, updated_at, updated_by)
			VALUES (@territory, ?, ?, ?, ?, ?)
			ON CONFLICT (territory_id, notice, channel) DO UPDATE SET mode = excluded.mode, updated_at = excluded.updated_at, updated_by = excluded.updated_by`,
			n.Name, c, p[c], tx.Now(), by); err != nil {
			return fmt.Errorf("notify: writing the policy of %s: %w", n.Name, err)
		}
	}
	return nil
}
