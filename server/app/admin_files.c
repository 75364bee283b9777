/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin_files.c - the data folder as a whole.
 *
 * A backup is a folder of the same shape as the data folder: guanxi.db (one snapshot), blobs/,
 * guanxi.conf. The database is copied first: media that are sent meanwhile are then in the backup
 * without being asked for, and none that is asked for is missing, unless it was deleted meanwhile.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admin.h"
#include "datadir.h"
#include "db_tools.h"
#include "folder.h"

#define COMPLAINTS_BYTES_MAX ((size_t)1 << 20)
#define DATABASE "guanxi.db"

/* What is in a data folder beside the database. */
static const char *const parts[] = { "blobs", "guanxi.conf" };

static const char *join(struct gx_admin *admin, const char *dir, const char *name)
{
	return gx_arena_printf(&admin->arena, "%s/%s", dir, name).ptr;
}

enum gx_status gx_admin_need_database(struct gx_admin *admin, const char *dir)
{
	const char *path = join(admin, dir, DATABASE);

	if (access(path, R_OK) == 0)
		return GX_OK;
	return gx_fail_detail(&admin->arena, &admin->err, GX_E_NOT_FOUND, "app.no_database",
			      "%s: %s", path, strerror(errno));
}

/* Copies database and parts from one folder into another, which holds nothing of the kind. */
static enum gx_status copy_data(struct gx_admin *admin, const char *from, const char *to)
{
	uint64_t files_count = 0;
	enum gx_status st = gx_db_file_copy(join(admin, from, DATABASE), join(admin, to, DATABASE),
					    &admin->err);

	for (size_t i = 0; st == GX_OK && i < GX_COUNT(parts); i++)
		st = gx_folder_copy(&admin->arena, join(admin, from, parts[i]),
				    join(admin, to, parts[i]), &files_count, &admin->err);
	if (st == GX_OK)
		st = gx_folder_sync(&admin->arena, to, &admin->err);
	if (st == GX_OK)
		printf("copied the database and %llu files from %s to %s\n",
		       (unsigned long long)files_count, from, to);
	return st;
}

static enum gx_status check_database(struct gx_admin *admin, const char *dir)
{
	struct gx_buf complaints;
	enum gx_status st;

	gx_buf_init(&complaints, COMPLAINTS_BYTES_MAX);
	st = gx_db_file_check(join(admin, dir, DATABASE), &complaints, &admin->err);
	if (st == GX_OK && complaints.len > 0) {
		fprintf(stderr, "%.*s", GX_STR_ARG(gx_buf_str(&complaints)));
		st = gx_fail_detail(&admin->arena, &admin->err, GX_E_INTERNAL, "app.damaged",
				    "%s is damaged", join(admin, dir, DATABASE));
	}
	gx_buf_deinit(&complaints);
	return st;
}

enum gx_status gx_admin_backup(struct gx_admin *admin)
{
	enum gx_status st = gx_admin_need_database(admin, admin->data_dir);

	if (st == GX_OK)
		st = gx_folder_make_empty(&admin->arena, admin->to, &admin->err);
	if (st == GX_OK)
		st = copy_data(admin, admin->data_dir, admin->to);
	return st == GX_OK ? check_database(admin, admin->to) : st;
}

static enum gx_status retire_cursors(struct gx_arena *a, struct gx_tx *tx, void *arg,
				     struct gx_error *err)
{
	return gx_cursors_retire(tx, err);
}

enum gx_status gx_admin_restore(struct gx_admin *admin)
{
	enum gx_status st = gx_admin_need_database(admin, admin->from);
	int lock_fd;

	/* A damaged backup must not look like data. */
	if (st == GX_OK)
		st = check_database(admin, admin->from);
	if (st == GX_OK)
		st = gx_folder_make_empty(&admin->arena, admin->data_dir, &admin->err);
	if (st == GX_OK)
		st = gx_datadir_open(&admin->arena, admin->data_dir, 0, &lock_fd, &admin->err);
	if (st != GX_OK)
		return st;
	st = copy_data(admin, admin->from, admin->data_dir);
	close(lock_fd);
	/* Clients know more than the backup: they must read their lists again. */
	return st != GX_OK ? st : gx_admin_run_alone(admin, retire_cursors);
}

enum gx_status gx_admin_check(struct gx_admin *admin)
{
	enum gx_status st = gx_admin_need_database(admin, admin->data_dir);

	if (st == GX_OK)
		st = check_database(admin, admin->data_dir);
	if (st == GX_OK)
		puts("sound");
	return st;
}
