-- SPDX-License-Identifier: Apache-2.0
-- A made-up room for the tests of this layer: every type, every kind of query.

-- @query insert exec
-- @in lantern_id u64, wish str, owner_id u64?, seen_at_ms i64?, note str?, seal blob?, size f64
-- @in is_lit bool, sky blob
INSERT INTO lantern (lantern_id, wish, owner_id, seen_at_ms, note, seal, size, is_lit, sky)
VALUES (:lantern_id, :wish, :owner_id, :seen_at_ms, :note, :seal, :size, :is_lit, :sky)
ON CONFLICT DO NOTHING;

-- @query get one
-- @in lantern_id u64
-- @out wish str, owner_id u64?, seen_at_ms i64?, note str?, seal blob?, size f64, is_lit bool
-- @out sky blob
SELECT wish, owner_id, seen_at_ms, note, seal, size, is_lit, sky
FROM lantern WHERE lantern_id = :lantern_id;

-- @query list_from many
-- @in lantern_id u64, count u64
-- @out lantern_id u64, wish str
SELECT lantern_id, wish FROM lantern WHERE lantern_id >= :lantern_id
ORDER BY lantern_id LIMIT :count;

-- @query list_ids many
-- @in lantern_id u64
-- @out lantern_id u64
-- @sqlite
SELECT lantern_id FROM lantern WHERE lantern_id >= :lantern_id ORDER BY lantern_id LIMIT 1000;
-- @postgres
SELECT lantern_id::bigint FROM lantern WHERE lantern_id >= :lantern_id
ORDER BY lantern_id LIMIT 1000;

-- @query rewish one
-- @in lantern_id u64, wish str
-- @out owner_id u64?
UPDATE lantern SET wish = :wish WHERE lantern_id = :lantern_id RETURNING owner_id;

-- @query put_out_from exec
-- @in lantern_id u64
DELETE FROM lantern WHERE lantern_id >= :lantern_id;

-- @query count one
-- @out count u64, bytes u64?
-- @scan ok: a test counts
SELECT count(*), sum(length(wish)) FROM lantern;

-- @query find_wish one
-- @in wish str
-- @out lantern_id u64
SELECT lantern_id FROM lantern WHERE wish = :wish LIMIT 1;

-- @query count_recent one
-- @in lantern_id u64, max u64
-- @out count u64
SELECT count(*) FROM (SELECT 1 FROM lantern WHERE lantern_id > :lantern_id LIMIT :max) AS recent;
