-- SPDX-License-Identifier: Apache-2.0

-- @query report_last one
-- @out report_id u64
SELECT coalesce(max(report_id), 0) FROM moderation_report;

-- @query report_insert exec
-- @in report_id u64, reporter_id u64, client_id str, subject_id u64, conversation_id u64?, seq u64?, excerpt str, reason i64, note str, created_at_ms i64
INSERT INTO moderation_report (report_id, reporter_id, client_id, subject_id, conversation_id, seq,
	excerpt, reason, note, is_closed, action, answer, created_at_ms)
VALUES (:report_id, :reporter_id, :client_id, :subject_id, :conversation_id, :seq, :excerpt,
	:reason, :note, 0, 0, '', :created_at_ms);

-- @query report_get one
-- @in report_id u64
-- @out reporter_id u64, subject_id u64, conversation_id u64?, seq u64?, excerpt str, reason i64, note str, is_closed bool, action i64, answer str, created_at_ms i64, closed_at_ms i64?
SELECT reporter_id, subject_id, conversation_id, seq, excerpt, reason, note, is_closed, action,
	answer, created_at_ms, closed_at_ms
FROM moderation_report WHERE report_id = :report_id;

-- @query report_find one
-- @in reporter_id u64, client_id str
-- @out report_id u64
SELECT report_id FROM moderation_report
WHERE reporter_id = :reporter_id AND client_id = :client_id;

-- @query report_count_recent one
-- @in reporter_id u64, since_ms i64, max i64
-- @out count i64
SELECT count(*) FROM (
	SELECT created_at_ms FROM moderation_report WHERE reporter_id = :reporter_id
	ORDER BY report_id DESC LIMIT :max
) AS newest WHERE created_at_ms > :since_ms;

-- @query report_list_own many
-- @in reporter_id u64, before u64, limit i64
-- @out report_id u64
SELECT report_id FROM moderation_report WHERE reporter_id = :reporter_id AND report_id < :before
ORDER BY report_id DESC LIMIT :limit;

-- @query report_list_state many
-- @in is_closed bool, before u64, limit i64
-- @out report_id u64
SELECT report_id FROM moderation_report WHERE is_closed = :is_closed AND report_id < :before
ORDER BY report_id DESC LIMIT :limit;

-- @query report_list_all many
-- @in before u64, limit i64
-- @out report_id u64
SELECT report_id FROM moderation_report WHERE report_id < :before
ORDER BY report_id DESC LIMIT :limit;

-- @query report_close exec
-- @in report_id u64, action i64, answer str, closed_by u64, closed_at_ms i64
UPDATE moderation_report SET is_closed = 1, action = :action, answer = :answer,
	closed_by = :closed_by, closed_at_ms = :closed_at_ms
WHERE report_id = :report_id AND is_closed = 0;
