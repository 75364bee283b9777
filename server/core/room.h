/* SPDX-License-Identifier: Apache-2.0 */
/*
 * room.h - what a room declares: one constant that says everything the house needs to know of it.
 *
 * A room is plain data and plain functions. Its handlers run on three kinds of thread, and its
 * table says which: admit    loop thread, before anything else, no database: throttles. Optional.
 *   prepare  helper thread with a snapshot: slow work (argon2id). An upload's runs on an upload
 *            thread. Optional.
 *   handle   a QUERY on a reader thread with a snapshot; a COMMAND on the command thread inside the
 * batch's transaction. The first that does not return GX_OK answers the call.
 */
#ifndef GX_ROOM_H
#define GX_ROOM_H

#include "db.h"
#include "json.h"
#include "metrics.h"
#include "record.h"
#include "session.h"
#include "setting.h"

struct gx_call;

enum gx_op_kind {
	GX_OP_QUERY,   /* reads: reader thread */
	GX_OP_COMMAND, /* writes: command thread, in a savepoint */
	/* A command that checks first and then writes at most one row (or several that can't fail
	 * for a rule): no savepoint. Failing after a write is a programmer's mistake and asserts.
	 */
	GX_OP_COMMAND_PLAIN,
	GX_OP_UPLOAD, /* a COMMAND whose body the edge has put into a file: call->upload */
	GX_OP_STREAM, /* the WebSocket itself: the core opens it after auth, handle is not called */
};

/* When the server is overloaded the higher numbers are refused first (admission.h). A query that
 * says CHAT or SOCIAL counts as SYNC, an operator's query as STATISTICS. */
enum gx_priority {
	GX_PRIORITY_SIGN_IN, /* and paying, and health */
	GX_PRIORITY_CHAT,
	GX_PRIORITY_SYNC, /* and lists */
	GX_PRIORITY_SOCIAL,
	GX_PRIORITY_STATISTICS,
	GX_PRIORITIES_COUNT
};

enum gx_auth {
	GX_AUTH_NONE,	  /* anyone; a token is ignored */
	GX_AUTH_SESSION,  /* signed in */
	GX_AUTH_MEDIA,	  /* signed in, by header or by the media cookie */
	GX_AUTH_OPERATOR, /* owner or operator */
	GX_AUTH_OWNER,
};

enum gx_field_type {
	GX_FIELD_END = 0,
	GX_FIELD_STR,	   /* min..max code points; control characters but \n and \t refused */
	GX_FIELD_INT,	   /* min..max; in a query or path: decimal */
	GX_FIELD_BOOL,	   /* in a query: true / false */
	GX_FIELD_ID,	   /* decimal string, not zero */
	GX_FIELD_ID_LIST,  /* min..max ids, no repeats */
	GX_FIELD_STR_LIST, /* min..max strings of 1..64 code points, no repeats */
	GX_FIELD_OBJECT,   /* any object; the room checks it */
	GX_FIELD_TOKEN, /* 1..max characters of [A-Za-z0-9._~-] (client_id, cursors, codes); max 0
			   means 200 */
	GX_FIELD_ANY,	/* any JSON value; the room checks it */
};

#define GX_FIELD_REQUIRED 1u
#define GX_FIELD_NULLABLE 2u /* an explicit null is accepted: is_null */
#define GX_FIELD_SECRET                                                                            \
	4u /* STR of printable and other characters that is never logged: passwords (control       \
	      characters allowed but NUL) */

/* One input. Where it comes from follows from the route: named in its path, else in the query (GET,
 * DELETE) or in the JSON body; in a stream's call all are in `in`. Unknown inputs are refused with
 * core.unknown_field. */
struct gx_field {
	const char *name;
	enum gx_field_type type;
	unsigned flags;
	int64_t min, max;
};

#define GX_FIELDS_MAX 16

/* The value of one field, in the order of the route's table. Absent: all zero. */
struct gx_input {
	bool is_present;
	bool is_null;
	struct gx_str str;	    /* STR, TOKEN */
	int64_t num;		    /* INT, BOOL */
	uint64_t id;		    /* ID */
	const uint64_t *ids;	    /* ID_LIST */
	const struct gx_str *strs;  /* STR_LIST */
	size_t count;		    /* of a list */
	const struct gx_json *json; /* OBJECT, ANY */
};

/* A finished upload: the edge wrote the body into a file without a name. */
struct gx_upload {
	int fd;		   /* -1 in admit */
	uint64_t size;	   /* in admit: what the client announced, 0 when it did not */
	uint64_t size_max; /* admit sets how much the edge may take; 0: 100 MiB */
	struct gx_str content_type;
	struct gx_str filename; /* decoded, valid UTF-8, no path separators; may be empty */
};

/* A file as an answer (instead of `out`): set by the handler; the core owns the descriptor from
 * there. */
struct gx_file_answer {
	int fd; /* -1: none */
	uint64_t size;
	struct gx_str content_type;
	struct gx_str etag; /* with quotes */
};

/* One call on its way through the house. Lives in its own arena; handlers fill `out` or return an
 * error. */
