/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: whatever a client declares and the media process has found, a served type is a plain one,
 * and nothing that can carry a script is shown inline.
 * Method: the input is what was declared, a NUL, and what was found.
 */
#include <string.h>

#include "media_types.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_type(struct gx_str mime)
{
	static const char *const scripts[] = { "html", "xml", "svg", "javascript", "pdf" };

	GX_ASSERT(media_type_is_valid(mime));
	if (!media_type_is_inline(mime))
		return;
	for (size_t i = 0; i < GX_COUNT(scripts); i++)
		GX_ASSERT(memmem(mime.ptr, mime.len, scripts[i], strlen(scripts[i])) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gx_str found = { (const char *)data, size };
	struct gx_str declared = gx_str_cut(&found, '\0');
	struct gx_arena a;
	enum media_kind kind;
	struct gx_str mime, clean;

	gx_arena_init(&a);
	clean = media_type_clean(&a, declared);
	if (clean.len > 0)
		check_type(clean);
	if (media_type_is_valid(found) && media_type_kind(clean, found, &kind, &mime)) {
		check_type(mime);
		GX_ASSERT(media_type_is_valid(media_type_served(mime)));
	}
	gx_arena_deinit(&a);
	return 0;
}
