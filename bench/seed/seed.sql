-- SPDX-License-Identifier: Apache-2.0
-- What guanxi-bench-seed writes into a data folder that a server has laid out and left.
--
-- Parts are run in their order. They may use
--   :accounts :friends :messages :deep :now_ms   and the functions secret_hash(device_id),
--   place(i, k) the conversation that person i shares with the (k+1)th behind him: load_seed.h
-- Indexes that have a statement of their own are dropped before and made again after: sorting once
-- is faster than a leaf for each row. Messages need no index here: the server's late indexes are
-- made by the server, at its next start, from the rows.

-- @part accounts
INSERT INTO accounts_account (account_id, username, username_folded, nickname, signature, region,
	password_hash, is_counted, suspended_reason, created_at_ms)
WITH RECURSIVE person(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM person WHERE i + 1 < :accounts)
SELECT i + 1, printf('seed%08d', i), printf('seed%08d', i), printf('Seed %d', i), '', '',
	'none', 0, '', :now_ms
FROM person;

-- @part sessions
INSERT INTO core_session (device_id, account_id, secret_hash, name, platform, peer, created_at_ms,
	seen_at_ms)
WITH RECURSIVE person(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM person WHERE i + 1 < :accounts)
SELECT i + 1, i + 1, secret_hash(i + 1), '', '', '127.0.0.1', :now_ms, :now_ms
FROM person;

-- @part owner
INSERT INTO core_role (account_id, role) VALUES (1, 2);

-- @part conversations
INSERT INTO chat_conversation (conversation_id, kind, name, low_id, high_id, created_at_ms)
WITH RECURSIVE tie(i, k) AS (
	SELECT 0, 0 WHERE :friends > 0
	UNION ALL
	SELECT i + (k + 1 = :friends), (k + 1) % :friends FROM tie
	WHERE i + (k + 1 = :friends) < :accounts)
SELECT place(i, k), 1, '', min(i, (i + k + 1) % :accounts) + 1, max(i, (i + k + 1) % :accounts) + 1,
	:now_ms
FROM tie;

-- @part members
INSERT INTO chat_member (conversation_id, account_id, joined_at_ms, joined_position, joined_seq,
	read_seq, read_position, changed_position, cleared_seq, is_pinned, is_muted, gate,
	is_moderator, title)
SELECT c.conversation_id, CASE side.column1 WHEN 0 THEN c.low_id ELSE c.high_id END, :now_ms, 1, 0,
	0, 0, 1, 0, 0, 0, 0, 0, ''
FROM chat_conversation c, (VALUES (0), (1)) side
ORDER BY c.conversation_id;

-- @part ties
INSERT INTO contacts_tie (owner_id, other_id, source_kind, source_ref, initiator_id, since_at_ms,
	remark, tags, is_starred)
SELECT CASE side.column1 WHEN 0 THEN c.low_id ELSE c.high_id END,
	CASE side.column1 WHEN 0 THEN c.high_id ELSE c.low_id END,
	'username', printf('seed%08d', c.high_id - 1), c.low_id, :now_ms, '', '[]', 0
FROM chat_conversation c, (VALUES (0), (1)) side;

-- Round after round, each conversation gets one message; within a round they come in an order that
-- jumps about, another one each time (the factor is a prime). So neighbours on disk are strangers.
-- @part messages
INSERT INTO chat_message (position, conversation_id, seq, sender_id, kind, body, sent_at_ms,
	client_id)
WITH RECURSIVE m(n, places) AS (
	SELECT 0, :accounts * :friends WHERE :messages > 0
	UNION ALL SELECT n + 1, places FROM m WHERE n + 1 < :messages),
drawn(n, round, j) AS (
	SELECT n, n / places, (n % places * 15485863 + n / places * 104729) % places FROM m)
SELECT n + 2, place(0, 0) + j, round + 1,
	1 + CASE round % 2 WHEN 0 THEN j / :friends
		ELSE (j / :friends + j % :friends + 1) % :accounts END,
	1, printf('{"text":"%0100d"}', n), :now_ms - :messages + n, printf('seed%020d', n)
FROM drawn;

-- One conversation with many.
-- @part deep
INSERT INTO chat_message (position, conversation_id, seq, sender_id, kind, body, sent_at_ms,
	client_id)
WITH RECURSIVE m(n) AS (SELECT 0 WHERE :deep > 0 UNION ALL SELECT n + 1 FROM m WHERE n + 1 < :deep)
SELECT n + 2, place(0, 0), n + 1, 1 + n % 2, 1, printf('{"text":"%0100d"}', n), :now_ms - :deep + n,
	printf('seed%020d', n)
FROM m;

-- Positions go on behind the last one; who sent a message has read it, and nobody is to work that
-- out for millions at the first start.
-- @part position
INSERT INTO core_meta (name, value)
VALUES ('position_reserved', (SELECT coalesce(max(position), 1) + 1 FROM chat_message))
ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value);

-- @part read
INSERT INTO chat_meta (name, value)
VALUES ('read_upto', (SELECT coalesce(max(position), 1) FROM chat_message))
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- @part open
PRAGMA synchronous = OFF;
PRAGMA cache_size = -400000;
PRAGMA temp_store = MEMORY;
PRAGMA wal_autocheckpoint = 100000;

-- @part indexes
SELECT 'DROP INDEX ' || name, sql FROM sqlite_master
WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('accounts_account', 'core_session',
	'chat_conversation', 'chat_member', 'contacts_tie');

-- @part close
PRAGMA wal_checkpoint(TRUNCATE);
