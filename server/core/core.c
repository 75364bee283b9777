/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core.c - the core process: its start, its loop, and the life of a batch.
 *
 * One turn of the loop: wait for bytes; read them from the edges' links; carry out what they ask,
 * record by record (dispatch.c), all writes in one transaction; commit; only then let the answers
 * and events leave
 * (`staged` joins each link's output) with one write per link. What arrives meanwhile is the next
 * batch, so the throughput hardly depends on how long a sync takes. Nothing is told to anyone
 * before it is durable.
 */
#include "core.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "console.h"
#include "core_start.h"
#include "core_state.h"

#define LINK_OUT_BYTES_MAX ((size_t)256 << 20)
#define LINK_IN_BYTES_PER_TURN ((size_t)1 << 20)
#define MEDIA_WAIT_MS 10000
#define STOP_WAIT_MS 3000
/* A batch ends when its commands have used so much; far below what an arena holds. */
#define BATCH_BYTES_MAX (GX_ARENA_BYTES_MAX / 4)

static struct gx_core *running; /* for the signal handler only */

/* --- the batch --- */

enum gx_status core_batch_begin(struct gx_core *core, struct gx_error *err)
{
	struct core_batch *b = &core->batch;

	if (b->is_open)
		return GX_OK;
	core_sessions_looked(core);
	enum gx_status st = gx_tx_begin(core->writer, &b->tx, err);
	if (st != GX_OK)
		return st;
	b->tx.core = core;
	b->tx.outbox = &core->outbox;
	b->is_open = true;
	b->position_at_begin = core->outbox.position;
	core_maxima_batch_begin(core->maxima);
	return core_position_reserve(core, err);
}

/* Notes whom to tell if the commit fails: his answer is staged. */
void core_batch_note(struct gx_core *core, const struct core_asker *asker)
{
	struct core_batch *b = &core->batch;

	if (b->askers_count == b->askers_cap) {
		b->askers_cap = b->askers_cap == 0 ? 256 : b->askers_cap * 2;
		b->askers = gx_heap_resize(b->askers, b->askers_cap, sizeof(*b->askers));
	}
	b->askers[b->askers_count++] = *asker;
}

/* Something that rooms may have cached was undone. */
void core_forget_all(struct gx_core *core)
{
	const struct gx_room *const *rooms = core->config->rooms;

	core_sessions_forget(core);
	for (size_t i = 0; rooms[i] != NULL; i++)
		if (rooms[i]->forget != NULL)
			rooms[i]->forget(core->room_states[i]);
}

enum gx_status core_savepoint(struct gx_core *core, struct gx_error *err)
{
	const struct gx_room *const *rooms = core->config->rooms;
	enum gx_status st = GX_OK;

	for (size_t i = 0; st == GX_OK && rooms[i] != NULL; i++)
		if (rooms[i]->flush != NULL)
			st = rooms[i]->flush(&core->batch.tx, err);
	return st != GX_OK ? st : gx_tx_savepoint(&core->batch.tx, err);
}

enum gx_status core_settle(struct gx_core *core, struct gx_error *err)
{
	const struct gx_room *const *rooms = core->config->rooms;
	struct core_batch *b = &core->batch;
	enum gx_status st = GX_OK;

	for (size_t i = 0; st == GX_OK && rooms[i] != NULL; i++)
		if (rooms[i]->settle != NULL)
			st = rooms[i]->settle(&b->arena, &b->tx, b->commands_count, err);
	if (st != GX_OK)
		gx_tx_doom(&b->tx, err);
	return st;
}

void core_settled(struct gx_core *core)
{
	const struct gx_room *const *rooms = core->config->rooms;

	atomic_store(&core->position_committed, core->outbox.position);
	for (size_t i = 0; rooms[i] != NULL; i++)
		if (rooms[i]->settled != NULL)
			rooms[i]->settled(core->room_states[i]);
}

/* Of a full disk and a damaged file the database tells, and not for each batch anew. */
static bool is_told(const struct gx_error *err)
{
	return strncmp(err->code, "core.storage_", 13) == 0;
}

/* Nothing of the batch happened: whoever asked is told so instead of what was staged. */
static void batch_failed(struct gx_core *core, const struct gx_error *err)
{
	struct core_batch *b = &core->batch;

	if (!is_told(err))
		gx_log(GX_LOG_ERROR, "core.batch_failed", GX_F_CSTR("code", err->code),
		       GX_F_U64("commands", b->commands_count));
	gx_metric_add(&core_metrics[CORE_METRIC_BATCHES_FAILED], 1);
	outbox_truncate(&core->outbox, 0, b->position_at_begin);
	core->outbox.position_reserved = core->outbox.position;
	core_maxima_batch_undo(core->maxima);
	core_forget_all(core);
	core_catch_ups_lost(core);
	core_streams_close_again(core);
	for (unsigned i = 0; i < CORE_EDGES_MAX; i++)
		if (core->edges[i] != NULL)
			gx_buf_clear(&core->edges[i]->staged);
	for (size_t i = 0; i < b->askers_count; i++) {
		struct core_edge *e = core_asker_edge(core, &b->askers[i]);

		if (e != NULL)
			core_answer_problem(core, &e->link.out, &b->askers[i], err, false,
					    GX_STR_NULL);
	}
}

static void batch_commit(struct gx_core *core)
{
	struct core_batch *b = &core->batch;
	struct gx_error err = { 0 };

	if (b->is_open) {
		uint64_t began_ns = gx_clock_mono_ns();

		/* A batch may have taken more than was reserved when it began. */
		if (core_position_reserve(core, &err) != GX_OK)
			gx_tx_doom(&b->tx, &err);
		else
			(void)core_settle(core, &err);
		if (gx_tx_commit(&b->tx, &err) == GX_OK)
			core_settled(core);
		else
			batch_failed(core, &err);
		b->is_open = false;
		core_stats_batch(core, b->commands_count, began_ns, gx_clock_mono_ns());
	}
	for (unsigned i = 0; i < CORE_EDGES_MAX; i++) {
		struct core_edge *e = core->edges[i];

		if (e != NULL && e->staged.overflow)
			e->is_dead = true;
		if (e != NULL && e->staged.len > 0) {
			gx_buf_append_str(&e->link.out, gx_buf_str(&e->staged));
			if (e->staged.cap > (1u << 20))
				gx_buf_release(&e->staged);
			gx_buf_clear(&e->staged);
		}
	}
	if (b->commands_count > 0)
		gx_db_between_batches(core->db);
	gx_metric_add(&core_metrics[CORE_METRIC_COMMANDS], b->commands_count);
	gx_metric_add(&core_metrics[CORE_METRIC_BATCHES], b->commands_count > 0);
	b->commands_count = 0;
	b->askers_count = 0;
	gx_arena_reset(&b->arena);
}

/* --- edges --- */

void core_edge_free(struct core_edge *e)
{
	struct gx_core *core = e->core;
	size_t at = 0;
	struct core_call *call;

	gx_loop_remove(&core->loop, &e->watch);
	core->edges[e->index] = NULL;
	core_streams_drop(e);
	while ((call = gx_table_next(&e->uploads, &at, NULL)) != NULL)
		core_call_free(call);
	gx_table_deinit(&e->uploads);
	gx_link_deinit(&e->link);
	gx_buf_deinit(&e->staged);
	gx_heap_free(e->fan_conns);
	gx_heap_free(e);
}

static void edge_ready(struct gx_watch *w, uint32_t events)
{
	struct core_edge *e = GX_CONTAINER_OF(w, struct core_edge, watch);

	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 &&
	    gx_link_fill(&e->link, LINK_IN_BYTES_PER_TURN) < 0)
		e->is_dead = true;
}

