/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core_state.h - the core's own structs, for its own files only.
 *
 * Everything here belongs to the loop thread (which is the command thread), except what a comment
 * gives to others. Files in reading order: core.c (the life of a batch), dispatch.c (records in),
 * calls.c (how a call is carried out), router.c and input.c (what is asked), answer.c (what is
 * said), outbox.c (what is told after the commit), stream.c (whom), catch_up.c, session.c,
 * eventlog.c, throttle.c.
 */
#ifndef GX_CORE_STATE_H
#define GX_CORE_STATE_H

#include <signal.h>
#include <stdatomic.h>

#include "admission.h"
#include "core.h"
#include "link.h"
#include "pool.h"
#include "publish.h"
#include "stats.h"
#include "table.h"

#define CORE_EDGES_MAX 256u
#define CORE_BATCH_COMMANDS_MAX 1024u
#define CORE_BATCH_NS_MAX UINT64_C(5000000)
#define CORE_QUERIES_QUEUE_MAX 4096
#define CORE_HELPERS_QUEUE_MAX 256
#define CORE_WAITERS_PER_ACCOUNT_MAX 16u
#define CORE_PATH_SEGMENTS_MAX 8u
#define CORE_ANSWER_BYTES_MAX ((size_t)3 << 20)

/* --- routes, compiled at start (router.c) --- */

struct core_route {
	const struct gx_route *route;
	const struct gx_room *room;
	struct gx_str segments[CORE_PATH_SEGMENTS_MAX]; /* parameters without their braces */
	uint8_t param_field[CORE_PATH_SEGMENTS_MAX];	/* field index + 1; 0: a literal segment */
	unsigned segments_count;
	unsigned fields_count;
};

struct core_router {
	struct core_route *routes;
	size_t routes_count;
	const struct gx_code **codes; /* of all rooms */
	size_t codes_count;
	struct gx_table by_op;	 /* hash of the op -> struct core_route */
	struct gx_table by_code; /* hash of the code -> its place in `codes` */
};

void core_router_init(struct core_router *r, const struct gx_room *const *rooms);
void core_router_deinit(struct core_router *r);
/* A path split at '/', still percent-encoded. */
struct core_path {
	struct gx_str segments[CORE_PATH_SEGMENTS_MAX];
	unsigned count;
	struct gx_str query;
};
/* False: too deep or not below a known base. */
bool core_path_split(struct gx_str target, struct core_path *out);
/* The route, or NULL; then *allowed has a bit per gx_method that this path knows. */
const struct core_route *core_router_match(const struct core_router *r, enum gx_method method,
					   const struct core_path *path, unsigned *allowed);
const struct core_route *core_router_op(const struct core_router *r, struct gx_str op);
const struct gx_code *core_router_code(const struct core_router *r, const char *code);
/* Its place in r->codes; codes_count for one that no room has. */
size_t core_router_code_index(const struct core_router *r, const char *code);

/* --- inputs (input.c) --- */

/* Fill `in` (route->fields_count entries, zeroed) from a request or from a call's `in` object. */
GX_NODISCARD enum gx_status core_input_from_http(struct gx_arena *a, const struct core_route *route,
						 enum gx_method method,
						 const struct core_path *path, struct gx_str body,
						 struct gx_input *in, struct gx_error *err);
GX_NODISCARD enum gx_status core_input_from_json(struct gx_arena *a, const struct core_route *route,
						 const struct gx_json *object, struct gx_input *in,
						 struct gx_error *err);

/* --- calls --- */

/* Who asked, and how the answer goes back. Small, copied by value. */
struct core_asker {
	uint64_t conn;
	uint32_t edge_index;
	uint32_t edge_generation;
	bool is_stream;
	bool is_silent; /* a sign: nobody waits for an answer */
	uint8_t call_id_len;
	char call_id[20]; /* the stream call's id as sent: a JSON number */
};

/* A call that leaves the loop thread: a query, or a command with a prepare step. On the heap. */
struct core_call {
	struct gx_call pub;
	struct gx_job job;
	struct gx_arena arena;
	struct gx_buf out;
	struct gx_buf headers;
	struct core_asker asker;
	const struct core_route *route;
	struct gx_table *at_once; /* where it is counted by its account, or NULL */
	struct gx_upload upload;
	enum gx_status result;
	uint64_t received_ns;  /* by the edge; of a long poll: when it was asked again */
	uint64_t began_ns;     /* when a reader took it up */
	uint64_t run_ns;       /* what a query took on its reader */
	struct gx_timer timer; /* a long poll that waits */
	struct core_call *next_waiter;
	bool is_waiter;	       /* entered among its account's waiters */
	bool is_parked;	       /* waits for its timer; else its query runs */
	bool was_told;	       /* something was told to the account while the query ran */
	int64_t wait_until_ms; /* on the steady clock; -1: answer next time, whatever it is */
};

