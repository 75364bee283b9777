-- SPDX-License-Identifier: Apache-2.0
-- Queries of the chat room.

-- @query conversation_insert one
-- @in kind i64, name str, low_id u64?, high_id u64?, now_ms i64
-- @out conversation_id u64
INSERT INTO chat_conversation (kind, name, low_id, high_id, created_at_ms)
VALUES (:kind, :name, :low_id, :high_id, :now_ms)
RETURNING conversation_id;

-- @query conversation_get one
-- @in conversation_id u64
-- @out kind i64, name str, low_id u64?, high_id u64?
SELECT kind, name, low_id, high_id FROM chat_conversation WHERE conversation_id = :conversation_id;

-- @query conversation_by_pair one
-- @in low_id u64, high_id u64
-- @out conversation_id u64
SELECT conversation_id FROM chat_conversation WHERE low_id = :low_id AND high_id = :high_id;

-- @query conversation_set_name exec
-- @in conversation_id u64, name str
UPDATE chat_conversation SET name = :name WHERE conversation_id = :conversation_id;

-- @query member_put exec
-- @in conversation_id u64, account_id u64, now_ms i64, position u64, seq u64
INSERT INTO chat_member (conversation_id, account_id, joined_at_ms, joined_position, joined_seq,
	left_position, left_seq, read_seq, read_position, changed_position, cleared_seq,
	is_pinned, is_muted, gate, is_moderator, title)
VALUES (:conversation_id, :account_id, :now_ms, :position, :seq, NULL, NULL, :seq, 0, :position,
	0, 0, 0, 0, 0, '')
ON CONFLICT (conversation_id, account_id) DO UPDATE SET joined_at_ms = excluded.joined_at_ms,
	joined_position = excluded.joined_position, joined_seq = excluded.joined_seq,
	left_position = NULL, left_seq = NULL, read_seq = excluded.read_seq,
	changed_position = excluded.changed_position, is_moderator = 0, gate = 0;

-- @query member_get one
-- @in conversation_id u64, account_id u64
-- @out joined_at_ms i64, joined_seq u64, left_seq i64?, read_seq u64, cleared_seq u64, is_pinned bool, is_muted bool, gate i64, is_moderator bool, title str
SELECT joined_at_ms, joined_seq, left_seq, read_seq, cleared_seq, is_pinned, is_muted, gate,
	is_moderator, title
FROM chat_member WHERE conversation_id = :conversation_id AND account_id = :account_id;

-- @query member_list many
-- @in conversation_id u64
-- @out account_id u64, joined_at_ms i64, joined_seq u64, read_seq u64, gate i64, is_moderator bool
SELECT account_id, joined_at_ms, joined_seq, read_seq, gate, is_moderator FROM chat_member
WHERE conversation_id = :conversation_id AND left_seq IS NULL
ORDER BY account_id LIMIT 100000;

-- @query member_leave exec
-- @in conversation_id u64, account_id u64, position u64, changed u64, seq u64
UPDATE chat_member SET left_position = :position, left_seq = :seq, changed_position = :changed,
	is_moderator = 0
WHERE conversation_id = :conversation_id AND account_id = :account_id AND left_seq IS NULL;

-- @query member_set_gate exec
-- @in conversation_id u64, account_id u64, gate i64
UPDATE chat_member SET gate = :gate
WHERE conversation_id = :conversation_id AND account_id = :account_id;

-- @query member_set_moderator exec
-- @in conversation_id u64, account_id u64, is_moderator bool
UPDATE chat_member SET is_moderator = :is_moderator
WHERE conversation_id = :conversation_id AND account_id = :account_id;

-- @query member_set_title exec
-- @in conversation_id u64, account_id u64, title str, position u64
UPDATE chat_member SET title = :title, changed_position = :position
WHERE conversation_id = :conversation_id AND account_id = :account_id;

-- @query member_set_flags exec
-- @in conversation_id u64, account_id u64, is_pinned bool, is_muted bool, position u64
UPDATE chat_member SET is_pinned = :is_pinned, is_muted = :is_muted, changed_position = :position
WHERE conversation_id = :conversation_id AND account_id = :account_id;

-- @query member_set_cleared exec
-- @in conversation_id u64, account_id u64, seq u64, position u64
UPDATE chat_member SET cleared_seq = :seq, changed_position = :position
WHERE conversation_id = :conversation_id AND account_id = :account_id;

