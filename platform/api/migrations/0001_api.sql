-- +goose Up
CREATE TABLE api_token (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	name TEXT NOT NULL,
	token_hash TEXT NOT NULL,
	permissions {{json}} NOT NULL,
	created_by BIGINT NOT NULL,
	created_at {{time}} NOT NULL,
	last_used_at {{time}},
	expires_at {{time}},
	revoked_at {{time}},
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE UNIQUE INDEX api_token_hash ON api_token (territory_id, token_hash);

CREATE TABLE api_idempotency (
	territory_id TEXT NOT NULL,
	actor TEXT NOT NULL,
	idempotency_key TEXT NOT NULL,
	request_hash TEXT NOT NULL,
	status BIGINT NOT NULL, -- 0 while the operation runs
	headers {{json}} NOT NULL,
	body {{blob}} NOT NULL,
	created_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, actor, idempotency_key)
) {{strict}};
CREATE INDEX api_idempotency_age ON api_idempotency (created_at);

-- +goose Down
DROP TABLE api_idempotency;
DROP TABLE api_token;
