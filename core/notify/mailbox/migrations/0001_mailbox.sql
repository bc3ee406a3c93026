-- +goose Up
CREATE TABLE mailbox (
	id BIGINT NOT NULL PRIMARY KEY,
	parent_id BIGINT, -- the SMS that this one answers
	channel TEXT NOT NULL,
	ref TEXT NOT NULL,
	sender TEXT NOT NULL,
	recipient TEXT NOT NULL,
	recipient_fold TEXT NOT NULL,
	subject TEXT NOT NULL,
	body TEXT NOT NULL,
	html TEXT NOT NULL,
	ics TEXT NOT NULL,
	lang TEXT NOT NULL,
	received_at {{time}} NOT NULL
) {{strict}};
CREATE INDEX mailbox_parent ON mailbox (parent_id, id);
CREATE INDEX mailbox_ref ON mailbox (ref);

-- +goose Down
DROP TABLE mailbox;
