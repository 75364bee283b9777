-- SPDX-License-Identifier: Apache-2.0
-- The last migration of each room. IF NOT EXISTS: this one runs at every start.
CREATE TABLE IF NOT EXISTS gx_schema (
	room TEXT NOT NULL PRIMARY KEY,
	number BIGINT NOT NULL,
	migrated_at_ms BIGINT NOT NULL
);
