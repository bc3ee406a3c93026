-- +goose Up
CREATE TABLE barometer_topic (
	territory_id TEXT NOT NULL,
	name TEXT NOT NULL, -- "appointment", or what the territory calls a service that is not in Parvis
	label TEXT NOT NULL,
	opened {{bool}} NOT NULL,
	national TEXT NOT NULL, -- address of its national button; then nothing is stored here
	clarity {{bool}} NOT NULL,
	help {{bool}} NOT NULL,
	created_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, name)
) {{strict}};

CREATE TABLE barometer_key (
	territory_id TEXT NOT NULL,
	month TEXT NOT NULL,
	secret {{blob}} NOT NULL,
	PRIMARY KEY (territory_id, month)
) {{strict}};

-- Sorted by hash on disk, so that the order of the rows is not that of the requests.
CREATE TABLE barometer_token (
	territory_id TEXT NOT NULL,
	hash TEXT NOT NULL,
	month TEXT NOT NULL,
	service TEXT NOT NULL,
	source TEXT NOT NULL,
	channel TEXT NOT NULL,
	delay TEXT NOT NULL,
	expires_on BIGINT NOT NULL, -- days since 1970
	PRIMARY KEY (territory_id, hash)
) {{if postgres}}{{else}}STRICT, WITHOUT ROWID{{end}};
CREATE INDEX barometer_token_age ON barometer_token (territory_id, expires_on);

CREATE TABLE barometer_guard (
	territory_id TEXT NOT NULL,
	hash TEXT NOT NULL,
	month TEXT NOT NULL,
	PRIMARY KEY (territory_id, hash)
) {{if postgres}}{{else}}STRICT, WITHOUT ROWID{{end}};
CREATE INDEX barometer_guard_age ON barometer_guard (territory_id, month);

CREATE TABLE barometer_answer (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL, -- drawn, not counted: it tells no order
	hash TEXT NOT NULL, -- '' once the window is over
	service TEXT NOT NULL,
	month TEXT NOT NULL,
	source TEXT NOT NULL,
	channel TEXT NOT NULL,
	delay TEXT NOT NULL,
	satisfaction BIGINT NOT NULL, -- 1 bad, 2 medium, 3 good
	comprehension BIGINT NOT NULL, -- 1 to 5; 0 none
	tried BIGINT NOT NULL, -- bits, see Aids
	reached BIGINT NOT NULL,
	missed BIGINT NOT NULL,
	help TEXT NOT NULL, -- one digit per channel of the administration
	locked {{bool}} NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{if postgres}}{{else}}STRICT, WITHOUT ROWID{{end}};
CREATE UNIQUE INDEX barometer_answer_hash ON barometer_answer (territory_id, hash) WHERE hash <> '';
CREATE INDEX barometer_answer_month ON barometer_answer (territory_id, service, month);

CREATE TABLE barometer_comment (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	answer_id BIGINT NOT NULL,
	field TEXT NOT NULL,
	service TEXT NOT NULL,
	month TEXT NOT NULL,
	satisfaction BIGINT NOT NULL,
	text TEXT NOT NULL, -- as written; '' once refused and past its time
	shown TEXT NOT NULL, -- as masked
	flags TEXT NOT NULL,
	state TEXT NOT NULL,
	reason TEXT NOT NULL,
	reply TEXT NOT NULL,
	replied_at {{time}},
	action_id BIGINT NOT NULL,
	decided_at {{time}},
	decided_by BIGINT NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE UNIQUE INDEX barometer_comment_answer ON barometer_comment (territory_id, answer_id, field);
CREATE INDEX barometer_comment_state ON barometer_comment (territory_id, state, month, id);
CREATE INDEX barometer_comment_service ON barometer_comment (territory_id, service, state, month, id);

CREATE TABLE barometer_tally (
	territory_id TEXT NOT NULL,
	service TEXT NOT NULL,
	month TEXT NOT NULL,
	source TEXT NOT NULL,
	channel TEXT NOT NULL,
	delay TEXT NOT NULL,
	field TEXT NOT NULL,
	value TEXT NOT NULL,
	n BIGINT NOT NULL,
	PRIMARY KEY (territory_id, service, month, source, channel, delay, field, value)
) {{strict}};
CREATE INDEX barometer_tally_month ON barometer_tally (territory_id, month);

CREATE TABLE barometer_month (
	territory_id TEXT NOT NULL,
	month TEXT NOT NULL,
	hash TEXT NOT NULL,
	lines BIGINT NOT NULL,
	frozen_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, month)
) {{strict}};

CREATE TABLE barometer_action (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	service TEXT NOT NULL,
	title TEXT NOT NULL,
	text TEXT NOT NULL,
	done_on TEXT NOT NULL, -- "2026-11"; '' while it is under way
	created_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{strict}};

CREATE TABLE barometer_contact (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	service TEXT NOT NULL,
	email TEXT NOT NULL,
	text TEXT NOT NULL,
	asked_at {{time}} NOT NULL,
	done_at {{time}},
	done_by BIGINT NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE INDEX barometer_contact_age ON barometer_contact (territory_id, asked_at);

CREATE TABLE barometer_refusal (
	territory_id TEXT NOT NULL,
	hash TEXT NOT NULL,
	refused_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, hash)
) {{strict}};
CREATE INDEX barometer_refusal_age ON barometer_refusal (territory_id, refused_at);

-- +goose Down
DROP TABLE barometer_refusal;
DROP TABLE barometer_contact;
DROP TABLE barometer_action;
DROP TABLE barometer_month;
DROP TABLE barometer_tally;
DROP TABLE barometer_comment;
DROP TABLE barometer_answer;
DROP TABLE barometer_guard;
DROP TABLE barometer_token;
DROP TABLE barometer_key;
DROP TABLE barometer_topic;
