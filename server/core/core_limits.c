/* SPDX-License-Identifier: Apache-2.0 */
/* core_limits.c - what the core holds at most, as a table. */
#include "core_state.h"
#include "json.h"

const struct gx_limit gx_core_limits[] = {
	{ "request", "depth of JSON", GX_JSON_DEPTH_MAX, "levels", "400" },
	{ "request", "values in JSON", GX_JSON_NODES_MAX, "values", "400" },
	{ "account", "long polls at a time", CORE_WAITERS_PER_ACCOUNT_MAX, "polls",
	  "the oldest is answered" },
	{ "process", "commands in one transaction", CORE_BATCH_COMMANDS_MAX, "commands",
	  "the next one" },
	{ "process", "queries that wait for a reader", CORE_QUERIES_QUEUE_MAX, "queries", "503" },
	{ "process", "sign-ins that wait for a helper", CORE_HELPERS_QUEUE_MAX, "calls", "503" },
	{ "process", "uploads that wait to be hashed", CORE_HELPERS_QUEUE_MAX, "uploads", "503" },
};
const size_t gx_core_limits_count = GX_COUNT(gx_core_limits);
