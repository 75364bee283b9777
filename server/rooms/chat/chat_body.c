/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chat_body.c - what a message of each kind may say.
 *
 * A body is read field by field into compact JSON of our own making: unknown fields, wrong types
 * and lengths are refused; what the server knows better (a picture's size, a card's name) it writes
 * itself. Media must be the sender's to show.
 */
#include "chat_state.h"
#include "media.h"

const char *const chat_kind_names[CHAT_KINDS_COUNT] = {
	[CHAT_TEXT] = "text",	    [CHAT_IMAGE] = "image",   [CHAT_VOICE] = "voice",
	[CHAT_VIDEO] = "video",	    [CHAT_FILE] = "file",     [CHAT_LOCATION] = "location",
	[CHAT_CARD] = "card",	    [CHAT_LINK] = "link",     [CHAT_STICKER] = "sticker",
	[CHAT_HISTORY] = "history", [CHAT_NOTICE] = "notice",
};

enum chat_message_kind chat_kind_parse(struct gx_str name)
{
	for (int kind = CHAT_TEXT; kind < CHAT_NOTICE; kind++)
		if (gx_str_eq(name, gx_str_from_cstr(chat_kind_names[kind])))
			return (enum chat_message_kind)kind;
	return 0;
}

/* A body being read: the first fault stays. */
struct reader {
	struct gx_arena *arena;
	struct gx_tx *tx;
	uint64_t sender_id;
	const struct gx_json *body;
	uint32_t fields_read;
	struct gx_json_writer w;
	struct chat_body *out;
	enum gx_status st;
	struct gx_error *err;
};

static void fault(struct reader *r, const char *what)
{
	if (r->st != GX_OK)
		return;
	r->st = gx_fail_detail(r->arena, r->err, GX_E_INVALID, "chat.bad_body", "body: %s", what);
	r->err->fields[0] = "body";
	r->err->fields_count = 1;
}

/* The value of a field of that type, or NULL with a fault. */
static const struct gx_json *field(struct reader *r, const char *name, enum gx_json_type type)
{
	const struct gx_json *v = gx_json_get(r->body, gx_str_from_cstr(name));

	if (v == NULL || v->type != type) {
		fault(r, name);
		return NULL;
	}
	r->fields_read++;
	gx_json_key(&r->w, gx_str_from_cstr(name));
	return v;
}

static void copy_str(struct reader *r, const char *name, size_t min, size_t max)
{
	const struct gx_json *v = field(r, name, GX_JSON_STRING);

	if (v == NULL)
		return;
	struct gx_str s = gx_json_str(r->arena, v);
	size_t count = gx_utf8_count(s);
	if (count < min || count > max)
		fault(r, name);
	gx_json_put_str(&r->w, s);
}

static int64_t read_int(struct reader *r, const char *name, int64_t min, int64_t max)
{
	const struct gx_json *v = field(r, name, GX_JSON_NUMBER);
	int64_t n = 0;

	if (v != NULL && (!gx_json_to_i64(v, &n) || n < min || n > max))
		fault(r, name);
	return n;
}

static void copy_int(struct reader *r, const char *name, int64_t min, int64_t max)
{
	gx_json_put_i64(&r->w, read_int(r, name, min, max));
}

static void copy_double(struct reader *r, const char *name, double bound)
{
	const struct gx_json *v = field(r, name, GX_JSON_NUMBER);
	double n = 0;

	if (v != NULL && (!gx_json_to_double(v, &n) || n < -bound || n > bound))
		fault(r, name);
	gx_json_put_double(&r->w, n);
}

static uint64_t read_id(struct reader *r, const char *name)
{
	const struct gx_json *v = field(r, name, GX_JSON_STRING);
	uint64_t id = 0;

	if (v != NULL &&
	    (!gx_str_to_u64(gx_json_str(r->arena, v), &id) || id == 0 || id > INT64_MAX))
		fault(r, name);
	return id;
}

/* The medium, if it is of that kind (MEDIA_FILE: of any) and the sender's to show. */
static const struct media_item *take_medium(struct reader *r, uint64_t media_id,
					    enum media_kind kind)
{
	const struct media_item *item = NULL;
	bool may = false;

