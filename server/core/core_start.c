/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core_start.c - from configuration to a core that takes calls, and back; and what rooms ask of the
 * house.
 */
#include "core_start.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define UPLOAD_THREADS 2

static size_t count_rooms(const struct gx_room *const *rooms)
{
	size_t n = 0;

	while (rooms[n] != NULL)
		n++;
	return n;
}

/* The core's own room stands before the others. */
static void take_config(struct gx_core *core, const struct gx_core_config *config)
{
	size_t n = count_rooms(config->rooms);
	const struct gx_room **rooms = gx_heap_alloc_array(n + 2, sizeof(struct gx_room *));
	struct gx_core_config *own = gx_heap_alloc(sizeof(*own));

	rooms[0] = &core_room;
	for (size_t i = 0; i < n; i++)
		rooms[i + 1] = config->rooms[i];
	*own = *config;
	own->rooms = rooms;
	core->config = own;
	core->rooms_count = n + 1;
	core->room_states = gx_heap_alloc_array(n + 1, sizeof(void *));
	for (size_t i = 0; i <= n; i++)
		core->room_states[i] = gx_heap_alloc(rooms[i]->state_size + 1);
}

static enum gx_status open_database(struct gx_core *core, struct gx_error *err)
{
	const struct gx_room *const *rooms = core->config->rooms;
	struct gx_migration_set *migrations =
		gx_heap_alloc_array(core->rooms_count, sizeof(*migrations));
	struct gx_query_set **queries = gx_heap_alloc_array(core->rooms_count, sizeof(*queries));
	size_t migrations_count = 0, queries_count = 0;
	char path[4096];

	for (size_t i = 0; i < core->rooms_count; i++) {
		if (rooms[i]->migrations != NULL)
			migrations[migrations_count++] = *rooms[i]->migrations;
		if (rooms[i]->queries != NULL)
			queries[queries_count++] = rooms[i]->queries;
	}
	snprintf(path, sizeof(path), "%s/guanxi.db", core->config->data_dir);
	enum gx_status st =
		gx_db_open(&(struct gx_db_config){ .path = path,
						   .readers_cache_kib = 2048,
						   .writer_cache_kib = 32768,
						   .log_frames_max = core->config->log_frames_max },
			   migrations, migrations_count, queries, queries_count, &core->db, err);
	gx_heap_free(migrations);
	gx_heap_free(queries);
	if (st == GX_OK)
		st = gx_db_writer(core->db, &core->writer, err);
	return st != GX_OK ? st : gx_db_reader(core->db, &core->looker, err);
}

static enum gx_status start_rooms(struct gx_core *core, struct gx_error *err)
{
	const struct gx_room *const *rooms = core->config->rooms;
	enum gx_status st = gx_tx_begin(core->writer, &core->batch.tx, err);

	if (st != GX_OK)
		return st;
	core->batch.tx.core = core;
	core->batch.tx.outbox = &core->outbox;
	st = core_position_start(core, &core->batch.tx, err);
	for (size_t i = 0; st == GX_OK && i < core->rooms_count; i++)
		if (rooms[i]->start != NULL)
			st = rooms[i]->start(&core->batch.arena, &core->batch.tx, err);
	if (st != GX_OK) {
		gx_tx_rollback(&core->batch.tx);
		return st;
	}
	st = gx_tx_commit(&core->batch.tx, err);
	atomic_store(&core->position_committed, core->outbox.position);
	gx_arena_reset(&core->batch.arena);
	return st;
}

