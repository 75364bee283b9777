/* SPDX-License-Identifier: Apache-2.0 */
/*
 * catch_up.c - what a stream that gives a cursor has missed, without a gap or a repeat.
 *
 * The stream is entered among its account's streams first and queues here. At the end of the turn,
 * when the batch is committed, a reader takes some of the queue and lists for each what it missed,
 * all on one snapshot: what was told before is in it, and what is told while it reads waits in
 * `held`. When a page comes back as the last one, the held events behind it follow, and the stream
 * is live. If too much is held it is dropped and one more page is read instead: what is held is
 * also in the database. Between two pages the edge says when the first has left, so that a long
 * absence does not look like slow reading; what is told meanwhile is in the next page.
 *
 * Most that come back missed nothing, or only what was said to everybody. A listener knows up to
 * where its account has been told things (news_upto), and the last words to all are kept here: then
 * no reader is asked.
 */
#include "core_request.h"

#include <string.h>

#define PAGE_EVENTS 500
#define HELD_BYTES_MAX ((size_t)128 << 10)
#define JOBS_MAX 3u	    /* at a time: other queries want the readers, too */
#define STREAMS_PER_JOB 32u /* a few milliseconds */
#define JOB_BYTES_MAX ((size_t)1 << 20)

enum catch_up_state { QUEUED, READING, AWAITING };

/* A stream that is catching up. While it reads, the reader owns what stands below. */
struct core_catch_up {
	struct core_catch_up *next; /* in the queue or in its job */
	struct core_catch_up *older, *newer;
	struct core_stream *stream; /* NULL: it is gone */
	enum catch_up_state state;
	bool was_lost;	    /* something that should be held was dropped */
	struct gx_buf held; /* u64 position, u32 length, frame … */

	uint64_t account_id, conn;
	uint64_t after;	      /* sent up to here */
	uint64_t upto;	      /* the page goes up to here */
	uint64_t last;	      /* the last event that is known of is not behind this position */
	struct gx_buf frames; /* the page as WS_SEND records */
	bool has_more;
	enum gx_status result;
};

struct catch_up_job {
	struct gx_job job;
	struct gx_core *core;
	struct core_catch_up *first;
};

static void catch_up_free(struct gx_core *core, struct core_catch_up *u)
{
	struct core_catch_ups *all = &core->catch_ups;

	*(u->newer == NULL ? &all->newest : &u->newer->older) = u->older;
	if (u->older != NULL)
		u->older->newer = u->newer;
	gx_buf_deinit(&u->frames);
	gx_buf_deinit(&u->held);
	gx_heap_free(u);
}

static void queue(struct gx_core *core, struct core_catch_up *u)
{
	struct core_catch_ups *all = &core->catch_ups;

	u->state = QUEUED;
	u->was_lost = false;
	gx_buf_clear(&u->held);
	u->next = NULL;
	*(all->queue == NULL ? &all->queue : &all->queue_end->next) = u;
	all->queue_end = u;
}

static void fail(struct gx_core *core, struct core_catch_up *u)
{
	struct core_stream *s = u->stream;
	bool is_gone = u->result == GX_E_GONE;

	gx_record_write_ws_close(&core->edges[s->edge_index]->link.out,
				 &(struct gx_ws_close_record){
					 .conn = s->conn,
					 .code = is_gone ? 4010 : 1011,
					 .reason = is_gone ? GX_STR("sync.too_old")
							   : GX_STR("internal error"),
				 });
	s->catch_up = NULL;
	catch_up_free(core, u);
}

/* --- on a reader --- */

void core_write_event_frame(struct gx_buf *frame, uint64_t position, struct gx_str json)
{
	gx_buf_clear(frame);
	gx_buf_append_str(frame, GX_STR("{\"t\":\"event\",\"cursor\":\"p"));
	gx_buf_append_u64(frame, position);
	gx_buf_append_str(frame, GX_STR("\",\"event\":"));
	gx_buf_append_str(frame, json);
	gx_buf_append_char(frame, '}');
}

static void read_page(struct gx_arena *a, struct gx_tx *tx, struct core_catch_up *u)
{
	struct gx_error err = { 0 };
	struct gx_event *events;
	struct gx_buf frame;
	size_t count;

	u->upto = tx->position;
	u->result = gx_events_list(a, tx, u->account_id, u->after, PAGE_EVENTS, &events, &count,
				   &u->has_more, &err);
	if (u->result != GX_OK)
		return;
	gx_buf_init(&frame, CORE_ANSWER_BYTES_MAX);
	for (size_t i = 0; i < count; i++) {
		core_write_event_frame(&frame, events[i].position, events[i].json);
		gx_record_write_ws_send(&u->frames, &u->conn, 1, gx_buf_str(&frame));
	}
	gx_buf_deinit(&frame);
	if (count > 0)
		u->last = events[count - 1].position;
	if (u->has_more)
		u->upto = u->last;
}

