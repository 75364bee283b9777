-- SPDX-License-Identifier: Apache-2.0
CREATE TABLE lantern (
	lantern_id INTEGER PRIMARY KEY,
	wish TEXT NOT NULL, -- a quote " and a backslash \ pass through
	owner_id BIGINT,
	seen_at_ms BIGINT,
	note TEXT,
	seal BLOB,
	size DOUBLE PRECISION NOT NULL
);
