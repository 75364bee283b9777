/* SPDX-License-Identifier: Apache-2.0 */
/*
 * testhouse.h - a house of chosen rooms on a fresh database, for the rooms' unit tests.
 *
 * Each gx_test_open() makes a temporary folder with a database migrated for those rooms, starts
 * them, and begins a write transaction whose outbox collects what would be told. No loop, no edges,
 * no threads.
 */
#ifndef GX_TESTHOUSE_H
#define GX_TESTHOUSE_H

#include "core.h"
#include "publish.h"

struct gx_test {
	struct gx_arena *arena; /* fresh at open; reset by the test when it likes */
	struct gx_tx *tx;
	struct gx_error err;
	struct gx_core *core;
	struct gx_test_house *house;
};

/* `rooms` in order of need, NULL-ended. Stops the test when it can't. */
void gx_test_open(struct gx_test *t, const struct gx_room *const *rooms);
void gx_test_close(struct gx_test *t);
/* Commits what was written so far and begins anew (forgets the staged events). */
void gx_test_commit(struct gx_test *t);
/* Rolls back all since the last commit, as a refused batch would, and begins anew. */
void gx_test_rollback(struct gx_test *t);

/* A reader's connection, closed by the test, and a snapshot on it as queries have it. */
GX_NODISCARD enum gx_status gx_test_reader(struct gx_test *t, struct gx_conn **out);
GX_NODISCARD enum gx_status gx_test_snapshot(struct gx_test *t, struct gx_conn *reader,
					     struct gx_tx *tx);

/* Staged events of that type ("contact") for the account since the last commit. */
size_t gx_test_published(struct gx_test *t, uint64_t account_id, const char *type);

/* Appends a line for each query of these rooms that scans a whole table without saying so; a test
 * of each room, and one over all of them, expects none. */
GX_NODISCARD enum gx_status gx_test_check_plans(struct gx_test *t, struct gx_buf *report);

/* Carries out one operation as `account_id` (0: nobody) through admit, prepare and handle, in a
 * savepoint; `input_json` is the object of all inputs. Returns the HTTP status; *out (may be NULL)
 * is the answer's JSON or the problem's code; arena memory. */
int gx_test_call(struct gx_test *t, uint64_t account_id, const char *op, const char *input_json,
		 struct gx_str *out);
/* The same with a session: its account and device count. */
int gx_test_call_as(struct gx_test *t, const struct gx_session *session, const char *op,
		    const char *input_json, struct gx_str *out);

#endif
