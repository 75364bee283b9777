/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin_accounts.c - people, when nobody can sign in as operator.
 *
 * Each command is one transaction on the data folder of a server that does not run. What an
 * administrator does here stands in the audit like an operator's act, with nobody's name.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "accounts_rules.h"
#include "admin.h"
#include "core.h"
#include "datadir.h"
#include "options.h"
#include "rooms.h"

#define PAGE 100u

/* Whoever has the machine stands above the owner. */
static const struct gx_session administrator = { .role = GX_ROLE_OWNER + 1 };

static const char *const role_names[] = { "member", "operator", "owner" };

enum gx_status gx_admin_run_alone(struct gx_admin *admin, gx_alone_work work)
{
	struct gx_config config;
	struct gx_options options = { .data_dir = admin->data_dir, .workers = -1 };
	struct gx_core_config core = {
		.data_dir = admin->data_dir,
		.rooms = app_rooms,
		.control_fd = -1,
	};
	int lock_fd;
	enum gx_status st;

	gx_config_init(&config);
	gx_options_tables(&config);
	st = gx_options_load(&admin->arena, &config, &options, &admin->err);
	if (st == GX_OK)
		st = gx_admin_need_database(admin, admin->data_dir);
	if (st == GX_OK && !admin->is_restoring)
		st = gx_datadir_refuse_marked(&admin->arena, admin->data_dir, &admin->err);
	if (st == GX_OK)
		st = gx_datadir_open(&admin->arena, admin->data_dir, 0, &lock_fd, &admin->err);
	if (st == GX_OK) {
		st = gx_core_run_alone(&core, work, admin, &admin->err);
		close(lock_fd);
	}
	gx_config_deinit(&config);
	return st;
}

static enum gx_status find_account(struct gx_arena *a, struct gx_tx *tx, const char *username,
				   uint64_t *account_id, struct gx_error *err)
{
	const struct accounts_account *account;
	enum gx_status st =
		accounts_find_username(a, tx, gx_str_from_cstr(username), &account, err);

	if (st != GX_OK)
		return st;
	if (account == NULL)
		return gx_fail(err, GX_E_NOT_FOUND, "accounts.no_account");
	*account_id = account->account_id;
	return GX_OK;
}

static enum gx_status print_account(struct gx_tx *tx, const struct accounts_account *account,
				    struct gx_error *err)
{
	time_t created = (time_t)(account->created_at_ms / GX_SECOND_MS);
	char day[16] = "";
	struct tm utc;
	enum gx_role role;
	enum gx_status st = gx_role_get(tx, account->account_id, &role, err);

	if (st != GX_OK)
		return st;
	if (gmtime_r(&created, &utc) != NULL)
		(void)strftime(day, sizeof(day), "%Y-%m-%d", &utc);
	printf("%8llu  %-20.*s  %-8s  %-9s  %s  %.*s\n", (unsigned long long)account->account_id,
	       GX_STR_ARG(account->username), role_names[role],
	       account->is_suspended ? "suspended" : "active", day, GX_STR_ARG(account->nickname));
	return GX_OK;
}

static enum gx_status list_all(struct gx_arena *a, struct gx_tx *tx, void *arg,
			       struct gx_error *err)
{
	struct gx_str cursor = GX_STR("");
	char cursor_text[256];

	(void)arg;
	do {
		const struct accounts_account **accounts;
		size_t count;
		enum gx_status st = accounts_list(a, tx, GX_STR(""), cursor, PAGE, &accounts,
						  &count, &cursor, err);

		for (size_t i = 0; st == GX_OK && i < count; i++)
			st = print_account(tx, accounts[i], err);
		if (st != GX_OK)
			return st;
		/* The page's memory goes; the cursor stays. */
		GX_ASSERT(cursor.len < sizeof(cursor_text));
		memcpy(cursor_text, cursor.ptr == NULL ? "" : cursor.ptr, cursor.len);
		cursor.ptr = cursor_text;
		gx_arena_reset(a);
	} while (cursor.len > 0);
	return GX_OK;
}

static enum gx_status set_role(struct gx_arena *a, struct gx_tx *tx, void *arg,
			       struct gx_error *err)
{
	struct gx_admin *admin = arg;
	enum gx_role role =
		strcmp(admin->words[1], "operator") == 0 ? GX_ROLE_OPERATOR : GX_ROLE_MEMBER;
	uint64_t account_id;
	enum gx_status st = find_account(a, tx, admin->words[0], &account_id, err);

	if (st == GX_OK)
		st = accounts_set_role(a, tx, administrator.account_id, account_id, role, err);
	if (st == GX_OK)
		printf("%s is %s now\n", admin->words[0], role_names[role]);
	return st;
}

static enum gx_status reset_password(struct gx_arena *a, struct gx_tx *tx, void *arg,
				     struct gx_error *err)
{
	struct gx_admin *admin = arg;
	struct gx_str code;
	int64_t expires_at_ms;
	uint64_t account_id;
	enum gx_status st = find_account(a, tx, admin->words[0], &account_id, err);

	if (st == GX_OK)
		st = accounts_make_reset_code(a, tx, &administrator, account_id, &code,
					      &expires_at_ms, err);
	if (st == GX_OK)
		printf("%.*s\n"
		       "With this code %s sets a new password (\"Forgot your password?\") within "
		       "%lld minutes.\n",
		       GX_STR_ARG(code), admin->words[0],
		       (long long)((expires_at_ms - tx->now_ms) / GX_MINUTE_MS));
	return st;
}

enum gx_status gx_admin_accounts(struct gx_admin *admin)
{
	return gx_admin_run_alone(admin, list_all);
}

enum gx_status gx_admin_role(struct gx_admin *admin)
{
	const char *role = admin->words[1];

	if (strcmp(role, "member") != 0 && strcmp(role, "operator") != 0)
		return gx_fail_detail(&admin->arena, &admin->err, GX_E_INVALID, "app.role",
				      "a role is member or operator, not %s", role);
	return gx_admin_run_alone(admin, set_role);
}

enum gx_status gx_admin_reset_password(struct gx_admin *admin)
{
	return gx_admin_run_alone(admin, reset_password);
}
