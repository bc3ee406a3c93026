-- +goose Up
CREATE TABLE access_membership (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	person_id BIGINT NOT NULL,
	service TEXT NOT NULL,
	role TEXT NOT NULL,
	granted_by BIGINT NOT NULL,
	granted_at {{time}} NOT NULL,
	revoked_by BIGINT,
	revoked_at {{time}},
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE UNIQUE INDEX access_membership_held ON access_membership (territory_id, person_id, service, role) WHERE revoked_at IS NULL;
CREATE INDEX access_membership_person ON access_membership (person_id) WHERE revoked_at IS NULL;
CREATE INDEX access_membership_gone ON access_membership (revoked_at) WHERE revoked_at IS NOT NULL;

CREATE TABLE access_review (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	reviewed_by BIGINT NOT NULL,
	reviewed_at {{time}} NOT NULL,
	people BIGINT NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{strict}};

-- +goose Down
DROP TABLE access_review;
DROP TABLE access_membership;
