-- +goose Up
{{- if postgres}}
-- +goose StatementBegin
DO $$
BEGIN
	IF NOT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'btree_gist') THEN
		CREATE EXTENSION btree_gist SCHEMA public;
	END IF;
END
$$;
-- +goose StatementEnd
{{- end}}

CREATE TABLE booking_resource (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('person', 'room', 'equipment', 'vehicle', 'seats')),
	name TEXT NOT NULL,
	place_id BIGINT NOT NULL,
	capacity BIGINT NOT NULL CHECK (capacity BETWEEN 1 AND 10000),
	time_zone TEXT NOT NULL,
	holiday_zone TEXT NOT NULL,
	partial_holidays {{bool}} NOT NULL,
	works_on_holidays {{bool}} NOT NULL,
	active {{bool}} NOT NULL,
	owner_ref TEXT NOT NULL,
	horizon_days BIGINT NOT NULL CHECK (horizon_days BETWEEN 1 AND 370),
	-- Raised by every change of what the resource has open or taken; raising it
	-- is also the lock that makes two bookings of one resource take turns.
	rev BIGINT NOT NULL,
	-- Longest time ever taken in one piece, microseconds: how far before a
	-- window a query must look for what reaches into it.
	longest BIGINT NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE INDEX booking_resource_owner ON booking_resource (territory_id, owner_ref);

-- An opening range, in civil time. Days are 2026-11-24.
CREATE TABLE booking_rule (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	resource_id BIGINT NOT NULL,
	place_id BIGINT NOT NULL,
	holiday_zone TEXT NOT NULL,
	rrule TEXT NOT NULL,
	weeks TEXT NOT NULL,
	school TEXT NOT NULL CHECK (school IN ('', 'term', 'holidays')),
	school_zone TEXT NOT NULL,
	first_day TEXT NOT NULL,
	last_day TEXT,
	from_minute BIGINT NOT NULL,
	to_minute BIGINT NOT NULL,
	exceptions {{json}} NOT NULL,
	-- Last day for which spans exist, and the day from which they must be
	-- extended; NULL when the rule ends before.
	computed_to TEXT,
	due_on TEXT,
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE INDEX booking_rule_resource ON booking_rule (territory_id, resource_id, id);
CREATE INDEX booking_rule_due ON booking_rule (territory_id, due_on, id);

CREATE TABLE booking_rule_tag (
	territory_id TEXT NOT NULL,
	resource_id BIGINT NOT NULL,
	rule_id BIGINT NOT NULL,
	tag TEXT NOT NULL,
	PRIMARY KEY (territory_id, resource_id, rule_id, tag)
) {{strict}};
CREATE INDEX booking_rule_tag_tag ON booking_rule_tag (territory_id, tag, resource_id);

CREATE TABLE booking_override (
	territory_id TEXT NOT NULL,
	rule_id BIGINT NOT NULL,
	day TEXT NOT NULL,
	cancelled {{bool}} NOT NULL,
	from_minute BIGINT NOT NULL,
	to_minute BIGINT NOT NULL,
	place_id BIGINT NOT NULL,
	PRIMARY KEY (territory_id, rule_id, day)
) {{strict}};

CREATE TABLE booking_span (
	territory_id TEXT NOT NULL,
	resource_id BIGINT NOT NULL,
	starts_at {{time}} NOT NULL,
	rule_id BIGINT NOT NULL,
	ends_at {{time}} NOT NULL,
	place_id BIGINT NOT NULL,
	day TEXT NOT NULL,
	PRIMARY KEY (territory_id, resource_id, starts_at, rule_id),
	CHECK (ends_at > starts_at)
) {{strict}}{{if postgres}}{{else}}, WITHOUT ROWID{{end}};

CREATE TABLE booking_closure (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('absence', 'closed')),
	resource_id BIGINT NOT NULL,
	place_id BIGINT NOT NULL,
	label TEXT NOT NULL,
	starts_at {{time}} NOT NULL,
	ends_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, id),
	CHECK (ends_at > starts_at),
	CHECK (resource_id = 0 OR place_id = 0)
) {{strict}};
CREATE INDEX booking_closure_time ON booking_closure (territory_id, ends_at, starts_at, resource_id, place_id);

