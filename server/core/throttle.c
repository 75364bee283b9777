/* SPDX-License-Identifier: Apache-2.0 */
/*
 * throttle.c - limits by time in a fixed table.
 *
 * Each entry counts in two halves of its window: at most `limit` uses in any half and the one
 * before it, so never more than `limit` in half a window and at most that within one and a half. 24
 * bytes an entry; a full neighbourhood gives up its oldest.
 */
#include "throttle.h"

#include "core_state.h"

#define ENTRIES 65536u
#define PROBES 8u

struct entry {
	uint64_t key; /* 0: free */
	int64_t half_began_ms;
	uint32_t now, before;
};

struct core_throttle {
	struct entry entries[ENTRIES];
};

struct core_throttle *core_throttle_new(void)
{
	return gx_heap_alloc(sizeof(struct core_throttle));
}

void core_throttle_free(struct core_throttle *t)
{
	gx_heap_free(t);
}

static uint64_t key_of(const char *what, struct gx_str key)
{
	return (gx_str_hash(key) ^ (gx_str_hash(gx_str_from_cstr(what)) << 1)) | 1;
}

static struct entry *find(struct core_throttle *t, uint64_t key)
{
	struct entry *oldest = NULL;

	for (unsigned i = 0; i < PROBES; i++) {
		struct entry *e = &t->entries[(key / 2 + i) % ENTRIES];

		if (e->key == key)
			return e;
		if (oldest == NULL || e->half_began_ms < oldest->half_began_ms)
			oldest = e;
	}
	*oldest = (struct entry){ .key = key };
	return oldest;
}

enum gx_status gx_throttle(struct gx_core *core, const char *what, struct gx_str key, int64_t limit,
			   int64_t window_ms, struct gx_error *err)
{
	int64_t now_ms = gx_clock_now_ms();
	int64_t half_ms = window_ms / 2;
	struct entry *e;

	if (limit == 0)
		return GX_OK;
	e = find(core->throttle, key_of(what, key));
	if (now_ms < e->half_began_ms) /* the clock was set back */
		e->half_began_ms = now_ms;
	if (now_ms - e->half_began_ms >= window_ms)
		e->now = e->before = 0;
	if (now_ms - e->half_began_ms >= half_ms) {
		e->before = e->now;
		e->now = 0;
		e->half_began_ms = now_ms - (now_ms - e->half_began_ms) % half_ms;
		if (e->before == 0)
			e->half_began_ms = now_ms;
	}
	if ((int64_t)e->now + e->before >= limit) {
		int64_t wait_ms = half_ms - (now_ms - e->half_began_ms);

		return gx_fail_retry(err, GX_E_LIMIT, what, (uint32_t)(wait_ms / 1000 + 1));
	}
	e->now++;
	return GX_OK;
}

enum gx_status gx_throttle_peer(struct gx_call *c, const char *what, int64_t limit,
				int64_t window_ms)
{
	if (c->is_peer_loopback)
		return GX_OK;
	return gx_throttle(c->core, what, c->peer, limit, window_ms, &c->err);
}

void gx_throttle_forget(struct gx_core *core, const char *what, struct gx_str key)
{
	find(core->throttle, key_of(what, key))->key = 0;
}
