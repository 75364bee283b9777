/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secrets.h - certificate, key and ticket keys for TLS, in the hands of the supervisor.
 *
 * Purpose:    reads the files (which only it may be able to read), checks that they fit together,
 *             makes the keys of tickets, and hands all this to edges over their control sockets.
 * Invariants: what was handed over once stays good: a file that can't be used changes nothing.
 *             Every edge has the same ticket keys, so a client resumes at any of them.
 * Threading:  the supervisor's loop.
 * Memory:     secrets are wiped where they are not needed any more; what is kept stands in sealed
 *             files in memory.
 * Errors:     GX_E_INVALID with a code tls.… and a detail for people.
 */
#ifndef GX_SECRETS_H
#define GX_SECRETS_H

#include "gx.h"
#include "tls.h"

/* Keys are changed that often; tickets are good for as long, so two keys open all of them. */
#define GX_SECRETS_ROTATE_MS (6 * GX_HOUR_MS)

struct gx_secrets {
	const char *certificate_path;
	const char *key_path;
	int certificate_fd; /* sealed, with certificate and key; -1: none yet */
	int tickets_fd;	    /* sealed; -1: none yet */
	int64_t ends_at_ms; /* the certificate in use */
	struct gx_tls_tickets tickets;
};

/* Paths are borrowed. */
void gx_secrets_init(struct gx_secrets *s, const char *certificate_path, const char *key_path);
/* Wipes and closes; also for children, which must not inherit any of it. */
void gx_secrets_deinit(struct gx_secrets *s);

/* Reads the files anew and logs whose certificate it is and when it ends. */
GX_NODISCARD enum gx_status gx_secrets_load(struct gx_arena *a, struct gx_secrets *s,
					    struct gx_error *err);
/* A new ticket key in front of the present one. */
GX_NODISCARD enum gx_status gx_secrets_rotate(struct gx_arena *a, struct gx_secrets *s,
					      struct gx_error *err);
/* Hands over all there is. False: the edge does not take it. */
bool gx_secrets_send(const struct gx_secrets *s, int control_fd);

#endif