/* --- streams and edges --- */

struct core_stream {
	uint64_t conn;
	uint64_t account_id;
	uint64_t device_id;
	struct core_stream *next_of_account, *prev_of_account; /* newest first (stream.c) */
	struct core_catch_up *catch_up;			       /* only while catching up */
	uint16_t edge_index;
	bool is_closing; /* told to close: what it still sends is not heard */
	bool wants_chinese;
	bool is_peer_loopback;
};

struct core_listener {
	uint64_t account_id;
	struct core_stream *streams; /* newest first */
	struct core_call *waiters;   /* newest first */
	uint64_t news_upto;	     /* nothing was told behind this position */
	unsigned streams_count;	     /* those told to close apart */
	bool is_idle;		     /* has neither, but is remembered */
};

#define CORE_WORDS_MAX 8u

/* Something that was said to all. */
struct core_word {
	uint64_t position;
	struct gx_buf frame;
};

/* Devices that were seen: a bit each (session.c). */
struct core_seen {
	uint64_t *words;
	size_t words_count, at;
};

struct core_catch_ups {
	struct core_catch_up *newest;		 /* all there are */
	struct core_catch_up *queue, *queue_end; /* for a reader */
	unsigned jobs_count;			 /* on readers */
	struct core_word words[CORE_WORDS_MAX];	 /* the last ones, ascending */
	unsigned words_count;
	uint64_t words_floor; /* an older one stood here and is not kept any more */
};

struct core_edge {
	struct gx_link link;
	struct gx_watch watch;
	struct gx_core *core;
	struct gx_table streams; /* conn -> struct core_stream */
	struct gx_table
		uploads;      /* conn -> struct core_call, between UPLOAD_ACCEPT and UPLOAD_END */
	struct gx_buf staged; /* leaves only when the batch is durable */
	uint64_t *fan_conns;  /* scratch of one delivery */
	size_t fan_count, fan_cap;
	size_t lane_at; /* lane.c has looked at so many of the unread bytes */
	uint32_t index;
	uint32_t generation;
	bool is_writing; /* EPOLLOUT is asked for */
	bool is_dead;
};

/* --- outbox --- */

enum outbox_kind { OUTBOX_EVENT, OUTBOX_SIGN, OUTBOX_CLOSE };

struct outbox_item {
	enum outbox_kind kind;
	bool skip_caller;
	bool is_to_all;
	uint64_t position;
	struct gx_str json;
	const uint64_t *account_ids; /* NULL: one_account */
	size_t account_ids_count;
	uint64_t one_account;
	uint64_t device_id; /* CLOSE: 0 means all but except_device */
	uint64_t except_device;
};

struct gx_outbox {
	struct outbox_item *items;
	size_t count, cap;
	uint64_t position;	    /* last one taken */
	uint64_t position_reserved; /* positions up to here may be taken without a write */
};

/* --- batch --- */

struct core_batch {
	struct gx_arena arena;
	struct gx_tx tx;
	bool is_open;
	unsigned commands_count;
	uint64_t position_at_begin;
	struct core_asker *askers; /* whom to tell when the commit fails */
	size_t askers_count, askers_cap;
};

struct core_periodic {
	struct gx_timer timer;
	struct gx_core *core;
	const struct gx_periodic *periodic;
	bool is_due;
};

/* What calls wait for: the command thread, or a reader behind it. */
enum core_queue { CORE_QUEUE_COMMANDS, CORE_QUEUE_QUERIES, CORE_QUEUES_COUNT };