void core_edge_add(struct gx_core *core, int fd)
{
	struct core_edge *e = gx_heap_alloc(sizeof(*e));
	unsigned index = 0;

	while (index < CORE_EDGES_MAX && core->edges[index] != NULL)
		index++;
	GX_ASSERT(index < CORE_EDGES_MAX);
	e->core = core;
	e->index = index;
	e->generation = ++core->edges_generation;
	gx_link_init(&e->link, fd, LINK_OUT_BYTES_MAX);
	gx_table_init(&e->streams);
	gx_table_init(&e->uploads);
	gx_buf_init(&e->staged, LINK_OUT_BYTES_MAX);
	e->watch = (struct gx_watch){ .fd = fd, .on_ready = edge_ready };
	core->edges[index] = e;
	if (core->in_flight_told != CORE_IN_FLIGHT_MAX) /* which it takes for granted */
		core->in_flight_told = 0;
	if (!gx_loop_add(&core->loop, &e->watch, EPOLLIN))
		e->is_dead = true;
	gx_log(GX_LOG_INFO, "core.edge_linked", GX_F_U64("index", index));
}

static void edge_consume(struct core_edge *e, size_t size)
{
	gx_link_consume(&e->link, size);
	core_lane_consumed(e, size);
}

/* Carries out the records that a link has brought; false when the turn's measure is full. */
static bool edge_drain(struct core_edge *e, uint64_t until_ns)
{
	struct gx_core *core = e->core;
	struct gx_record_head head;
	unsigned records = 0;

	while (!e->is_dead) {
		struct gx_str unread = gx_link_unread(&e->link);
		size_t struck = core_lane_struck(e);
		int have;

		if (struck > 0) {
			edge_consume(e, struck);
			continue;
		}
		have = gx_record_peek(unread, &head);
		if (have == 0)
			return true;
		if (have < 0) {
			gx_log(GX_LOG_ERROR, "core.bad_record", GX_F_U64("edge", e->index));
			e->is_dead = true;
			return true;
		}
		core_dispatch(e, gx_str_slice(unread, 0, head.size), &head);
		edge_consume(e, head.size);
		if (core->batch.commands_count >= CORE_BATCH_COMMANDS_MAX ||
		    core->batch.arena.bytes_used > BATCH_BYTES_MAX ||
		    (++records % 32 == 0 && gx_clock_mono_ns() > until_ns))
			return false;
	}
	return true;
}

