-- SPDX-License-Identifier: Apache-2.0
-- What the database layer keeps for itself: how far each room is migrated.

-- @query schema_list many
-- @out room str, number u64
-- @scan ok: one row a room
SELECT room, number FROM gx_schema ORDER BY room LIMIT 1000;

-- @query schema_put exec
-- @in room str, number u64, now_ms i64
INSERT INTO gx_schema (room, number, migrated_at_ms) VALUES (:room, :number, :now_ms)
ON CONFLICT (room) DO UPDATE SET number = excluded.number, migrated_at_ms = excluded.migrated_at_ms;
