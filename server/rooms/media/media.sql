-- SPDX-License-Identifier: Apache-2.0

-- @query item_insert exec
-- @in media_id u64, owner_id u64, kind u64, mime str, name str, size u64, width u64, height u64
-- @in sha256 str, thumb_sha256 str?, created_at_ms i64, expires_at_ms i64
INSERT INTO media_item (media_id, owner_id, kind, mime, name, size, width, height, sha256,
	thumb_sha256, created_at_ms, expires_at_ms)
VALUES (:media_id, :owner_id, :kind, :mime, :name, :size, :width, :height, :sha256,
	:thumb_sha256, :created_at_ms, :expires_at_ms);

-- @query item_get one
-- @in media_id u64
-- @out owner_id u64, kind u64, mime str, name str, size u64, width u64, height u64, sha256 str
-- @out thumb_sha256 str?, expires_at_ms i64?
SELECT owner_id, kind, mime, name, size, width, height, sha256, thumb_sha256, expires_at_ms
FROM media_item WHERE media_id = :media_id;

-- @query item_set_expiry exec
-- @in media_id u64, expires_at_ms i64?
UPDATE media_item SET expires_at_ms = :expires_at_ms WHERE media_id = :media_id;

-- @query item_list_expired many
-- @in now_ms i64, count u64
-- @out media_id u64, owner_id u64, size u64
SELECT media_id, owner_id, size FROM media_item
WHERE expires_at_ms IS NOT NULL AND expires_at_ms <= :now_ms
ORDER BY expires_at_ms LIMIT :count;

-- @query item_delete exec
-- @in media_id u64
DELETE FROM media_item WHERE media_id = :media_id;

-- @query blob_find one
-- @in sha256 str
-- @out media_id u64
SELECT media_id FROM media_item WHERE sha256 = :sha256
UNION ALL
SELECT media_id FROM media_item WHERE thumb_sha256 = :sha256
LIMIT 1;

-- @query grant_insert exec
-- @in room str, subject u64, detail u64, media_id u64
INSERT INTO media_grant (room, subject, detail, media_id)
VALUES (:room, :subject, :detail, :media_id) ON CONFLICT DO NOTHING;

-- @query grant_list_media many
-- @in room str, subject u64, detail u64, after_id u64, count u64
-- @out media_id u64
SELECT media_id FROM media_grant
WHERE room = :room AND subject = :subject AND detail = :detail AND media_id > :after_id
ORDER BY media_id LIMIT :count;

-- @query grant_delete exec
-- @in room str, subject u64, detail u64
DELETE FROM media_grant WHERE room = :room AND subject = :subject AND detail = :detail;

-- @query grant_find one
-- @in media_id u64
-- @out subject u64
SELECT subject FROM media_grant WHERE media_id = :media_id LIMIT 1;

-- @query grant_list many
-- @in media_id u64, room str, subject u64, detail u64, count u64
-- @out room str, subject u64, detail u64
SELECT room, subject, detail FROM media_grant
WHERE media_id = :media_id AND (room, subject, detail) > (:room, :subject, :detail)
ORDER BY room, subject, detail LIMIT :count;

-- @query usage_get one
-- @in account_id u64
-- @out bytes u64
SELECT bytes FROM media_usage WHERE account_id = :account_id;

-- @query usage_add exec
-- @in account_id u64, bytes i64
INSERT INTO media_usage (account_id, bytes) VALUES (:account_id, :bytes)
ON CONFLICT (account_id) DO UPDATE SET bytes = media_usage.bytes + excluded.bytes;

-- Of `guanxi admin check`: what must be among the blobs. A thumbnail's size is not known: 0.
-- @query blob_names many
-- @out sha256 str, size i64
-- @scan ok: looks at all there is, on an administrator's command
SELECT sha256, max(size) FROM media_item GROUP BY sha256
UNION ALL SELECT thumb_sha256, 0 FROM media_item WHERE thumb_sha256 IS NOT NULL
GROUP BY thumb_sha256
LIMIT 1000000000;
