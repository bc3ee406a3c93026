-- +goose Up
CREATE TABLE access_suspension (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	person_id BIGINT NOT NULL,
	suspended_by BIGINT NOT NULL,
	suspended_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE UNIQUE INDEX access_suspension_person ON access_suspension (territory_id, person_id);

-- +goose Down
DROP TABLE access_suspension;
