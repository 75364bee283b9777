-- SPDX-License-Identifier: Apache-2.0
-- Conversations, their members, and the messages. A message is one row in append order: its key is the
-- position, the place in the order of commits. Every unique key contains the conversation.
CREATE TABLE chat_conversation (
	conversation_id INTEGER PRIMARY KEY,
	kind BIGINT NOT NULL,
	name TEXT NOT NULL,
	low_id BIGINT,  -- direct and self: the two people, the smaller id first
	high_id BIGINT,
	created_at_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX chat_conversation_pair ON chat_conversation (low_id, high_id);

CREATE TABLE chat_member (
	conversation_id BIGINT NOT NULL,
	account_id BIGINT NOT NULL,
	joined_at_ms BIGINT NOT NULL,
	joined_position BIGINT NOT NULL,
	joined_seq BIGINT NOT NULL,   -- sees what comes behind it
	left_position BIGINT,         -- NULL: a member now
	left_seq BIGINT,
	read_seq BIGINT NOT NULL,
	read_position BIGINT NOT NULL,    -- of the last `read` event
	changed_position BIGINT NOT NULL, -- of the last `conversation` event for this member alone
	cleared_seq BIGINT NOT NULL,
	is_pinned BIGINT NOT NULL,
	is_muted BIGINT NOT NULL,
	gate BIGINT NOT NULL,         -- enum chat_gate
	is_moderator BIGINT NOT NULL,
	title TEXT NOT NULL,          -- what this member calls it
	PRIMARY KEY (conversation_id, account_id)
);
CREATE INDEX chat_member_account ON chat_member (account_id, conversation_id);

CREATE TABLE chat_message (
	position INTEGER PRIMARY KEY,
	conversation_id BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	sender_id BIGINT NOT NULL,
	kind BIGINT NOT NULL,
	body TEXT NOT NULL,
	sent_at_ms BIGINT NOT NULL,
	client_id TEXT,      -- NULL: a notice
	reply_to BIGINT,
	mentions TEXT,       -- a JSON array
	recalled_at_ms BIGINT
);
CREATE UNIQUE INDEX chat_message_seq ON chat_message (conversation_id, seq);
CREATE UNIQUE INDEX chat_message_client ON chat_message (conversation_id, sender_id, client_id);

-- Events of a conversation that are not messages; json '' stands for `conversation`, which looks different
-- to each member and is written when it is read.
CREATE TABLE chat_event (
	position BIGINT NOT NULL,
	conversation_id BIGINT NOT NULL,
	at_ms BIGINT NOT NULL,
	json TEXT NOT NULL,
	PRIMARY KEY (conversation_id, position)
);
CREATE INDEX chat_event_age ON chat_event (at_ms, position);

-- Messages that someone deleted for himself.
CREATE TABLE chat_hidden (
	account_id BIGINT NOT NULL,
	conversation_id BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	PRIMARY KEY (account_id, conversation_id, seq)
);

CREATE TABLE chat_meta (
	name TEXT PRIMARY KEY,
	value BIGINT NOT NULL
);
