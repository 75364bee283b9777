-- SPDX-License-Identifier: Apache-2.0
-- A group is a conversation of the chat room with an owner, roles and an announcement.
CREATE TABLE groups_group (
	conversation_id INTEGER PRIMARY KEY,
	creator_id BIGINT NOT NULL,
	owner_id BIGINT NOT NULL,
	name TEXT NOT NULL,
	announcement TEXT NOT NULL,
	announced_at_ms BIGINT,
	created_at_ms BIGINT NOT NULL,
	dissolved_at_ms BIGINT
);
CREATE INDEX groups_group_creator ON groups_group (creator_id, created_at_ms);

-- role: 0 member, 1 admin, 2 owner. ordinal: the order of joining.
CREATE TABLE groups_member (
	conversation_id BIGINT NOT NULL,
	account_id BIGINT NOT NULL,
	ordinal BIGINT NOT NULL,
	role BIGINT NOT NULL,
	nickname TEXT NOT NULL,
	joined_at_ms BIGINT NOT NULL,
	PRIMARY KEY (conversation_id, account_id)
);
CREATE UNIQUE INDEX groups_member_order ON groups_member (conversation_id, ordinal);

-- The answers of creations with a client_id, so that a repeat gets the first one.
CREATE TABLE groups_creation (
	creator_id BIGINT NOT NULL,
	client_id TEXT NOT NULL,
	conversation_id BIGINT NOT NULL,
	content TEXT NOT NULL,
	refused TEXT NOT NULL,
	PRIMARY KEY (creator_id, client_id)
);
