/* SPDX-License-Identifier: Apache-2.0 */
/*
 * path.c - guanxi-bench-path N: N messages through the rules, the store and the outbox, and nothing
 * else.
 *
 * One thread on a fresh folder, a commit after every 64: for callgrind, which counts its
 * instructions. The house is that of the rooms' unit tests, so each call also pays for a savepoint
 * that a batch does not have.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "accounts.h"
#include "chat.h"
#include "media.h"
#include "testhouse.h"

#define BATCH 64u

static const struct gx_room *const rooms[] = { &media_room, &accounts_room, &chat_room, NULL };

static int send_one(struct gx_test *t, uint64_t where, unsigned i)
{
	struct gx_str in = gx_arena_printf(t->arena,
					   "{\"conversation_id\":\"%llu\",\"client_id\":\"%027u\","
					   "\"kind\":\"text\",\"body\":{\"text\":\"%0100u\"}}",
					   (unsigned long long)where, i, i);

	return gx_test_call(t, 1 + i % 2, "messages.send", in.ptr, NULL);
}

int main(int argc, char **argv)
{
	unsigned long n = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	struct gx_test t;
	uint64_t where;

	if (n == 0 || n > 1000000) {
		fputs("guanxi-bench-path N\n", stderr);
		return 2;
	}
	gx_test_open(&t, rooms);
	if (chat_open_direct(t.arena, t.tx, 1, 2, &where, &t.err) != GX_OK)
		return 1;
	for (unsigned i = 0; i < n; i++) {
		int status = send_one(&t, where, i);

		if (status != 201) {
			fprintf(stderr, "guanxi-bench-path: %d\n", status);
			return 1;
		}
		if (i % BATCH == BATCH - 1) {
			gx_test_commit(&t);
			gx_arena_reset(t.arena);
		}
	}
	gx_test_close(&t);
	return 0;
}
