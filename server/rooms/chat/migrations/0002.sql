-- SPDX-License-Identifier: Apache-2.0
-- Late indexes. Sending writes the row alone; where a message stands by conversation, and which client_ids
-- are used up, follows later, sorted and many at a time (chat_index.c). Both tables hold what lies up to
-- chat_meta's `indexed_upto`; what lies behind it is found again at start.
DROP INDEX chat_message_seq;
DROP INDEX chat_message_client;

CREATE TABLE chat_run (
	conversation_id BIGINT NOT NULL,
	first_seq BIGINT NOT NULL,
	last_seq BIGINT NOT NULL,
	first_position BIGINT NOT NULL,
	last_position BIGINT NOT NULL,
	positions BLOB NOT NULL, -- of first_seq … last_seq: the distances between them as varints
	PRIMARY KEY (conversation_id, first_seq)
) WITHOUT ROWID;

CREATE TABLE chat_client (
	key INTEGER PRIMARY KEY, -- conversation (31 bits) and a hash of sender and client_id (32), or the next free one
	position BIGINT NOT NULL
);