CREATE TABLE booking (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	subject TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('held', 'active', 'cancelled', 'expired')),
	starts_at {{time}} NOT NULL,
	ends_at {{time}} NOT NULL,
	buffer_before BIGINT NOT NULL,
	buffer_after BIGINT NOT NULL,
	place_id BIGINT NOT NULL,
	forced {{bool}} NOT NULL,
	renewed {{bool}} NOT NULL,
	expires_at {{time}},
	version BIGINT NOT NULL,
	created_at {{time}} NOT NULL,
	updated_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, id),
	CHECK (ends_at > starts_at),
	CHECK ((state = 'held') = (expires_at IS NOT NULL))
) {{strict}};
CREATE INDEX booking_subject ON booking (territory_id, subject, id);
CREATE INDEX booking_time ON booking (territory_id, starts_at, ends_at) WHERE state IN ('held', 'active');
CREATE INDEX booking_expired ON booking (territory_id, updated_at) WHERE state = 'expired';
CREATE INDEX booking_held ON booking (territory_id, expires_at, id) WHERE state = 'held';

CREATE TABLE booking_allocation (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	booking_id BIGINT NOT NULL,
	need BIGINT NOT NULL,
	resource_id BIGINT NOT NULL,
	unit BIGINT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('held', 'active', 'cancelled', 'expired')),
	reason TEXT NOT NULL,
	starts_at {{time}} NOT NULL,
	ends_at {{time}} NOT NULL,
	expires_at {{time}},
	PRIMARY KEY (territory_id, id),
	-- 31 days, the bound that lets a window query start a month before it.
	CHECK (ends_at > starts_at AND ends_at - starts_at <= 2678400000000)
) {{strict}};
CREATE INDEX booking_allocation_booking ON booking_allocation (territory_id, booking_id);
CREATE INDEX booking_allocation_live ON booking_allocation (territory_id, resource_id, starts_at, ends_at, unit, expires_at)
	WHERE state IN ('held', 'active');

-- No double booking by construction, whoever writes. On SQLite the pieces
-- already taken of one unit never overlap, so the last one that starts before
-- the new one ends is also the one that ends last.
{{- if postgres}}
ALTER TABLE booking_allocation ADD CONSTRAINT booking_allocation_overlap
	EXCLUDE USING gist (territory_id WITH =, resource_id WITH =, unit WITH =, int8range(starts_at, ends_at) WITH &&)
	WHERE (state IN ('held', 'active'));
{{- else}}
-- +goose StatementBegin
CREATE TRIGGER booking_allocation_overlap_insert BEFORE INSERT ON booking_allocation
WHEN NEW.state IN ('held', 'active')
BEGIN
	SELECT RAISE(ABORT, 'booking_allocation_overlap') WHERE NEW.starts_at < (
		SELECT a.ends_at FROM booking_allocation a
		WHERE a.territory_id = NEW.territory_id AND a.resource_id = NEW.resource_id AND a.state IN ('held', 'active')
			AND a.starts_at < NEW.ends_at AND a.starts_at > NEW.starts_at - 2678400000000 AND a.unit = NEW.unit
		ORDER BY a.starts_at DESC LIMIT 1);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER booking_allocation_overlap_update
BEFORE UPDATE OF territory_id, id, resource_id, unit, state, starts_at, ends_at ON booking_allocation
WHEN NEW.state IN ('held', 'active')
BEGIN
	SELECT RAISE(ABORT, 'booking_allocation_overlap') WHERE NEW.starts_at < (
		SELECT a.ends_at FROM booking_allocation a
		WHERE a.territory_id = NEW.territory_id AND a.resource_id = NEW.resource_id AND a.state IN ('held', 'active')
			AND a.starts_at < NEW.ends_at AND a.starts_at > NEW.starts_at - 2678400000000 AND a.unit = NEW.unit
			AND NOT (a.territory_id = OLD.territory_id AND a.id = OLD.id)
		ORDER BY a.starts_at DESC LIMIT 1);
END;
-- +goose StatementEnd
{{- end}}

-- +goose Down
DROP TABLE booking_allocation;
DROP TABLE booking;
DROP TABLE booking_closure;
DROP TABLE booking_span;
DROP TABLE booking_override;
DROP TABLE booking_rule_tag;
DROP TABLE booking_rule;
DROP TABLE booking_resource;
