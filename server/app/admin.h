/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin.h - `guanxi admin …`: what an administrator does at the machine itself.
 *
 * Purpose:    accounts, roles and passwords when nobody can sign in as operator; backup, restore,
 *             check. Whoever may run this may read the data folder anyway.
 * Invariants: what writes into a data folder holds its lock meanwhile, so it never meets a running
 *             server. What only reads works beside one.
 * Threading:  a process of its own with one thread. Memory: an arena as old as the process.
 */
#ifndef GX_ADMIN_H
#define GX_ADMIN_H

#include "core.h"

/* Arguments from "admin" on; the process's exit status. */
int gx_admin_run(int argc, char **argv);

/* What the commands share. */
struct gx_admin {
	struct gx_arena arena;
	struct gx_error err;
	const char *data_dir;
	const char *to;	  /* backup */
	const char *from; /* restore */
	char **words;	  /* what stands behind the command */
	int words_count;
	bool is_once; /* top */
	bool is_json; /* top */
};

/* admin_accounts.c */

/* One transaction on the data folder, which must hold a database and no server; `work` gets
 * `admin`. */
GX_NODISCARD enum gx_status gx_admin_run_alone(struct gx_admin *admin, gx_alone_work work);
GX_NODISCARD enum gx_status gx_admin_accounts(struct gx_admin *admin);
GX_NODISCARD enum gx_status gx_admin_role(struct gx_admin *admin);
GX_NODISCARD enum gx_status gx_admin_reset_password(struct gx_admin *admin);

/* admin_files.c */

/* Refuses a folder that is no data folder. */
GX_NODISCARD enum gx_status gx_admin_need_database(struct gx_admin *admin, const char *dir);
GX_NODISCARD enum gx_status gx_admin_backup(struct gx_admin *admin);
GX_NODISCARD enum gx_status gx_admin_restore(struct gx_admin *admin);
GX_NODISCARD enum gx_status gx_admin_check(struct gx_admin *admin);

/* admin_top.c */

GX_NODISCARD enum gx_status gx_admin_top(struct gx_admin *admin);

#endif
