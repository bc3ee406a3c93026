-- +goose Up
CREATE TABLE territory (
	territory_id TEXT NOT NULL PRIMARY KEY,
	operator_id TEXT NOT NULL DEFAULT '',
	slug TEXT NOT NULL,
	host TEXT NOT NULL DEFAULT '',
	kind TEXT NOT NULL,
	name TEXT NOT NULL,
	name_fold TEXT NOT NULL,
	activated_at {{time}} NOT NULL,
	settings {{json}} NOT NULL,
	version BIGINT NOT NULL DEFAULT 1
) {{strict}};
CREATE UNIQUE INDEX territory_slug ON territory (slug);
CREATE UNIQUE INDEX territory_host ON territory (host) WHERE host <> '';
CREATE INDEX territory_operator ON territory (operator_id, name_fold, territory_id);

CREATE TABLE territory_change (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	changed_at {{time}} NOT NULL,
	changed_by BIGINT NOT NULL,
	fields {{json}} NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{strict}};

-- +goose Down
DROP TABLE territory_change;
DROP TABLE territory;
