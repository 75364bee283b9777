/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chat_filter.h - "surely not there": which keys chat_client can't hold, without asking it.
 *
 * A Bloom filter that grows: layers of blocks of one cache line, eight bits a key, each layer four
 * times the one before (Almeida et al., Scalable Bloom Filters, 2007). About 12 bits a key, wrong
 * for less than 1 of 100 absent ones while it has not reached its largest size; from there on more
 * are wrong, which costs a look-up. Threading: one owner. Memory: 64 KiB for the first layer, 86
 * MiB when all six are there (58 million keys).
 */
#ifndef GX_CHAT_FILTER_H
#define GX_CHAT_FILTER_H

#include "gx.h"

#define CHAT_FILTER_LAYERS_MAX 6u

struct chat_filter_layer {
	uint64_t *words;
	size_t blocks; /* of 8 words; a power of two */
	size_t room;   /* keys it may still take */
};

struct chat_filter {
	struct chat_filter_layer layers[CHAT_FILTER_LAYERS_MAX];
	unsigned count;
};

void chat_filter_deinit(struct chat_filter *f);
void chat_filter_add(struct chat_filter *f, uint64_t key);
/* False: it was never added. */
bool chat_filter_may_have(const struct chat_filter *f, uint64_t key);

#endif
