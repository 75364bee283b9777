/* SPDX-License-Identifier: Apache-2.0 */
/*
 * media_probe.h - asks the media process what a file is.
 *
 * Purpose:    the core's end of media_wire.h: starts the process on demand, one job at a time, with
 *             a time limit; checks the answer.
 * Threading:  any; blocks. One prober may be used by several threads, they take turns.
 */
#ifndef GX_MEDIA_PROBE_H
#define GX_MEDIA_PROBE_H

#include <pthread.h>

#include "gx.h"
#include "media_wire.h"

#define MEDIA_PROBE_TIMEOUT_MS 15000

struct media_prober {
	/* A connected socket to a fresh process, or -1. Called under the lock. */
	int (*connect)(void *arg);
	void *arg;
	int timeout_ms;
	pthread_mutex_t lock;
	int socket; /* -1: none */
};

enum media_verdict {
	MEDIA_VERDICT_OK,
	MEDIA_VERDICT_UNREADABLE,  /* the content, or it broke or hung the process */
	MEDIA_VERDICT_UNAVAILABLE, /* there is no process; the content may be fine */
};

struct media_finding {
	char mime[MEDIA_WIRE_MIME_BYTES]; /* always a valid type */
	uint32_t width, height;		  /* 0: no picture */
	uint32_t thumb_size;		  /* 0: none */
};

void media_prober_init(struct media_prober *p, int (*connect)(void *arg), void *arg);
void media_prober_deinit(struct media_prober *p);
/* `content_fd` and `thumb_fd` stay the caller's; the process gets the content for reading only.
 * When OK, *out is filled and the file behind `thumb_fd` holds out->thumb_size bytes. When
 * UNREADABLE, out->mime tells what the first bytes look like (application/octet-stream if it did
 * not get so far). */
enum media_verdict media_probe(struct media_prober *p, int content_fd, uint64_t size, int thumb_fd,
			       struct media_finding *out);

#endif
