-- +goose Up
ALTER TABLE dossier ADD COLUMN category TEXT NOT NULL DEFAULT ''; -- in the service's words, as staff filter by it
ALTER TABLE dossier ADD COLUMN sector_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE dossier ADD COLUMN priority BIGINT NOT NULL DEFAULT 0;
ALTER TABLE dossier ADD COLUMN private {{bool}} NOT NULL DEFAULT FALSE; -- for its owner and its team only
ALTER TABLE dossier ADD COLUMN minutes BIGINT NOT NULL DEFAULT 0; -- working minutes it may take; 0: counted otherwise
ALTER TABLE dossier ADD COLUMN span_micros BIGINT NOT NULL DEFAULT 0; -- time it may take, when not counted in working minutes
ALTER TABLE dossier ADD COLUMN due_fixed {{bool}} NOT NULL DEFAULT FALSE; -- somebody gave the date: nothing recomputes it
ALTER TABLE dossier ADD COLUMN clock_at {{time}}; -- when the clock was started last; none: at opening
ALTER TABLE dossier ADD COLUMN warned BIGINT NOT NULL DEFAULT 0; -- last warning given, in hundredths of the time
ALTER TABLE dossier ADD COLUMN warn_at {{time}}; -- the next one
ALTER TABLE dossier ADD COLUMN pause_until {{time}}; -- when the clock starts again by itself
ALTER TABLE dossier ADD COLUMN merged_into BIGINT NOT NULL DEFAULT 0;
ALTER TABLE dossier ADD COLUMN lang TEXT NOT NULL DEFAULT 'fr'; -- in which its requester is written to
ALTER TABLE dossier_entry ADD COLUMN shared {{bool}} NOT NULL DEFAULT TRUE; -- followers read it too
ALTER TABLE dossier_file ADD COLUMN shared {{bool}} NOT NULL DEFAULT FALSE;
ALTER TABLE dossier_link ADD COLUMN follower_id BIGINT NOT NULL DEFAULT 0;

-- The queue, its filters and its counts read this index alone.
DROP INDEX dossier_queue;
CREATE INDEX dossier_queue ON dossier (territory_id, rank_at, id, kind, owner_id, team_id, private, paused_at, stage, category, sector_id, opened_at)
	WHERE closed_at IS NULL;
CREATE INDEX dossier_team ON dossier (territory_id, team_id, rank_at, id) WHERE closed_at IS NULL;
CREATE INDEX dossier_warn ON dossier (warn_at) WHERE warn_at IS NOT NULL;
CREATE INDEX dossier_pause_end ON dossier (pause_until) WHERE pause_until IS NOT NULL;
CREATE INDEX dossier_merged ON dossier (territory_id, merged_into) WHERE merged_into <> 0;
CREATE INDEX dossier_phone ON dossier (territory_id, phone) WHERE phone <> '';
CREATE INDEX dossier_email ON dossier (territory_id, email) WHERE email <> '';

CREATE TABLE dossier_pause (
	territory_id TEXT NOT NULL,
	dossier_id BIGINT NOT NULL,
	id BIGINT NOT NULL,
	began_at {{time}} NOT NULL,
	ended_at {{time}},
	PRIMARY KEY (territory_id, dossier_id, id)
) {{strict}};

-- People who are told what the requester is told.
CREATE TABLE dossier_follower (
	territory_id TEXT NOT NULL,
	dossier_id BIGINT NOT NULL,
	id BIGINT NOT NULL,
	email TEXT NOT NULL,
	phone TEXT NOT NULL,
	lang TEXT NOT NULL,
	came_from BIGINT NOT NULL, -- the request that was merged into this one; 0: by themselves
	created_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, dossier_id, id)
) {{strict}};
CREATE UNIQUE INDEX dossier_follower_contact ON dossier_follower (territory_id, dossier_id, email, phone, came_from);

-- What a merged request was before.
CREATE TABLE dossier_merge (
	territory_id TEXT NOT NULL,
	dossier_id BIGINT NOT NULL,
	into_id BIGINT NOT NULL,
	stage TEXT NOT NULL,
	paused_at {{time}},
	pause_until {{time}},
	merged_by BIGINT NOT NULL,
	merged_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, dossier_id)
) {{strict}};

CREATE TABLE dossier_template (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	kind TEXT NOT NULL, -- '' for every kind
	stage TEXT NOT NULL, -- '' for every stage
	label TEXT NOT NULL,
	label_fold TEXT NOT NULL,
	body TEXT NOT NULL,
	updated_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{strict}};

CREATE TABLE dossier_filter (
	territory_id TEXT NOT NULL,
	person_id BIGINT NOT NULL,
	id BIGINT NOT NULL,
	name TEXT NOT NULL,
	query TEXT NOT NULL, -- of the address of the queue
	created_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, person_id, id)
) {{strict}};

-- Secrets with which an answer by mail finds its request.
CREATE TABLE dossier_reply (
	territory_id TEXT NOT NULL,
	token_hash TEXT NOT NULL,
	dossier_id BIGINT NOT NULL,
	follower_id BIGINT NOT NULL,
	created_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, token_hash)
) {{strict}};
CREATE INDEX dossier_reply_dossier ON dossier_reply (territory_id, dossier_id);

-- +goose Down
DROP TABLE dossier_reply;
DROP TABLE dossier_filter;
DROP TABLE dossier_template;
DROP TABLE dossier_merge;
DROP TABLE dossier_follower;
DROP TABLE dossier_pause;
DROP INDEX dossier_email;
DROP INDEX dossier_phone;
DROP INDEX dossier_merged;
DROP INDEX dossier_pause_end;
DROP INDEX dossier_warn;
DROP INDEX dossier_team;
DROP INDEX dossier_queue;
CREATE INDEX dossier_queue ON dossier (territory_id, rank_at, id) WHERE closed_at IS NULL;
ALTER TABLE dossier_link DROP COLUMN follower_id;
ALTER TABLE dossier_file DROP COLUMN shared;
ALTER TABLE dossier_entry DROP COLUMN shared;
ALTER TABLE dossier DROP COLUMN lang;
ALTER TABLE dossier DROP COLUMN merged_into;
ALTER TABLE dossier DROP COLUMN pause_until;
ALTER TABLE dossier DROP COLUMN warn_at;
ALTER TABLE dossier DROP COLUMN warned;
ALTER TABLE dossier DROP COLUMN clock_at;
ALTER TABLE dossier DROP COLUMN due_fixed;
ALTER TABLE dossier DROP COLUMN span_micros;
ALTER TABLE dossier DROP COLUMN minutes;
ALTER TABLE dossier DROP COLUMN private;
ALTER TABLE dossier DROP COLUMN priority;
ALTER TABLE dossier DROP COLUMN sector_id;
ALTER TABLE dossier DROP COLUMN category;
