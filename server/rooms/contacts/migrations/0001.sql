-- SPDX-License-Identifier: Apache-2.0
-- Ties, requests and blocks. A tie is two rows, one for each side's list.
CREATE TABLE contacts_tie (
	owner_id BIGINT NOT NULL,
	other_id BIGINT NOT NULL CHECK (other_id <> owner_id),
	source_kind TEXT NOT NULL CHECK (source_kind <> ''),
	source_ref TEXT NOT NULL CHECK (source_ref <> ''),
	initiator_id BIGINT NOT NULL CHECK (initiator_id = owner_id OR initiator_id = other_id),
	since_at_ms BIGINT NOT NULL,
	remark TEXT NOT NULL,
	tags TEXT NOT NULL,
	is_starred BIGINT NOT NULL,
	PRIMARY KEY (owner_id, other_id)
);
CREATE INDEX contacts_tie_other ON contacts_tie (other_id, owner_id);

-- Where a tie comes from is written once: not even a mistake in the program can change it.
CREATE TRIGGER contacts_tie_origin
BEFORE UPDATE OF owner_id, other_id, source_kind, source_ref, initiator_id, since_at_ms
ON contacts_tie
BEGIN
	SELECT RAISE(ABORT, 'the origin of a tie never changes');
END;

-- state: 0 pending, 1 accepted, 2 declined; whether it has expired is said by the clock.
-- is_hidden: the addressed person never sees it.
CREATE TABLE contacts_request (
	request_id INTEGER PRIMARY KEY,
	from_id BIGINT NOT NULL,
	to_id BIGINT NOT NULL CHECK (to_id <> from_id),
	greeting TEXT NOT NULL,
	source_kind TEXT NOT NULL CHECK (source_kind <> ''),
	source_ref TEXT NOT NULL CHECK (source_ref <> ''),
	state BIGINT NOT NULL,
	is_hidden BIGINT NOT NULL,
	changes_count BIGINT NOT NULL,
	created_at_ms BIGINT NOT NULL,
	expires_at_ms BIGINT NOT NULL
);
CREATE INDEX contacts_request_pair ON contacts_request (from_id, to_id, request_id);
CREATE INDEX contacts_request_from ON contacts_request (from_id, request_id);
CREATE INDEX contacts_request_to ON contacts_request (to_id, request_id);
CREATE INDEX contacts_request_age ON contacts_request (expires_at_ms);

CREATE TABLE contacts_block (
	owner_id BIGINT NOT NULL,
	other_id BIGINT NOT NULL CHECK (other_id <> owner_id),
	at_ms BIGINT NOT NULL,
	PRIMARY KEY (owner_id, other_id)
);
