/* SPDX-License-Identifier: Apache-2.0 */
/* media_picture_none.c - a build without libvips: pictures are stored and shown, but not looked at.
 */
#include "media_picture.h"

bool media_picture_init(const char *program)
{
	return true;
}

bool media_picture_can_read(const char *mime)
{
	return false;
}

bool media_picture_read(const void *bytes, size_t size, struct media_picture *out)
{
	return false;
}

void media_picture_free(struct media_picture *p)
{
	p->thumb = NULL;
}
