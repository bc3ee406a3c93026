-- +goose Up
CREATE TABLE contact_batch (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	number TEXT NOT NULL, -- "L-2026-0007"
	channel TEXT NOT NULL,
	place TEXT NOT NULL,
	held_on TEXT NOT NULL, -- "2026-11-21"
	opened_by BIGINT NOT NULL,
	opened_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE UNIQUE INDEX contact_batch_number ON contact_batch (territory_id, number);

CREATE TABLE contact_entry (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	key TEXT NOT NULL, -- where it comes from: "sms:77", "mail:<…>", "form:…"
	channel TEXT NOT NULL,
	kind TEXT NOT NULL,
	state TEXT NOT NULL, -- open, done, undone
	text TEXT NOT NULL,
	text_fold TEXT NOT NULL,
	area TEXT NOT NULL, -- quarter or subject, as keyed
	sender TEXT NOT NULL, -- keyed hash of the number or the address; '' unknown
	inbound_id BIGINT NOT NULL, -- the SMS it came by; 0 none
	subject_ref TEXT NOT NULL, -- what it opened: "contact:77", "report:5"; '' nothing
	number TEXT NOT NULL, -- of what it opened
	batch_id BIGINT NOT NULL,
	keyed_by BIGINT NOT NULL, -- 0: came by itself
	automatic {{bool}} NOT NULL, -- sent by a machine: no answer leaves
	said_on TEXT NOT NULL,
	received_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE UNIQUE INDEX contact_entry_key ON contact_entry (territory_id, key);
CREATE INDEX contact_entry_state ON contact_entry (territory_id, state, id);
CREATE INDEX contact_entry_sender ON contact_entry (territory_id, sender, id);
CREATE INDEX contact_entry_batch ON contact_entry (territory_id, batch_id, id);
CREATE INDEX contact_entry_age ON contact_entry (territory_id, received_at);

CREATE TABLE contact_word (
	territory_id TEXT NOT NULL,
	word TEXT NOT NULL, -- folded
	kind TEXT NOT NULL,
	PRIMARY KEY (territory_id, word)
) {{strict}};

CREATE TABLE contact_consent (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	name TEXT NOT NULL,
	phone TEXT NOT NULL,
	wording TEXT NOT NULL, -- what was agreed to
	given_on TEXT NOT NULL,
	how TEXT NOT NULL,
	keyed_by BIGINT NOT NULL,
	keyed_at {{time}} NOT NULL,
	withdrawn_at {{time}},
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE UNIQUE INDEX contact_consent_phone ON contact_consent (territory_id, phone) WHERE withdrawn_at IS NULL;

CREATE TABLE contact_campaign (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	name TEXT NOT NULL,
	script TEXT NOT NULL,
	opened_by BIGINT NOT NULL,
	opened_at {{time}} NOT NULL,
	closed_at {{time}},
	PRIMARY KEY (territory_id, id)
) {{strict}};

CREATE TABLE contact_call (
	territory_id TEXT NOT NULL,
	campaign_id BIGINT NOT NULL,
	consent_id BIGINT NOT NULL,
	outcome TEXT NOT NULL, -- '' not yet
	attempts BIGINT NOT NULL,
	next_at {{time}},
	held_by BIGINT NOT NULL, -- who has the sheet open
	held_until {{time}},
	note TEXT NOT NULL,
	called_by BIGINT NOT NULL,
	called_at {{time}},
	subject_ref TEXT NOT NULL,
	number TEXT NOT NULL,
	PRIMARY KEY (territory_id, campaign_id, consent_id)
) {{strict}};
CREATE INDEX contact_call_consent ON contact_call (territory_id, consent_id);

-- +goose Down
DROP TABLE contact_call;
DROP TABLE contact_campaign;
DROP TABLE contact_consent;
DROP TABLE contact_word;
DROP TABLE contact_entry;
DROP TABLE contact_batch;
