-- +goose Up
CREATE TABLE message (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	key TEXT {{if postgres}}COLLATE "C"{{end}} NOT NULL, -- compared by prefix
	notice TEXT NOT NULL,
	channel TEXT NOT NULL,
	lang TEXT NOT NULL,
	subject_ref TEXT NOT NULL,
	recipient TEXT, -- address or number; NULL after six months
	recipient_name TEXT,
	recipient_hash TEXT NOT NULL, -- keyed hash
	title TEXT, -- texts are NULL once erased
	body TEXT,
	layout TEXT, -- blocks of a mail
	ics TEXT,
	wording TEXT NOT NULL, -- version of the template
	urgent {{bool}} NOT NULL,
	sensitive {{bool}} NOT NULL,
	over_stop {{bool}} NOT NULL, -- left although the number said STOP
	encoding TEXT NOT NULL,
	parts BIGINT NOT NULL,
	cost BIGINT NOT NULL, -- hundredths of a cent
	provider_id TEXT,
	state TEXT NOT NULL,
	reason TEXT NOT NULL,
	error TEXT NOT NULL,
	rank BIGINT NOT NULL, -- 0: somebody has to look
	attempts BIGINT NOT NULL,
	created_at {{time}} NOT NULL,
	due_at {{time}} NOT NULL,
	deadline_at {{time}},
	job_at {{time}} NOT NULL, -- when the last job enqueued for it is due
	sending_at {{time}},
	sent_at {{time}},
	delivered_at {{time}},
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE UNIQUE INDEX message_key ON message (territory_id, key, channel);
CREATE INDEX message_subject ON message (territory_id, subject_ref, id);
CREATE INDEX message_rank ON message (territory_id, rank, id);
CREATE INDEX message_created ON message (territory_id, created_at);
CREATE INDEX message_recipient ON message (recipient_hash, id);
CREATE INDEX message_provider ON message (provider_id) WHERE provider_id IS NOT NULL;
CREATE INDEX message_waiting ON message (job_at) WHERE state IN ('queued', 'sending');

CREATE TABLE message_policy (
	territory_id TEXT NOT NULL,
	notice TEXT NOT NULL,
	channel TEXT NOT NULL,
	mode TEXT NOT NULL,
	updated_at {{time}} NOT NULL,
	updated_by BIGINT NOT NULL,
	PRIMARY KEY (territory_id, notice, channel)
) {{strict}};

CREATE TABLE message_setting (
	territory_id TEXT NOT NULL PRIMARY KEY,
	quiet_from BIGINT NOT NULL, -- minutes after midnight
	quiet_to BIGINT NOT NULL,
	cap BIGINT NOT NULL, -- hundredths of a cent a month, 0 for none
	plain {{bool}} NOT NULL,
	sender TEXT NOT NULL,
	number TEXT NOT NULL, -- that answers arrive at
	updated_at {{time}} NOT NULL,
	updated_by BIGINT NOT NULL
) {{strict}};
CREATE INDEX message_setting_number ON message_setting (number) WHERE number <> '';

CREATE TABLE message_spend (
	territory_id TEXT NOT NULL,
	month TEXT NOT NULL, -- 2026-11, in the territory's zone
	parts BIGINT NOT NULL,
	cost BIGINT NOT NULL,
	PRIMARY KEY (territory_id, month)
) {{strict}};

CREATE TABLE message_count (
	territory_id TEXT NOT NULL,
	month TEXT NOT NULL,
	notice TEXT NOT NULL,
	channel TEXT NOT NULL,
	state TEXT NOT NULL,
	messages BIGINT NOT NULL,
	parts BIGINT NOT NULL,
	cost BIGINT NOT NULL,
	PRIMARY KEY (territory_id, month, notice, channel, state)
) {{strict}};

CREATE TABLE message_stop (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	phone TEXT NOT NULL,
	source TEXT NOT NULL,
	started_at {{time}} NOT NULL,
	ended_at {{time}},
	ended_by BIGINT NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE UNIQUE INDEX message_stop_phone ON message_stop (territory_id, phone) WHERE ended_at IS NULL;

CREATE TABLE message_inbound (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	phone TEXT,
	text TEXT,
	keyword TEXT NOT NULL,
	about {{json}} NOT NULL,
	received_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE INDEX message_inbound_received ON message_inbound (territory_id, received_at);

-- Of the instance: a provider's call does not say which territory it is for.
CREATE TABLE message_seen (
	key TEXT NOT NULL PRIMARY KEY,
	received_at {{time}} NOT NULL
) {{strict}};
CREATE INDEX message_seen_received ON message_seen (received_at);

CREATE TABLE message_aside (
	id BIGINT NOT NULL PRIMARY KEY,
	provider TEXT NOT NULL,
	kind TEXT NOT NULL,
	ref TEXT NOT NULL,
	provider_id TEXT NOT NULL,
	phone TEXT NOT NULL,
	text TEXT NOT NULL,
	status TEXT NOT NULL,
	detail TEXT NOT NULL,
	received_at {{time}} NOT NULL
) {{strict}};
CREATE INDEX message_aside_provider ON message_aside (provider_id);
CREATE INDEX message_aside_received ON message_aside (received_at);

-- +goose Down
DROP TABLE message_aside;
DROP TABLE message_seen;
DROP TABLE message_inbound;
DROP TABLE message_stop;
DROP TABLE message_count;
DROP TABLE message_spend;
DROP TABLE message_setting;
DROP TABLE message_policy;
DROP TABLE message;