	if (r->st != GX_OK)
		return NULL;
	r->st = media_get(r->arena, r->tx, media_id, &item, r->err);
	if (r->st == GX_OK && item != NULL)
		r->st = media_may_view(r->arena, r->tx, r->sender_id, item, &may, r->err);
	if (r->st != GX_OK)
		return NULL;
	if (!may) {
		r->st = gx_fail_field(r->err, GX_E_RULE, "media.not_yours", "body");
		return NULL;
	}
	if (kind != MEDIA_FILE && item->kind != kind) {
		fault(r, "the file is of another kind");
		return NULL;
	}
	if (r->out->media_count == CHAT_MEDIA_PER_MESSAGE_MAX) {
		fault(r, "too many files");
		return NULL;
	}
	r->out->media_ids[r->out->media_count++] = media_id;
	return item;
}

static const struct media_item *copy_medium(struct reader *r, enum media_kind kind)
{
	uint64_t id = read_id(r, "media_id");

	gx_json_put_id(&r->w, id);
	return take_medium(r, id, kind);
}

static void copy_pixels(struct reader *r, const struct media_item *item)
{
	int64_t width = read_int(r, "width", 1, 65535);

	gx_json_put_i64(&r->w, item != NULL && item->width != 0 ? item->width : width);
	int64_t height = read_int(r, "height", 1, 65535);
	gx_json_put_i64(&r->w, item != NULL && item->height != 0 ? item->height : height);
}

static void read_file(struct reader *r)
{
	const struct media_item *item = copy_medium(r, MEDIA_FILE);

	copy_str(r, "name", 1, 255);
	int64_t size = read_int(r, "size", 0, INT64_MAX);
	gx_json_put_i64(&r->w, item != NULL ? (int64_t)item->size : size);
}

/* A card shows the person as the server knows them; names sent along are not believed. */
static void read_card(struct reader *r)
{
	const struct accounts_account *account = NULL;
	const struct gx_json *avatar = gx_json_get(r->body, GX_STR("avatar"));
	uint64_t id = read_id(r, "account_id");

	gx_json_put_id(&r->w, id);
	if (r->st == GX_OK)
		r->st = accounts_get(r->arena, r->tx, id, &account, r->err);
	if (account == NULL)
		fault(r, "account_id");
	field(r, "nickname", GX_JSON_STRING);
	gx_json_put_str(&r->w, account == NULL ? GX_STR_NULL : account->nickname);
	if (avatar == NULL || (avatar->type != GX_JSON_NULL && avatar->type != GX_JSON_STRING))
		fault(r, "avatar");
	r->fields_read++;
	gx_json_key(&r->w, GX_STR("avatar"));
	if (account != NULL && account->avatar_media_id != 0)
		gx_json_put_id(&r->w, account->avatar_media_id);
	else
		gx_json_put_null(&r->w);
}

static void read_link(struct reader *r)
{
	const struct gx_json *image = gx_json_get(r->body, GX_STR("image"));
	const struct gx_json *url = gx_json_get(r->body, GX_STR("url"));

	if (url != NULL && url->type == GX_JSON_STRING) {
		struct gx_str s = gx_json_str(r->arena, url);

		if (!gx_str_starts(s, GX_STR("https://")) && !gx_str_starts(s, GX_STR("http://")))
			fault(r, "url");
	}
	copy_str(r, "url", 8, 2000);
	copy_str(r, "title", 0, 200);
	copy_str(r, "summary", 0, 500);
	if (image != NULL && image->type == GX_JSON_STRING) {
		uint64_t id = read_id(r, "image");

		gx_json_put_id(&r->w, id);
		take_medium(r, id, MEDIA_IMAGE);
		return;
	}
	if (image == NULL || image->type != GX_JSON_NULL)
		fault(r, "image");
	r->fields_read++;
	gx_json_kv_null(&r->w, "image");
}

static void read_kind(struct reader *r, enum chat_message_kind kind);

