-- +goose Up
CREATE TABLE upload (
	territory_id TEXT NOT NULL,
	id TEXT NOT NULL,
	person_id BIGINT NOT NULL,
	sha256 TEXT NOT NULL DEFAULT '',
	media_type TEXT NOT NULL DEFAULT '',
	size BIGINT NOT NULL,
	received BIGINT NOT NULL DEFAULT 0,
	parts {{json}} NOT NULL,
	done {{bool}} NOT NULL DEFAULT FALSE,
	created_at {{time}} NOT NULL,
	expires_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE INDEX upload_digest ON upload (territory_id, person_id, sha256);
CREATE INDEX upload_expiry ON upload (territory_id, expires_at);

-- +goose Down
DROP TABLE upload;
