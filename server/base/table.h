/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.h - a hash table from non-zero 64-bit keys to pointers.
 *
 * Open addressing with linear probing and backward-shift deletion; grows at 3/4. Does not own the
 * values. Threading: one owner at a time. Pointers into the table are never handed out.
 */
#ifndef GX_TABLE_H
#define GX_TABLE_H

#include "arena.h"

struct gx_table_slot {
	uint64_t key; /* 0: empty */
	void *value;
};

struct gx_table {
	struct gx_table_slot *slots;
	size_t cap; /* power of two, or 0 */
	size_t count;
};

void gx_table_init(struct gx_table *t);
void gx_table_deinit(struct gx_table *t);
void *gx_table_get(const struct gx_table *t, uint64_t key);	  /* NULL when missing */
void gx_table_put(struct gx_table *t, uint64_t key, void *value); /* value not NULL; replaces */
void *gx_table_remove(struct gx_table *t, uint64_t key);	  /* the value, or NULL */
/* Iterates: start with *at = 0; NULL at the end. The table must not change meanwhile. */
void *gx_table_next(const struct gx_table *t, size_t *at, uint64_t *key);

#endif
