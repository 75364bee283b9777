/* SPDX-License-Identifier: Apache-2.0 */
#include "media_detect.h"

#include <magic.h>
#include <string.h>

#define HEAD_BYTES_MAX ((size_t)1 << 20) /* what types are told by */

static magic_t magic;

bool media_detect_init(void)
{
	magic = magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_ERROR);
	return magic != NULL && magic_load(magic, NULL) == 0;
}

const char *media_detect(const void *bytes, size_t size)
{
	const char *mime =
		magic_buffer(magic, bytes, size < HEAD_BYTES_MAX ? size : HEAD_BYTES_MAX);

	return mime == NULL || strchr(mime, '/') == NULL ? "application/octet-stream" : mime;
}
