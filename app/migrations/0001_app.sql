-- +goose Up
CREATE TABLE app_secret (
	name TEXT NOT NULL PRIMARY KEY,
	value {{blob}} NOT NULL,
	created_at {{time}} NOT NULL
) {{strict}};

-- +goose Down
DROP TABLE app_secret;
