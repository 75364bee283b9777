/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim.h - the core in one process, from a seed: what the simulator's files share.
 *
 * Everything that decides what happens draws from sim_below(): the same seed gives the same run,
 * byte by byte. The core under test is the one that serves; only eight small files of base and sys
 * are brought here in other versions (sim_time.c, sim_sys.c, found first by the linker): clock,
 * random bytes, log, end of the process, loop, pool, helper, link. Nothing waits, no thread runs,
 * no socket is opened.
 *
 * One struct world at a time (`sim`): people with devices, edges, wires between edges and core, a
 * disk. sim_run_episode() makes one from a seed, takes steps until it is over, then checks
 * everything and throws it away. README.md says what a step is and what is checked.
 *
 * Threading: one. Memory: the heap; what one record or check needs stands in `scratch`.
 * Errors: a broken promise ends the process in sim_fail(), with the seed that leads there.
 */
#ifndef GX_SIM_H
#define GX_SIM_H

#include "core_start.h"

#define SIM_PEOPLE_MAX 10u
#define SIM_DEVICES_MAX 24u
#define SIM_EDGES_MAX 3u
#define SIM_CONNS_MAX 64u /* of one edge */
#define SIM_GROUPS_MAX 6u
#define SIM_CALLS_MAX 6u /* under way on one stream */
#define SIM_WIRES_MAX 16u

/* --- sim_time.c: time, chance, log --- */

struct sim_time {
	uint64_t mono_ns;
	int64_t wall_offset_ms; /* jumps in both directions */
};
extern struct sim_time sim_time;

void sim_random_seed(uint64_t seed);
uint64_t sim_random(void);
/* 0 … below - 1. */
uint64_t sim_below(uint64_t below);
/* True once in `n` times. */
bool sim_once_in(uint64_t n);
/* What was seen so far, in one number. */
void sim_digest_add(const void *bytes, size_t size);
uint64_t sim_digest(void);
GX_PRINTF(1, 2) _Noreturn void sim_fail(const char *fmt, ...);
GX_PRINTF(1, 2) void sim_trace(const char *fmt, ...);
#define SIM_CHECK(condition, ...) ((condition) ? (void)0 : sim_fail(__VA_ARGS__))

/* --- sim_sys.c: what the core sees instead of sockets and threads --- */

/* Both directions between one edge and the core. */
struct sim_wire {
	bool is_used;
	bool is_core_open; /* the core holds its end */
	bool is_edge_open;
	struct gx_buf to_core;
	size_t arrived; /* of to_core: the core may read these */
	struct gx_buf to_edge;
};

int sim_wire_new(void);
struct sim_wire *sim_wire_at(int fd);
/* The edge is gone, or the core: what is in flight is lost. */
void sim_wire_cut(int fd);
/* A turn would find something to do. */
bool sim_core_has_input(void);
/* Runs one job of some pool, or the helper: false when nobody is asked. */
bool sim_run_job(void);
/* Forgets pools, helper and timers of a core that ended in the middle of being taken apart. */
void sim_sys_reset(void);
/* When the next timer is due; UINT64_MAX: none. */
uint64_t sim_next_timer_ns(void);

/* --- sim_disk.c --- */

enum sim_fault {
	SIM_FAULT_NONE,
	SIM_FAULT_POWER, /* the machine goes off */
	SIM_FAULT_ERROR, /* EIO */
	SIM_FAULT_TORN,	 /* a part is written, then EIO */
	SIM_FAULT_FULL,	 /* ENOSPC, for a while */
	SIM_FAULTS_COUNT
};

void sim_disk_new(void);
void sim_disk_drop(void);
const char *sim_disk_folder(void);
/* The `after`-th write or sync from now on fails in that way. */
void sim_disk_arm(enum sim_fault fault, uint64_t after);
/* No faults for a moment. */
void sim_disk_pause(bool is_paused);
/* The machine went off during the last turn: nothing behind that point has happened. */
bool sim_disk_is_off(void);
/* Before the dying core is taken apart, and behind it: what the next start finds. */
void sim_disk_die(bool is_power_lost);
void sim_disk_revive(void);

