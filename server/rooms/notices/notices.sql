-- SPDX-License-Identifier: Apache-2.0

-- @query notice_insert exec
-- @in notice_id u64, position u64, last_account_id u64, author_id u64, client_id str, text str, created_at_ms i64
INSERT INTO notices_notice (notice_id, position, last_account_id, author_id, client_id, text,
	created_at_ms)
VALUES (:notice_id, :position, :last_account_id, :author_id, :client_id, :text, :created_at_ms);

-- @query notice_last one
-- @out notice_id u64
SELECT coalesce(max(notice_id), 0) FROM notices_notice;

-- @query notice_find one
-- @in author_id u64, client_id str
-- @out notice_id u64, text str, created_at_ms i64
SELECT notice_id, text, created_at_ms FROM notices_notice
WHERE author_id = :author_id AND client_id = :client_id;

-- @query notice_count_recent one
-- @scan ok: from the newest, :max rows at most
-- @in since_ms i64, max i64
-- @out count i64
SELECT count(*) FROM (
	SELECT created_at_ms FROM notices_notice ORDER BY notice_id DESC LIMIT :max
) AS newest WHERE created_at_ms > :since_ms;

-- Those that spoke to the account stand behind all that did not, as ids of both ascend.
-- @query notice_list many
-- @in account_id u64, before u64, limit i64
-- @out notice_id u64, text str, created_at_ms i64
SELECT notice_id, text, created_at_ms FROM notices_notice
WHERE notice_id < :before AND last_account_id >= :account_id
ORDER BY notice_id DESC LIMIT :limit;

-- @query notice_list_behind many
-- @in account_id u64, after u64, upto u64, limit i64
-- @out notice_id u64, position u64, text str, created_at_ms i64
SELECT notice_id, position, text, created_at_ms FROM notices_notice
WHERE position > :after AND position <= :upto AND last_account_id >= :account_id
ORDER BY position LIMIT :limit;
