/* SPDX-License-Identifier: Apache-2.0 */
/* core_alone.c - the house for one transaction, without loop, threads and edges. */
#include <string.h>

#include "core_start.h"

static enum gx_status run_transaction(struct gx_core *core, gx_alone_work work, void *arg,
				      struct gx_error *err)
{
	struct core_batch *b = &core->batch;
	enum gx_status st = core_batch_begin(core, err);

	if (st != GX_OK)
		return st;
	st = work(&b->arena, &b->tx, arg, err);
	if (st == GX_OK)
		st = core_settle(core, err);
	if (st == GX_OK)
		return gx_tx_commit(&b->tx, err);
	gx_tx_rollback(&b->tx);
	return st;
}

enum gx_status gx_core_run_alone(const struct gx_core_config *config, gx_alone_work work, void *arg,
				 struct gx_error *err)
{
	struct gx_core *core = gx_heap_alloc(sizeof(*core));
	enum gx_status st = core_open(core, config, err);

	if (st == GX_OK)
		st = run_transaction(core, work, arg, err);
	core_close(core);
	gx_heap_free(core);
	return st;
}
