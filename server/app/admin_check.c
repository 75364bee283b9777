/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin_check.c - looks for damage in a data folder, or in a backup.
 *
 * The database: its pages, indexes and constraints, and what the rooms say must hold (their queries
 * check_…). The media: each file's bytes against the hash that is its name, and whether all that
 * the database names is there.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin.h"
#include "archive.h"
#include "folder.h"
#include "ident.h"
#include "rooms.h"

#define NAMES_QUERY "media.blob_names"
#define COMPLAINTS_MAX 1000u

struct check {
	struct gx_admin *admin;
	struct gx_archive archive; /* of a backup */
	struct gx_archive_entry database;
	unsigned char database_digest[GX_DIGEST_BYTES];
	bool has_database, has_sum;
	uint64_t files_count, bytes, complaints_count;
};

static void complain(struct check *c, const char *name, const char *why)
{
	if (c->complaints_count++ < COMPLAINTS_MAX)
		fprintf(stderr, "%s: %s\n", name, why);
}

/* ---- the folder */

static void check_blob_bytes(struct check *c, const char *name, int fd)
{
	unsigned char want[GX_DIGEST_BYTES], digest[GX_DIGEST_BYTES];
	struct gx_stretch all = { .fd = fd };
	struct stat about;

	if (!gx_admin_blob_hash(name, want)) {
		complain(c, name, "is not a medium");
		return;
	}
	if (fstat(fd, &about) != 0) {
		complain(c, name, strerror(errno));
		return;
	}
	all.size = (uint64_t)about.st_size;
	if (!gx_digest_copy(&all, -1, 0, digest))
		complain(c, name, strerror(errno));
	else if (memcmp(want, digest, sizeof(want)) != 0)
		complain(c, name, "damaged: its bytes are not those that were uploaded");
	c->files_count++;
	c->bytes += all.size;
	gx_admin_tell("media", c->bytes, 0);
}

static enum gx_status check_blob(void *arg, const char *path, struct gx_error *err)
{
	struct check *c = arg;
	struct gx_arena paths;
	const char *name;
	int fd;

	(void)err;
	gx_arena_init(&paths);
	name = gx_arena_printf(&paths, GX_ADMIN_BLOBS "/%s", path).ptr;
	fd = open(gx_arena_printf(&paths, "%s/%s", c->admin->data_dir, name).ptr,
		  O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0) {
		check_blob_bytes(c, name, fd);
		close(fd);
	} else if (errno != ENOENT) {
		complain(c, name, strerror(errno));
	}
	gx_arena_deinit(&paths);
	return GX_OK;
}

static bool check_name(void *arg, struct gx_str hex, int64_t size)
{
	struct check *c = arg;
	struct gx_arena paths;
	struct stat about;
	const char *name;

	gx_arena_init(&paths);
	name = gx_arena_printf(&paths, GX_ADMIN_BLOBS "/%.2s/%.2s/%.*s", hex.ptr, hex.ptr + 2,
			       GX_STR_ARG(hex))
		       .ptr;
	if (hex.len != GX_DIGEST_HEX_BYTES)
		complain(c, name, "is not a name of a medium");
	else if (stat(gx_arena_printf(&paths, "%s/%s", c->admin->data_dir, name).ptr, &about) != 0)
		complain(c, name, "missing, though the database names it");
	else if (size > 0 && about.st_size != size)
		complain(c, name, "not as long as the database says");
	gx_arena_deinit(&paths);
	return true;
}

static const struct gx_query *names_query(void)
{
	for (size_t i = 0; app_rooms[i] != NULL; i++)
		for (size_t k = 0;
		     app_rooms[i]->queries != NULL && k < app_rooms[i]->queries->queries_count; k++)
			if (strcmp(app_rooms[i]->queries->queries[k].name, NAMES_QUERY) == 0)
				return &app_rooms[i]->queries->queries[k];
	GX_ASSERT(!"no query that names the media");
	return NULL;
}

/* The database first: what it names then is there, unless it was deleted meanwhile. */
static enum gx_status check_folder(struct check *c)
{
	struct gx_admin *admin = c->admin;
	const char *path = gx_admin_path(admin, admin->data_dir, GX_ADMIN_DATABASE);
	const struct gx_db_place place = { .path = path };
	enum gx_status st = gx_admin_need_database(admin, admin->data_dir);