/* --- sim_server.c: the core's life --- */

/* False: it could not start (the disk). */
bool sim_server_start(void);
/* One turn; afterwards the core may be dead. */
void sim_server_turn(void);
/* One job of some pool, or of the checkpointer; false when there is none. */
bool sim_server_job(void);
void sim_server_kill(bool is_power_lost);

/* --- people, devices, conversations --- */

struct sim_msg;

/* What may be so or not; `gen` counts the writes that were asked for about it. */
enum sim_fact_state { SIM_NO, SIM_YES, SIM_UNSURE };
struct sim_fact {
	enum sim_fact_state state;
	uint32_t gen;
	uint32_t open; /* of these not answered, or never: they may still come */
};

/* What one person knows and did in one conversation. */
struct sim_seat {
	uint64_t read_low;	/* has read at least so far: acknowledged */
	uint64_t read_high;	/* has asked to have read so far at most */
	uint32_t epoch;		/* counts what may leave holes: leaving, coming back, clearing */
	bool is_unsure;		/* such a thing was asked for since all was compared */
	bool is_seated;		/* member since it was made */
	bool is_listed;		/* among the person's conversations */
	struct sim_fact member; /* of a group */
};

struct sim_conv {
	uint64_t id;
	size_t index;
	struct sim_msg **by_seq; /* [seq]; NULL: not seen yet */
	size_t by_seq_cap;
	uint64_t last; /* largest seq that anybody has seen */
	bool is_group;
	unsigned pair[2]; /* of a direct one; the same twice: with oneself */
	struct sim_seat seats[SIM_PEOPLE_MAX];
};

struct sim_msg {
	uint64_t client_id; /* 0: a notice */
	struct sim_conv *conv;
	unsigned sender; /* index of a person */
	uint64_t seq;	 /* 0: nobody has seen it */
	uint64_t position;
	int64_t sent_at_ms;
	uint64_t body_hash;
	unsigned open_tries; /* asked for, and it is not known whether it was done */
	uint32_t told;	     /* bits of devices whose stream was answered: it tells them no event */
	bool is_acked;
	bool is_absent; /* refused for certain: must not be found */
	bool is_recall_asked;
	bool is_recalled;     /* acknowledged */
	uint32_t hidden_by;   /* bits of people */
	struct sim_msg *next; /* of all */
};

enum sim_op {
	SIM_SEND,
	SIM_READ,
	SIM_HISTORY,
	SIM_GET,
	SIM_SYNC,
	SIM_RECALL,
	SIM_HIDE,
	SIM_CLEAR,
	SIM_FLAGS,
	SIM_TYPING,
	SIM_ASK,	  /* by the checker */
	SIM_GROUP_CREATE, /* from here on: sim_social.c */
	SIM_GROUP_ADD,
	SIM_GROUP_REMOVE,
	SIM_TIE_ASK,
	SIM_TIE_ACCEPT,
	SIM_TIE_DELETE,
	SIM_BLOCK,
	SIM_UNBLOCK,
	SIM_OPS_COUNT
};

/* A wish for a group; its name tells it. */
struct sim_group {
	uint64_t client_id; /* 0: nobody has it yet */
	unsigned creator;
	uint32_t wanted; /* bits of people */
	unsigned open_tries;
	bool is_absent;
	struct sim_conv *conv; /* NULL: nobody has seen it */
};

struct sim_call {
	bool is_used;
	enum sim_op op;
	uint64_t id;
	struct sim_conv *conv;
	struct sim_msg *msg;
	uint64_t seq;
	uint64_t known_last; /* of the conversation, when it was asked */
	uint64_t known_read;
	uint32_t epoch;
	bool is_plain; /* the asker's seat was one from the start, when asked */
	bool is_newest;
	bool is_http;
	uint64_t since; /* SYNC */
	unsigned other;
	uint32_t others; /* bits of people */
	struct sim_group *group;
	struct sim_fact *facts[SIM_PEOPLE_MAX]; /* that it changes … */
	uint32_t gens[SIM_PEOPLE_MAX];		/* … as they were */
	unsigned facts_count;
};

