-- SPDX-License-Identifier: Apache-2.0
-- Accounts, what opens them (codes, invitations), what brakes sign-up, and what operators did.

-- Ids are dense from 1: no account is ever deleted, so the largest id is also their number.
CREATE TABLE accounts_account (
	account_id INTEGER PRIMARY KEY,
	username TEXT NOT NULL,
	username_folded TEXT NOT NULL UNIQUE,
	nickname TEXT NOT NULL,
	signature TEXT NOT NULL,
	region TEXT NOT NULL,
	avatar_media_id BIGINT,
	password_hash TEXT NOT NULL,
	-- 0 for sign-ups from the machine itself, which the proof-of-work brake does not count.
	is_counted BIGINT NOT NULL,
	suspended_at_ms BIGINT,
	suspended_reason TEXT NOT NULL,
	created_at_ms BIGINT NOT NULL
);
CREATE INDEX accounts_account_created ON accounts_account (is_counted, created_at_ms);

-- One random key of this server: signs challenges and hashes codes.
CREATE TABLE accounts_secret (
	secret_id INTEGER PRIMARY KEY,
	value BLOB NOT NULL
);

-- Codes that stand in for a forgotten password; each works once. kind 1: a person's own recovery
-- codes, which don't expire; kind 2: handed out by an operator.
CREATE TABLE accounts_code (
	account_id BIGINT NOT NULL,
	hash BLOB NOT NULL,
	kind BIGINT NOT NULL,
	expires_at_ms BIGINT,
	PRIMARY KEY (account_id, hash)
);
CREATE INDEX accounts_code_expires ON accounts_code (expires_at_ms);

CREATE TABLE accounts_invite (
	code TEXT NOT NULL PRIMARY KEY,
	made_by BIGINT NOT NULL,
	uses_left BIGINT NOT NULL,
	created_at_ms BIGINT NOT NULL,
	expires_at_ms BIGINT
);

-- Challenges that were spent, until they would have expired anyway.
CREATE TABLE accounts_proof (
	challenge BLOB NOT NULL PRIMARY KEY,
	expires_at_ms BIGINT NOT NULL
);
CREATE INDEX accounts_proof_expires ON accounts_proof (expires_at_ms);

-- What operators did, never changed.
CREATE TABLE accounts_audit (
	audit_id INTEGER PRIMARY KEY,
	at_ms BIGINT NOT NULL,
	operator_id BIGINT NOT NULL,
	action TEXT NOT NULL,
	subject_id BIGINT,
	note TEXT NOT NULL
);
