/* SPDX-License-Identifier: Apache-2.0 */
/* admin_files.c - what backup, restore and check share. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admin.h"
#include "ident.h"
#include "rooms.h"

#define COMPLAINTS_BYTES_MAX ((size_t)1 << 20)
#define ROOMS_MAX 64u
#define MEBIBYTE (UINT64_C(1) << 20)
#define TELL_EACH_NS UINT64_C(1000000000)
#define TELL_EACH_IN_LOG_NS (10 * TELL_EACH_NS)

const char *gx_admin_path(struct gx_admin *admin, const char *dir, const char *name)
{
	return gx_arena_printf(&admin->arena, "%s/%s", dir, name).ptr;
}

enum gx_status gx_admin_need_database(struct gx_admin *admin, const char *dir)
{
	const char *path = gx_admin_path(admin, dir, GX_ADMIN_DATABASE);

	if (access(path, R_OK) == 0)
		return GX_OK;
	return gx_fail_detail(&admin->arena, &admin->err, GX_E_NOT_FOUND, "app.no_database",
			      "%s: %s", path, strerror(errno));
}

static bool is_line_open; /* on a terminal, the last one is written over */

void gx_admin_tell(const char *what, uint64_t done_bytes, uint64_t all_bytes)
{
	static uint64_t told_ns;
	uint64_t now_ns = gx_clock_mono_ns();
	bool is_terminal = isatty(STDERR_FILENO) == 1;

	if (told_ns == 0)
		told_ns = now_ns; /* what is over at once is not worth a word */
	if (now_ns - told_ns < (is_terminal ? TELL_EACH_NS : TELL_EACH_IN_LOG_NS))
		return;
	told_ns = now_ns;
	fprintf(stderr, "%s%s: %llu", is_terminal ? "\r" : "", what,
		(unsigned long long)(done_bytes / MEBIBYTE));
	if (all_bytes > 0)
		fprintf(stderr, " of %llu", (unsigned long long)(all_bytes / MEBIBYTE));
	fprintf(stderr, " MiB%s", is_terminal ? "   " : "\n");
	is_line_open = is_terminal;
}

void gx_admin_tell_end(void)
{
	if (is_line_open)
		fputc('\n', stderr);
	is_line_open = false;
}

enum gx_status gx_admin_check_database(struct gx_admin *admin, const struct gx_db_place *place,
				       const char *name)
{
	struct gx_query_set *sets[ROOMS_MAX];
	struct gx_buf complaints;
	size_t count = 0;
	enum gx_status st;

	for (size_t i = 0; app_rooms[i] != NULL && count < ROOMS_MAX; i++)
		if (app_rooms[i]->queries != NULL)
			sets[count++] = app_rooms[i]->queries;
	gx_buf_init(&complaints, COMPLAINTS_BYTES_MAX);
	st = gx_db_check(place, sets, count, &complaints, &admin->err);
	if (st == GX_OK && complaints.len > 0) {
		fprintf(stderr, "%.*s", GX_STR_ARG(gx_buf_str(&complaints)));
		st = gx_fail_detail(&admin->arena, &admin->err, GX_E_INTERNAL, "app.damaged",
				    "%s is damaged: restore a backup", name);
	}
	gx_buf_deinit(&complaints);
	return st;
}

bool gx_admin_blob_hash(const char *path, unsigned char digest[GX_DIGEST_BYTES])
{
	const char *slash = strrchr(path, '/');
	struct gx_str hex = gx_str_from_cstr(slash == NULL ? path : slash + 1);
	char want[sizeof(GX_ADMIN_BLOBS) + 6 + GX_DIGEST_HEX_BYTES + 1];

	if (!gx_hex_decode(hex, digest, GX_DIGEST_BYTES))
		return false;
	(void)snprintf(want, sizeof(want), GX_ADMIN_BLOBS "/%.2s/%.2s/%s", hex.ptr, hex.ptr + 2,
		       hex.ptr);
	return strcmp(path, want) == 0;
}
