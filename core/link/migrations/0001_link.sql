-- +goose Up
CREATE TABLE link (
	territory_id TEXT NOT NULL,
	from_ref TEXT NOT NULL,
	word TEXT NOT NULL,
	to_ref TEXT NOT NULL,
	created_at {{time}} NOT NULL,
	created_by BIGINT NOT NULL, -- 0: the program itself
	PRIMARY KEY (territory_id, from_ref, word, to_ref)
) {{strict}};
CREATE INDEX link_back ON link (territory_id, to_ref, word, from_ref);

-- +goose Down
DROP TABLE link;
