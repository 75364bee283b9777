/* SPDX-License-Identifier: Apache-2.0 */
/*
 * at_once.c - how many uploads and queries of one account are under way at a time.
 *
 * Both wait in lines that everybody shares: without a maximum one account could fill them.
 */
#include "core_state.h"

bool core_at_once_enter(struct core_call *call)
{
	struct gx_core *core = call->pub.core;
	uint64_t account_id = call->pub.session.account_id;
	bool is_upload = call->route->route->kind == GX_OP_UPLOAD;
	int64_t max = is_upload ? core_uploads_at_once_max() : core_queries_at_once_max();
	struct gx_table *t = is_upload ? &core->uploads_at_once : &core->queries_at_once;
	uintptr_t count;

	if (account_id == 0 || (!is_upload && call->route->route->kind != GX_OP_QUERY))
		return true;
	count = (uintptr_t)gx_table_get(t, account_id);
	if (max != 0 && count >= (uintptr_t)max)
		return false;
	gx_table_put(t, account_id, (void *)(count + 1));
	call->at_once = t;
	return true;
}

void core_at_once_leave(struct core_call *call)
{
	uint64_t account_id = call->pub.session.account_id;
	uintptr_t count;

	if (call->at_once == NULL)
		return;
	count = (uintptr_t)gx_table_get(call->at_once, account_id);
	GX_ASSERT(count > 0);
	if (count == 1)
		gx_table_remove(call->at_once, account_id);
	else
		gx_table_put(call->at_once, account_id, (void *)(count - 1));
	call->at_once = NULL;
}