static void edge_flush(struct core_edge *e)
{
	int sent;

	if (e->link.out.overflow)
		e->is_dead = true; /* an edge that takes nothing any more */
	sent = e->is_dead ? -1 : gx_link_flush(&e->link);
	if (sent < 0) {
		gx_log(GX_LOG_INFO, "core.edge_gone", GX_F_U64("index", e->index));
		core_edge_free(e);
	} else if ((sent == 0) != e->is_writing) {
		e->is_writing = sent == 0;
		gx_loop_modify(&e->core->loop, &e->watch,
			       EPOLLIN | (e->is_writing ? EPOLLOUT : 0u));
	}
}

/* --- work at intervals --- */

static void periodic_due(struct gx_timer *t)
{
	struct core_periodic *p = GX_CONTAINER_OF(t, struct core_periodic, timer);

	p->is_due = true;
}

static void run_periodic(struct core_periodic *p)
{
	struct gx_core *core = p->core;
	struct gx_error err = { 0 };
	bool again = false;
	enum gx_status st = core_batch_begin(core, &err);

	if (st == GX_OK)
		st = core_savepoint(core, &err);
	if (st == GX_OK) {
		size_t items = core->outbox.count;
		uint64_t position = core->outbox.position;
		uint64_t began_ns = gx_clock_mono_ns();

		st = p->periodic->run(&core->batch.arena, &core->batch.tx, &again, &err);
		if (st == GX_OK) {
			gx_tx_savepoint_release(&core->batch.tx);
			outbox_stage(core, items);
		} else {
			gx_tx_savepoint_rollback(&core->batch.tx);
			outbox_truncate(&core->outbox, items, position);
			core_forget_all(core);
		}
		core->batch.commands_count++;
		core_stats_periodic(core, p->periodic->name, gx_clock_mono_ns() - began_ns);
	}
	if (st != GX_OK && !is_told(&err))
		gx_log(GX_LOG_ERROR, "core.periodic_failed", GX_F_CSTR("name", p->periodic->name),
		       GX_F_CSTR("code", err.code));
	if (again || st != GX_OK || !p->periodic->is_on_demand)
		gx_loop_arm(&core->loop, &p->timer, again ? 50 : p->periodic->interval_ms);
}

static void run_periodics(struct gx_core *core)
{
	for (size_t i = 0; i < core->periodics_count; i++) {
		struct core_periodic *p = &core->periodics[i];

		if (!p->is_due)
			continue;
		p->is_due = false;
		run_periodic(p);
	}
}

void gx_periodic_wake(struct gx_core *core, const struct gx_periodic *periodic)
{
	for (size_t i = 0; i < core->periodics_count; i++) {
		struct core_periodic *p = &core->periodics[i];

		if (p->periodic == periodic && p->timer.heap_index == 0 && !p->is_due)
			gx_loop_arm(&core->loop, &p->timer, periodic->interval_ms);
	}
}

void core_periodics_start(struct gx_core *core)
{
	const struct gx_room *const *rooms = core->config->rooms;
	size_t n = 0;

	for (size_t i = 0; rooms[i] != NULL; i++)
		n += rooms[i]->periodics_count;
	core->periodics = gx_heap_alloc_array(n, sizeof(*core->periodics));
	for (size_t i = 0; rooms[i] != NULL; i++) {
		for (size_t k = 0; k < rooms[i]->periodics_count; k++) {
			struct core_periodic *p = &core->periodics[core->periodics_count++];

			p->core = core;
			p->periodic = &rooms[i]->periodics[k];
			p->timer.on_due = periodic_due;
			gx_loop_arm(&core->loop, &p->timer, p->periodic->interval_ms);
		}
	}
}

/* --- the control socket --- */

/* One message of the supervisor; -1 at the end of the socket. *fd is -1 when none came with it. */
static int control_receive(int control_fd, char *kind, int *fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec part = { kind, 1 };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof(control.bytes) };
	ssize_t n = recvmsg(control_fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	*fd = -1;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if (n == 0)
		return -1;
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);
	if (head != NULL && head->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(head), sizeof(*fd));
	return 1;
}

