/* SPDX-License-Identifier: Apache-2.0 */
/*
 * media_types.h - what a type of content means to us.
 *
 * Types come from the media process (which may have been taken over by what it read) or from
 * clients, so nothing here trusts them: what is shown inline stands in one fixed list. Threading:
 * any. Memory: no allocation.
 */
#ifndef GX_MEDIA_TYPES_H
#define GX_MEDIA_TYPES_H

#include "media.h"

/* A plain "type/subtype" of at most 100 lower-case characters. */
bool media_type_is_valid(struct gx_str mime);
/* Without parameters and in lower case, in the arena; empty when it is no type. */
struct gx_str media_type_clean(struct gx_arena *a, struct gx_str declared);
/* What content of the detected type is, if the uploader declared it so; false when the two
 * contradict each other. Nothing declared, or application/octet-stream: the detected one counts. A
 * container (WebM, MP4, Ogg) is voice or video as declared. *mime is what it is served as. */
bool media_type_kind(struct gx_str declared, struct gx_str detected, enum media_kind *kind,
		     struct gx_str *mime);
/* Browsers may show it in a page of ours: it can't carry a script. */
bool media_type_is_inline(struct gx_str mime);
/* What a browser might execute when it opens it: served as bytes. */
struct gx_str media_type_served(struct gx_str mime);

#endif