enum gx_status core_open(struct gx_core *core, const struct gx_core_config *config,
			 struct gx_error *err)
{
	if (sodium_init() < 0)
		return gx_fail(err, GX_E_INTERNAL, "core.internal");
	take_config(core, config);
	core_router_init(&core->router, core->config->rooms);
	core_stats_init(core);
	gx_table_init(&core->listeners);
	gx_table_init(&core->uploads_at_once);
	gx_table_init(&core->queries_at_once);
	gx_table_init(&core->sessions);
	gx_arena_init(&core->batch.arena);
	gx_buf_init(&core->out, CORE_ANSWER_BYTES_MAX);
	gx_buf_init(&core->headers, 8192);
	gx_buf_init(&core->frame, CORE_ANSWER_BYTES_MAX + 65536);
	core->throttle = core_throttle_new();
	for (unsigned i = 0; i < CORE_QUEUES_COUNT; i++)
		core->admission[i] = core_admission_new();
	core->in_flight_told = CORE_IN_FLIGHT_MAX;
	for (unsigned i = 0; i < GX_COUNT(core->overloaded); i++)
		gx_buf_init(&core->overloaded[i], 4096);
	core->maxima = core_maxima_new();
	core->ready_tail = &core->ready;
	pthread_mutex_init(&core->media_lock, NULL);
	core->media_pipe[0] = core->media_pipe[1] = -1;
	core->control_watch.fd = -1;
	enum gx_status st = open_database(core, err);
	return st != GX_OK ? st : start_rooms(core, err);
}

void core_close(struct gx_core *core)
{
	core_sessions_forget(core);
	core_sessions_looked(core);
	if (core->looker != NULL)
		gx_conn_close(core->looker);
	if (core->writer != NULL)
		gx_conn_close(core->writer);
	if (core->db != NULL)
		gx_db_close(core->db);
	core_forget_all(core);
	for (size_t i = 0; i < core->rooms_count; i++)
		if (core->config->rooms[i]->stop != NULL)
			core->config->rooms[i]->stop(core->room_states[i]);
	core_throttle_free(core->throttle);
	for (unsigned i = 0; i < CORE_QUEUES_COUNT; i++)
		core_admission_free(core->admission[i]);
	for (unsigned i = 0; i < GX_COUNT(core->overloaded); i++)
		gx_buf_deinit(&core->overloaded[i]);
	core_maxima_free(core->maxima);
	gx_buf_deinit(&core->out);
	gx_buf_deinit(&core->headers);
	gx_buf_deinit(&core->frame);
	gx_arena_deinit(&core->batch.arena);
	gx_heap_free(core->batch.askers);
	gx_heap_free(core->outbox.items);
	gx_table_deinit(&core->listeners);
	gx_table_deinit(&core->uploads_at_once);
	gx_table_deinit(&core->queries_at_once);
	gx_heap_free(core->seen.words);
	gx_table_deinit(&core->sessions);
	core_stats_deinit(core);
	core_router_deinit(&core->router);
	for (size_t i = 0; i < core->rooms_count; i++)
		gx_heap_free(core->room_states[i]);
	gx_heap_free(core->room_states);
	gx_heap_free((void *)(uintptr_t)core->config->rooms);
	gx_heap_free((void *)(uintptr_t)core->config);
}

static void *reader_new(void *arg)
{
	struct gx_core *core = arg;
	struct gx_conn *conn = NULL;
	struct gx_error err = { 0 };

	if (gx_db_reader(core->db, &conn, &err) != GX_OK)
		gx_log(GX_LOG_ERROR, "core.no_reader", GX_F_CSTR("code", err.code));
	GX_ASSERT(conn != NULL);
	return conn;
}

static void reader_free(void *state)
{
	gx_conn_close(state);
}

static struct gx_pool *start_pool(struct gx_core *core, const char *name, unsigned threads,
				  unsigned queue_max)
{
	return gx_pool_new(&core->loop, &(struct gx_pool_config){ .name = name,
								  .threads = threads,
								  .queue_max = queue_max,
								  .state_new = reader_new,
								  .state_free = reader_free,
								  .state_arg = core });
}

