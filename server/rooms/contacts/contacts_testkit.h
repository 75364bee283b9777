/* SPDX-License-Identifier: Apache-2.0 */
/*
 * contacts_testkit.h - people and calls, for the unit tests of contacts and groups.
 *
 * People are rows put straight into the accounts' table: no argon2id, so hundreds are cheap. Their
 * usernames are person_1, person_2, … by account id. A broken expectation stops the process with
 * its place.
 */
#ifndef GX_CONTACTS_TESTKIT_H
#define GX_CONTACTS_TESTKIT_H

#include "testhouse.h"

/* Makes accounts until there are `count`. */
void kit_people(struct gx_test *t, size_t count);

/* Carries out an operation; `input` is a format with single quotes for double ones. The status. */
int kit_call(struct gx_test *t, struct gx_str *out, uint64_t who, const char *op, const char *input,
	     ...) GX_PRINTF(5, 6);
/* Expects a refusal with that code. */
#define kit_refused(t, code, who, op, ...)                                                         \
	kit_expect_code((t), (code), kit_call((t), NULL, (who), (op), __VA_ARGS__), __LINE__)
/* Expects that status and gives the answer. */
#define kit_ok(t, status, who, op, ...)                                                            \
	kit_expect_status((t), (status), (who), (op), __LINE__, __VA_ARGS__)

void kit_expect_code(struct gx_test *t, const char *code, int status, int line);
struct gx_str kit_expect_status(struct gx_test *t, int status, uint64_t who, const char *op,
				int line, const char *input, ...) GX_PRINTF(6, 7);

/* A string or number inside an answer by its path ("request.source.kind", "contacts.0.remark"), as
 * text; the raw JSON of anything else; empty when it is not there. */
struct gx_str kit_get(struct gx_test *t, struct gx_str json, const char *path);
uint64_t kit_get_id(struct gx_test *t, struct gx_str json, const char *path);
/* Elements of an array in an answer. */
size_t kit_count(struct gx_test *t, struct gx_str json, const char *path);

/* Asks by username; the request's id. */
uint64_t kit_ask(struct gx_test *t, uint64_t from, uint64_t to);
/* Asks and accepts; their conversation's id. */
uint64_t kit_befriend(struct gx_test *t, uint64_t a, uint64_t b);
/* Sends a text: 201, or the status of the refusal, whose code is in t->err. */
int kit_say(struct gx_test *t, uint64_t who, uint64_t conversation_id);
/* Code of the newest notice of a conversation as `who` reads it, and its params. */
struct gx_str kit_notice(struct gx_test *t, uint64_t who, uint64_t conversation_id,
			 struct gx_str *params);
/* Events of that type which chat derives for the account behind a position (gx_position_last()). */
size_t kit_chat_events(struct gx_test *t, uint64_t account_id, const char *type, uint64_t after);

#endif
