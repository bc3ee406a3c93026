package intervention

import (
	"context"
	"errors"
	"fmt"

	"parvis/platform/fault"
	"parvis/platform/store"
)

const tradeColumns = `id, code, name, active, version, config, updated_at`

// maxTrades bounds the list of a territory.
const maxTrades = 200

// Trades lists the trades by name, all of them or those in use.
func (s *Service) Trades(ctx context.Context, tx *store.Tx, all bool) ([]Trade, error) {
	query := `SELECT ` + tradeColumns + ` FROM intervention_trade WHERE territory_id = @territory`
	if !all {
		query += ` AND active`
	}
	var out []Trade
	if err := tx.Select(ctx, &out, query+` ORDER BY name LIMIT ?`, maxTrades); err != nil {
		return nil, fmt.Errorf("intervention: listing trades: %w", err)
	}
	return out, nil
}

// Trade finds one; store.ErrNotFound.
func (s *Service) Trade(ctx context.Context, tx *store.Tx, id store.ID) (Trade, error) {
	var t Trade
	err := tx.Get(ctx, &t, `SELECT `+tradeColumns+` FROM intervention_trade WHERE territory_id = @territory AND id = ?`, id)
	return t, err
}

// TradeByCode finds one; store.ErrNotFound.
func (s *Service) TradeByCode(ctx context.Context, tx *store.Tx, code string) (Trade, error) {
	var t Trade
	err := tx.Get(ctx, &t, `SELECT `+tradeColumns+` FROM intervention_trade WHERE territory_id = @territory AND code = ?`, code)
	return t, err
}

// tradeOf is the trade of an order as it was when the order was made.
func (s *Service) tradeOf(ctx context.Context, tx *store.Tx, o Order) (Trade, error) {
	t, err := s.Trade(ctx, tx, o.TradeID)
	if err != nil || t.Version == o.TradeVersion {
		return t, err
	}
	var old struct {
		Name   string
		Config store.JSON[Config]
	}
	err = tx.Get(ctx, &old, `SELECT name, config FROM intervention_trade_version WHERE territory_id = @territory AND trade_id = ? AND version = ?`, o.TradeID, o.TradeVersion)
	if errors.Is(err, store.ErrNotFound) {
		return t, nil
	}
	t.Config, t.Version = old.Config, o.TradeVersion
	return t, err
}

// SaveTrade writes a trade as its next version; version 0 makes a new one. A
// version that is no longer the last is a Conflict.
func (s *Service) SaveTrade(ctx context.Context, tx *store.Tx, t Trade, by store.ID) (Trade, error) {
	if err := t.Check(); err != nil {
		return t, err
	}
	t.UpdatedAt = tx.Now()
	t.Version++
	if t.Version == 1 {
		t.ID = store.NewID()
		_, err := tx.Exec(ctx, `INSERT INTO intervention_trade (territory_id, `+tradeColumns+`) VALUES (@territory, ?, ?, ?, ?, ?, ?, ?)`, t.ID, t.Code, t.Name, t.Active, t.Version, t.Config, t.UpdatedAt)
		if errors.Is(err, store.ErrConflict) {
			return t, &fault.Fault{Kind: fault.Invalid, Fields: []fault.Field{{Name: "name", Key: "intervention.error.known"}}}
		}
		if err != nil {
			return t, fmt.Errorf("intervention: adding a trade: %w", err)
		}
	} else {
		n, err := tx.Exec(ctx, `UPDATE intervention_trade SET name = ?, active = ?, version = ?, config = ?, updated_at = ? WHERE territory_id = @territory AND id = ? AND version = ?`,
			t.Name, t.Active, t.Version, t.Config, t.UpdatedAt, t.ID, t.Version-1)
		if err != nil {
			return t, fmt.Errorf("intervention: saving a trade: %w", err)
		}
		if n == 0 {
			return t, fault.New(fault.Conflict, "intervention.error.changed")
		}
	}
	_, err := tx.Exec(ctx, `INSERT INTO intervention_trade_version (territory_id, trade_id, version, name, config, changed_at, changed_by) VALUES (@territory, ?, ?, ?, ?, ?, ?)`,
		t.ID, t.Version, t.Name, t.Config, t.UpdatedAt, by)
	if err != nil {
		return t, fmt.Errorf("intervention: keeping the version of a trade: %w", err)
	}
	return t, nil
}
