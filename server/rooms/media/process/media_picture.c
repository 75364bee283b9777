/* SPDX-License-Identifier: Apache-2.0 */
/*
 * media_picture.c - libvips, restricted to the formats that a chat needs.
 *
 * All loaders are blocked but five, so that no exotic one can be reached whatever the bytes look
 * like. The pixel limit is checked on the header, before anything is decoded. No cache, no vector
 * code made at run time (the sandbox allows no new executable pages), no temporary files.
 */
#include "media_picture.h"

#include <endian.h>
#include <string.h>
#include <vips/vips.h>

#include "media_wire.h"

#define THUMB_QUALITY 80
#define WEBP_HEAD_BYTES 12u
#define CHUNK_HEAD_BYTES 8u
#define WEBP_METADATA_FLAGS 0x2c /* colour profile, EXIF, XMP */

static const char *const loaders[] = { "VipsForeignLoadJpegBuffer", "VipsForeignLoadPngBuffer",
				       "VipsForeignLoadNsgifBuffer", "VipsForeignLoadWebpBuffer",
				       "VipsForeignLoadHeifBuffer" };

static const struct {
	const char *mime, *loader;
} formats[] = {
	{ "image/jpeg", "VipsForeignLoadJpegBuffer" },
	{ "image/png", "VipsForeignLoadPngBuffer" },
	{ "image/gif", "VipsForeignLoadNsgifBuffer" },
	{ "image/webp", "VipsForeignLoadWebpBuffer" },
	{ "image/heic", "VipsForeignLoadHeifBuffer" },
	{ "image/heif", "VipsForeignLoadHeifBuffer" },
	{ "image/avif", "VipsForeignLoadHeifBuffer" },
};

/* Warnings about broken pictures are no news: the answer says it. */
static void say_nothing(const gchar *domain, GLogLevelFlags level, const gchar *message,
			gpointer data)
{
}

/* One tiny picture all the way, so that what libvips makes on first use is made now. */
static bool warm_up(void)
{
	VipsImage *black = NULL;
	void *png = NULL;
	size_t size = 0;
	struct media_picture p = { 0 };
	bool is_ok = vips_black(&black, 8, 8, "bands", 3, NULL) == 0 &&
		     vips_pngsave_buffer(black, &png, &size, NULL) == 0 &&
		     media_picture_read(png, size, &p) && p.thumb != NULL;

	media_picture_free(&p);
	g_free(png);
	g_clear_object(&black);
	return is_ok;
}

bool media_picture_init(const char *program)
{
	g_setenv("VIPS_DISC_THRESHOLD", "4g", TRUE); /* larger pictures would go to a file */
	g_setenv("VIPS_NOVECTOR", "1", TRUE);
	g_log_set_default_handler(say_nothing, NULL);
	if (VIPS_INIT(program) != 0)
		return false;
	vips_concurrency_set(1);
	vips_cache_set_max(0);
	vips_operation_block_set("VipsForeignLoad", TRUE);
	for (size_t i = 0; i < sizeof(loaders) / sizeof(loaders[0]); i++)
		vips_operation_block_set(loaders[i], FALSE);
	return warm_up();
}

bool media_picture_can_read(const char *mime)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(mime, formats[i].mime) == 0)
			return vips_type_find("VipsForeignLoad", formats[i].loader) != 0 ||
			       g_type_from_name(formats[i].loader) != 0;
	return false;
}

/* Header only: nothing is decoded yet. */
static bool read_size(const void *bytes, size_t size, struct media_picture *out)
{
	VipsImage *image =
		vips_image_new_from_buffer(bytes, size, "", "access", VIPS_ACCESS_SEQUENTIAL, NULL);

	if (image == NULL)
		return false;
	uint64_t width = (uint64_t)vips_image_get_width(image);
	uint64_t height = (uint64_t)vips_image_get_page_height(image);
	bool is_turned = vips_image_get_orientation_swap(image);
	g_object_unref(image);
	if (width > MEDIA_SIDE_MAX || height > MEDIA_SIDE_MAX || width * height > MEDIA_PIXELS_MAX)
		return false;
	out->width = (uint32_t)(is_turned ? height : width);
	out->height = (uint32_t)(is_turned ? width : height);
	return true;
}

static bool is_metadata(const unsigned char *chunk)
{
	return memcmp(chunk, "EXIF", 4) == 0 || memcmp(chunk, "XMP ", 4) == 0 ||
	       memcmp(chunk, "ICCP", 4) == 0;
}

/* Takes EXIF, XMP and the colour profile (it is sRGB) out of a WebP file, in place; returns its new
 * size, 0 when it is none. libvips 8.14 writes EXIF whatever it is told. A file is RIFF, size, WEBP
 * and chunks of name, size, bytes, padded to even; the first one, VP8X, has flags for the others.
 */
static size_t strip_webp(unsigned char *file, size_t size)
{
	size_t from = WEBP_HEAD_BYTES, to = WEBP_HEAD_BYTES;
	uint32_t riff_size;

	while (size - from >= CHUNK_HEAD_BYTES) {
		uint32_t chunk_size;
		memcpy(&chunk_size, file + from + 4, sizeof(chunk_size));
		size_t whole = CHUNK_HEAD_BYTES + (size_t)le32toh(chunk_size);
		whole += whole & 1;
		if (whole > size - from)
			return 0;
		if (memcmp(file + from, "VP8X", 4) == 0 && whole > CHUNK_HEAD_BYTES)
			file[from + CHUNK_HEAD_BYTES] &= (unsigned char)~WEBP_METADATA_FLAGS;
		if (!is_metadata(file + from)) {
			memmove(file + to, file + from, whole);
			to += whole;
		}
		from += whole;
	}
	riff_size = htole32((uint32_t)(to - CHUNK_HEAD_BYTES));
	memcpy(file + 4, &riff_size, sizeof(riff_size));
	return from == size ? to : 0;
}

static bool make_thumb(const void *bytes, size_t size, struct media_picture *out)
{
	VipsImage *small = NULL;
	/* The only pass over the pixels; turns upright and into sRGB on the way. */
	bool is_ok = vips_thumbnail_buffer((void *)(uintptr_t)bytes, size, &small, MEDIA_THUMB_SIDE,
					   "height", MEDIA_THUMB_SIDE, "size", VIPS_SIZE_DOWN,
					   "option_string", "[fail_on=error]", "export_profile",
					   "srgb", NULL) == 0 &&
		     vips_webpsave_buffer(small, &out->thumb, &out->thumb_size, "Q", THUMB_QUALITY,
					  "strip", TRUE, NULL) == 0;

	g_clear_object(&small);
	if (!is_ok || out->thumb_size < WEBP_HEAD_BYTES)
		return false;
	out->thumb_size = strip_webp(out->thumb, out->thumb_size);
	return out->thumb_size > 0 && out->thumb_size <= MEDIA_THUMB_BYTES_MAX;
}

bool media_picture_read(const void *bytes, size_t size, struct media_picture *out)
{
	memset(out, 0, sizeof(*out));
	bool is_ok = size <= MEDIA_PICTURE_BYTES_MAX && read_size(bytes, size, out) &&
		     make_thumb(bytes, size, out);

	vips_error_clear();
	if (!is_ok)
		media_picture_free(out);
	return is_ok;
}

void media_picture_free(struct media_picture *p)
{
	g_free(p->thumb);
	p->thumb = NULL;
	p->thumb_size = 0;
}
