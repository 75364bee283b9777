-- SPDX-License-Identifier: Apache-2.0
-- One row an upload; several may share their bytes (sha256).
CREATE TABLE media_item (
	media_id BIGINT NOT NULL PRIMARY KEY, -- random
	owner_id BIGINT NOT NULL,
	kind BIGINT NOT NULL,
	mime TEXT NOT NULL,
	name TEXT NOT NULL,
	size BIGINT NOT NULL,
	width BIGINT NOT NULL,
	height BIGINT NOT NULL,
	sha256 TEXT NOT NULL,
	thumb_sha256 TEXT,
	created_at_ms BIGINT NOT NULL,
	expires_at_ms BIGINT -- NULL while a grant holds it
);
CREATE INDEX media_item_sha256 ON media_item (sha256);
CREATE INDEX media_item_thumb ON media_item (thumb_sha256) WHERE thumb_sha256 IS NOT NULL;
CREATE INDEX media_item_expiry ON media_item (expires_at_ms) WHERE expires_at_ms IS NOT NULL;

-- Who may see (room, subject, detail) may see the medium.
CREATE TABLE media_grant (
	room TEXT NOT NULL,
	subject BIGINT NOT NULL,
	detail BIGINT NOT NULL,
	media_id BIGINT NOT NULL,
	PRIMARY KEY (room, subject, detail, media_id)
);
CREATE INDEX media_grant_item ON media_grant (media_id, room, subject, detail);

-- What an account's uploads take up, for its quota.
CREATE TABLE media_usage (
	account_id BIGINT NOT NULL PRIMARY KEY,
	bytes BIGINT NOT NULL
);
