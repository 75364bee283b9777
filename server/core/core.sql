-- SPDX-License-Identifier: Apache-2.0
-- Queries of the core: sessions, roles, the event log, what it must remember.

-- @query session_insert one
-- @in account_id u64, secret_hash blob, name str, platform str, peer str, now_ms i64
-- @out device_id u64
INSERT INTO core_session (account_id, secret_hash, name, platform, peer, created_at_ms, seen_at_ms)
VALUES (:account_id, :secret_hash, :name, :platform, :peer, :now_ms, :now_ms)
RETURNING device_id;

-- @query session_get one
-- @in device_id u64
-- @out account_id u64, secret_hash blob, seen_at_ms i64, role i64
SELECT core_session.account_id, secret_hash, seen_at_ms, coalesce(role, 0)
FROM core_session LEFT JOIN core_role ON core_role.account_id = core_session.account_id
WHERE device_id = :device_id;

-- @query session_list many
-- @in account_id u64
-- @out device_id u64, name str, platform str, peer str, created_at_ms i64, seen_at_ms i64
SELECT device_id, name, platform, peer, created_at_ms, seen_at_ms FROM core_session
WHERE account_id = :account_id ORDER BY device_id DESC LIMIT 1000;

-- @query session_after one
-- @in account_id u64, newer_count u64
-- @out device_id u64
SELECT device_id FROM core_session WHERE account_id = :account_id
ORDER BY device_id DESC LIMIT 1 OFFSET :newer_count;

-- @query session_delete exec
-- @in account_id u64, device_id u64
DELETE FROM core_session WHERE device_id = :device_id AND account_id = :account_id;

-- @query session_seen exec
-- @in device_id u64, now_ms i64
UPDATE core_session SET seen_at_ms = :now_ms WHERE device_id = :device_id;

-- @query role_get one
-- @in account_id u64
-- @out role i64
SELECT role FROM core_role WHERE account_id = :account_id;

-- @query role_put exec
-- @in account_id u64, role i64
INSERT INTO core_role (account_id, role) VALUES (:account_id, :role)
ON CONFLICT (account_id) DO UPDATE SET role = excluded.role;

-- @query event_insert exec
-- @in position u64, account_id u64, at_ms i64, json str
INSERT INTO core_event (position, account_id, at_ms, json)
VALUES (:position, :account_id, :at_ms, :json);

-- @query event_list many
-- @in account_id u64, after u64, upto u64, most i64
-- @out position u64, json str
SELECT position, json FROM core_event
WHERE account_id = :account_id AND position > :after AND position <= :upto
ORDER BY position LIMIT :most;

-- @query event_prune exec
-- @in before_ms i64, most i64
DELETE FROM core_event WHERE (account_id, position) IN (
	SELECT account_id, position FROM core_event WHERE at_ms < :before_ms
	ORDER BY at_ms, position LIMIT :most);

-- The largest position among those that event_prune will drop: by time they come in another order,
-- when the clock was set back.
-- @query event_prune_upto one
-- @in before_ms i64, most i64
-- @out position u64
-- @scan ok: what it scans is the subquery's few rows
SELECT position FROM (SELECT position FROM core_event WHERE at_ms < :before_ms
	ORDER BY at_ms, position LIMIT :most) x
ORDER BY position DESC LIMIT 1;

-- @query meta_get one
-- @in name str
-- @out value i64
SELECT value FROM core_meta WHERE name = :name;

-- @query meta_put exec
-- @in name str, value i64
INSERT INTO core_meta (name, value) VALUES (:name, :value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;
