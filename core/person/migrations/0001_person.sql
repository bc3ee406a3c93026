-- +goose Up
CREATE TABLE person (
	id BIGINT NOT NULL PRIMARY KEY,
	name TEXT NOT NULL,
	name_fold TEXT {{if postgres}}COLLATE "C"{{end}} NOT NULL,
	email TEXT NOT NULL,
	phone TEXT NOT NULL DEFAULT '',
	lang TEXT NOT NULL,
	active {{bool}} NOT NULL,
	joined_at {{time}},
	created_at {{time}} NOT NULL,
	last_seen_at {{time}}
) {{strict}};
CREATE UNIQUE INDEX person_email ON person (email);
CREATE INDEX person_name ON person (name_fold, id);

CREATE TABLE person_invitation (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	person_id BIGINT NOT NULL,
	token_hash TEXT NOT NULL,
	invited_by BIGINT NOT NULL,
	created_at {{time}} NOT NULL,
	expires_at {{time}} NOT NULL,
	closed_at {{time}},
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE UNIQUE INDEX person_invitation_token ON person_invitation (territory_id, token_hash);
CREATE INDEX person_invitation_person ON person_invitation (territory_id, person_id, id);
CREATE INDEX person_invitation_expiry ON person_invitation (expires_at);

CREATE TABLE person_signin (
	id BIGINT NOT NULL PRIMARY KEY,
	email TEXT NOT NULL,
	minute BIGINT NOT NULL,
	lang TEXT NOT NULL,
	person_id BIGINT NOT NULL DEFAULT 0,
	code_hash TEXT NOT NULL DEFAULT '',
	tries BIGINT NOT NULL DEFAULT 0,
	created_at {{time}} NOT NULL,
	expires_at {{time}} NOT NULL,
	used_at {{time}}
) {{strict}};
CREATE INDEX person_signin_email ON person_signin (email, created_at);
CREATE UNIQUE INDEX person_signin_minute ON person_signin (email, minute);
CREATE INDEX person_signin_expiry ON person_signin (expires_at);

CREATE TABLE person_code (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	channel TEXT NOT NULL,
	address TEXT NOT NULL,
	purpose TEXT NOT NULL,
	code_hash TEXT NOT NULL,
	tries BIGINT NOT NULL DEFAULT 0,
	created_at {{time}} NOT NULL,
	expires_at {{time}} NOT NULL,
	used_at {{time}},
	closed_at {{time}},
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE UNIQUE INDEX person_code_living ON person_code (territory_id, channel, address, purpose) WHERE closed_at IS NULL;
CREATE INDEX person_code_address ON person_code (territory_id, channel, address, created_at);
CREATE INDEX person_code_day ON person_code (territory_id, channel, created_at);
CREATE INDEX person_code_expiry ON person_code (expires_at);

CREATE TABLE person_resident (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	title TEXT NOT NULL DEFAULT '',
	first_name TEXT NOT NULL,
	last_name TEXT NOT NULL,
	name_fold TEXT {{if postgres}}COLLATE "C"{{end}} NOT NULL,
	given_fold TEXT {{if postgres}}COLLATE "C"{{end}} NOT NULL,
	phone TEXT {{if postgres}}COLLATE "C"{{end}} NOT NULL DEFAULT '',
	email TEXT {{if postgres}}COLLATE "C"{{end}} NOT NULL DEFAULT '',
	lang TEXT NOT NULL,
	notes TEXT NOT NULL DEFAULT '',
	created_at {{time}} NOT NULL,
	last_used_at {{time}} NOT NULL,
	merged_into BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE INDEX person_resident_name ON person_resident (territory_id, name_fold, id);
CREATE INDEX person_resident_given ON person_resident (territory_id, given_fold);
CREATE INDEX person_resident_phone ON person_resident (territory_id, phone) WHERE phone <> '';
CREATE INDEX person_resident_email ON person_resident (territory_id, email) WHERE email <> '';
CREATE INDEX person_resident_merged ON person_resident (territory_id, merged_into) WHERE merged_into <> 0;
CREATE INDEX person_resident_used ON person_resident (territory_id, last_used_at);

-- +goose Down
DROP TABLE person_resident;
DROP TABLE person_code;
DROP TABLE person_signin;
DROP TABLE person_invitation;
DROP TABLE person;