static void control_ready(struct gx_watch *w, uint32_t events)
{
	struct gx_core *core = GX_CONTAINER_OF(w, struct gx_core, control_watch);
	char kind;
	int fd, got;

	while ((got = control_receive(w->fd, &kind, &fd)) > 0) {
		if (kind == 'L' && fd >= 0)
			core_edge_add(core, fd);
		else if (kind == 'M' && write(core->media_pipe[1], &fd, sizeof(fd)) != sizeof(fd))
			gx_log(GX_LOG_ERROR, "core.media_answer_lost");
	}
	if (got < 0)
		core->stopping = true;
}

int gx_media_connect(struct gx_core *core)
{
	struct pollfd answer = { .fd = core->media_pipe[0], .events = POLLIN };
	bool is_answered = false;
	int fd = -1;

	pthread_mutex_lock(&core->media_lock);
	bool is_asked = send(core->control_watch.fd, "M", 1, MSG_NOSIGNAL) == 1;
	core->media_unanswered += is_asked;
	/* Each question has its answer, in their order: those to earlier ones that came too late
	 * are of processes that are gone. */
	while (is_asked && core->media_unanswered > 0 && poll(&answer, 1, MEDIA_WAIT_MS) == 1 &&
	       read(core->media_pipe[0], &fd, sizeof(fd)) == sizeof(fd)) {
		is_answered = --core->media_unanswered == 0;
		if (!is_answered && fd >= 0)
			close(fd);
	}
	pthread_mutex_unlock(&core->media_lock);
	return is_answered ? fd : -1;
}

/* --- the loop --- */

void core_turn(struct gx_core *core)
{
	uint64_t until_ns;

	gx_loop_turn(&core->loop, core->has_backlog || core->ready != NULL ? 0 : -1);
	until_ns = gx_clock_mono_ns() + CORE_BATCH_NS_MAX;
	core->has_backlog = false;
	core_run_ready(core);
	run_periodics(core);
	for (unsigned i = 0; i < CORE_EDGES_MAX; i++)
		if (core->edges[i] != NULL)
			core_lane_run(core->edges[i]);
	/* The edges take turns at being first. */
	for (unsigned i = 0; i < CORE_EDGES_MAX; i++) {
		struct core_edge *e = core->edges[(i + core->first_edge) % CORE_EDGES_MAX];

		if (e != NULL && !edge_drain(e, until_ns)) {
			core->has_backlog = true;
			core->first_edge = e->index;
			break;
		}
	}
	core_sessions_looked(core);
	batch_commit(core);
	core_catch_ups_submit(core);
	core_window_tell(core);
	for (unsigned i = 0; i < CORE_EDGES_MAX; i++)
		if (core->edges[i] != NULL &&
		    (core->edges[i]->is_dead || gx_link_backlog(&core->edges[i]->link) > 0))
			edge_flush(core->edges[i]);
	core_stats_turn(core);
}

static void on_signal(int number)
{
	running->stopping = true;
	gx_loop_wake(&running->loop);
}

static bool edges_remain(const struct gx_core *core)
{
	for (unsigned i = 0; i < CORE_EDGES_MAX; i++)
		if (core->edges[i] != NULL)
			return true;
	return false;
}

int gx_core_run(const struct gx_core_config *config)
{
	struct gx_core *core = gx_heap_alloc(sizeof(*core));
	int status = core_start(core, config);
	uint64_t stop_ns;

	if (status != 0) {
		gx_heap_free(core);
		return status;
	}
	running = core;
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	signal(SIGPIPE, SIG_IGN);
	core->control_watch =
		(struct gx_watch){ .fd = config->control_fd, .on_ready = control_ready };
	GX_ASSERT(gx_loop_add(&core->loop, &core->control_watch, EPOLLIN));
	core_console_open(core);
	if (send(config->control_fd, "R", 1, MSG_NOSIGNAL) != 1)
		core->stopping = true;
	gx_log(GX_LOG_INFO, "core.started",
	       GX_F_U64("position", atomic_load(&core->position_committed)));
	while (!core->stopping)
		core_turn(core);
	signal(SIGTERM, SIG_IGN); /* a second one would find nobody to tell */
	signal(SIGINT, SIG_IGN);
	/* The edges go first; what they still ask is answered until they are gone. */
	stop_ns = gx_clock_mono_ns() + STOP_WAIT_MS * UINT64_C(1000000);
	core->has_backlog = true;
	while (edges_remain(core) && gx_clock_mono_ns() < stop_ns) {
		core_turn(core);
		core->has_backlog = true;
		poll(NULL, 0, 5);
	}
	for (unsigned i = 0; i < CORE_EDGES_MAX; i++)
		if (core->edges[i] != NULL)
			core_edge_free(core->edges[i]);
	core_console_close(core);
	core_stop(core);
	gx_log(GX_LOG_INFO, "core.stopped");
	running = NULL;
	gx_heap_free(core);
	return 0;
}