struct gx_core {
	const struct gx_core_config *config;
	struct gx_loop loop;
	struct gx_db *db;
	struct gx_conn *writer;
	struct gx_pool *readers;
	struct gx_pool *helpers;
	struct gx_pool *uploads;
	struct core_router router;
	size_t rooms_count;
	void **room_states;
	struct core_batch batch;
	struct gx_outbox outbox;
	_Atomic uint64_t position_committed; /* readers load it before they begin their snapshot */
	_Atomic uint64_t
		position_pruned; /* events up to here may be gone: older cursors answer 410 */
	struct core_edge *edges[CORE_EDGES_MAX];
	uint32_t edges_generation;
	struct gx_table uploads_at_once; /* account -> how many, as a pointer */
	struct gx_table queries_at_once;
	struct gx_table listeners;    /* account -> struct core_listener */
	size_t idle_count, idle_hand; /* listeners that are only remembered (stream.c) */
	size_t waiters_count;	      /* long polls that wait */
	struct core_catch_ups catch_ups;
	struct core_edge *fan_edges[CORE_EDGES_MAX]; /* scratch of one delivery */
	unsigned fan_edges_count;
	struct gx_table sessions; /* device -> struct core_session_entry (session.c) */
	size_t sessions_hand;
	struct gx_conn *looker; /* reads rows of sessions on this thread */
	struct gx_tx looker_tx;
	bool is_looking;
	struct core_seen seen;
	struct core_call *ready; /* prepared commands that wait for the next batch, in order */
	struct core_call **ready_tail;
	struct core_periodic *periodics;
	size_t periodics_count;
	struct core_throttle *throttle;
	struct core_maxima *maxima;
	struct core_stats stats;
	struct gx_buf out;		    /* answer of the command under way */
	struct gx_buf headers;		    /* its header lines */
	struct gx_buf frame;		    /* scratch: one stream frame or problem */
	struct core_stream *calling_stream; /* of the command under way, or NULL */
	struct gx_watch control_watch;
	struct gx_watch console_watch; /* console.c; fd -1: none */
	unsigned console_guests;
	int media_pipe[2];	    /* answers of the supervisor for gx_media_connect() */
	unsigned media_unanswered;  /* questions; under media_lock */
	pthread_mutex_t media_lock; /* one asks at a time */
	struct core_admission *admission[CORE_QUEUES_COUNT];
	unsigned in_flight_told;     /* the edges know of this window */
	uint64_t heard_ns;	     /* when the record under way was taken up */
	struct gx_buf overloaded[2]; /* its problem, in English and Chinese */
	volatile sig_atomic_t stopping;
	bool has_backlog;    /* records are left over from this turn */
	unsigned first_edge; /* where the next turn begins */
};

/* answer.c */
void core_answer(struct gx_core *core, struct gx_buf *to, const struct core_asker *asker,
		 struct gx_call *c, enum gx_status st);
void core_answer_problem(struct gx_core *core, struct gx_buf *to, const struct core_asker *asker,
			 const struct gx_error *err, bool in_chinese, struct gx_str headers);
/* 503 core.overloaded, as cheaply as can be. */
void core_answer_overloaded(struct gx_core *core, struct gx_buf *to, const struct core_asker *asker,
			    bool in_chinese);
void core_write_problem(struct gx_core *core, struct gx_buf *out, const struct gx_error *err,
			bool in_chinese);
struct core_edge *core_asker_edge(struct gx_core *core, const struct core_asker *asker);

/* dispatch.c */
/* Tells the edges how many calls a stream may have in flight, when that has changed. */
void core_window_tell(struct gx_core *core);
void core_dispatch(struct core_edge *e, struct gx_str record, const struct gx_record_head *head);

/* calls.c */
void core_run_ready(struct gx_core *core);
void core_call_free(struct core_call *call);
bool core_submit_query(struct core_call *call);

/* calls.c: begins a reader's snapshot whose position is known: loaded before it begins, so that
 * it holds all up to there. */
GX_NODISCARD enum gx_status core_snapshot_begin(struct gx_core *core, struct gx_conn *conn,
						struct gx_tx *tx, struct gx_error *err);

/* core.c */
GX_NODISCARD enum gx_status core_batch_begin(struct gx_core *core, struct gx_error *err);
/* A savepoint for the next command, behind all that the ones before it have put off. */
enum gx_status core_savepoint(struct gx_core *core, struct gx_error *err);
/* What rooms write before a commit; a failure dooms the transaction. */
enum gx_status core_settle(struct gx_core *core, struct gx_error *err);
/* After a commit: readers may see its events, rooms hear of it. */
void core_settled(struct gx_core *core);
void core_batch_note(struct gx_core *core, const struct core_asker *asker);
void core_forget_all(struct gx_core *core);

/* outbox.c */
void outbox_truncate(struct gx_outbox *o, size_t count, uint64_t position);
void outbox_stage(struct gx_core *core, size_t from);
void outbox_close_sessions(struct gx_tx *tx, uint64_t account_id, uint64_t device_id,
			   uint64_t except_device);

/* stream.c */
struct core_listener *core_listener_get(struct gx_core *core, uint64_t account_id);
void core_stream_open(struct core_edge *e, const struct core_asker *asker,
		      const struct gx_session *session, const struct gx_request_record *r,
		      bool has_since, uint64_t since);
