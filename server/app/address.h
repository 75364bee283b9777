/* SPDX-License-Identifier: Apache-2.0 */
/*
 * address.h - where to listen: HOST:PORT as text, and whether that place is free.
 *
 * Threading: before anything else starts. Memory: texts in the caller's arena.
 * Errors: GX_E_INVALID with a code app.… and a detail for people.
 */
#ifndef GX_ADDRESS_H
#define GX_ADDRESS_H

#include "gx.h"

struct gx_address {
	struct gx_str host; /* numeric, without brackets; NUL-ended */
	uint16_t port;	    /* 0: any free one */
	bool is_v6;
};

/* "127.0.0.1:8848", "[::1]:8848", "localhost:8848" (which is 127.0.0.1). */
GX_NODISCARD enum gx_status gx_address_parse(struct gx_arena *a, struct gx_str text,
					     struct gx_address *out, struct gx_error *err);
/* "127.0.0.1:8848" or "[::1]:8848". */
struct gx_str gx_address_text(struct gx_arena *a, const struct gx_address *address);

/* Our listeners share their port (SO_REUSEPORT), which would let us share it with a stranger of the
 * same user too: this fails when anybody else has it. Waits up to `wait_ms`
 * for an edge that was killed a moment ago. */
GX_NODISCARD enum gx_status gx_address_check_free(struct gx_arena *a,
						  const struct gx_address *address, int64_t wait_ms,
						  struct gx_error *err);

/* "10.0.0.1, fd00::/8": numeric addresses, each with an optional prefix length. */
GX_NODISCARD enum gx_status gx_address_parse_list(struct gx_arena *a, struct gx_str text,
						  struct gx_str **out, size_t *count,
						  struct gx_error *err);

#endif
