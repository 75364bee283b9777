/* SPDX-License-Identifier: Apache-2.0 */
/*
 * media_wire.h - what the core and the media process say over their SOCK_SEQPACKET socket.
 *
 * One job at a time: the core sends a job with two descriptors (the content, for reading; an empty
 * file for the thumbnail) and gets one answer. The process reads hostile content, so the core
 * believes no answer before it has checked it. Both ends are one build: machine byte order.
 */
#ifndef GX_MEDIA_WIRE_H
#define GX_MEDIA_WIRE_H

#include <stdint.h>

#define MEDIA_WIRE_JOB 0x6a6f6231u
#define MEDIA_WIRE_ANSWER 0x616e7331u
#define MEDIA_WIRE_FDS 2
#define MEDIA_WIRE_MIME_BYTES 108

#define MEDIA_PIXELS_MAX 120000000u /* of a picture that is looked at */
#define MEDIA_SIDE_MAX 65500u	    /* its width and height */
#define MEDIA_PICTURE_BYTES_MAX (64u << 20)
#define MEDIA_THUMB_SIDE 320
#define MEDIA_THUMB_BYTES_MAX (512u << 10)

struct media_wire_job {
	uint32_t magic;
	uint32_t zero;
	uint64_t size; /* of the content */
};

enum media_wire_verdict {
	MEDIA_WIRE_OK,
	MEDIA_WIRE_UNREADABLE, /* a picture by its first bytes, but it can't or may not be decoded
				*/
};

struct media_wire_answer {
	uint32_t magic;
	uint32_t verdict;
	uint32_t width, height; /* upright; 0: no picture */
	uint32_t thumb_size;	/* bytes of WebP in the second file; 0: none */
	char mime[MEDIA_WIRE_MIME_BYTES];
};

#endif
