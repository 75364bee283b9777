/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls.h - TLS 1.2 and 1.3 for one side of a connection, as a transformation of bytes.
 *
 * Purpose:    OpenSSL behind a small interface without sockets: bytes of the network go in and
 *             plain ones come out, and the other way round. The caller reads and writes the socket,
 *             so it alone decides how much of what waits where.
 * Invariants: nothing here waits: what is given is taken whole, what is to be sent is appended to
 *             the caller's buffer. Renegotiation, compression and early data are off. An open
 *             connection between two records holds no buffers (SSL_MODE_RELEASE_BUFFERS).
 * Resumption: without a cache: what a client needs to resume is in its ticket, sealed under a key
 *             that all edges share. The last two keys open tickets, the newest one seals.
 * Threading:  one thread per process uses these functions. gx_tls_start() before a sandbox.
 * Memory:     contexts and connections are the heap's and are freed by hand; a connection keeps
 *             what it needs of its context alive.
 * Errors:     contexts: a status with a detail for people. Connections: enum gx_tls_result.
 */
#ifndef GX_TLS_H
#define GX_TLS_H

#include "gx.h"

#define GX_TLS_PLAIN_BYTES_MAX ((size_t)16384) /* of one record */
/* What the last bytes of an unfinished record can add to what a read brings. */
#define GX_TLS_CARRY_BYTES_MAX (GX_TLS_PLAIN_BYTES_MAX + 512)
#define GX_TLS_TICKET_KEYS 2u

struct gx_tls_ticket_key {
	unsigned char name[16];
	unsigned char cipher_key[32]; /* AES-256 */
	unsigned char mac_key[32];    /* HMAC-SHA-256 */
};

/* Newest first. All zero: not set yet. */
struct gx_tls_tickets {
	struct gx_tls_ticket_key keys[GX_TLS_TICKET_KEYS];
};

/* A certificate with its key, and the house's rules for TLS. */
struct gx_tls_context;
/* One connection. */
struct gx_tls;

enum gx_tls_result {
	GX_TLS_GOES_ON,
	GX_TLS_ENDED,  /* the other side has said goodbye: it sends nothing more */
	GX_TLS_FAILED, /* to be closed; what was appended to `sealed` is an alert */
};

/* Loads what is loaded lazily otherwise. False: the library cannot be used. */
GX_NODISCARD bool gx_tls_start(void);

/* New random keys in front, the oldest ones are dropped. False: there is no randomness. */
GX_NODISCARD bool gx_tls_tickets_rotate(struct gx_tls_tickets *tickets);

/* `certificate`: PEM, ours first, then the chain up to the authority. `key`: PEM, not encrypted,
 * and it must be that of the certificate. `tickets` is borrowed for as long as the context or a
 * connection of it lives; its content may change at any time between calls. */
GX_NODISCARD enum gx_status gx_tls_context_new(struct gx_arena *a, struct gx_str certificate,
					       struct gx_str key,
					       const struct gx_tls_tickets *tickets,
					       struct gx_tls_context **out, struct gx_error *err);
void gx_tls_context_free(struct gx_tls_context *c);
/* The certificate's last moment, and the first name that it is for (of its subject if it has no
 * others). */
int64_t gx_tls_context_ends_at_ms(const struct gx_tls_context *c);
struct gx_str gx_tls_context_name(struct gx_arena *a, const struct gx_tls_context *c);

/* The server's side of a new connection. */
struct gx_tls *gx_tls_accept(struct gx_tls_context *c);
void gx_tls_free(struct gx_tls *t);
/* Whether the handshake is over. */
bool gx_tls_is_open(const struct gx_tls *t);
/* Whether it was shortened by a ticket. */
bool gx_tls_is_resumed(const struct gx_tls *t);

/* Takes all of `in`. Plain bytes go to `plain`, which has room for in.len +
 * GX_TLS_CARRY_BYTES_MAX; *plain_size is set in any case. Handshake messages and alerts are
 * appended to `sealed`. */
enum gx_tls_result gx_tls_receive(struct gx_tls *t, struct gx_str in, char *plain,
				  size_t *plain_size, struct gx_buf *sealed);
/* Seals `plain` behind what stands in `sealed`. False: not open, or no room: to be closed. */
GX_NODISCARD bool gx_tls_send(struct gx_tls *t, struct gx_str plain, struct gx_buf *sealed);
/* Says goodbye (close_notify): nothing may be sent behind it. */
void gx_tls_end(struct gx_tls *t, struct gx_buf *sealed);

#endif
