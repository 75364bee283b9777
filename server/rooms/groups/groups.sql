-- SPDX-License-Identifier: Apache-2.0
-- Queries of the groups room: groups, members, remembered creations.

-- @query group_insert exec
-- @in conversation_id u64, owner_id u64, name str, now_ms i64
INSERT INTO groups_group (conversation_id, creator_id, owner_id, name, announcement, created_at_ms)
VALUES (:conversation_id, :owner_id, :owner_id, :name, '', :now_ms);

-- @query group_get one
-- @in conversation_id u64
-- @out owner_id u64, name str, announcement str, announced_at_ms i64?, dissolved_at_ms i64?
SELECT owner_id, name, announcement, announced_at_ms, dissolved_at_ms
FROM groups_group WHERE conversation_id = :conversation_id;

-- @query group_update exec
-- @in conversation_id u64, owner_id u64, name str, announcement str, announced_at_ms i64?
UPDATE groups_group SET owner_id = :owner_id, name = :name, announcement = :announcement,
	announced_at_ms = :announced_at_ms
WHERE conversation_id = :conversation_id;

-- @query group_dissolve exec
-- @in conversation_id u64, now_ms i64
UPDATE groups_group SET dissolved_at_ms = :now_ms WHERE conversation_id = :conversation_id;

-- @query group_usage one
-- @in creator_id u64, since_ms i64
-- @out groups_count i64, first_at_ms i64?
SELECT COUNT(*), MIN(created_at_ms) FROM groups_group
WHERE creator_id = :creator_id AND created_at_ms > :since_ms;

-- @query member_insert exec
-- @in conversation_id u64, account_id u64, ordinal i64, role i64, now_ms i64
INSERT INTO groups_member (conversation_id, account_id, ordinal, role, nickname, joined_at_ms)
VALUES (:conversation_id, :account_id, :ordinal, :role, '', :now_ms);

-- @query member_get one
-- @in conversation_id u64, account_id u64
-- @out ordinal i64, role i64, nickname str, joined_at_ms i64
SELECT ordinal, role, nickname, joined_at_ms FROM groups_member
WHERE conversation_id = :conversation_id AND account_id = :account_id;

-- @query member_list many
-- @in conversation_id u64, after_ordinal i64, most i64
-- @out account_id u64, ordinal i64, role i64, nickname str, joined_at_ms i64
SELECT account_id, ordinal, role, nickname, joined_at_ms FROM groups_member
WHERE conversation_id = :conversation_id AND ordinal > :after_ordinal
ORDER BY ordinal LIMIT :most;

-- @query member_usage one
-- @in conversation_id u64
-- @out members_count i64, last_ordinal i64?
SELECT COUNT(*), MAX(ordinal) FROM groups_member WHERE conversation_id = :conversation_id;

-- @query member_set_role exec
-- @in conversation_id u64, account_id u64, role i64
UPDATE groups_member SET role = :role
WHERE conversation_id = :conversation_id AND account_id = :account_id;

-- @query member_set_nickname exec
-- @in conversation_id u64, account_id u64, nickname str
UPDATE groups_member SET nickname = :nickname
WHERE conversation_id = :conversation_id AND account_id = :account_id;

-- @query member_delete exec
-- @in conversation_id u64, account_id u64
DELETE FROM groups_member WHERE conversation_id = :conversation_id AND account_id = :account_id;

-- @query member_delete_all exec
-- @in conversation_id u64
DELETE FROM groups_member WHERE conversation_id = :conversation_id;

-- @query creation_insert exec
-- @in creator_id u64, client_id str, conversation_id u64, content str, refused str
INSERT INTO groups_creation (creator_id, client_id, conversation_id, content, refused)
VALUES (:creator_id, :client_id, :conversation_id, :content, :refused);

-- @query creation_get one
-- @in creator_id u64, client_id str
-- @out conversation_id u64, content str, refused str
SELECT conversation_id, content, refused FROM groups_creation
WHERE creator_id = :creator_id AND client_id = :client_id;

-- Of `guanxi admin check`: each row is a complaint.

-- @query check_owners many
-- @out complaint str
-- @scan ok: looks at all there is, on an administrator's command
SELECT 'group ' || conversation_id || ' has not its one owner' FROM groups_group g
WHERE dissolved_at_ms IS NULL
	AND ((SELECT count(*) FROM groups_member m
		WHERE m.conversation_id = g.conversation_id AND m.role = 2) <> 1
		OR NOT EXISTS (SELECT 1 FROM groups_member m
			WHERE m.conversation_id = g.conversation_id AND m.role = 2
				AND m.account_id = g.owner_id))
LIMIT 100;