struct gx_call {
	struct gx_arena *arena;
	struct gx_tx *tx; /* NULL in admit */
	struct gx_core *core;
	struct gx_session session; /* account_id 0 when nobody is signed in */
	const struct gx_route *route;
	const struct gx_input *in; /* by index of the route's fields */
	struct gx_upload *upload;  /* GX_OP_UPLOAD only */
	struct gx_json_writer out; /* the answer's JSON; empty: no content */
	int status;		   /* HTTP status of success; starts as the route's */
	struct gx_buf *headers;	   /* further header lines, CRLF-ended; HTTP only */
	struct gx_file_answer file;
	/* A query sets it when it found nothing: ask again when something is told to the account,
	 * at most so long (long poll). */
	int64_t wait_ms;
	void *prepared;	       /* from prepare to handle; in the call's arena */
	struct gx_str peer;    /* client's address as text */
	bool is_peer_loopback; /* loopback without forwarded address: limits per address don't count
				  it */
	bool is_secure;
	bool is_stream;	    /* came over the WebSocket */
	bool wants_chinese; /* from Accept-Language */
	struct gx_error err;
};

typedef enum gx_status (*gx_handler)(struct gx_call *c);

/* In prepare, before work of seconds: ends the snapshot, which would keep the database's log from
 * starting anew. The call's tx is not to be used from here to the end of prepare. */
void gx_call_end_reading(struct gx_call *c);

struct gx_route {
	const char *op; /* "messages.send": operationId in the API file */
	enum gx_method method;
	const char *path; /* "/conversations/{conversation_id}/messages", below /api/v1 unless it
			     starts with "//" (then without the base) */
	enum gx_op_kind kind;
	enum gx_auth auth;
	enum gx_priority priority;
	int ok_status;		       /* 200, 201, 204 */
	const struct gx_field *fields; /* ended by GX_FIELD_END; NULL: no input */
	gx_handler admit;
	gx_handler prepare;
	gx_handler handle;
};

/* A stable error code and what it says to people; the core turns it into application/problem+json
 * in the reader's language. */
struct gx_code {
	const char *code;
	enum gx_status status;
	const char *en;
	const char *zh;
};

/* Work at intervals, as a command on the command thread in a batch of its own. */
struct gx_periodic {
	const char *name;
	int64_t interval_ms;
	/* Once after the start, then only when gx_periodic_wake() asks for it, interval_ms later.
	 */
	bool is_on_demand;
	/* Does a bounded piece; *again when there is more to do at once. */
	enum gx_status (*run)(struct gx_arena *a, struct gx_tx *tx, bool *again,
			      struct gx_error *err);
};

/* A page of events ends when it has become so large. */
#define GX_EVENTS_BYTES_MAX ((size_t)192 << 10)

/* Events of an account that a room derives from its own tables (chat: messages). */
struct gx_event {
	uint64_t position;
	struct gx_str json; /* {"type":…,"at":…,…} */
};

struct gx_room {
	const char *name;
	const char *const *needs; /* rooms that must stand before it; NULL-ended, or NULL */
	const struct gx_route *routes;
	size_t routes_count;
	const struct gx_code *codes;
	size_t codes_count;
	struct gx_setting *settings;
	size_t settings_count;
	struct gx_metric *metrics;
	size_t metrics_count;
	const struct gx_periodic *periodics;
	size_t periodics_count;
	struct gx_query_set *queries;		   /* made by sqlgen */
	const struct gx_migration_set *migrations; /* made at build time from migrations/ */
	/* Bytes of the room's own memory on the command thread: gx_room_state(). Zeroed at start.
	 */
	size_t state_size;
	/* On the command thread before the first batch, inside a transaction: load what must be in
	 * memory. Optional. */
	enum gx_status (*start)(struct gx_arena *a, struct gx_tx *tx, struct gx_error *err);
	/* At the end, after the last batch and when no other thread runs: gives back what the state
	 * holds. Also called when start failed. Optional. */
	void (*stop)(void *state);
	/* Writes what the room has put off within the batch: called before a savepoint, whose
	 * rollback must undo one command alone. Optional. */
	enum gx_status (*flush)(struct gx_tx *tx, struct gx_error *err);
	/* What the room collects in memory and writes later, many at a time: called before each
	 * commit with the number of the batch's commands; a failure undoes the batch. Optional. */
	enum gx_status (*settle)(struct gx_arena *a, struct gx_tx *tx, size_t commands,
				 struct gx_error *err);
	/* After each commit: what the batch wrote is durable. Optional. */
	void (*settled)(void *state);
	/* Drops everything cached in the state: after a rollback it may be wrong. Optional. */
	void (*forget)(void *state);
	/* Events of the account with after < position <= *upto, ascending: at most `limit`, and
	 * not many more bytes than GX_EVENTS_BYTES_MAX. Where some are left out, *upto comes down
	 * to the last one given. Any reader. Optional. */
	enum gx_status (*events)(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
				 uint64_t after, uint64_t *upto, size_t limit,
				 struct gx_event **out, size_t *count, struct gx_error *err);
	/* Whether the account may see a medium that this room granted under `subject` (media room).
	 * Optional. */
	enum gx_status (*may_view)(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
				   uint64_t subject, uint64_t detail, bool *out,
				   struct gx_error *err);
	/* Called inside the transaction in which an account's public face changed (also at
	 * sign-up), so that rooms that know who should hear of it can tell them. Optional. */
	enum gx_status (*account_changed)(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
					  struct gx_error *err);
};

#endif
