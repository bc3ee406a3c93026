-- +goose Up
CREATE TABLE report_category (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	code TEXT NOT NULL,
	label TEXT NOT NULL,
	label_fold TEXT NOT NULL,
	heading TEXT NOT NULL,
	rank BIGINT NOT NULL,
	active {{bool}} NOT NULL,
	detail {{json}} NOT NULL,
	version BIGINT NOT NULL,
	updated_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE UNIQUE INDEX report_category_code ON report_category (territory_id, code);

CREATE TABLE report (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	dossier_id BIGINT NOT NULL,
	number TEXT NOT NULL,
	category_id BIGINT NOT NULL,
	title TEXT NOT NULL,
	text TEXT NOT NULL,
	text_shown TEXT NOT NULL, -- what everybody may read: masked until somebody looked
	text_fold TEXT NOT NULL,  -- of the title, the place and the shown text
	answers {{json}} NOT NULL,
	lat {{float}} NOT NULL,
	lon {{float}} NOT NULL,
	located {{bool}} NOT NULL,
	cell BIGINT NOT NULL,
	accuracy {{float}} NOT NULL,
	address TEXT NOT NULL,
	address_id TEXT NOT NULL,
	state TEXT NOT NULL,
	tone BIGINT NOT NULL, -- 1 to check, 2 planned, 3 mended, 4 ended otherwise
	visible {{bool}} NOT NULL,
	private {{bool}} NOT NULL,
	moderation TEXT NOT NULL,
	anonymous {{bool}} NOT NULL,
	priority BIGINT NOT NULL,
	follow_count BIGINT NOT NULL,
	cause TEXT NOT NULL,
	reason TEXT NOT NULL, -- why it was closed, as everybody reads it
	sector_id BIGINT NOT NULL,
	crew_id BIGINT NOT NULL,
	channel TEXT NOT NULL,
	source TEXT NOT NULL,
	external_id TEXT NOT NULL,
	key TEXT, -- idempotency: the same key is the same report
	staff_id BIGINT NOT NULL,
	code_hash TEXT NOT NULL, -- of the code that an anonymous author keeps
	merged_into BIGINT NOT NULL,
	opened_at {{time}} NOT NULL,
	due_at {{time}},
	planned_at {{time}},
	closed_at {{time}},
	updated_at {{time}} NOT NULL,
	version BIGINT NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE UNIQUE INDEX report_number ON report (territory_id, number);
CREATE UNIQUE INDEX report_key ON report (territory_id, key) WHERE key IS NOT NULL;
CREATE INDEX report_dossier ON report (territory_id, dossier_id);
CREATE INDEX report_near ON report (territory_id, category_id, cell);
-- What everybody reads: the map, the list and the figures read these alone.
CREATE INDEX report_map ON report (territory_id, cell, tone, lat, lon, closed_at) WHERE visible AND merged_into = 0;
CREATE INDEX report_shown ON report (territory_id, updated_at, id) WHERE visible AND merged_into = 0;
CREATE INDEX report_figures ON report (territory_id, tone, closed_at, due_at, opened_at) WHERE visible AND merged_into = 0;
CREATE INDEX report_updated ON report (territory_id, updated_at, id);
CREATE INDEX report_opened ON report (territory_id, opened_at, id);
CREATE INDEX report_closed ON report (territory_id, closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX report_source ON report (territory_id, source, external_id) WHERE external_id <> '';
CREATE INDEX report_moderation ON report (territory_id, moderation, id) WHERE moderation = 'waiting';

-- Who reported, apart from what everybody reads.
CREATE TABLE report_author (
	territory_id TEXT NOT NULL,
	report_id BIGINT NOT NULL,
	first_name TEXT NOT NULL,
	last_name TEXT NOT NULL,
	phone TEXT NOT NULL,
	email TEXT NOT NULL,
	lang TEXT NOT NULL,
	created_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, report_id)
) {{strict}};

CREATE TABLE report_photo (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	report_id BIGINT NOT NULL, -- 0 while it belongs to a draft
	draft_hash TEXT NOT NULL,
	role TEXT NOT NULL,
	rank BIGINT NOT NULL,
	storage_key TEXT NOT NULL,
	thumb_key TEXT NOT NULL,
	width BIGINT NOT NULL,
	height BIGINT NOT NULL,
	size BIGINT NOT NULL,
	state TEXT NOT NULL,
	taken_at {{time}},
	lat {{float}} NOT NULL, -- where it was taken, 0 and 0 unknown
	lon {{float}} NOT NULL,
	created_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE INDEX report_photo_report ON report_photo (territory_id, report_id, role, rank, id);
CREATE INDEX report_photo_draft ON report_photo (territory_id, draft_hash) WHERE draft_hash <> '';

-- What somebody is writing, a day long.
CREATE TABLE report_draft (
	territory_id TEXT NOT NULL,
	token_hash TEXT NOT NULL,
	data {{json}} NOT NULL,
	report_id BIGINT NOT NULL,
	created_at {{time}} NOT NULL,
	updated_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, token_hash)
) {{strict}};
CREATE INDEX report_draft_age ON report_draft (territory_id, updated_at);

-- How many public reports lie in each square of 32 × 32 cells, kept so by
-- triggers: the map of a whole town reads some hundred rows of it.
CREATE TABLE report_tile (
	territory_id TEXT NOT NULL,
	square BIGINT NOT NULL, -- cell / 1024
	tone BIGINT NOT NULL,
	n BIGINT NOT NULL,
	lat {{float}} NOT NULL, -- sums
	lon {{float}} NOT NULL,
	PRIMARY KEY (territory_id, square, tone)
) {{strict}};

{{if postgres}}
-- +goose StatementBegin
CREATE FUNCTION report_tile_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP <> 'INSERT' AND OLD.visible AND OLD.merged_into = 0 AND OLD.cell >= 0 THEN
		UPDATE report_tile SET n = n - 1, lat = lat - OLD.lat, lon = lon - OLD.lon
			WHERE territory_id = OLD.territory_id AND square = OLD.cell / 1024 AND tone = OLD.tone;
	END IF;
	IF TG_OP <> 'DELETE' AND NEW.visible AND NEW.merged_into = 0 AND NEW.cell >= 0 THEN
		INSERT INTO report_tile (territory_id, square, tone, n, lat, lon) VALUES (NEW.territory_id, NEW.cell / 1024, NEW.tone, 1, NEW.lat, NEW.lon)
			ON CONFLICT (territory_id, square, tone) DO UPDATE SET n = report_tile.n + 1, lat = report_tile.lat + excluded.lat, lon = report_tile.lon + excluded.lon;
	END IF;
	RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER report_tile_count AFTER INSERT OR DELETE OR UPDATE OF visible, merged_into, cell, tone, lat, lon ON report
	FOR EACH ROW EXECUTE FUNCTION report_tile_count();
{{else}}
-- +goose StatementBegin
CREATE TRIGGER report_tile_insert AFTER INSERT ON report WHEN NEW.visible AND NEW.merged_into = 0 AND NEW.cell >= 0 BEGIN
	INSERT INTO report_tile (territory_id, square, tone, n, lat, lon) VALUES (NEW.territory_id, NEW.cell / 1024, NEW.tone, 1, NEW.lat, NEW.lon)
		ON CONFLICT (territory_id, square, tone) DO UPDATE SET n = report_tile.n + 1, lat = report_tile.lat + excluded.lat, lon = report_tile.lon + excluded.lon;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER report_tile_leave AFTER UPDATE OF visible, merged_into, cell, tone, lat, lon ON report WHEN OLD.visible AND OLD.merged_into = 0 AND OLD.cell >= 0 BEGIN
	UPDATE report_tile SET n = n - 1, lat = lat - OLD.lat, lon = lon - OLD.lon
		WHERE territory_id = OLD.territory_id AND square = OLD.cell / 1024 AND tone = OLD.tone;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER report_tile_join AFTER UPDATE OF visible, merged_into, cell, tone, lat, lon ON report WHEN NEW.visible AND NEW.merged_into = 0 AND NEW.cell >= 0 BEGIN
	INSERT INTO report_tile (territory_id, square, tone, n, lat, lon) VALUES (NEW.territory_id, NEW.cell / 1024, NEW.tone, 1, NEW.lat, NEW.lon)
		ON CONFLICT (territory_id, square, tone) DO UPDATE SET n = report_tile.n + 1, lat = report_tile.lat + excluded.lat, lon = report_tile.lon + excluded.lon;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER report_tile_delete AFTER DELETE ON report WHEN OLD.visible AND OLD.merged_into = 0 AND OLD.cell >= 0 BEGIN
	UPDATE report_tile SET n = n - 1, lat = lat - OLD.lat, lon = lon - OLD.lon
		WHERE territory_id = OLD.territory_id AND square = OLD.cell / 1024 AND tone = OLD.tone;
END;
-- +goose StatementEnd
{{end}}

-- +goose Down
DROP TABLE report_tile;
DROP TABLE report_draft;
DROP TABLE report_photo;
DROP TABLE report_author;
DROP TABLE report;
{{if postgres}}DROP FUNCTION report_tile_count;{{end}}
DROP TABLE report_category;
