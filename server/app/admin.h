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
#include "db_tools.h"
#include "digest.h"

/* Arguments from "admin" on; the process's exit status. */
int gx_admin_run(int argc, char **argv);

/* What the commands share. */
struct gx_admin {
	struct gx_arena arena;
	struct gx_error err;
	const char *data_dir;
	bool is_restoring; /* the folder's mark is ours */
	char **words;	   /* what stands behind the command */
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

/* "DIR/NAME" in admin's arena. */
const char *gx_admin_path(struct gx_admin *admin, const char *dir, const char *name);
/* Refuses a folder that is no data folder. */
GX_NODISCARD enum gx_status gx_admin_need_database(struct gx_admin *admin, const char *dir);
/* Tells people on stderr how far it is: now and then, and in place if they look at a terminal. */
void gx_admin_tell(const char *what, uint64_t done_bytes, uint64_t all_bytes);
void gx_admin_tell_end(void);
/* Refuses a database that is not sound; what is wrong with it stands on stderr then. */
GX_NODISCARD enum gx_status
gx_admin_check_database(struct gx_admin *admin, const struct gx_db_place *place, const char *name);
/* The hash that a path of a blob ends with ("blobs/ab/cd/abcd…"); false when it is none. */
GX_NODISCARD bool gx_admin_blob_hash(const char *path, unsigned char digest[GX_DIGEST_BYTES]);

/* admin_backup.c, admin_restore.c, admin_check.c */
GX_NODISCARD enum gx_status gx_admin_backup(struct gx_admin *admin);
GX_NODISCARD enum gx_status gx_admin_restore(struct gx_admin *admin);
GX_NODISCARD enum gx_status gx_admin_check(struct gx_admin *admin);

/* Names in a data folder and in a backup. */
#define GX_ADMIN_DATABASE "guanxi.db"
#define GX_ADMIN_DATABASE_SUM "guanxi.db.sha256"
#define GX_ADMIN_SETTINGS "guanxi.conf"
#define GX_ADMIN_BLOBS "blobs"

/* admin_top.c */

GX_NODISCARD enum gx_status gx_admin_top(struct gx_admin *admin);

#endif
