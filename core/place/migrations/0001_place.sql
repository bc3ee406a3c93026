-- +goose Up
CREATE TABLE place (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	name TEXT NOT NULL,
	name_fold TEXT NOT NULL,
	address TEXT NOT NULL DEFAULT '',
	zip TEXT NOT NULL DEFAULT '',
	city TEXT NOT NULL DEFAULT '',
	commune_code TEXT NOT NULL DEFAULT '',
	lat {{float}} NOT NULL DEFAULT 0,
	lon {{float}} NOT NULL DEFAULT 0,
	phone TEXT NOT NULL DEFAULT '',
	comment TEXT NOT NULL DEFAULT '',
	accessible {{bool}} NOT NULL DEFAULT FALSE,
	opening {{json}} NOT NULL,
	source TEXT NOT NULL DEFAULT '',
	source_id TEXT NOT NULL DEFAULT '',
	active {{bool}} NOT NULL DEFAULT TRUE,
	updated_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE INDEX place_name ON place (territory_id, name_fold, id);
CREATE UNIQUE INDEX place_source ON place (territory_id, source, source_id) WHERE source <> '';

-- +goose Down
DROP TABLE place;
