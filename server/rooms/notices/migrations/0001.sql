-- SPDX-License-Identifier: Apache-2.0
-- What the platform said to everybody: one row each, however many accounts there are.
CREATE TABLE notices_notice (
	notice_id INTEGER PRIMARY KEY,
	-- Of its event; ascends with notice_id.
	position BIGINT NOT NULL UNIQUE,
	-- Whoever came later was not spoken to: account ids ascend.
	last_account_id BIGINT NOT NULL,
	author_id BIGINT NOT NULL,
	client_id TEXT NOT NULL,
	text TEXT NOT NULL,
	created_at_ms BIGINT NOT NULL,
	UNIQUE (author_id, client_id)
);
