/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_setup.h - the people of a load run: sign-up, contacts, the group, and their streams.
 *
 * Purpose:    everything before the measuring, over blocking sockets. What was made is kept in a
 *             file, so that a second run on the same data folder signs nobody up.
 * Threading:  the one thread there is. Memory: process lifetime.
 * Errors:     load_die(): a load run either has what it needs or ends.
 */
#ifndef GX_LOAD_SETUP_H
#define GX_LOAD_SETUP_H

#include "gx.h"

struct load_person {
	char username[24];
	char account_id[24];
	char token[204];
	char conversation_id[24]; /* with the partner, or the group; empty: none yet */
};

struct load_people {
	const char *host; /* an IPv4 address */
	uint16_t port;
	const char *file; /* NULL: remember nothing */
	struct load_person *list;
	unsigned count;
};

_Noreturn void load_die(const char *fmt, ...) GX_PRINTF(1, 2);

/* Reads the file and signs up who is missing. */
void load_people_prepare(struct load_people *p, unsigned count);
/* Makes 2k and 2k+1 contacts, for all k, and notes their conversation. */
void load_people_pair(struct load_people *p);
/* Makes everybody a contact of person 0, who then creates one group of all. */
void load_people_group(struct load_people *p);
/* Opens one stream as that person; a non-blocking socket, just behind the 101. */
int load_stream_open(const struct load_people *p, const struct load_person *who);

#endif
