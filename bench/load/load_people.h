/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_people.h - who takes part in a run against our own server, and calls over HTTP.
 *
 * Purpose:    everything before the measuring, over blocking sockets. What was made is kept in
 *             --people FILE, so that a second run on the same data folder signs nobody up.
 * Threading:  the one thread there is. Memory: process lifetime, but for load_http_close().
 * Errors:     load_die(): a run either has what it needs or ends.
 */
#ifndef GX_LOAD_PEOPLE_H
#define GX_LOAD_PEOPLE_H

#include "json.h"
#include "load.h"

#define LOAD_PERSON_TOKEN_BYTES 204u
#define LOAD_CURSOR_BYTES 204u

/* Signs up who is missing; makes pairs, or the group, or neither. */
void load_people_prepare(unsigned count, enum load_mode mode);
void load_person_token(uint32_t i, char out[LOAD_PERSON_TOKEN_BYTES]);
void load_person_place(uint32_t i, char out[24]);

/* Streams that open go on from here; empty: from now. */
extern char load_cursor[LOAD_CURSOR_BYTES];
/* Sets load_cursor to this moment, as that person is told. */
void load_cursor_fetch(uint32_t person);

/* Person 0, the owner, says this to everybody; returns with the answer. */
void load_notice_send(const char *text);

/* One request at a time. Paths stand behind /api/v1. */
struct load_http {
	int fd;
	struct gx_buf in;
};

struct load_answer {
	int status;
	const struct gx_json *json; /* NULL without a body */
	struct gx_str body;
};

void load_http_open(struct load_http *h);
void load_http_close(struct load_http *h);
/* token NULL: none; an empty body: none. */
void load_http_send(struct load_http *h, const char *method, const char *path, const char *token,
		    struct gx_str body);
void load_http_receive(struct load_http *h, struct gx_arena *a, struct load_answer *out);

#endif
