package sector

import (
	"context"

	"parvis/platform/store"
)

// All lists the sectors of the transaction's territory with their contours, by
// kind and name: for maps. The slice is shared, nobody changes it.
func (m *Sectors) All(ctx context.Context, tx *store.Tx) ([]Sector, error) { return m.all(ctx, tx) }
