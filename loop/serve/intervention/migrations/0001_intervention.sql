-- +goose Up
-- A trade is data: form, checklist, outcomes, skills, units, rates.
CREATE TABLE intervention_trade (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	code TEXT NOT NULL,
	name TEXT NOT NULL,
	active {{bool}} NOT NULL DEFAULT TRUE,
	version BIGINT NOT NULL DEFAULT 1,
	config {{json}} NOT NULL,
	updated_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE UNIQUE INDEX intervention_trade_code ON intervention_trade (territory_id, code);

CREATE TABLE intervention_trade_version (
	territory_id TEXT NOT NULL,
	trade_id BIGINT NOT NULL,
	version BIGINT NOT NULL,
	name TEXT NOT NULL,
	config {{json}} NOT NULL,
	changed_at {{time}} NOT NULL,
	changed_by BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (territory_id, trade_id, version)
) {{strict}};

-- What is looked after: a bench, a hydrant, a façade.
CREATE TABLE intervention_asset (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	kind TEXT NOT NULL,
	code TEXT NOT NULL,
	name TEXT NOT NULL,
	name_fold TEXT NOT NULL,
	address TEXT NOT NULL DEFAULT '',
	state TEXT NOT NULL DEFAULT 'good',
	lat {{float}},
	lon {{float}},
	cell BIGINT NOT NULL DEFAULT 0,
	geometry TEXT NOT NULL DEFAULT '',
	attributes {{json}} NOT NULL,
	installed TEXT NOT NULL DEFAULT '',
	active {{bool}} NOT NULL DEFAULT TRUE,
	updated_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE UNIQUE INDEX intervention_asset_code ON intervention_asset (territory_id, kind, code);
CREATE INDEX intervention_asset_name ON intervention_asset (territory_id, active, name_fold, id);
CREATE INDEX intervention_asset_cell ON intervention_asset (territory_id, cell);

-- A work order. Times are UTC; amounts are cents; quantity is in the trade's unit.
CREATE TABLE intervention (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	uid TEXT NOT NULL,
	number TEXT NOT NULL,
	trade_id BIGINT NOT NULL,
	trade_version BIGINT NOT NULL,
	nature TEXT NOT NULL DEFAULT 'corrective',
	priority BIGINT NOT NULL DEFAULT 2,
	state TEXT NOT NULL,
	state_at {{time}} NOT NULL,
	title TEXT NOT NULL,
	description TEXT NOT NULL DEFAULT '',
	lat {{float}},
	lon {{float}},
	cell BIGINT NOT NULL DEFAULT 0,
	address TEXT NOT NULL DEFAULT '',
	place TEXT NOT NULL DEFAULT '',
	asset_id BIGINT NOT NULL DEFAULT 0,
	crew_id BIGINT NOT NULL DEFAULT 0,
	person_id BIGINT NOT NULL DEFAULT 0,
	planned_start {{time}},
	planned_end {{time}},
	booking_id BIGINT NOT NULL DEFAULT 0,
	due_at {{time}},
	origin TEXT NOT NULL DEFAULT 'office',
	origin_ref TEXT NOT NULL DEFAULT '',
	plan_id BIGINT NOT NULL DEFAULT 0,
	answers {{json}} NOT NULL,
	quantity {{float}} NOT NULL DEFAULT 0,
	outcome TEXT NOT NULL DEFAULT '',
	reason TEXT NOT NULL DEFAULT '',
	minutes BIGINT NOT NULL DEFAULT 0,
	cents BIGINT NOT NULL DEFAULT 0,
	created_at {{time}} NOT NULL,
	created_by BIGINT NOT NULL DEFAULT 0,
	noticed_at {{time}} NOT NULL,
	done_at {{time}},
	done_received_at {{time}},
	checked_at {{time}},
	checked_by BIGINT NOT NULL DEFAULT 0,
	version BIGINT NOT NULL DEFAULT 1,
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE UNIQUE INDEX intervention_uid ON intervention (territory_id, uid);
CREATE UNIQUE INDEX intervention_number ON intervention (territory_id, number);
CREATE INDEX intervention_due ON intervention (territory_id, due_at, id) WHERE state NOT IN ('done', 'checked', 'cancelled', 'moot', 'impossible');
CREATE INDEX intervention_state ON intervention (territory_id, state, id);
CREATE INDEX intervention_planned ON intervention (territory_id, planned_start);
CREATE INDEX intervention_at_place ON intervention (territory_id, trade_id, place, noticed_at);
CREATE INDEX intervention_of_asset ON intervention (territory_id, asset_id, id) WHERE asset_id <> 0;
CREATE INDEX intervention_created ON intervention (territory_id, created_at);
CREATE UNIQUE INDEX intervention_origin ON intervention (territory_id, origin_ref, trade_id) WHERE origin_ref <> '';

-- What happened to it: states, notes, time, material, photos, signature.
CREATE TABLE intervention_entry (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	intervention_id BIGINT NOT NULL,
	op_id TEXT NOT NULL DEFAULT '',
	kind TEXT NOT NULL,
	code TEXT NOT NULL DEFAULT '',
	text TEXT NOT NULL DEFAULT '',
	quantity {{float}} NOT NULL DEFAULT 0,
	minutes BIGINT NOT NULL DEFAULT 0,
	cents BIGINT NOT NULL DEFAULT 0,
	phase TEXT NOT NULL DEFAULT '',
	sha256 TEXT NOT NULL DEFAULT '',
	file_key TEXT NOT NULL DEFAULT '',
	file_state TEXT NOT NULL DEFAULT '',
	size BIGINT NOT NULL DEFAULT 0,
	person_id BIGINT NOT NULL DEFAULT 0,
	happened_at {{time}} NOT NULL,
	received_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE INDEX intervention_entry_of ON intervention_entry (territory_id, intervention_id, happened_at, id);
CREATE UNIQUE INDEX intervention_entry_op ON intervention_entry (territory_id, op_id) WHERE op_id <> '';
CREATE INDEX intervention_entry_photo ON intervention_entry (territory_id, sha256) WHERE file_state = 'waiting';

CREATE TABLE intervention_item (
	territory_id TEXT NOT NULL,
	intervention_id BIGINT NOT NULL,
	item TEXT NOT NULL,
	verdict TEXT NOT NULL,
	value TEXT NOT NULL DEFAULT '',
	note TEXT NOT NULL DEFAULT '',
	person_id BIGINT NOT NULL DEFAULT 0,
	happened_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, intervention_id, item)
) {{strict}};

-- What comes back: a rule, and each of its days once.
CREATE TABLE intervention_plan (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	name TEXT NOT NULL,
	trade_id BIGINT NOT NULL,
	asset_id BIGINT NOT NULL DEFAULT 0,
	crew_id BIGINT NOT NULL DEFAULT 0,
	address TEXT NOT NULL DEFAULT '',
	description TEXT NOT NULL DEFAULT '',
	rule {{json}} NOT NULL,
	holidays TEXT NOT NULL DEFAULT 'shift',
	horizon_days BIGINT NOT NULL DEFAULT 60,
	active {{bool}} NOT NULL DEFAULT TRUE,
	version BIGINT NOT NULL DEFAULT 1,
	updated_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{strict}};

CREATE TABLE intervention_occurrence (
	territory_id TEXT NOT NULL,
	plan_id BIGINT NOT NULL,
	day TEXT NOT NULL,
	intervention_id BIGINT NOT NULL,
	PRIMARY KEY (territory_id, plan_id, day)
) {{strict}};

-- Events of each place, packed, so that five years of a town are read at once.
CREATE TABLE intervention_place (
	territory_id TEXT NOT NULL,
	trade_id BIGINT NOT NULL,
	place TEXT NOT NULL,
	asset_id BIGINT NOT NULL DEFAULT 0,
	lat {{float}},
	lon {{float}},
	label TEXT NOT NULL DEFAULT '',
	events {{blob}} NOT NULL,
	count BIGINT NOT NULL,
	last_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, trade_id, place)
) {{strict}};

CREATE TABLE intervention_counter (
	territory_id TEXT NOT NULL,
	year BIGINT NOT NULL,
	last BIGINT NOT NULL,
	PRIMARY KEY (territory_id, year)
) {{strict}};

-- +goose Down
DROP TABLE intervention_counter;
DROP TABLE intervention_place;
DROP TABLE intervention_occurrence;
DROP TABLE intervention_plan;
DROP TABLE intervention_item;
DROP TABLE intervention_entry;
DROP TABLE intervention;
DROP TABLE intervention_asset;
DROP TABLE intervention_trade_version;
DROP TABLE intervention_trade;
