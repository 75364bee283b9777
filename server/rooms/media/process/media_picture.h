/* SPDX-License-Identifier: Apache-2.0 */
/*
 * media_picture.h - width, height and thumbnail of a picture.
 *
 * media_picture.c does it with libvips; media_picture_none.c stands in for it where the server is
 * built without. Threading: one thread calls; libvips has helpers of its own.
 */
#ifndef GX_MEDIA_PICTURE_H
#define GX_MEDIA_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct media_picture {
	uint32_t width, height; /* upright */
	void *thumb;		/* WebP; NULL: none */
	size_t thumb_size;
};

/* Loads and touches everything that is needed later, when files can't be opened any more. */
bool media_picture_init(const char *program);
/* Whether such a picture can be read here. */
bool media_picture_can_read(const char *mime);
/* False: it can't be decoded or has too many pixels. */
bool media_picture_read(const void *bytes, size_t size, struct media_picture *out);
void media_picture_free(struct media_picture *p);

#endif
