/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accounts_testing.h - the house that this room's tests share: accounts, a fake of media, and a
 * probe that counts account_changed. argon2id runs with its least memory; its runs are counted, not
 * timed.
 */
#ifndef GX_ACCOUNTS_TESTING_H
#define GX_ACCOUNTS_TESTING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "accounts_fake_media.h"
#include "accounts_http.h"
#include "testhouse.h"

static unsigned changes_count; /* account_changed since open_house() */

static enum gx_status count_change(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
				   struct gx_error *err)
{
	changes_count++;
	return GX_OK;
}

static const struct gx_room probe_room = { .name = "probe", .account_changed = count_change };
static const struct gx_room *const rooms[] = { &accounts_room, &probe_room, NULL };

static inline void open_house(struct gx_test *t)
{
	gx_test_open(t, rooms);
	accounts_settings[ACCOUNTS_REGISTRATION].num = ACCOUNTS_REGISTRATION_OPEN;
	accounts_settings[ACCOUNTS_FREE_SIGN_UPS].num = 20;
	accounts_settings[ACCOUNTS_REFUSE_COMMON].num = 1;
	accounts_settings[ACCOUNTS_PROOF_BITS].num = 6;
	accounts_settings[ACCOUNTS_ARGON2_MEMORY_KIB].num = 8;
	accounts_settings[ACCOUNTS_ARGON2_PASSES].num = 1;
	accounts_settings[ACCOUNTS_APPEALS].str = "";
	accounts_fake_granted_id = 0;
	changes_count = 0;
}

static inline uint64_t sign_up(struct gx_test *t, const char *username)
{
	struct gx_str in = gx_arena_printf(
		t->arena,
		"{\"username\":\"%s\",\"password\":\"correct horse\",\"nickname\":\"%s\"}",
		username, username);
	const struct accounts_account *account;

	assert_int_equal(gx_test_call(t, 0, "accounts.create", in.ptr, NULL), 201);
	assert_int_equal(accounts_find_username(t->arena, t->tx, gx_str_from_cstr(username),
						&account, &t->err),
			 GX_OK);
	assert_non_null(account);
	return account->account_id;
}

/* The call is refused with that status and code. */
static inline void assert_refused(struct gx_test *t, uint64_t account_id, const char *op,
				  const char *in, int status, const char *code)
{
	struct gx_str out;
	int got = gx_test_call(t, account_id, op, in, &out);

	if (got != status || !gx_str_eq(out, gx_str_from_cstr(code)))
		fail_msg("%s %s: %d %.*s", op, in, got, GX_STR_ARG(out));
}

/* The string at key, or key.inner, of a JSON answer. */
static inline struct gx_str text_at(struct gx_test *t, struct gx_str json, const char *key,
				    const char *inner)
{
	const struct gx_json *node;

	assert_int_equal(gx_json_parse(t->arena, json, &node, &t->err), GX_OK);
	node = gx_json_get(node, gx_str_from_cstr(key));
	if (inner != NULL)
		node = gx_json_get(node, gx_str_from_cstr(inner));
	assert_non_null(node);
	return node->type == GX_JSON_STRING ? gx_json_str(t->arena, node) : gx_json_raw(node);
}

static inline void assert_text(struct gx_str got, const char *want)
{
	if (!gx_str_eq(got, gx_str_from_cstr(want)))
		fail_msg("\"%.*s\" instead of \"%s\"", GX_STR_ARG(got), want);
}

static inline size_t sessions_count(struct gx_test *t, uint64_t account_id)
{
	struct gx_session_row *rows;
	size_t count;

	assert_int_equal(gx_session_list(t->arena, t->tx, account_id, &rows, &count, &t->err),
			 GX_OK);
	return count;
}

#endif
