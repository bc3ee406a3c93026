-- +goose Up
CREATE TABLE appointment_reason (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	name TEXT NOT NULL,
	name_fold TEXT NOT NULL,
	team TEXT NOT NULL DEFAULT '',
	need TEXT NOT NULL DEFAULT 'help',
	colour BIGINT NOT NULL DEFAULT 1,
	duration_min BIGINT NOT NULL,
	step_min BIGINT NOT NULL DEFAULT 0,
	before_min BIGINT NOT NULL DEFAULT 0,
	after_min BIGINT NOT NULL DEFAULT 0,
	min_delay_min BIGINT NOT NULL DEFAULT 30,
	max_delay_days BIGINT NOT NULL DEFAULT 90,
	cancel_hours BIGINT NOT NULL DEFAULT 4,
	move_hours BIGINT NOT NULL DEFAULT 24,
	mode TEXT NOT NULL DEFAULT 'onsite',
	online {{bool}} NOT NULL DEFAULT TRUE,
	sensitive {{bool}} NOT NULL DEFAULT FALSE,
	agents_needed BIGINT NOT NULL DEFAULT 1,
	equipment {{json}} NOT NULL,
	reminders {{json}} NOT NULL,
	before_text TEXT NOT NULL DEFAULT '',
	after_text TEXT NOT NULL DEFAULT '',
	sort_rank BIGINT NOT NULL DEFAULT 0,
	active {{bool}} NOT NULL DEFAULT TRUE,
	version BIGINT NOT NULL DEFAULT 1,
	created_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE INDEX appointment_reason_rank ON appointment_reason (territory_id, active, sort_rank, name_fold);

CREATE TABLE appointment (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	booking_id BIGINT NOT NULL,
	reason_id BIGINT NOT NULL,
	place_id BIGINT NOT NULL DEFAULT 0,
	mode TEXT NOT NULL,
	resident_id BIGINT NOT NULL DEFAULT 0,
	dossier_id BIGINT NOT NULL DEFAULT 0,
	number TEXT NOT NULL DEFAULT '',
	starts_at {{time}} NOT NULL,
	ends_at {{time}} NOT NULL,
	status TEXT NOT NULL DEFAULT 'booked',
	status_at {{time}},
	status_by BIGINT NOT NULL DEFAULT 0,
	arrived_at {{time}},
	channel TEXT NOT NULL,
	booked_by BIGINT NOT NULL DEFAULT 0,
	on_behalf TEXT NOT NULL DEFAULT '',
	confirmed TEXT NOT NULL DEFAULT '',
	reminded {{bool}} NOT NULL DEFAULT FALSE,
	first_visit {{bool}} NOT NULL DEFAULT FALSE,
	sequence BIGINT NOT NULL DEFAULT 0,
	token_hash TEXT NOT NULL,
	lang TEXT NOT NULL DEFAULT 'fr',
	note TEXT NOT NULL DEFAULT '',
	created_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE INDEX appointment_start ON appointment (territory_id, starts_at, id);
CREATE INDEX appointment_unmarked ON appointment (territory_id, starts_at) WHERE status = 'booked';
CREATE INDEX appointment_resident ON appointment (territory_id, resident_id, starts_at);
CREATE INDEX appointment_number ON appointment (territory_id, number);
CREATE UNIQUE INDEX appointment_token ON appointment (territory_id, token_hash);

CREATE TABLE appointment_agent (
	territory_id TEXT NOT NULL,
	appointment_id BIGINT NOT NULL,
	resource_id BIGINT NOT NULL,
	starts_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, appointment_id, resource_id)
) {{strict}};
CREATE INDEX appointment_agent_day ON appointment_agent (territory_id, resource_id, starts_at);

-- A start being booked: what the resident typed so far, for the minutes of the hold.
CREATE TABLE appointment_hold (
	territory_id TEXT NOT NULL,
	token_hash TEXT NOT NULL,
	booking_id BIGINT NOT NULL,
	reason_id BIGINT NOT NULL,
	place_id BIGINT NOT NULL,
	starts_at {{time}} NOT NULL,
	contact {{json}} NOT NULL,
	challenge_id BIGINT NOT NULL DEFAULT 0,
	proven_at {{time}},
	appointment_id BIGINT NOT NULL DEFAULT 0,
	expires_at {{time}} NOT NULL,
	created_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, token_hash)
) {{strict}};
CREATE INDEX appointment_hold_age ON appointment_hold (territory_id, created_at);

-- +goose Down
DROP TABLE appointment_hold;
DROP TABLE appointment_agent;
DROP TABLE appointment;
DROP TABLE appointment_reason;
