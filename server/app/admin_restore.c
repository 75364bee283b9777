/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin_restore.c - a data folder out of a backup.
 *
 * While it is filled the folder holds a mark, and no server starts on it; what fails is taken away
 * again. Each byte is compared with a hash on its way.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin.h"
#include "archive.h"
#include "datadir.h"
#include "folder.h"
#include "ident.h"

struct restore {
	struct gx_admin *admin;
	struct gx_archive archive;
	unsigned char database[GX_DIGEST_BYTES]; /* as it was copied */
	bool has_database, has_sum;
	uint64_t files_count, bytes, damaged_count;
};

static enum gx_status refuse(struct restore *r, const char *name, const char *why)
{
	struct gx_admin *admin = r->admin;

	return gx_fail_detail(&admin->arena, &admin->err,
			      errno == ENOSPC ? GX_E_OVERLOADED : GX_E_INTERNAL, "app.archive",
			      "%s: %s", name, why);
}

/* The folders that lead to it, too: "blobs/ab/cd/…". */
static int make_file(struct gx_arena *paths, const char *dir, const char *name)
{
	for (const char *slash = name; (slash = strchr(slash, '/')) != NULL; slash++)
		if (mkdir(gx_arena_printf(paths, "%s/%.*s", dir, (int)(slash - name), name).ptr,
			  0700) != 0 &&
		    errno != EEXIST)
			return -1;
	return open(gx_arena_printf(paths, "%s/%s", dir, name).ptr,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static enum gx_status extract(struct restore *r, const struct gx_archive_entry *e,
			      unsigned char digest[GX_DIGEST_BYTES])
{
	struct gx_arena paths;
	enum gx_status st = GX_OK;
	int fd;

	gx_arena_init(&paths);
	fd = make_file(&paths, r->admin->data_dir, e->name);
	if (fd < 0 ||
	    !gx_digest_copy(&(struct gx_stretch){ r->archive.fd, e->base, e->size }, fd, 0, digest))
		st = refuse(r, e->name, strerror(errno));
	if (fd >= 0)
		close(fd);
	gx_arena_deinit(&paths);
	r->bytes += e->size;
	r->files_count++;
	gx_admin_tell("restored", r->bytes, 0);
	return st;
}

static enum gx_status compare_sum(struct restore *r, const struct gx_archive_entry *e)
{
	char hex[GX_DIGEST_HEX_BYTES];
	unsigned char want[GX_DIGEST_BYTES];

	errno = 0;
	if (!r->has_database ||
	    pread(r->archive.fd, hex, sizeof(hex), (off_t)e->base) != (ssize_t)sizeof(hex) ||
	    !gx_hex_decode((struct gx_str){ hex, sizeof(hex) }, want, sizeof(want)) ||
	    memcmp(want, r->database, sizeof(want)) != 0)
		return refuse(r, r->archive.path, "the database in it is damaged");
	r->has_sum = true;
	return GX_OK;
}

static enum gx_status extract_blob(struct restore *r, const struct gx_archive_entry *e,
				   const unsigned char want[GX_DIGEST_BYTES])
{
	unsigned char digest[GX_DIGEST_BYTES];
	enum gx_status st = extract(r, e, digest);

	if (st == GX_OK && memcmp(want, digest, sizeof(digest)) != 0) {
		fprintf(stderr, "%s: damaged\n", e->name);
		r->damaged_count++;
	}
	return st;
}

static enum gx_status take_entry(struct restore *r, const struct gx_archive_entry *e)
{
	unsigned char digest[GX_DIGEST_BYTES];

	if (strcmp(e->name, GX_ADMIN_DATABASE) == 0) {
		r->has_database = true;
		return extract(r, e, r->database);
	}
	if (strcmp(e->name, GX_ADMIN_DATABASE_SUM) == 0)
		return compare_sum(r, e);
	if (strcmp(e->name, GX_ADMIN_SETTINGS) == 0)
		return extract(r, e, digest);
	if (gx_admin_blob_hash(e->name, digest))
		return extract_blob(r, e, digest);
	errno = 0;
	return refuse(r, r->archive.path, "is not a backup of ours");
}

static enum gx_status take_all(struct restore *r)
{
	struct gx_admin *admin = r->admin;
	struct gx_archive_entry e;
	bool found;
	enum gx_status st = gx_archive_next(&r->archive, &e, &found, &admin->err);

	while (st == GX_OK && found) {
		st = take_entry(r, &e);
		if (st == GX_OK)
			st = gx_archive_next(&r->archive, &e, &found, &admin->err);
	}
	errno = 0;
	if (st == GX_OK && !r->has_sum)
		st = refuse(r, r->archive.path, "is not a backup of ours");
	gx_admin_tell_end();
	return st;
}

static enum gx_status retire_cursors(struct gx_arena *a, struct gx_tx *tx, void *arg,
				     struct gx_error *err)
{
	(void)a;
	(void)arg;
	return gx_cursors_retire(tx, err);
}

static enum gx_status fill(struct restore *r)
{
	struct gx_admin *admin = r->admin;
	const char *database = gx_admin_path(admin, admin->data_dir, GX_ADMIN_DATABASE);
	int lock_fd;
	enum gx_status st =
		gx_datadir_open(&admin->arena, admin->data_dir, 0, &lock_fd, &admin->err);

	if (st != GX_OK)
		return st;
	st = gx_datadir_mark(&admin->arena, admin->data_dir, &admin->err);
	if (st == GX_OK)
		st = take_all(r);
	if (st == GX_OK)
		st = gx_admin_check_database(admin, &(struct gx_db_place){ .path = database },
					     GX_ADMIN_DATABASE);
	if (st == GX_OK)
		st = gx_folder_sync(&admin->arena, admin->data_dir, &admin->err);
	close(lock_fd);
	return st;
}

enum gx_status gx_admin_restore(struct gx_admin *admin)
{
	struct restore r = { .admin = admin };
	enum gx_status st =
		gx_archive_open(&r.archive, &admin->arena, admin->words[0], &admin->err);

	if (st != GX_OK)
		return st;
	st = gx_folder_make_empty(&admin->arena, admin->data_dir, &admin->err);
	if (st != GX_OK) {
		gx_archive_abandon(&r.archive);
		return st;
	}
	st = fill(&r);
	gx_archive_abandon(&r.archive);
	/* Clients know more than the backup: they must read their lists again. */
	admin->is_restoring = true;
	if (st == GX_OK)
		st = gx_admin_run_alone(admin, retire_cursors);
	if (st == GX_OK)
		st = gx_datadir_unmark(&admin->arena, admin->data_dir, &admin->err);
	if (st != GX_OK) {
		gx_folder_clear(admin->data_dir);
		return st;
	}
	printf("%s: %llu files restored\n", admin->data_dir, (unsigned long long)r.files_count);
	if (r.damaged_count > 0)
		printf("%llu media are damaged, as they were in the backup\n",
		       (unsigned long long)r.damaged_count);
	return GX_OK;
}