	if (st == GX_OK)
		st = gx_admin_check_database(admin, &place, path);
	if (st == GX_OK)
		st = gx_db_each(&place, names_query(), check_name, c, &admin->err);
	if (st == GX_OK)
		st = gx_folder_walk(&admin->arena,
				    gx_admin_path(admin, admin->data_dir, GX_ADMIN_BLOBS),
				    check_blob, c, &admin->err);
	return st;
}

/* ---- a backup */

static void check_sum(struct check *c, const struct gx_archive_entry *e)
{
	char hex[GX_DIGEST_HEX_BYTES];
	unsigned char want[GX_DIGEST_BYTES];

	c->has_sum = true;
	if (!c->has_database ||
	    pread(c->archive.fd, hex, sizeof(hex), (off_t)e->base) != (ssize_t)sizeof(hex) ||
	    !gx_hex_decode((struct gx_str){ hex, sizeof(hex) }, want, sizeof(want)) ||
	    memcmp(want, c->database_digest, sizeof(want)) != 0)
		complain(c, GX_ADMIN_DATABASE, "damaged: its bytes are not those that were saved");
}

static void check_entry(struct check *c, const struct gx_archive_entry *e)
{
	unsigned char want[GX_DIGEST_BYTES], digest[GX_DIGEST_BYTES];

	if (!gx_digest_copy(&(struct gx_stretch){ c->archive.fd, e->base, e->size }, -1, 0,
			    digest)) {
		complain(c, e->name, strerror(errno));
	} else if (strcmp(e->name, GX_ADMIN_DATABASE) == 0) {
		memcpy(c->database_digest, digest, sizeof(digest));
		c->database = *e;
		c->has_database = true;
	} else if (strcmp(e->name, GX_ADMIN_DATABASE_SUM) == 0) {
		check_sum(c, e);
	} else if (gx_admin_blob_hash(e->name, want)) {
		if (memcmp(want, digest, sizeof(want)) != 0)
			complain(c, e->name, "damaged");
		c->files_count++;
	} else if (strcmp(e->name, GX_ADMIN_SETTINGS) != 0) {
		complain(c, e->name, "is not ours");
	}
	c->bytes += e->size;
	gx_admin_tell("backup", c->bytes, 0);
}

static enum gx_status check_entries(struct check *c)
{
	struct gx_admin *admin = c->admin;
	struct gx_archive_entry e;
	bool found;
	enum gx_status st = gx_archive_next(&c->archive, &e, &found, &admin->err);

	while (st == GX_OK && found) {
		check_entry(c, &e);
		st = gx_archive_next(&c->archive, &e, &found, &admin->err);
	}
	if (st == GX_OK && !c->has_sum)
		complain(c, c->archive.path, "is not a backup of ours");
	if (st == GX_OK && c->has_database)
		st = gx_admin_check_database(admin,
					     &(struct gx_db_place){ .fd = c->archive.fd,
								    .base = c->database.base,
								    .size = c->database.size },
					     GX_ADMIN_DATABASE);
	return st;
}

static enum gx_status check_backup(struct check *c)
{
	struct gx_admin *admin = c->admin;
	enum gx_status st =
		gx_archive_open(&c->archive, &admin->arena, admin->words[0], &admin->err);

	if (st != GX_OK)
		return st;
	st = check_entries(c);
	gx_archive_abandon(&c->archive);
	return st;
}

enum gx_status gx_admin_check(struct gx_admin *admin)
{
	struct check c = { .admin = admin };
	const char *name = admin->words_count > 0 ? admin->words[0] : admin->data_dir;
	enum gx_status st = admin->words_count > 0 ? check_backup(&c) : check_folder(&c);

	gx_admin_tell_end();
	if (st == GX_OK && c.complaints_count > 0)
		st = gx_fail_detail(&admin->arena, &admin->err, GX_E_INTERNAL, "app.damaged",
				    "%s: %llu things are wrong; see above, and docs/backup.md",
				    name, (unsigned long long)c.complaints_count);
	if (st == GX_OK)
		printf("sound: the database and %llu media\n", (unsigned long long)c.files_count);
	return st;
}
