-- SPDX-License-Identifier: Apache-2.0

-- @query account_last one
-- @out account_id u64
SELECT coalesce(max(account_id), 0) FROM accounts_account;

-- @query account_insert exec
-- @in account_id u64, username str, username_folded str, nickname str, password_hash str, is_counted bool, created_at_ms i64
INSERT INTO accounts_account (account_id, username, username_folded, nickname, signature, region,
	password_hash, is_counted, suspended_reason, created_at_ms)
VALUES (:account_id, :username, :username_folded, :nickname, '', '', :password_hash, :is_counted,
	'', :created_at_ms);

-- @query account_get one
-- @in account_id u64
-- @out username str, nickname str, signature str, region str, avatar_media_id u64?, suspended_at_ms i64?, suspended_reason str, created_at_ms i64
SELECT username, nickname, signature, region, avatar_media_id, suspended_at_ms, suspended_reason,
	created_at_ms
FROM accounts_account WHERE account_id = :account_id;

-- @query account_find one
-- @in username_folded str
-- @out account_id u64
SELECT account_id FROM accounts_account WHERE username_folded = :username_folded;

-- @query account_list many
-- @in before u64, limit i64
-- @out account_id u64
SELECT account_id FROM accounts_account WHERE account_id < :before
ORDER BY account_id DESC LIMIT :limit;

-- @query account_list_prefix many
-- @in after str, prefix str, prefix_end str, limit i64
-- @out account_id u64, username_folded str
SELECT account_id, username_folded FROM accounts_account
WHERE username_folded > :after AND username_folded >= :prefix AND username_folded < :prefix_end
ORDER BY username_folded LIMIT :limit;

-- @query account_update_profile exec
-- @in account_id u64, nickname str, signature str, region str, avatar_media_id u64?
UPDATE accounts_account SET nickname = :nickname, signature = :signature, region = :region,
	avatar_media_id = :avatar_media_id
WHERE account_id = :account_id;

-- @query account_update_suspension exec
-- @in account_id u64, suspended_at_ms i64?, reason str
UPDATE accounts_account SET suspended_at_ms = :suspended_at_ms, suspended_reason = :reason
WHERE account_id = :account_id;

-- @query password_get one
-- @in account_id u64
-- @out password_hash str
SELECT password_hash FROM accounts_account WHERE account_id = :account_id;

-- @query password_update exec
-- @in account_id u64, password_hash str
UPDATE accounts_account SET password_hash = :password_hash WHERE account_id = :account_id;

-- @query sign_up_count one
-- @in since_ms i64, max i64
-- @out count i64
SELECT count(*) FROM (
	SELECT 1 FROM accounts_account WHERE is_counted = 1 AND created_at_ms > :since_ms LIMIT :max
) AS recent;

-- @query secret_get one
-- @out value blob
SELECT value FROM accounts_secret WHERE secret_id = 1;

-- @query secret_insert exec
-- @in value blob
INSERT INTO accounts_secret (secret_id, value) VALUES (1, :value);

-- @query code_insert exec
-- @in account_id u64, hash blob, kind i64, expires_at_ms i64?
INSERT INTO accounts_code (account_id, hash, kind, expires_at_ms)
VALUES (:account_id, :hash, :kind, :expires_at_ms);

-- @query code_find one
-- @in account_id u64, hash blob, now_ms i64
-- @out kind i64
SELECT kind FROM accounts_code
WHERE account_id = :account_id AND hash = :hash
	AND (expires_at_ms IS NULL OR expires_at_ms > :now_ms);

-- @query code_delete exec
-- @in account_id u64, hash blob
DELETE FROM accounts_code WHERE account_id = :account_id AND hash = :hash;

-- @query code_delete_kind exec
-- @in account_id u64, kind i64
DELETE FROM accounts_code WHERE account_id = :account_id AND kind = :kind;

-- @query code_delete_expired exec
-- @in now_ms i64
DELETE FROM accounts_code WHERE expires_at_ms <= :now_ms;

-- @query invite_insert exec
-- @in code str, made_by u64, uses_left i64, created_at_ms i64, expires_at_ms i64?
INSERT INTO accounts_invite (code, made_by, uses_left, created_at_ms, expires_at_ms)
VALUES (:code, :made_by, :uses_left, :created_at_ms, :expires_at_ms);

-- @query invite_find one
-- @in code str, now_ms i64
-- @out uses_left i64
SELECT uses_left FROM accounts_invite
WHERE code = :code AND uses_left > 0 AND (expires_at_ms IS NULL OR expires_at_ms > :now_ms);

-- @query invite_use exec
-- @in code str
UPDATE accounts_invite SET uses_left = uses_left - 1 WHERE code = :code AND uses_left > 0;

-- @query invite_list many
-- @in now_ms i64, limit i64
-- @out code str, uses_left i64, created_at_ms i64, expires_at_ms i64?
-- @scan ok: ACCOUNTS_INVITES_MAX rows at most
SELECT code, uses_left, created_at_ms, expires_at_ms FROM accounts_invite
WHERE uses_left > 0 AND (expires_at_ms IS NULL OR expires_at_ms > :now_ms)
ORDER BY created_at_ms DESC, code LIMIT :limit;

-- @query invite_count one
-- @out count i64
-- @scan ok: ACCOUNTS_INVITES_MAX rows at most
SELECT count(*) FROM accounts_invite;

-- @query invite_delete exec
-- @in code str
DELETE FROM accounts_invite WHERE code = :code;

-- @query invite_delete_spent exec
-- @in now_ms i64
-- @scan ok: ACCOUNTS_INVITES_MAX rows at most
DELETE FROM accounts_invite WHERE uses_left <= 0 OR expires_at_ms <= :now_ms;

-- @query proof_find one
-- @in challenge blob
-- @out expires_at_ms i64
SELECT expires_at_ms FROM accounts_proof WHERE challenge = :challenge;

-- @query proof_insert exec
-- @in challenge blob, expires_at_ms i64
INSERT INTO accounts_proof (challenge, expires_at_ms) VALUES (:challenge, :expires_at_ms);

-- @query proof_delete_expired exec
-- @in now_ms i64
DELETE FROM accounts_proof WHERE expires_at_ms <= :now_ms;

-- @query audit_insert exec
-- @in at_ms i64, operator_id u64, action str, subject_id u64?, note str
INSERT INTO accounts_audit (audit_id, at_ms, operator_id, action, subject_id, note)
VALUES ((SELECT coalesce(max(audit_id), 0) + 1 FROM accounts_audit), :at_ms, :operator_id,
	:action, :subject_id, :note);

-- @query audit_list many
-- @in before u64, limit i64
-- @out audit_id u64, at_ms i64, operator_id u64, action str, subject_id u64?, note str
SELECT audit_id, at_ms, operator_id, action, subject_id, note FROM accounts_audit
WHERE audit_id < :before ORDER BY audit_id DESC LIMIT :limit;
