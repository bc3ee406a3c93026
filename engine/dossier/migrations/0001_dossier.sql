-- +goose Up
CREATE TABLE dossier (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	kind TEXT NOT NULL,
	subject_ref TEXT NOT NULL,
	number TEXT NOT NULL,
	title TEXT NOT NULL,
	title_fold TEXT NOT NULL,
	stage TEXT NOT NULL,
	channel TEXT NOT NULL,
	opened_at {{time}} NOT NULL,
	due_at {{time}},
	paused_at {{time}},
	paused_micros BIGINT NOT NULL,
	rank_at {{time}} NOT NULL, -- order of the queue: due date, or far away when the clock does not run
	closed_at {{time}},
	erase_at {{time}},
	owner_id BIGINT NOT NULL,
	team_id BIGINT NOT NULL,
	requester_id BIGINT NOT NULL,
	phone TEXT NOT NULL,
	email TEXT NOT NULL,
	reopened BIGINT NOT NULL,
	updated_at {{time}} NOT NULL,
	version BIGINT NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE UNIQUE INDEX dossier_number ON dossier (territory_id, number);
CREATE UNIQUE INDEX dossier_subject ON dossier (territory_id, subject_ref);
CREATE INDEX dossier_queue ON dossier (territory_id, rank_at, id) WHERE closed_at IS NULL;
CREATE INDEX dossier_owner ON dossier (territory_id, owner_id, rank_at, id) WHERE closed_at IS NULL;
CREATE INDEX dossier_closed ON dossier (territory_id, closed_at, id) WHERE closed_at IS NOT NULL;
CREATE INDEX dossier_requester ON dossier (territory_id, requester_id, id);
CREATE INDEX dossier_erase ON dossier (erase_at) WHERE erase_at IS NOT NULL;

CREATE TABLE dossier_counter (
	territory_id TEXT NOT NULL,
	year BIGINT NOT NULL,
	last_number BIGINT NOT NULL,
	PRIMARY KEY (territory_id, year)
) {{strict}};

CREATE TABLE dossier_entry (
	territory_id TEXT NOT NULL,
	dossier_id BIGINT NOT NULL,
	id BIGINT NOT NULL,
	kind TEXT NOT NULL,
	public {{bool}} NOT NULL,
	author_kind TEXT NOT NULL,
	author_id BIGINT NOT NULL,
	text_key TEXT NOT NULL,
	args {{json}} NOT NULL,
	body TEXT NOT NULL,
	occurred_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, dossier_id, id)
) {{strict}};

CREATE TABLE dossier_file (
	territory_id TEXT NOT NULL,
	dossier_id BIGINT NOT NULL,
	id BIGINT NOT NULL,
	entry_id BIGINT NOT NULL,
	name TEXT NOT NULL,
	media_type TEXT NOT NULL,
	size BIGINT NOT NULL,
	storage_key TEXT NOT NULL,
	public {{bool}} NOT NULL,
	created_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, dossier_id, id)
) {{strict}};

CREATE TABLE dossier_link (
	territory_id TEXT NOT NULL,
	token_hash TEXT NOT NULL,
	dossier_id BIGINT NOT NULL,
	created_at {{time}} NOT NULL,
	expires_at {{time}}, -- none: as long as the dossier
	PRIMARY KEY (territory_id, token_hash)
) {{strict}};
CREATE INDEX dossier_link_dossier ON dossier_link (territory_id, dossier_id);
CREATE INDEX dossier_link_expiry ON dossier_link (expires_at) WHERE expires_at IS NOT NULL;

-- What happened is never rewritten, by any program.
{{if postgres}}
-- +goose StatementBegin
CREATE FUNCTION dossier_entry_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'dossier_entry is append-only' USING ERRCODE = '23505', CONSTRAINT = 'dossier_entry_kept';
END $$;
-- +goose StatementEnd
CREATE TRIGGER dossier_entry_kept BEFORE UPDATE ON dossier_entry FOR EACH ROW EXECUTE FUNCTION dossier_entry_kept();
{{else}}
-- +goose StatementBegin
CREATE TRIGGER dossier_entry_kept BEFORE UPDATE ON dossier_entry BEGIN
	SELECT RAISE(ABORT, 'dossier_entry is append-only');
END;
-- +goose StatementEnd
{{end}}

-- +goose Down
DROP TABLE dossier_link;
DROP TABLE dossier_file;
DROP TABLE dossier_entry;
DROP TABLE dossier_counter;
DROP TABLE dossier;
{{if postgres}}DROP FUNCTION dossier_entry_kept;{{end}}
