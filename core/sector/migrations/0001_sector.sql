-- +goose Up
CREATE TABLE sector (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	name TEXT NOT NULL,
	name_fold TEXT NOT NULL,
	kind TEXT NOT NULL, -- free word: "quartier", "commune"
	code TEXT NOT NULL, -- of the publisher, "86194"; '' none
	crew_id BIGINT NOT NULL,
	contact_name TEXT NOT NULL,
	contact_phone TEXT NOT NULL,
	contact_email TEXT NOT NULL,
	area TEXT NOT NULL, -- GeoJSON geometry
	south {{float}} NOT NULL,
	west {{float}} NOT NULL,
	north {{float}} NOT NULL,
	east {{float}} NOT NULL,
	version BIGINT NOT NULL,
	updated_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE UNIQUE INDEX sector_name ON sector (territory_id, kind, name_fold);
CREATE UNIQUE INDEX sector_code ON sector (territory_id, kind, code) WHERE code <> '';

-- One number per territory: it moves when a sector does, so that what others
-- keep in memory is known to be old.
CREATE TABLE sector_edition (
	territory_id TEXT NOT NULL,
	edition BIGINT NOT NULL,
	PRIMARY KEY (territory_id)
) {{strict}};

-- +goose Down
DROP TABLE sector_edition;
DROP TABLE sector;