struct sim_view {
	uint64_t last; /* seq of the last message event; 0: none yet */
	uint32_t epoch;
};

enum sim_link_state { SIM_AWAY, SIM_OPENING, SIM_LIVE };

struct sim_device {
	unsigned person;
	unsigned index;
	char token[80];
	enum sim_link_state state;
	unsigned edge;
	uint64_t conn;	   /* of its stream */
	uint64_t conn_uid; /* never used twice */
	bool has_cursor;
	uint64_t cursor;
	uint64_t base;		/* came up to here by /sync, whose events have no positions */
	bool is_sync_asked;	/* one /sync at a time */
	uint64_t wait_until_ns; /* was asked to come later */
	uint64_t next_call_id;
	uint64_t last_write_id; /* answers to writes come in order */
	struct sim_call calls[SIM_CALLS_MAX];
	struct sim_view *views; /* by conversation index */
	size_t views_cap;
};

struct sim_conn {
	bool is_used;
	bool is_stream; /* accepted */
	uint64_t id;
	uint64_t uid;
	struct sim_device *device;
	struct sim_call call;	 /* of a plain HTTP request */
	struct gx_buf to_client; /* frames: u32 length, bytes */
	bool is_behind;		 /* catching up: not for it is what is sent to all */
	bool is_awaited;	 /* the core wants to know when all is sent */
};

struct sim_edge {
	int wire; /* -1: none now */
	uint32_t generation;
	struct sim_conn conns[SIM_CONNS_MAX];
};

/* An event that everyone of a person's devices must hear of, since all was compared. */
struct sim_told {
	uint64_t position;
	uint32_t devices;	     /* bits of those that did */
	const struct sim_conv *conv; /* NULL: of the account */
	uint32_t epoch;		     /* of the seat then */
};

struct sim_person {
	struct sim_told *told;
	size_t told_count, told_cap;
	uint64_t account_id;
	char name[24];
	struct sim_conv **convs; /* those that he believes to be in */
	size_t convs_count, convs_cap;
};

struct world {
	uint64_t seed;
	uint64_t steps;
	uint64_t steps_max;
	bool is_in_turn;      /* the core takes one */
	bool is_calm;	      /* no faults, nobody asks for anything by himself */
	struct gx_core *core; /* NULL: not running */
	struct gx_core_config config;
	unsigned log_frames_max;
	struct gx_arena scratch;
	struct gx_arena kept;	     /* of the checker */
	const struct gx_json *asked; /* what it was answered */
	uint32_t asked_status;	     /* 0: not yet */
	struct sim_person people[SIM_PEOPLE_MAX];
	unsigned people_count;
	struct sim_device devices[SIM_DEVICES_MAX];
	unsigned devices_count;
	struct sim_edge edges[SIM_EDGES_MAX];
	unsigned edges_count;
	struct gx_table convs_by_id; /* -> struct sim_conv */
	struct sim_conv **convs;
	size_t convs_count, convs_cap;
	struct gx_table msgs_by_client; /* -> struct sim_msg */
	struct sim_msg *msgs;
	struct sim_msg **lost; /* sent, and no answer came */
	size_t lost_count, lost_cap;
	struct sim_group groups[SIM_GROUPS_MAX];
	struct sim_fact ties[SIM_PEOPLE_MAX][SIM_PEOPLE_MAX];
	struct sim_fact blocks[SIM_PEOPLE_MAX][SIM_PEOPLE_MAX];
	uint64_t requests[SIM_PEOPLE_MAX][SIM_PEOPLE_MAX]; /* from, to: the last one's id */
	struct gx_table positions;			   /* -> what was told there */
	uint64_t conn_uids;
	uint64_t kills, faults, checks, errors_seen, acks, events_seen;
};
extern struct world *sim;
extern bool sim_is_tracing;

/* --- sim_net.c: edges and connections --- */

void sim_edge_link(struct sim_edge *e);
/* The edge process dies; its people are cut off. */
void sim_edge_kill(struct sim_edge *e);
/* The core is gone: all links, requests and streams with it. */
void sim_net_core_gone(void);
struct sim_conn *sim_conn_new(struct sim_edge *e, struct sim_device *d);
void sim_conn_drop(struct sim_edge *e, struct sim_conn *c);
void sim_http(struct sim_edge *e, struct sim_conn *c, enum gx_record_type type,
	      enum gx_method method, struct gx_str target, struct gx_str body);
