/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_fuzz_values.h - hostile values for the inputs of operations, chosen by a fuzzer's bytes.
 *
 * A value is valid, just in or out of its bounds, of another type, or of another one's making: ids,
 * cursors and codes come from a pool of what answers have shown. When the bytes are used up, plain
 * valid values follow.
 */
#ifndef GX_API_FUZZ_VALUES_H
#define GX_API_FUZZ_VALUES_H

#include "room.h"

/* The fuzzer's bytes. */
struct fuzz_bytes {
	const uint8_t *at;
	size_t left;
};

uint8_t fuzz_byte(struct fuzz_bytes *b); /* 0 at the end */
unsigned fuzz_below(struct fuzz_bytes *b, unsigned limit);

#define FUZZ_POOL_MAX 96u
#define FUZZ_TEXT_BYTES_MAX 160u

/* What answers have shown: rings of the latest. */
struct fuzz_pool {
	uint64_t ids[FUZZ_POOL_MAX];
	size_t ids_count;
	char texts[FUZZ_POOL_MAX][FUZZ_TEXT_BYTES_MAX];
	size_t texts_count;
};

/* Takes in all ids and short strings of an answer. */
void fuzz_pool_take(struct fuzz_pool *p, struct gx_arena *a, struct gx_str json);

/* A JSON object of inputs for the fields of a route. */
void fuzz_write_inputs(struct fuzz_bytes *b, const struct fuzz_pool *p,
		       const struct gx_field *fields, struct gx_buf *out);

#endif
