package dossier

import (
	"context"

	"parvis/platform/store"
)

// Log adds a line that the requester reads and that no stage says: key is a
// message of the service, args its placeholders.
func (e *Engine) Log(ctx context.Context, tx *store.Tx, id store.ID, by Author, key string, args map[string]string) error {
	_, err := e.entry(ctx, tx, id, "", Entry{Kind: StageEntry, Public: true, Author: by, TextKey: key, Args: args})
	return err
}
