-- +goose Up
ALTER TABLE message ADD COLUMN reply_to TEXT NOT NULL DEFAULT ''; -- where an answer to this very message goes; '' to the territory

-- +goose Down
ALTER TABLE message DROP COLUMN reply_to;
