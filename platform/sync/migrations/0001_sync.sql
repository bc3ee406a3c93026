-- +goose Up
-- One row per device of a person: the browser of a phone, a tablet.
CREATE TABLE sync_device (
	territory_id TEXT NOT NULL,
	id TEXT NOT NULL,
	person_id BIGINT NOT NULL,
	name TEXT NOT NULL DEFAULT '',
	last_seq BIGINT NOT NULL DEFAULT 0,
	received BIGINT NOT NULL DEFAULT 0,
	created_at {{time}} NOT NULL,
	seen_at {{time}} NOT NULL,
	revoked_at {{time}},
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE INDEX sync_device_seen ON sync_device (territory_id, seen_at);

-- The journal: what each device did, and what it was answered. Never changed.
CREATE TABLE sync_op (
	territory_id TEXT NOT NULL,
	id TEXT NOT NULL,
	device_id TEXT NOT NULL,
	seq BIGINT NOT NULL,
	person_id BIGINT NOT NULL,
	kind TEXT NOT NULL,
	entity TEXT NOT NULL,
	base_version BIGINT NOT NULL,
	type TEXT NOT NULL,
	payload {{json}} NOT NULL,
	blobs {{json}} NOT NULL,
	digest TEXT NOT NULL,
	status TEXT NOT NULL,
	result {{json}} NOT NULL,
	device_at {{time}} NOT NULL,
	happened_at {{time}} NOT NULL,
	received_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE UNIQUE INDEX sync_op_seq ON sync_op (territory_id, device_id, seq) WHERE status <> 'rejected';
CREATE INDEX sync_op_entity ON sync_op (territory_id, kind, entity, received_at);
CREATE INDEX sync_op_age ON sync_op (territory_id, received_at);

-- What is synchronised: its version, the version of each field, who sees it.
CREATE TABLE sync_entity (
	territory_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	uid TEXT NOT NULL,
	version BIGINT NOT NULL,
	fields {{json}} NOT NULL,
	scope TEXT NOT NULL DEFAULT '',
	until {{time}},
	changed BIGINT NOT NULL,
	deleted {{bool}} NOT NULL DEFAULT FALSE,
	changed_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, kind, uid)
) {{strict}};
CREATE UNIQUE INDEX sync_entity_changed ON sync_entity (territory_id, changed);
CREATE INDEX sync_entity_scope ON sync_entity (territory_id, scope, changed) WHERE NOT deleted;

-- The cursor: one number per change of a territory, in the order of commits.
CREATE TABLE sync_clock (
	territory_id TEXT NOT NULL,
	cursor BIGINT NOT NULL DEFAULT 0,
	floor BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (territory_id)
) {{strict}};

-- A value from the field that met another one: nobody's is lost.
CREATE TABLE sync_proposal (
	territory_id TEXT NOT NULL,
	id TEXT NOT NULL,
	kind TEXT NOT NULL,
	entity TEXT NOT NULL,
	type TEXT NOT NULL,
	field TEXT NOT NULL,
	value {{json}} NOT NULL,
	server_value {{json}} NOT NULL,
	server_version BIGINT NOT NULL,
	device_id TEXT NOT NULL,
	person_id BIGINT NOT NULL,
	happened_at {{time}} NOT NULL,
	created_at {{time}} NOT NULL,
	choice TEXT NOT NULL DEFAULT '',
	resolved_at {{time}},
	resolved_by BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE INDEX sync_proposal_open ON sync_proposal (territory_id, kind, entity) WHERE choice = '';
CREATE INDEX sync_proposal_age ON sync_proposal (territory_id, created_at);

-- +goose Down
DROP TABLE sync_proposal;
DROP TABLE sync_clock;
DROP TABLE sync_entity;
DROP TABLE sync_op;
DROP TABLE sync_device;
