/* SPDX-License-Identifier: Apache-2.0 */
#include "chat_filter.h"

#define BLOCKS_FIRST 1024u /* 64 KiB */
#define KEYS_PER_BLOCK 42u /* 512 bits, 12 a key */
#define BITS_PER_KEY 8u

void chat_filter_deinit(struct chat_filter *f)
{
	for (unsigned i = 0; i < f->count; i++)
		gx_heap_free(f->layers[i].words);
	*f = (struct chat_filter){ 0 };
}

/* MurmurHash3's finalizer: keys of one conversation differ in their low half alone. */
static uint64_t mix(uint64_t v)
{
	v = (v ^ (v >> 33)) * UINT64_C(0xff51afd7ed558ccd);
	v = (v ^ (v >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
	return v ^ (v >> 33);
}

static void add_layer(struct chat_filter *f)
{
	size_t blocks = f->count == 0 ? BLOCKS_FIRST : f->layers[f->count - 1].blocks * 4;

	f->layers[f->count++] = (struct chat_filter_layer){
		.words = gx_heap_alloc_array(blocks * 8, sizeof(uint64_t)),
		.blocks = blocks,
		.room = blocks * KEYS_PER_BLOCK,
	};
}

static uint64_t *block_of(const struct chat_filter_layer *l, uint64_t hash)
{
	return l->words + (hash >> 32 & (l->blocks - 1)) * 8;
}

/* The bits within the block: 9 each, from a second hash. */
static uint64_t bits_of(uint64_t hash)
{
	return hash * UINT64_C(0x9e3779b97f4a7c15);
}

void chat_filter_add(struct chat_filter *f, uint64_t key)
{
	uint64_t hash = mix(key), bits = bits_of(hash);
	struct chat_filter_layer *l;

	if (f->count == 0 ||
	    (f->layers[f->count - 1].room == 0 && f->count < CHAT_FILTER_LAYERS_MAX))
		add_layer(f);
	l = &f->layers[f->count - 1];
	if (l->room > 0)
		l->room--;
	uint64_t *block = block_of(l, hash);
	for (unsigned i = 0; i < BITS_PER_KEY; i++, bits = bits >> 8 | bits << 56)
		block[bits >> 6 & 7] |= UINT64_C(1) << (bits & 63);
}

static bool layer_may_have(const struct chat_filter_layer *l, uint64_t hash)
{
	const uint64_t *block = block_of(l, hash);
	uint64_t bits = bits_of(hash);

	for (unsigned i = 0; i < BITS_PER_KEY; i++, bits = bits >> 8 | bits << 56)
		if ((block[bits >> 6 & 7] & UINT64_C(1) << (bits & 63)) == 0)
			return false;
	return true;
}

bool chat_filter_may_have(const struct chat_filter *f, uint64_t key)
{
	uint64_t hash = mix(key);

	for (unsigned i = f->count; i-- > 0;)
		if (layer_may_have(&f->layers[i], hash))
			return true;
	return false;
}
