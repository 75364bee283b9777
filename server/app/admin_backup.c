/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin_backup.c - the whole data folder in one file, while the server runs.
 *
 * The database comes first, as one snapshot: media that are sent meanwhile are then in the backup
 * without being asked for, and none that is asked for is missing, unless it was deleted meanwhile.
 * The hash of the database stands behind it; a blob's name is its hash. See docs/backup.md.
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

struct backup {
	struct gx_admin *admin;
	struct gx_archive archive;
	uint64_t files_count, files_bytes, damaged_count;
};

static void tell_database(void *arg, uint64_t done_bytes, uint64_t all_bytes)
{
	(void)arg;
	gx_admin_tell("database", done_bytes, all_bytes);
}

static enum gx_status add_text(struct backup *b, const char *name, struct gx_str text)
{
	ssize_t n = pwrite(b->archive.fd, text.ptr, text.len, (off_t)gx_archive_base(&b->archive));

	if (n != (ssize_t)text.len)
		return gx_fail_detail(&b->admin->arena, &b->admin->err, GX_E_INTERNAL,
				      "app.archive", "%s: %s", name, strerror(errno));
	return gx_archive_add(&b->archive, name, text.len, &b->admin->err);
}

static enum gx_status add_database(struct backup *b)
{
	struct gx_admin *admin = b->admin;
	struct gx_db_place place = { .fd = b->archive.fd, .base = gx_archive_base(&b->archive) };
	const struct gx_db_progress progress = { tell_database, NULL };
	unsigned char digest[GX_DIGEST_BYTES];
	char hex[GX_DIGEST_HEX_BYTES];
	enum gx_status st =
		gx_db_copy_into(gx_admin_path(admin, admin->data_dir, GX_ADMIN_DATABASE), place.fd,
				place.base, &progress, &place.size, &admin->err);

	/* A damaged database must not become a backup that takes the place of a good one. */
	if (st == GX_OK)
		st = gx_admin_check_database(admin, &place, GX_ADMIN_DATABASE);
	if (st == GX_OK)
		st = gx_archive_add(&b->archive, GX_ADMIN_DATABASE, place.size, &admin->err);
	if (st != GX_OK)
		return st;
	if (!gx_digest_copy(&(struct gx_stretch){ place.fd, place.base, place.size }, -1, 0,
			    digest))
		return gx_fail_detail(&admin->arena, &admin->err, GX_E_INTERNAL, "app.archive",
				      "%s: %s", admin->words[0], strerror(errno));
	gx_hex_encode(digest, sizeof(digest), hex);
	/* As sha256sum -c reads it. */
	return add_text(b, GX_ADMIN_DATABASE_SUM,
			gx_arena_printf(&admin->arena, "%.64s  " GX_ADMIN_DATABASE "\n", hex));
}

static enum gx_status add_open_file(struct backup *b, const char *name, int fd,
				    unsigned char digest[GX_DIGEST_BYTES])
{
	struct gx_admin *admin = b->admin;
	struct gx_stretch from = { .fd = fd };
	struct stat about;

	if (fstat(fd, &about) != 0 ||
	    (from.size = (uint64_t)about.st_size,
	     !gx_digest_copy(&from, b->archive.fd, gx_archive_base(&b->archive), digest)))
		return gx_fail_detail(&admin->arena, &admin->err,
				      errno == ENOSPC ? GX_E_OVERLOADED : GX_E_INTERNAL,
				      "app.archive", "%s: %s", name, strerror(errno));
	b->files_count++;
	b->files_bytes += from.size;
	return gx_archive_add(&b->archive, name, from.size, &admin->err);
}

/* A file that is not there is nothing to add. */
static enum gx_status add_file(struct backup *b, const char *name,
			       unsigned char digest[GX_DIGEST_BYTES], bool *is_there)
{
	struct gx_arena paths;
	struct gx_admin *admin = b->admin;
	enum gx_status st = GX_OK;
	int fd;

	gx_arena_init(&paths);
	fd = open(gx_arena_printf(&paths, "%s/%s", admin->data_dir, name).ptr,
		  O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	*is_there = fd >= 0;
	if (fd >= 0) {
		st = add_open_file(b, name, fd, digest);
		close(fd);
	} else if (errno != ENOENT) {
		st = gx_fail_detail(&admin->arena, &admin->err, GX_E_INTERNAL, "app.archive",
				    "%s: %s", name, strerror(errno));
	}
	gx_arena_deinit(&paths);
	return st;
}

/* Damaged ones come along: something is better than nothing. */
static enum gx_status add_blob(void *arg, const char *path, struct gx_error *err)
{
	struct backup *b = arg;
	char name[GX_ARCHIVE_NAME_MAX + 1];
	unsigned char want[GX_DIGEST_BYTES], digest[GX_DIGEST_BYTES];
	bool is_there;
	enum gx_status st;

	(void)err; /* admin's own */
	if (snprintf(name, sizeof(name), GX_ADMIN_BLOBS "/%s", path) >= (int)sizeof(name) ||
	    !gx_admin_blob_hash(name, want))
		return GX_OK; /* not ours */
	st = add_file(b, name, digest, &is_there);
	if (st == GX_OK && is_there && memcmp(want, digest, sizeof(want)) != 0) {
		fprintf(stderr, "%s: damaged\n", name);
		b->damaged_count++;
	}
	gx_admin_tell("media", b->files_bytes, 0);
	return st;
}

static enum gx_status add_all(struct backup *b)
{
	struct gx_admin *admin = b->admin;
	unsigned char digest[GX_DIGEST_BYTES];
	bool is_there;
	enum gx_status st = add_database(b);

	if (st == GX_OK)
		st = add_file(b, GX_ADMIN_SETTINGS, digest, &is_there);
	if (st == GX_OK)
		st = gx_folder_walk(&admin->arena,
				    gx_admin_path(admin, admin->data_dir, GX_ADMIN_BLOBS), add_blob,
				    b, &admin->err);
	return st;
}

enum gx_status gx_admin_backup(struct gx_admin *admin)
{
	struct backup b = { .admin = admin };
	enum gx_status st = gx_admin_need_database(admin, admin->data_dir);

	if (st == GX_OK)
		st = gx_archive_create(&b.archive, &admin->arena, admin->words[0], &admin->err);
	if (st != GX_OK)
		return st;
	st = add_all(&b);
	gx_admin_tell_end();
	if (st != GX_OK) {
		gx_archive_abandon(&b.archive);
		return st;
	}
	st = gx_archive_finish(&b.archive, &admin->err);
	if (st == GX_OK)
		printf("%s: the database and %llu files\n", admin->words[0],
		       (unsigned long long)b.files_count);
	if (st == GX_OK && b.damaged_count > 0)
		printf("%llu media are damaged and in it as they are\n",
		       (unsigned long long)b.damaged_count);
	return st;
}
