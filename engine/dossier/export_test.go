package dossier

import (
	"context"

	"parvis/platform/store"
)

// FollowerLink is the link that a message to a follower carries.
func FollowerLink(e *Engine, ctx context.Context, tx *store.Tx, id, follower store.ID) (string, error) {
	return e.newLink(ctx, tx, id, follower, 0)
}