-- @query member_set_read exec
-- @in conversation_id u64, account_id u64, seq u64, position u64
UPDATE chat_member SET read_seq = :seq, read_position = :position
WHERE conversation_id = :conversation_id AND account_id = :account_id AND read_seq < :seq;

-- @query member_raise_read exec
-- @in conversation_id u64, account_id u64, seq u64
UPDATE chat_member SET read_seq = :seq
WHERE conversation_id = :conversation_id AND account_id = :account_id AND read_seq < :seq;

-- @query member_changed exec
-- @in conversation_id u64, account_id u64, position u64
UPDATE chat_member SET changed_position = :position
WHERE conversation_id = :conversation_id AND account_id = :account_id;

-- @query member_heads many
-- @in account_id u64
-- @out conversation_id u64, left_seq i64?, cleared_seq u64, joined_position u64, joined_seq u64, read_seq u64, read_position u64, left_position i64?, changed_position u64, last_position i64?
SELECT m.conversation_id, m.left_seq, m.cleared_seq, m.joined_position, m.joined_seq, m.read_seq,
	m.read_position, m.left_position, m.changed_position,
	(SELECT r.last_position FROM chat_run r WHERE r.conversation_id = m.conversation_id
		ORDER BY r.first_seq DESC LIMIT 1)
FROM chat_member m WHERE m.account_id = :account_id ORDER BY m.conversation_id LIMIT 20000;

-- @query shared_group one
-- @in account_id u64, other_id u64, kind i64
-- @out conversation_id u64
SELECT a.conversation_id FROM chat_member a
JOIN chat_member b ON b.conversation_id = a.conversation_id AND b.account_id = :other_id
JOIN chat_conversation c ON c.conversation_id = a.conversation_id
WHERE a.account_id = :account_id AND a.left_seq IS NULL AND b.left_seq IS NULL AND c.kind = :kind
LIMIT 1;

-- @query message_insert exec
-- @in position u64, conversation_id u64, seq u64, sender_id u64, kind i64, body str, sent_at_ms i64, client_id str?, reply_to u64?, mentions str?
-- @rows 16
INSERT INTO chat_message (position, conversation_id, seq, sender_id, kind, body, sent_at_ms,
	client_id, reply_to, mentions)
VALUES (:position, :conversation_id, :seq, :sender_id, :kind, :body, :sent_at_ms, :client_id,
	:reply_to, :mentions);

-- @query message_last_position one
-- @out position u64
-- @scan ok: reads one row, from the end
SELECT position FROM chat_message ORDER BY position DESC LIMIT 1;

-- @query message_at one
-- @in position u64, account_id u64
-- @out conversation_id u64, seq u64, sender_id u64, kind i64, body str, sent_at_ms i64, client_id str?, reply_to u64?, mentions str?, recalled_at_ms i64?
SELECT conversation_id, seq, sender_id, kind, body, sent_at_ms, client_id, reply_to, mentions,
	recalled_at_ms
FROM chat_message m
WHERE position = :position
	AND NOT EXISTS (SELECT 1 FROM chat_hidden h WHERE h.account_id = :account_id
		AND h.conversation_id = m.conversation_id AND h.seq = m.seq);

-- @query message_recall exec
-- @in position u64, now_ms i64
UPDATE chat_message SET body = '{}', mentions = NULL, recalled_at_ms = :now_ms
WHERE position = :position;

-- @query message_tail many
-- @in after u64, most i64
-- @out position u64, conversation_id u64, seq u64, sender_id u64, kind i64, client_id str?
SELECT position, conversation_id, seq, sender_id, kind, client_id FROM chat_message
WHERE position > :after ORDER BY position LIMIT :most;

-- @query run_at one
-- @in conversation_id u64, seq u64
-- @out first_seq u64, last_seq u64, last_position u64, positions blob
SELECT first_seq, last_seq, last_position, positions FROM chat_run
WHERE conversation_id = :conversation_id AND first_seq <= :seq
ORDER BY first_seq DESC LIMIT 1;

-- @query run_last one
-- @in conversation_id u64
-- @out last_seq u64, last_position u64
SELECT last_seq, last_position FROM chat_run WHERE conversation_id = :conversation_id
ORDER BY first_seq DESC LIMIT 1;

-- @query run_by_position one
-- @in conversation_id u64, position u64
-- @out first_seq u64, last_seq u64, positions blob
SELECT first_seq, last_seq, positions FROM chat_run
WHERE conversation_id = :conversation_id AND first_position <= :position
ORDER BY first_seq DESC LIMIT 1;

