-- SPDX-License-Identifier: Apache-2.0
-- What people reported, and what was decided.
CREATE TABLE moderation_report (
	report_id INTEGER PRIMARY KEY,
	reporter_id BIGINT NOT NULL,
	client_id TEXT NOT NULL,
	-- Whom it is about: the sender of the message, or the account itself.
	subject_id BIGINT NOT NULL,
	-- The message; NULL when an account was reported.
	conversation_id BIGINT,
	seq BIGINT,
	-- What the message said when it was reported; it may be recalled since.
	excerpt TEXT NOT NULL,
	reason BIGINT NOT NULL,
	note TEXT NOT NULL,
	is_closed BIGINT NOT NULL,
	action BIGINT NOT NULL,
	answer TEXT NOT NULL,
	closed_by BIGINT,
	created_at_ms BIGINT NOT NULL,
	closed_at_ms BIGINT,
	UNIQUE (reporter_id, client_id)
);
CREATE INDEX moderation_report_own ON moderation_report (reporter_id, report_id);
CREATE INDEX moderation_report_state ON moderation_report (is_closed, report_id);