/* Tells the edge to close it, behind what it was told before. */
void core_stream_end(struct core_edge *e, struct core_stream *s, uint32_t code,
		     struct gx_str reason);
void core_stream_close(struct core_edge *e, uint64_t conn);
void core_streams_drop(struct core_edge *e);
void core_streams_close_again(struct gx_core *core);
void core_deliver(struct gx_core *core, const struct outbox_item *item);
/* What a reader has seen: nothing was told to the account in (last, upto]. */
void core_listener_learn(struct gx_core *core, uint64_t account_id, uint64_t last, uint64_t upto);
bool core_waiter_keeps(struct core_call *call);
void core_waiter_leave(struct core_call *call);
void core_waiters_drop(struct gx_core *core);

/* catch_up.c */
/* Whether what was missed is known without a reader; sends it. */
bool core_catch_up_at_once(struct core_edge *e, const struct core_stream *s,
			   const struct core_listener *l, uint64_t since);
void core_catch_up_start(struct gx_core *core, struct core_stream *s, uint64_t since);
/* The stream is going. */
void core_catch_up_gone(struct gx_core *core, struct core_stream *s);
/* The connection has sent all: a stream that catches up goes on. */
void core_stream_drained(struct core_edge *e, uint64_t conn);
/* An event for a stream that is catching up, or for all of them. Position 0: a passing sign. */
void core_catch_up_hold(struct core_catch_up *u, uint64_t position, struct gx_str frame);
void core_catch_ups_hold(struct gx_core *core, uint64_t position, struct gx_str frame);
/* Behind the commit: gives readers those that wait. */
void core_catch_ups_submit(struct gx_core *core);
/* The batch failed: what it had others hold, and what it said to all, never happened. */
void core_catch_ups_lost(struct gx_core *core);
/* No reader runs any more. */
void core_catch_ups_drop(struct gx_core *core);
/* Remembers what is said to all. */
void core_words_keep(struct gx_core *core, uint64_t position, struct gx_str frame);
/* {"t":"event",…} */
void core_write_event_frame(struct gx_buf *frame, uint64_t position, struct gx_str json);

/* session.c */
GX_NODISCARD enum gx_status core_session_by_token(struct gx_core *core, struct gx_str token,
						  struct gx_session *out, struct gx_error *err);
GX_NODISCARD enum gx_status core_session_by_device(struct gx_core *core, uint64_t account_id,
						   uint64_t device_id, struct gx_session *out,
						   struct gx_error *err);
enum { CORE_PERIODIC_SEEN, CORE_PERIODIC_PRUNE, CORE_PERIODICS_COUNT };
extern const struct gx_periodic core_periodics[CORE_PERIODICS_COUNT];
/* Before a commit, and when a batch begins anew: its snapshot would grow old. */
void core_sessions_looked(struct gx_core *core);
void core_sessions_forget(struct gx_core *core);
enum gx_status core_sessions_seen(struct gx_arena *a, struct gx_tx *tx, bool *again,
				  struct gx_error *err);

/* eventlog.c */
GX_NODISCARD enum gx_status core_position_start(struct gx_core *core, struct gx_tx *tx,
						struct gx_error *err);
GX_NODISCARD enum gx_status core_position_reserve(struct gx_core *core, struct gx_error *err);
enum gx_status core_events_prune(struct gx_arena *a, struct gx_tx *tx, bool *again,
				 struct gx_error *err);

/* maxima.c */
struct core_maxima *core_maxima_new(void);
void core_maxima_free(struct core_maxima *m);
/* What is raised or flushed from here on stands and falls with the batch. */
void core_maxima_batch_begin(struct core_maxima *m);
void core_maxima_batch_undo(struct core_maxima *m);

/* upload.c */
void core_upload_begin(struct core_edge *e, const struct gx_request_record *in);
void core_upload_end(struct core_edge *e, const struct gx_upload_record *in);

/* lane.c */
/* Carries out what may go ahead of the rest that the link has brought. */
void core_lane_run(struct core_edge *e);
/* The size of the record at the front when it had its turn already; 0: it has not. */
size_t core_lane_struck(const struct core_edge *e);
void core_lane_consumed(struct core_edge *e, size_t size);

/* at_once.c */
/* Counts a call among those of its account; false: there are as many as may be. Until
 * core_at_once_leave(). */
GX_NODISCARD bool core_at_once_enter(struct core_call *call);
void core_at_once_leave(struct core_call *call);

/* core_room.c */
int64_t core_uploads_at_once_max(void);
int64_t core_queries_at_once_max(void);

/* throttle.c */
struct core_throttle *core_throttle_new(void);
void core_throttle_free(struct core_throttle *t);

#endif
