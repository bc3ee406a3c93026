-- +goose Up
-- What programs filed, so that the same call twice is one report, and tokens lead
-- to reports.
CREATE TABLE open311_filing (
	territory_id TEXT NOT NULL,
	report_id BIGINT NOT NULL,
	actor BIGINT NOT NULL,  -- the API key
	key_hash TEXT NOT NULL, -- of the actor and its Idempotency-Key, or of the report
	body_hash TEXT NOT NULL,
	kind TEXT NOT NULL,     -- realtime, batch, blackbox
	token TEXT NOT NULL,    -- '' for realtime
	created_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, report_id)
) {{strict}};
CREATE UNIQUE INDEX open311_filing_key ON open311_filing (territory_id, key_hash);
CREATE INDEX open311_filing_token ON open311_filing (territory_id, token) WHERE token <> '';
CREATE INDEX open311_filing_age ON open311_filing (territory_id, created_at);

-- Updates that came from elsewhere, so that the same one twice is one.
CREATE TABLE open311_update (
	territory_id TEXT NOT NULL,
	origin TEXT NOT NULL, -- API key or peer
	update_id TEXT NOT NULL,
	report_id BIGINT NOT NULL,
	status TEXT NOT NULL,
	created_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, origin, update_id)
) {{strict}};
CREATE INDEX open311_update_age ON open311_update (territory_id, created_at);

-- Where an import stands.
CREATE TABLE open311_import (
	territory_id TEXT NOT NULL,
	source TEXT NOT NULL,
	reached_at {{time}} NOT NULL, -- everything asked before was read
	updated_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, source)
) {{strict}};

-- Other servers to which categories are handed.
CREATE TABLE open311_peer (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	name TEXT NOT NULL,
	url TEXT NOT NULL,
	jurisdiction TEXT NOT NULL,
	api_key TEXT NOT NULL,
	routes {{json}} NOT NULL, -- our category code to their service code
	active {{bool}} NOT NULL,
	pulled_at {{time}},
	failed_at {{time}}, -- since when nothing is answered, or NULL
	failure TEXT NOT NULL,
	version BIGINT NOT NULL,
	updated_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{strict}};

CREATE TABLE open311_handoff (
	territory_id TEXT NOT NULL,
	report_id BIGINT NOT NULL,
	peer_id BIGINT NOT NULL,
	remote_id TEXT NOT NULL,
	token TEXT NOT NULL,
	state TEXT NOT NULL,   -- waiting, sent, refused, ended
	failure TEXT NOT NULL, -- what the other server refused
	echo TEXT NOT NULL,    -- state that came from there: not told back
	created_at {{time}} NOT NULL,
	sent_at {{time}},
	PRIMARY KEY (territory_id, report_id, peer_id)
) {{strict}};
CREATE INDEX open311_handoff_remote ON open311_handoff (territory_id, peer_id, remote_id);
CREATE INDEX open311_handoff_state ON open311_handoff (territory_id, peer_id, state, report_id);

-- +goose Down
DROP TABLE open311_handoff;
DROP TABLE open311_peer;
DROP TABLE open311_import;
DROP TABLE open311_update;
DROP TABLE open311_filing;