void sim_ws_text(struct sim_edge *e, struct sim_conn *c, struct gx_str text);
/* The device's stream, or NULL. */
struct sim_conn *sim_stream_of(struct sim_device *d);
/* Each moves something along, and tells whether there was anything. */
bool sim_net_to_core(void);
bool sim_net_to_edge(void);
bool sim_net_to_client(void);

/* --- sim_client.c: what people do --- */

/* False: nothing came to it. */
bool sim_client_act(struct sim_device *d);
bool sim_client_open(struct sim_device *d);
/* For the checker, over a live stream; the answer comes to sim->asked. False: not now. */
bool sim_client_ask(struct sim_device *d, const char *op, struct gx_str in);
void sim_client_accepted(struct sim_device *d);
/* A frame of the stream; an HTTP answer; the connection is gone. */
void sim_client_frame(struct sim_device *d, struct gx_str text);
void sim_client_answer(struct sim_device *d, struct sim_call *call, uint32_t status,
		       struct gx_str body);
void sim_client_cut(struct sim_device *d, struct sim_conn *c);
void sim_client_refused(struct sim_device *d, uint32_t status);

/* --- sim_model.c: what must be --- */

struct sim_conv *sim_conv_get(uint64_t id);
struct sim_view *sim_view_get(struct sim_device *d, const struct sim_conv *c);
struct sim_person *sim_person_by_id(uint64_t account_id);
struct gx_str sim_body(uint64_t client_id);
struct sim_msg *sim_msg_new(struct sim_conv *c, unsigned sender);
void sim_msg_tried(struct sim_msg *m);
/* The try was answered with a refusal. */
void sim_msg_refused(struct sim_msg *m);
void sim_msg_lost(struct sim_msg *m);
/* A message as it was seen by someone: as JSON. */
struct sim_msg *sim_msg_seen(const struct gx_json *json);
void sim_event_seen(struct sim_device *d, uint64_t position, const struct gx_json *event);
/* What a call has found out. */
void sim_model_answer(struct sim_device *d, struct sim_call *call, uint32_t status,
		      const struct gx_json *out);
void sim_model_lost(struct sim_device *d, struct sim_call *call);
/* Missing in what this person is shown, for a reason. */
bool sim_is_hidden(unsigned person, const struct sim_conv *c, uint64_t seq);
bool sim_is_excused(const struct sim_device *d, const struct sim_conv *c, uint64_t seq);
/* Every device has heard of every event; begins anew. */
void sim_told_check(void);
uint64_t sim_json_u64(const struct gx_json *object, const char *key);
struct gx_str sim_json_text(const struct gx_json *object, const char *key);

uint64_t sim_hash(struct gx_str s);
/* The person looks at it from now on. */
void sim_conv_join(struct sim_conv *c, unsigned person);

/* --- sim_social.c --- */

/* Fills what the call is about; false: there is nothing of the kind. */
bool sim_social_choose(struct sim_device *d, struct sim_call *call);
struct gx_str sim_social_inputs(struct sim_device *d, struct sim_call *call);
void sim_social_answer(struct sim_device *d, struct sim_call *call, uint32_t status,
		       const struct gx_json *out);
void sim_social_event(struct gx_str type, const struct gx_json *event);
void sim_group_seen(const struct gx_json *conversation);
void sim_social_check(void);

/* --- sim_check.c, sim_world.c --- */

/* Asks at rest; the status, and the answer in sim->asked until `kept` is reset. */
uint32_t sim_ask(unsigned person, const char *op, struct gx_str in);

/* Lets all come to rest, with no faults, and compares everything. */
void sim_check_all(void);
/* One step; true when something happened. */
bool sim_step(void);
void sim_world_new(uint64_t seed);
void sim_world_free(void);
/* The number of steps taken. */
uint64_t sim_run_episode(uint64_t seed, uint64_t steps_max);

#endif
