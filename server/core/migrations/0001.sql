-- SPDX-License-Identifier: Apache-2.0
-- Sessions, roles, the log of events by account, and what the core must remember.
CREATE TABLE core_session (
	device_id INTEGER PRIMARY KEY,
	account_id BIGINT NOT NULL,
	secret_hash BLOB NOT NULL,
	name TEXT NOT NULL,
	platform TEXT NOT NULL,
	peer TEXT NOT NULL,
	created_at_ms BIGINT NOT NULL,
	seen_at_ms BIGINT NOT NULL
);
CREATE INDEX core_session_account ON core_session (account_id, device_id);

CREATE TABLE core_role (
	account_id INTEGER PRIMARY KEY,
	role BIGINT NOT NULL
);

CREATE TABLE core_event (
	position BIGINT NOT NULL,
	account_id BIGINT NOT NULL,
	at_ms BIGINT NOT NULL,
	json TEXT NOT NULL,
	PRIMARY KEY (account_id, position)
);
CREATE INDEX core_event_age ON core_event (at_ms, position);

CREATE TABLE core_meta (
	name TEXT PRIMARY KEY,
	value BIGINT NOT NULL
);
