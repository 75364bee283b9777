/* SPDX-License-Identifier: Apache-2.0 */
#include "media_types.h"

#define TYPE_BYTES_MAX 100u

static const struct gx_str octets = { "application/octet-stream", 24 };

/* What detectors and recorders call one and the same thing. */
static const struct {
	const char *from, *to;
} aliases[] = {
	{ "application/ogg", "audio/ogg" },
	{ "audio/x-m4a", "audio/mp4" },
	{ "video/x-m4v", "video/mp4" },
	{ "audio/x-wav", "audio/wav" },
	{ "audio/vnd.wave", "audio/wav" },
	{ "audio/mp3", "audio/mpeg" },
	{ "audio/x-hx-aac-adts", "audio/aac" },
	{ "image/jpg", "image/jpeg" },
	{ "image/heic-sequence", "image/heic" },
	{ "inode/x-empty", "application/octet-stream" },
	{ "application/x-empty", "application/octet-stream" },
};

/* The pictures that the media process can read. */
static const char *const pictures[] = { "image/jpeg", "image/png",  "image/gif", "image/webp",
					"image/heic", "image/heif", "image/avif" };

static const char *const inline_types[] = {
	"image/jpeg", "image/png",  "image/gif",  "image/webp",	     "image/heic",
	"image/heif", "image/avif", "audio/mpeg", "audio/ogg",	     "audio/webm",
	"audio/mp4",  "audio/wav",  "audio/aac",  "audio/amr",	     "audio/flac",
	"video/mp4",  "video/webm", "video/ogg",  "video/quicktime",
};

/* Hold sound or moving pictures; the outside doesn't tell which. */
static const struct {
	const char *as_audio, *as_video;
} containers[] = {
	{ "audio/webm", "video/webm" },
	{ "audio/mp4", "video/mp4" },
	{ "audio/ogg", "video/ogg" },
	{ "audio/3gpp", "video/3gpp" },
};

static const char *const scripted_types[] = {
	"text/html",
	"image/svg+xml",
	"text/xml",
	"application/xml",
	"application/xhtml+xml",
	"text/javascript",
	"application/javascript",
};

static bool is_one_of(struct gx_str s, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (gx_str_eq(s, gx_str_from_cstr(list[i])))
			return true;
	return false;
}

static bool is_type_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
	       c == '+' || c == '_';
}

bool media_type_is_valid(struct gx_str mime)
{
	size_t slash = gx_str_find(mime, '/');

	if (mime.len > TYPE_BYTES_MAX || slash == 0 || slash + 1 >= mime.len)
		return false;
	for (size_t i = 0; i < mime.len; i++)
		if (i != slash && !is_type_char(mime.ptr[i]))
			return false;
	return true;
}

struct gx_str media_type_clean(struct gx_arena *a, struct gx_str declared)
{
	struct gx_str first = gx_str_trim(gx_str_cut(&declared, ';'));
	char *lower = gx_arena_alloc(a, first.len + 1);

	for (size_t i = 0; i < first.len; i++) {
		char c = first.ptr[i];
		lower[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	struct gx_str mime = { lower, first.len };
	return media_type_is_valid(mime) ? mime : GX_STR_NULL;
}

static struct gx_str usual_name(struct gx_str mime)
{
	for (size_t i = 0; i < GX_COUNT(aliases); i++)
		if (gx_str_eq(mime, gx_str_from_cstr(aliases[i].from)))
			return gx_str_from_cstr(aliases[i].to);
	return mime;
}

static enum media_kind kind_of(struct gx_str mime)
{
	if (is_one_of(mime, pictures, GX_COUNT(pictures)))
		return MEDIA_IMAGE;
	if (gx_str_starts(mime, GX_STR("audio/")))
		return MEDIA_VOICE;
	if (gx_str_starts(mime, GX_STR("video/")))
		return MEDIA_VIDEO;
	return MEDIA_FILE;
}

/* A container named after what the uploader says is in it. */
static struct gx_str container_as(struct gx_str detected, enum media_kind kind)
{
	for (size_t i = 0; i < GX_COUNT(containers); i++) {
		struct gx_str audio = gx_str_from_cstr(containers[i].as_audio);
		struct gx_str video = gx_str_from_cstr(containers[i].as_video);

		if (gx_str_eq(detected, audio) || gx_str_eq(detected, video))
			return kind == MEDIA_VOICE ? audio : video;
	}
	return detected;
}

static bool is_image_type(struct gx_str mime)
{
	return gx_str_starts(mime, GX_STR("image/"));
}

bool media_type_kind(struct gx_str declared, struct gx_str detected, enum media_kind *kind,
		     struct gx_str *mime)
{
	struct gx_str found = usual_name(detected);
	enum media_kind wanted = kind_of(usual_name(declared));

	if (wanted == MEDIA_VOICE || wanted == MEDIA_VIDEO)
		found = container_as(found, wanted);
	if (declared.len > 0 && !gx_str_eq(declared, octets) &&
	    (kind_of(found) != wanted || is_image_type(found) != is_image_type(declared)))
		return false;
	*kind = kind_of(found);
	*mime = found;
	return true;
}

bool media_type_is_inline(struct gx_str mime)
{
	return is_one_of(mime, inline_types, GX_COUNT(inline_types));
}

struct gx_str media_type_served(struct gx_str mime)
{
	return is_one_of(mime, scripted_types, GX_COUNT(scripted_types)) ? octets : mime;
}
