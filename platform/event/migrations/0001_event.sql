-- +goose Up
CREATE TABLE event (
	territory_id TEXT NOT NULL,
	id BIGINT NOT NULL,
	kind TEXT NOT NULL,
	subject TEXT NOT NULL,
	data {{json}} NOT NULL,
	occurred_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE INDEX event_subject ON event (territory_id, subject, id);

CREATE TABLE event_done (
	territory_id TEXT NOT NULL,
	event_id BIGINT NOT NULL,
	subscriber TEXT NOT NULL,
	done_at {{time}} NOT NULL,
	PRIMARY KEY (territory_id, event_id, subscriber)
) {{strict}};

-- +goose Down
DROP TABLE event_done;
DROP TABLE event;
