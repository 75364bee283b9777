/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core.h - the core process: one command thread that is also the loop, readers, helpers.
 *
 * core.c tells the life of a batch; read it first. Threading of what rooms may call is with each
 * function.
 */
#ifndef GX_CORE_H
#define GX_CORE_H

#include "limit.h"
#include "room.h"

struct gx_board;

struct gx_core_config {
	const char *data_dir;
	const struct gx_room *const *rooms; /* in order of need; NULL-ended */
	int control_fd;			    /* from the supervisor, see below */
	unsigned readers;
	unsigned helpers;
	unsigned log_frames_max; /* of the database; 0: its default */
	const char *listen;	 /* as people reach it, for the operator's page: "127.0.0.1:8848" */
	bool is_listen_tls;
	const struct gx_board *board; /* figures of all processes, for /metrics; NULL: none */
};

/* Exit status of a start that a restart can't mend (the database of a newer version, a damaged
 * one): the supervisor gives up instead of trying again. */
#define GX_CORE_EXIT_UNUSABLE 3

/* Runs the core until SIGTERM or the end of the control socket; the process's exit status.
 *
 * Control socket (SOCK_SEQPACKET, one byte a message): from the supervisor 'L' with a descriptor is
 * the link of one edge; 'M' with a descriptor (or without: none to be had) answers an 'M' of the
 * core. From the core 'R' once: started, takes calls; 'M': wants a socket to the media process. */
int gx_core_run(const struct gx_core_config *config);

/* Carries out `work` as one transaction on the data folder, without a server: for the command line,
 * which holds the folder's lock. Nobody is told of what it publishes. The transaction is kept only
 * when `work` returns GX_OK. */
typedef enum gx_status (*gx_alone_work)(struct gx_arena *a, struct gx_tx *tx, void *arg,
					struct gx_error *err);
GX_NODISCARD enum gx_status gx_core_run_alone(const struct gx_core_config *config,
					      gx_alone_work work, void *arg, struct gx_error *err);

/* The core's own routes, codes, settings and metrics, as a room; not part of `rooms`. */
extern const struct gx_room core_room;

/* The room's own memory (state_size bytes). Any thread may ask for it; what is in it belongs to the
 * command thread, but for what the room itself says. */
void *gx_room_state(struct gx_core *core, const struct gx_room *room);
/* The room of that name, or NULL. Any thread. */
const struct gx_room *gx_room_find(struct gx_core *core, struct gx_str name);
const char *gx_core_data_dir(struct gx_core *core);
const char *gx_core_listen(struct gx_core *core);
bool gx_core_is_listen_tls(struct gx_core *core);

/* Has work that is_on_demand done, unless it is asked for already. `periodic` is the entry of the
 * room's table. Command thread. */
void gx_periodic_wake(struct gx_core *core, const struct gx_periodic *periodic);

/* Tells every room, in order, that an account's public face changed. Command thread. */
GX_NODISCARD enum gx_status gx_rooms_account_changed(struct gx_arena *a, struct gx_tx *tx,
						     uint64_t account_id, struct gx_error *err);

/* A socket to the media process, started when there is none; -1 when it can't be had. Ownership
 * passes to the caller. Any thread (blocks until the supervisor answers). */
int gx_media_connect(struct gx_core *core);

/* Routing, for the app's tables: prints each route as "METHOD PATH op" lines; codes as "code
 * status"; all metrics as "name kind help". */
void gx_core_print_routes(const struct gx_room *const *rooms, struct gx_buf *out);
void gx_core_print_codes(const struct gx_room *const *rooms, struct gx_buf *out);
void gx_core_print_metrics(const struct gx_room *const *rooms, struct gx_buf *out);

/* Largest position that a snapshot of `tx` can contain: of the reader's transaction, or taken so
 * far on the command thread. Any. */
uint64_t gx_position_last(struct gx_tx *tx);

/* The last position taken, by the batch under way or before; what a rollback took back is not
 * counted. Command thread. */
uint64_t gx_position_taken(const struct gx_core *core);
/* Commits of the command thread so far. Command thread. */
uint64_t gx_commits(const struct gx_core *core);
/* Every reader's snapshot holds the first so many commits; UINT64_MAX when none reads. Command
 * thread. */
uint64_t gx_oldest_snapshot(const struct gx_core *core);

/* At start: positions up to this one are in use by the room's own rows. Command thread, in
 * gx_room.start. */
void gx_position_raise(struct gx_tx *tx, uint64_t position);

/* What was told to the account after `after`, oldest first, from the event log and from every
 * room's events(): at most `limit`, fewer when they are large. *more: there may be more behind the
 * last one. GX_E_GONE "sync.too_old" when events after `after` may have been dropped, or when
 * `after` lies in the future (a database restored from a backup). Any. */
GX_NODISCARD enum gx_status gx_events_list(struct gx_arena *a, struct gx_tx *tx,
					   uint64_t account_id, uint64_t after, size_t limit,
					   struct gx_event **out, size_t *count, bool *more,
					   struct gx_error *err);

/* A room dropped events of its own up to this position: cursors before it answer 410. Command
 * thread. */
GX_NODISCARD enum gx_status gx_events_pruned(struct gx_tx *tx, uint64_t upto, struct gx_error *err);
/* For a database that was restored from a backup: clients may have seen positions that are not in
 * it and would be given out again. Goes on far behind them, and every older cursor answers 410.
 * Command thread. */
GX_NODISCARD enum gx_status gx_cursors_retire(struct gx_tx *tx, struct gx_error *err);
/* What no setting changes. */
extern const struct gx_limit gx_core_limits[];
extern const size_t gx_core_limits_count;

/* [limits] streams_per_account. Any. */
int64_t gx_streams_max(void);
/* Devices that one account may be signed in on. */
int64_t gx_sessions_max(void);
/* [sync] keep_days. Any. */
int64_t gx_keep_days(void);

/* Cursor text of a position, and back. False: no cursor of ours. */
struct gx_str gx_cursor_text(struct gx_arena *a, uint64_t position);
bool gx_cursor_parse(struct gx_str text, uint64_t *position);

#endif