static void job_run(struct gx_job *j, void *thread_state)
{
	struct catch_up_job *job = GX_CONTAINER_OF(j, struct catch_up_job, job);
	struct gx_tx tx = { 0 };
	struct gx_error err = { 0 };
	struct gx_arena arena;
	enum gx_status st = core_snapshot_begin(job->core, thread_state, &tx, &err);
	size_t bytes = 0;

	gx_arena_init(&arena);
	for (struct core_catch_up *u = job->first; u != NULL; u = u->next) {
		u->result = st;
		u->has_more = true; /* those that find the job full ask again */
		u->upto = u->after;
		if (st == GX_OK && bytes < JOB_BYTES_MAX)
			read_page(&arena, &tx, u);
		bytes += u->frames.len;
		gx_arena_reset(&arena);
	}
	gx_arena_deinit(&arena);
	if (st == GX_OK)
		gx_tx_rollback(&tx);
}

/* --- back on the loop --- */

static void send_held(struct core_edge *e, struct core_catch_up *u)
{
	size_t at = 0;

	while (at < u->held.len) {
		uint64_t position;
		uint32_t size;

		memcpy(&position, u->held.ptr + at, sizeof(position));
		memcpy(&size, u->held.ptr + at + sizeof(position), sizeof(size));
		at += sizeof(position) + sizeof(size);
		/* Position 0: a passing sign. */
		if (position == 0 || position > u->upto)
			gx_record_write_ws_send(&e->link.out, &u->conn, 1,
						(struct gx_str){ u->held.ptr + at, size });
		at += size;
	}
}

static void page_done(struct gx_core *core, struct core_catch_up *u)
{
	struct core_stream *s = u->stream;
	struct core_edge *e = core->edges[s->edge_index];

	gx_buf_append_str(&e->link.out, gx_buf_str(&u->frames));
	gx_buf_release(&u->frames);
	u->after = u->upto;
	if (u->has_more || u->was_lost) {
		gx_record_write_bare(&e->link.out, GX_RECORD_WS_AWAIT, u->conn);
		u->state = AWAITING;
		return;
	}
	send_held(e, u);
	gx_record_write_bare(&e->link.out, GX_RECORD_WS_LIVE, u->conn);
	core_listener_learn(core, u->account_id, u->last, u->upto);
	s->catch_up = NULL;
	catch_up_free(core, u);
}

static void job_done(struct gx_job *j)
{
	struct catch_up_job *job = GX_CONTAINER_OF(j, struct catch_up_job, job);
	struct gx_core *core = job->core;
	struct core_catch_up *next;

	core->catch_ups.jobs_count--;
	for (struct core_catch_up *u = job->first; u != NULL; u = next) {
		next = u->next;
		if (u->stream == NULL)
			catch_up_free(core, u);
		else if (u->result != GX_OK)
			fail(core, u);
		else
			page_done(core, u);
	}
	gx_heap_free(job);
}

static struct core_catch_up *take(struct gx_core *core)
{
	struct core_catch_up *u = core->catch_ups.queue;

	if (u != NULL)
		core->catch_ups.queue = u->next;
	return u;
}

static struct catch_up_job *job_new(struct gx_core *core)
{
	struct catch_up_job *job = gx_heap_alloc(sizeof(*job));
	struct core_catch_up *u, **end = &job->first;
	unsigned count = 0;

	job->core = core;
	job->job = (struct gx_job){ .run = job_run, .on_done = job_done };
	while (count < STREAMS_PER_JOB && (u = take(core)) != NULL) {
		if (u->stream == NULL) {
			catch_up_free(core, u);
			continue;
		}
		u->state = READING;
		*end = u;
		end = &u->next;
		count++;
	}
	*end = NULL;
	return job;
}

void core_catch_ups_submit(struct gx_core *core)
{
	struct core_catch_ups *all = &core->catch_ups;

	while (all->queue != NULL && all->jobs_count < JOBS_MAX) {
		struct catch_up_job *job = job_new(core);

		if (job->first != NULL && gx_pool_submit(core->readers, &job->job)) {
			all->jobs_count++;
			continue;
		}
		/* No reader has time: to the queue's end, until something has been read. */
		for (struct core_catch_up *u = job->first, *next; u != NULL; u = next) {
			next = u->next;
			queue(core, u);
		}
		gx_heap_free(job);
		return;
	}
}

