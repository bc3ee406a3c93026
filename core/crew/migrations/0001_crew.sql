-- +goose Up
CREATE TABLE crew (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	name TEXT NOT NULL,
	name_fold TEXT NOT NULL,
	kind TEXT NOT NULL,
	phone TEXT NOT NULL,
	email TEXT NOT NULL,
	active {{bool}} NOT NULL,
	version BIGINT NOT NULL,
	updated_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE UNIQUE INDEX crew_name ON crew (territory_id, name_fold);

CREATE TABLE crew_member (
	territory_id TEXT NOT NULL,
	crew_id BIGINT NOT NULL,
	person_id BIGINT NOT NULL,
	joined_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, crew_id, person_id)
) {{strict}};
CREATE INDEX crew_member_person ON crew_member (territory_id, person_id, crew_id);

-- +goose Down
DROP TABLE crew_member;
DROP TABLE crew;