-- @query run_put exec
-- @in conversation_id u64, first_seq u64, last_seq u64, first_position u64, last_position u64, positions blob
INSERT INTO chat_run (conversation_id, first_seq, last_seq, first_position, last_position, positions)
VALUES (:conversation_id, :first_seq, :last_seq, :first_position, :last_position, :positions)
ON CONFLICT (conversation_id, first_seq) DO UPDATE SET last_seq = excluded.last_seq,
	last_position = excluded.last_position, positions = excluded.positions;

-- @query client_get one
-- @in key u64
-- @out position u64
SELECT position FROM chat_client WHERE key = :key;

-- @query client_put exec
-- @in key u64, position u64
INSERT INTO chat_client (key, position) VALUES (:key, :position) ON CONFLICT (key) DO NOTHING;

-- @query client_keys many
-- @in after u64, most i64
-- @out key u64
SELECT key FROM chat_client WHERE key > :after ORDER BY key LIMIT :most;

-- @query hidden_put exec
-- @in account_id u64, conversation_id u64, seq u64
INSERT INTO chat_hidden (account_id, conversation_id, seq)
VALUES (:account_id, :conversation_id, :seq)
ON CONFLICT (account_id, conversation_id, seq) DO NOTHING;

-- @query event_insert exec
-- @in position u64, conversation_id u64, at_ms i64, json str
INSERT INTO chat_event (position, conversation_id, at_ms, json)
VALUES (:position, :conversation_id, :at_ms, :json);

-- @query event_list many
-- @in conversation_id u64, after u64, upto u64, most i64
-- @out position u64, at_ms i64, json str
SELECT position, at_ms, json FROM chat_event
WHERE conversation_id = :conversation_id AND position > :after AND position <= :upto
ORDER BY position LIMIT :most;

-- The largest position among those that event_prune will drop: by time they come in another order,
-- when the clock was set back.
-- @query event_prune_upto one
-- @in before_ms i64, most i64
-- @out position u64
-- @scan ok: what it scans is the subquery's few rows
SELECT position FROM (SELECT position FROM chat_event WHERE at_ms < :before_ms
	ORDER BY at_ms, position LIMIT :most) x
ORDER BY position DESC LIMIT 1;

-- @query event_prune exec
-- @in before_ms i64, most i64
DELETE FROM chat_event WHERE (conversation_id, position) IN (
	SELECT conversation_id, position FROM chat_event WHERE at_ms < :before_ms
	ORDER BY at_ms, position LIMIT :most);

-- @query meta_get one
-- @in name str
-- @out value i64
SELECT value FROM chat_meta WHERE name = :name;

-- @query meta_put exec
-- @in name str, value i64
INSERT INTO chat_meta (name, value) VALUES (:name, :value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- Of `guanxi admin check`: each row is a complaint.

-- @query check_seqs many
-- @out complaint str
-- @scan ok: looks at all there is, on an administrator's command
SELECT 'conversation ' || conversation_id || ' has ' || count(*) || ' messages from ' || min(seq)
	|| ' to ' || max(seq)
FROM chat_message GROUP BY conversation_id
HAVING min(seq) <> 1 OR count(*) <> max(seq) OR count(DISTINCT seq) <> count(*) LIMIT 100;

-- @query check_runs many
-- @out complaint str
-- @scan ok: looks at all there is, on an administrator's command
SELECT 'conversation ' || conversation_id || ': the index from ' || first_seq || ' on is wrong'
FROM chat_run r
WHERE NOT EXISTS (SELECT 1 FROM chat_message m WHERE m.position = r.first_position
		AND m.conversation_id = r.conversation_id AND m.seq = r.first_seq)
	OR NOT EXISTS (SELECT 1 FROM chat_message m WHERE m.position = r.last_position
		AND m.conversation_id = r.conversation_id AND m.seq = r.last_seq)
LIMIT 100;

-- @query check_clients many
-- @out complaint str
-- @scan ok: looks at all there is, on an administrator's command
SELECT 'the client_id of a message at ' || position || ', which is not there'
FROM chat_client c
WHERE NOT EXISTS (SELECT 1 FROM chat_message m WHERE m.position = c.position) LIMIT 100;

-- @query check_members many
-- @out complaint str
-- @scan ok: looks at all there is, on an administrator's command
SELECT 'account ' || account_id || ' is in conversation ' || conversation_id
	|| ', which is not there'
FROM chat_member b WHERE NOT EXISTS (SELECT 1 FROM chat_conversation c
	WHERE c.conversation_id = b.conversation_id) LIMIT 100;