int core_start(struct gx_core *core, const struct gx_core_config *config)
{
	struct gx_error err = { 0 };
	char path[4096];

	snprintf(path, sizeof(path), "%s/spool", config->data_dir);
	if (mkdir(path, 0700) != 0 && errno != EEXIST) {
		gx_log(GX_LOG_ERROR, "core.no_spool", GX_F_CSTR("path", path));
		return GX_CORE_EXIT_UNUSABLE;
	}
	if (core_open(core, config, &err) != GX_OK) {
		gx_log(GX_LOG_ERROR, "core.start_failed", GX_F_CSTR("code", err.code),
		       GX_F_STR("detail", err.detail));
		/* A full disk may have room again when we are started anew. */
		return err.status == GX_E_OVERLOADED && strcmp(err.code, GX_DB_DAMAGED_CODE) != 0
			       ? 1
			       : GX_CORE_EXIT_UNUSABLE;
	}
	if (!gx_loop_init(&core->loop) || pipe(core->media_pipe) != 0)
		return 1;
	core->readers = start_pool(core, "reader", config->readers == 0 ? 2 : config->readers,
				   CORE_QUERIES_QUEUE_MAX);
	core->helpers = start_pool(core, "helper", config->helpers == 0 ? 2 : config->helpers,
				   CORE_HELPERS_QUEUE_MAX);
	/* They take long: threads of their own, so that nobody waits for them to sign in. */
	core->uploads = start_pool(core, "upload", UPLOAD_THREADS, CORE_HELPERS_QUEUE_MAX);
	if (core->readers == NULL || core->helpers == NULL || core->uploads == NULL)
		return 1;
	core_periodics_start(core);
	return 0;
}

void core_stop(struct gx_core *core)
{
	core_waiters_drop(core);
	gx_pool_free(core->uploads);
	gx_pool_free(core->helpers);
	core_run_ready(core);
	if (core->batch.is_open) {
		struct gx_error err = { 0 };

		if (gx_tx_commit(&core->batch.tx, &err) != GX_OK)
			gx_log(GX_LOG_ERROR, "core.last_batch_lost", GX_F_CSTR("code", err.code));
	}
	gx_pool_free(core->readers);
	core_catch_ups_drop(core);
	gx_heap_free(core->periodics);
	gx_loop_deinit(&core->loop);
	close(core->media_pipe[0]);
	close(core->media_pipe[1]);
	core_close(core);
}

/* --- what rooms ask of the house --- */

uint64_t gx_position_taken(const struct gx_core *core)
{
	return core->outbox.position;
}

uint64_t gx_commits(const struct gx_core *core)
{
	return gx_db_commits(core->db);
}

uint64_t gx_oldest_snapshot(const struct gx_core *core)
{
	return gx_db_oldest_snapshot(core->db);
}

void *gx_room_state(struct gx_core *core, const struct gx_room *room)
{
	for (size_t i = 0; i < core->rooms_count; i++)
		if (core->config->rooms[i] == room)
			return core->room_states[i];
	GX_ASSERT(!"a room that is not in this house");
	return NULL;
}

const struct gx_room *gx_room_find(struct gx_core *core, struct gx_str name)
{
	for (size_t i = 0; i < core->rooms_count; i++)
		if (gx_str_eq(gx_str_from_cstr(core->config->rooms[i]->name), name))
			return core->config->rooms[i];
	return NULL;
}

const char *gx_core_data_dir(struct gx_core *core)
{
	return core->config->data_dir;
}

const char *gx_core_listen(struct gx_core *core)
{
	return core->config->listen == NULL ? "" : core->config->listen;
}

bool gx_core_is_listen_tls(struct gx_core *core)
{
	return core->config->is_listen_tls;
}

enum gx_status gx_rooms_account_changed(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
					struct gx_error *err)
{
	const struct gx_room *const *rooms = tx->core->config->rooms;

	for (size_t i = 0; rooms[i] != NULL; i++) {
		if (rooms[i]->account_changed == NULL)
			continue;
		enum gx_status st = rooms[i]->account_changed(a, tx, account_id, err);
		if (st != GX_OK)
			return st;
	}
	return GX_OK;
}