static void read_history_item(struct reader *r, const struct gx_json *item)
{
	struct reader inner = *r;
	const struct gx_json *kind_name;
	enum chat_message_kind kind = 0;

	inner.body = item;
	inner.fields_read = 0;
	inner.w.needs_comma = false;
	if (item->type != GX_JSON_OBJECT) {
		fault(r, "items");
		return;
	}
	gx_json_begin_object(&inner.w);
	copy_str(&inner, "nickname", 1, 32);
	kind_name = field(&inner, "kind", GX_JSON_STRING);
	if (kind_name != NULL) {
		kind = chat_kind_parse(gx_json_str(r->arena, kind_name));
		gx_json_put_str(&inner.w, gx_json_str(r->arena, kind_name));
	}
	if (kind == 0 || kind == CHAT_HISTORY)
		fault(&inner, "kind");
	const struct gx_json *body = field(&inner, "body", GX_JSON_OBJECT);
	if (body != NULL && inner.st == GX_OK) {
		struct reader deepest = inner;

		deepest.body = body;
		deepest.fields_read = 0;
		read_kind(&deepest, kind);
		inner.st = deepest.st;
		inner.w = deepest.w;
	}
	copy_int(&inner, "sent_at", 0, INT64_C(9007199254740991));
	if (inner.st == GX_OK && inner.fields_read != item->count)
		fault(&inner, "unknown fields");
	gx_json_end_object(&inner.w);
	r->st = inner.st;
	r->w = inner.w;
}

static void read_history(struct reader *r)
{
	copy_str(r, "title", 1, 100);
	const struct gx_json *items = field(r, "items", GX_JSON_ARRAY);
	const struct gx_json *n = gx_json_first(items == NULL ? r->body : items);

	if (items == NULL)
		return;
	if (items->count == 0 || items->count > 100)
		fault(r, "items");
	gx_json_begin_array(&r->w);
	for (uint32_t i = 0; r->st == GX_OK && i < items->count; i++, n = gx_json_next(n)) {
		if (i > 0)
			gx_buf_append_char(r->w.buf, ',');
		read_history_item(r, n);
	}
	gx_json_end_array(&r->w);
}

static void read_kind(struct reader *r, enum chat_message_kind kind)
{
	r->w.needs_comma = false;
	gx_json_begin_object(&r->w);
	switch (kind) {
	case CHAT_TEXT:
		copy_str(r, "text", 1, 8000);
		break;
	case CHAT_IMAGE:
		copy_pixels(r, copy_medium(r, MEDIA_IMAGE));
		break;
	case CHAT_VOICE:
		copy_medium(r, MEDIA_VOICE);
		copy_int(r, "duration_ms", 1, 60000);
		break;
	case CHAT_VIDEO: {
		const struct media_item *item = copy_medium(r, MEDIA_VIDEO);

		copy_int(r, "duration_ms", 1, 86400000);
		copy_pixels(r, item);
		break;
	}
	case CHAT_FILE:
		read_file(r);
		break;
	case CHAT_LOCATION:
		copy_double(r, "latitude", 90);
		copy_double(r, "longitude", 180);
		copy_str(r, "title", 0, 100);
		copy_str(r, "address", 0, 200);
		break;
	case CHAT_CARD:
		read_card(r);
		break;
	case CHAT_LINK:
		read_link(r);
		break;
	case CHAT_STICKER:
		copy_medium(r, MEDIA_IMAGE);
		break;
	case CHAT_HISTORY:
		read_history(r);
		break;
	default:
		GX_ASSERT(!"a kind that nobody sends");
	}
	gx_json_end_object(&r->w);
	if (r->st == GX_OK && r->fields_read != r->body->count)
		fault(r, "unknown fields");
}

enum gx_status chat_body_check(struct gx_arena *a, struct gx_tx *tx, uint64_t sender_id,
			       enum chat_message_kind kind, const struct gx_json *body,
			       struct chat_body *out, struct gx_error *err)
{
	struct gx_buf text;
	struct reader r = {
		.arena = a, .tx = tx, .sender_id = sender_id, .body = body, .out = out, .err = err
	};

	GX_ASSERT(body->type == GX_JSON_OBJECT);
	gx_buf_init(&text, 128u << 10);
	gx_json_writer_init(&r.w, &text);
	read_kind(&r, kind);
	size_t most = kind == CHAT_HISTORY ? 8 * CHAT_BODY_BYTES_MAX : 3 * CHAT_BODY_BYTES_MAX;
	if (r.st == GX_OK && (text.overflow || text.len > most))
		fault(&r, "is too long");
	if (r.st == GX_OK)
		out->json = gx_arena_strdup(a, gx_buf_str(&text));
	gx_buf_deinit(&text);
	return r.st;
}
