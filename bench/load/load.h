/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load.h - the parts of guanxi-load and what they say to each other.
 *
 *   load_main.c    options; chooses a mode
 *   load_run.c     messages: pair and group, closed and open loop; what a run says at its end
 *   load_crowd.c   many sessions: connecting, holding still, one notice to all, coming back
 *   load_ask.c     the same query again and again, one at a time
 *   load_conn.c    connections: epoll, reading, coalesced writing
 *   load_tls.c     TLS below them
 *   load_guanxi.c load_xmpp.c load_mqtt.c   a protocol each (struct load_proto)
 *   load_people.c  accounts, ties and the group on our own server, over HTTP
 *   load_seed.c    the people that guanxi-bench-seed wrote, known without asking
 *   load_stat.c    clocks, CPU and memory of the server, times
 *
 * One process, one thread (a crowd: several such processes). The generator shares the machine with
 * what it measures, so a message costs it a copy of a prepared frame, a share of one send and one
 * recv, and a look at a few bytes at known places.
 */
#ifndef GX_LOAD_H
#define GX_LOAD_H

#include "gx.h"

#define LOAD_SLOTS_MAX 4096u
#define LOAD_NS_PER_S UINT64_C(1000000000)

enum load_mode { LOAD_PAIR, LOAD_GROUP, LOAD_CROWD, LOAD_HISTORY, LOAD_SYNC };

struct load_conn;

/* Where a sender's prepared frame is filled in for each message. */
struct load_frame {
	struct gx_buf bytes;
	uint32_t marks[2]; /* places of the mark; it stands in the text, and may in an id */
	unsigned marks_count;
	uint32_t number_at; /* Guanxi: five digits of the call's id; MQTT: the packet's id */
	uint32_t place_at;  /* Guanxi: seven digits of the conversation, with --friends */
};

/* A protocol. Functions that take `in` get all unread bytes and return how many they have used. */
struct load_proto {
	const char *name;
	bool has_acks;	    /* tells the sender of a direct message that the server has it */
	bool echoes_groups; /* the sender of a group's message gets it too: that is its ack */
	uint16_t port;
	/* The socket is connected: begins to sign in; later load_on_ready(). */
	void (*start)(struct load_conn *c);
	/* Goes into the group; later load_on_joined(). NULL: whoever is ready is in. */
	void (*join)(struct load_conn *c);
	/* Appends a whole frame with that text to f->bytes; sets number_at and place_at. */
	void (*message)(const struct load_conn *c, struct load_frame *f, struct gx_str text);
	/* Writes what differs between messages, apart from the marks; NULL: nothing does. */
	void (*number)(struct load_frame *f, uint32_t slot, uint32_t place);
	size_t (*input)(struct load_conn *c, char *in, size_t len);
};

extern const struct load_proto load_guanxi, load_xmpp, load_mqtt;

struct load_options {
	enum load_mode mode;
	const struct load_proto *proto;
	const char *host;
	uint16_t port;
	uint16_t tls_port; /* 0: plain */
	unsigned users;	   /* pair, group: how many; crowd: sessions */
	unsigned window;   /* messages of a sender under way */
	unsigned body_bytes, warm_s, measure_s;
	unsigned parallel; /* signing in at once */
	unsigned
		friends; /* pair: each writes to so many others, chosen at random; 0: the partner */
	unsigned hold_s; /* crowd: how long it rests */
	unsigned count;	 /* history, sync: queries */
	unsigned rounds; /* pair: so many bursts of one sender, nothing measured; 0: no */
	bool is_seeded;	 /* people of guanxi-bench-seed */
	bool with_notice, with_storm;
	bool may_refuse; /* refusals are a result, not a failure */
	double rate;	 /* messages a second in all; 0: closed loop */
	int server_pid;
	const char *people_file, *label;
};

extern struct load_options load_opt;

_Noreturn void load_die(const char *fmt, ...) GX_PRINTF(1, 2);

/* What protocols tell. `bytes` begins at or before a mark. */
void load_on_ready(struct load_conn *c);
void load_on_joined(struct load_conn *c);
void load_on_message(struct load_conn *c, const char *bytes, size_t len);
void load_on_ack(struct load_conn *c, uint32_t slot);
/* The server refused that message; `why` is shown for the first. */
void load_on_refusal(struct load_conn *c, uint32_t slot, struct gx_str why);
/* The same where the answer carries the message's text. */
void load_on_refused_text(struct load_conn *c, struct gx_str answer);

/* An event of a crowd's session. The server has closed a connection that may end. */
void load_crowd_on_event(struct load_conn *c, struct gx_str event);
void load_crowd_on_end(struct load_conn *c);

/* `v` in decimal with leading zeros, without a NUL. */
void load_put_digits(char *to, uint32_t v, unsigned digits);

int load_run_messages(void);
int load_run_crowd(void);
int load_run_queries(void);

#endif