/* --- what the streams ask for --- */

void core_catch_up_start(struct gx_core *core, struct core_stream *s, uint64_t since)
{
	struct core_catch_up *u = gx_heap_alloc(sizeof(*u));

	u->stream = s;
	u->account_id = s->account_id;
	u->conn = s->conn;
	u->after = u->last = since;
	gx_buf_init(&u->frames, GX_ARENA_BYTES_MAX);
	gx_buf_init(&u->held, HELD_BYTES_MAX);
	u->older = core->catch_ups.newest;
	if (u->older != NULL)
		u->older->newer = u;
	core->catch_ups.newest = u;
	s->catch_up = u;
	queue(core, u);
}

void core_catch_up_gone(struct gx_core *core, struct core_stream *s)
{
	struct core_catch_up *u = s->catch_up;

	if (u == NULL)
		return;
	u->stream = NULL; /* the queue, or its job, finds it so */
	if (u->state == AWAITING)
		catch_up_free(core, u);
}

void core_stream_drained(struct core_edge *e, uint64_t conn)
{
	struct core_stream *s = gx_table_get(&e->streams, conn);

	if (s != NULL && s->catch_up != NULL && s->catch_up->state == AWAITING)
		queue(e->core, s->catch_up);
}

void core_catch_up_hold(struct core_catch_up *u, uint64_t position, struct gx_str frame)
{
	uint32_t size = (uint32_t)frame.len;

	/* In the other states the next snapshot will hold it. */
	if (u->state != READING || u->was_lost)
		return;
	gx_buf_append(&u->held, &position, sizeof(position));
	gx_buf_append(&u->held, &size, sizeof(size));
	gx_buf_append_str(&u->held, frame);
	if (u->held.overflow) {
		gx_buf_clear(&u->held);
		u->was_lost = true;
	}
}

void core_catch_ups_hold(struct gx_core *core, uint64_t position, struct gx_str frame)
{
	for (struct core_catch_up *u = core->catch_ups.newest; u != NULL; u = u->older)
		if (u->stream != NULL && !u->stream->is_closing)
			core_catch_up_hold(u, position, frame);
}

void core_catch_ups_lost(struct gx_core *core)
{
	struct core_catch_ups *all = &core->catch_ups;

	for (struct core_catch_up *u = all->newest; u != NULL; u = u->older) {
		gx_buf_clear(&u->held);
		u->was_lost = u->state == READING;
	}
	while (all->words_count > 0 &&
	       all->words[all->words_count - 1].position > core->outbox.position)
		gx_buf_release(&all->words[--all->words_count].frame);
}

void core_catch_ups_drop(struct gx_core *core)
{
	struct core_catch_ups *all = &core->catch_ups;

	while (all->newest != NULL)
		catch_up_free(core, all->newest);
	for (unsigned i = 0; i < CORE_WORDS_MAX; i++)
		gx_buf_deinit(&all->words[i].frame);
}

/* --- without a reader --- */

void core_words_keep(struct gx_core *core, uint64_t position, struct gx_str frame)
{
	struct core_catch_ups *all = &core->catch_ups;
	struct core_word *w;

	if (all->words_count == CORE_WORDS_MAX) {
		struct core_word oldest = all->words[0];

		all->words_floor = oldest.position;
		memmove(all->words, all->words + 1, (CORE_WORDS_MAX - 1) * sizeof(oldest));
		all->words[--all->words_count] = oldest;
	}
	w = &all->words[all->words_count++];
	w->position = position;
	gx_buf_deinit(&w->frame);
	gx_buf_init(&w->frame, CORE_ANSWER_BYTES_MAX);
	gx_buf_append_str(&w->frame, frame);
}

bool core_catch_up_at_once(struct core_edge *e, const struct core_stream *s,
			   const struct core_listener *l, uint64_t since)
{
	const struct core_catch_ups *all = &e->core->catch_ups;
	unsigned count = all->words_count;

	if (since < l->news_upto || since < all->words_floor)
		return false;
	/* Said in the batch under way: not yet to be told. */
	if (count > 0 && all->words[count - 1].position > atomic_load(&e->core->position_committed))
		return false;
	for (unsigned i = 0; i < count; i++)
		if (all->words[i].position > since)
			gx_record_write_ws_send(&e->link.out, &s->conn, 1,
						gx_buf_str(&all->words[i].frame));
	return true;
}
