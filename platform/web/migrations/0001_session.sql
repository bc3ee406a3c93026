-- +goose Up
CREATE TABLE web_session (
	token TEXT NOT NULL PRIMARY KEY,
	data {{blob}} NOT NULL,
	expires_at {{time}} NOT NULL
) {{strict}};
CREATE INDEX web_session_expiry ON web_session (expires_at);

-- +goose Down
DROP TABLE web_session;
