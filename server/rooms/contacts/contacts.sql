-- SPDX-License-Identifier: Apache-2.0
-- Queries of the contacts room: ties, requests, blocks.

-- @query tie_get one
-- @in owner_id u64, other_id u64
-- @out source_kind str, source_ref str, initiator_id u64, since_at_ms i64
-- @out remark str, tags str, is_starred bool
SELECT source_kind, source_ref, initiator_id, since_at_ms, remark, tags, is_starred
FROM contacts_tie WHERE owner_id = :owner_id AND other_id = :other_id;

-- @query tie_has one
-- @in owner_id u64, other_id u64
-- @out since_at_ms i64
SELECT since_at_ms FROM contacts_tie WHERE owner_id = :owner_id AND other_id = :other_id;

-- @query tie_insert exec
-- @in owner_id u64, other_id u64, source_kind str, source_ref str, initiator_id u64
-- @in since_at_ms i64
INSERT INTO contacts_tie (owner_id, other_id, source_kind, source_ref, initiator_id, since_at_ms,
	remark, tags, is_starred)
VALUES (:owner_id, :other_id, :source_kind, :source_ref, :initiator_id, :since_at_ms, '', '[]', 0);

-- @query tie_update exec
-- @in owner_id u64, other_id u64, remark str, tags str, is_starred bool
UPDATE contacts_tie SET remark = :remark, tags = :tags, is_starred = :is_starred
WHERE owner_id = :owner_id AND other_id = :other_id;

-- @query tie_delete exec
-- @in owner_id u64, other_id u64
DELETE FROM contacts_tie WHERE owner_id = :owner_id AND other_id = :other_id;

-- @query tie_count one
-- @in owner_id u64
-- @out ties_count i64
SELECT COUNT(*) FROM contacts_tie WHERE owner_id = :owner_id;

-- @query tie_list many
-- @in owner_id u64, after_id u64, most i64
-- @out other_id u64, source_kind str, source_ref str, initiator_id u64, since_at_ms i64
-- @out remark str, tags str, is_starred bool
SELECT other_id, source_kind, source_ref, initiator_id, since_at_ms, remark, tags, is_starred
FROM contacts_tie WHERE owner_id = :owner_id AND other_id > :after_id
ORDER BY other_id LIMIT :most;

-- @query tie_owners many
-- @in other_id u64, after_id u64, most i64
-- @out owner_id u64
SELECT owner_id FROM contacts_tie WHERE other_id = :other_id AND owner_id > :after_id
ORDER BY owner_id LIMIT :most;

-- @query request_insert one
-- @in from_id u64, to_id u64, greeting str, source_kind str, source_ref str
-- @in state i64, is_hidden bool, created_at_ms i64, expires_at_ms i64
-- @out request_id u64
INSERT INTO contacts_request (from_id, to_id, greeting, source_kind, source_ref, state, is_hidden,
	changes_count, created_at_ms, expires_at_ms)
VALUES (:from_id, :to_id, :greeting, :source_kind, :source_ref, :state, :is_hidden,
	0, :created_at_ms, :expires_at_ms)
RETURNING request_id;

-- @query request_get one
-- @in request_id u64
-- @out from_id u64, to_id u64, greeting str, source_kind str, source_ref str
-- @out state i64, is_hidden bool, changes_count i64, created_at_ms i64, expires_at_ms i64
SELECT from_id, to_id, greeting, source_kind, source_ref, state, is_hidden, changes_count,
	created_at_ms, expires_at_ms
FROM contacts_request WHERE request_id = :request_id;

-- The newest one that the asker still waits for: pending or silently declined, not expired.
-- @query request_live one
-- @in from_id u64, to_id u64, now_ms i64
-- @out request_id u64
SELECT request_id FROM contacts_request
WHERE from_id = :from_id AND to_id = :to_id AND state <> 1 AND expires_at_ms > :now_ms
ORDER BY request_id DESC LIMIT 1;

-- The newest open one as the addressed person sees it.
-- @query request_shown one
-- @in from_id u64, to_id u64, now_ms i64
-- @out request_id u64
SELECT request_id FROM contacts_request
WHERE from_id = :from_id AND to_id = :to_id AND state = 0 AND is_hidden = 0
	AND expires_at_ms > :now_ms
ORDER BY request_id DESC LIMIT 1;

-- @query request_update exec
-- @in request_id u64, greeting str, source_kind str, source_ref str
-- @in is_hidden bool, changes_count i64
UPDATE contacts_request SET greeting = :greeting, source_kind = :source_kind,
	source_ref = :source_ref, is_hidden = :is_hidden, changes_count = :changes_count
WHERE request_id = :request_id;

-- @query request_set_state exec
-- @in request_id u64, state i64
UPDATE contacts_request SET state = :state WHERE request_id = :request_id;

-- @query request_usage one
-- @in from_id u64, since_ms i64
-- @out requests_count i64, first_at_ms i64?
SELECT COUNT(*), MIN(created_at_ms) FROM contacts_request
WHERE from_id = :from_id AND created_at_ms > :since_ms;

-- @query request_list_asked many
-- @in account_id u64, before_id u64, most i64
-- @out request_id u64
SELECT request_id FROM contacts_request
WHERE from_id = :account_id AND request_id < :before_id
ORDER BY request_id DESC LIMIT :most;

-- @query request_list_addressed many
-- @in account_id u64, before_id u64, most i64
-- @out request_id u64
SELECT request_id FROM contacts_request
WHERE to_id = :account_id AND request_id < :before_id AND is_hidden = 0
ORDER BY request_id DESC LIMIT :most;

-- @query request_prune exec
-- @in before_ms i64, most i64
DELETE FROM contacts_request WHERE request_id IN (
	SELECT request_id FROM contacts_request WHERE expires_at_ms < :before_ms
	ORDER BY expires_at_ms LIMIT :most);

-- @query block_insert exec
-- @in owner_id u64, other_id u64, at_ms i64
INSERT INTO contacts_block (owner_id, other_id, at_ms) VALUES (:owner_id, :other_id, :at_ms)
ON CONFLICT (owner_id, other_id) DO NOTHING;

-- @query block_delete exec
-- @in owner_id u64, other_id u64
DELETE FROM contacts_block WHERE owner_id = :owner_id AND other_id = :other_id;

-- @query block_has one
-- @in owner_id u64, other_id u64
-- @out at_ms i64
SELECT at_ms FROM contacts_block WHERE owner_id = :owner_id AND other_id = :other_id;

-- @query block_count one
-- @in owner_id u64
-- @out blocks_count i64
SELECT COUNT(*) FROM contacts_block WHERE owner_id = :owner_id;

-- @query block_list many
-- @in owner_id u64, after_id u64, most i64
-- @out other_id u64
SELECT other_id FROM contacts_block WHERE owner_id = :owner_id AND other_id > :after_id
ORDER BY other_id LIMIT :most;
