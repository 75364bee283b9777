/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: only who may sees a medium; grants, expiry and quota hold; the collector takes what nobody
 * names; an upload comes back as it went in, or is refused for the right reason.
 * Method: a house with this room and a made-up one, `lanterns`, whose may_view is a table; the
 * media process is a thread of the test that answers as told.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "media_actor.h"
#include "media_rules.h"
#include "testhouse.h"

#define ANNA 1
#define BERT 2
#define CARL 3
#define LANTERNS GX_STR("lanterns")

/* Bert sees lantern 7 from detail 100 on; everybody sees lantern 9. */
static enum gx_status lanterns_may_view(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
					uint64_t subject, uint64_t detail, bool *out,
					struct gx_error *err)
{
	*out = (subject == 7 && account_id == BERT && detail >= 100) || subject == 9;
	return GX_OK;
}

static const struct gx_room lanterns_room = { .name = "lanterns", .may_view = lanterns_may_view };
static const struct gx_room *const rooms[] = { &media_room, &lanterns_room, NULL };

static uint64_t insert(struct gx_test *t, uint64_t media_id, uint64_t owner_id, uint64_t size)
{
	struct media_row row = {
		.item = { .media_id = media_id,
			  .owner_id = owner_id,
			  .kind = MEDIA_IMAGE,
			  .mime = GX_STR("image/png"),
			  .name = GX_STR("a.png"),
			  .size = size,
			  .width = 3,
			  .height = 4,
			  .sha256 = GX_STR("ba7816bf8f01cfea414140de5dae2223"
					   "b00361a396177a9cb410ff61f20015ad") },
		.created_at_ms = t->tx->now_ms,
		.expires_at_ms = t->tx->now_ms + 24 * GX_HOUR_MS,
	};

	assert_int_equal(media_store_insert(t->tx, &row, &t->err), GX_OK);
	return media_id;
}

static const struct media_item *get(struct gx_test *t, uint64_t media_id)
{
	const struct media_item *item;

	assert_int_equal(media_get(t->arena, t->tx, media_id, &item, &t->err), GX_OK);
	return item;
}

static bool may_view(struct gx_test *t, uint64_t account_id, uint64_t media_id)
{
	const struct media_item *item = get(t, media_id);
	bool out = false;

	if (item != NULL)
		assert_int_equal(media_may_view(t->arena, t->tx, account_id, item, &out, &t->err),
				 GX_OK);
	return out;
}

static enum gx_status grant(struct gx_test *t, uint64_t by, uint64_t media_id, uint64_t subject,
			    uint64_t detail)
{
	return media_grant(t->arena, t->tx, by, media_id, LANTERNS, subject, detail, &t->err);
}

static void take_back(struct gx_test *t, uint64_t subject, uint64_t detail)
{
	assert_int_equal(media_revoke(t->arena, t->tx, LANTERNS, subject, detail, &t->err), GX_OK);
}

static void expire(struct gx_test *t)
{
	bool again;

	assert_int_equal(media_expire(t->arena, t->tx, &again, &t->err), GX_OK);
	assert_false(again);
}

static uint64_t usage(struct gx_test *t, uint64_t account_id)
{
	uint64_t bytes;

	assert_int_equal(media_store_get_usage(t->arena, t->tx, account_id, &bytes, &t->err),
			 GX_OK);
	return bytes;
}

static void test_grants_say_who_sees(void **state)
{
	struct gx_test t;

	gx_test_open(&t, rooms);
	insert(&t, 5, ANNA, 10);
	assert_true(may_view(&t, ANNA, 5));
	assert_false(may_view(&t, BERT, 5));
	assert_int_equal(grant(&t, BERT, 5, 7, 100), GX_E_RULE);
	assert_string_equal(t.err.code, "media.not_yours");
	assert_int_equal(grant(&t, ANNA, 6, 7, 100), GX_E_RULE); /* there is none */

	assert_int_equal(grant(&t, ANNA, 5, 7, 99), GX_OK);
	assert_false(may_view(&t, BERT, 5)); /* before Bert's time */
	assert_int_equal(grant(&t, ANNA, 5, 7, 100), GX_OK);
	assert_int_equal(grant(&t, ANNA, 5, 7, 100), GX_OK); /* again: the same */
	assert_true(may_view(&t, BERT, 5));
	assert_false(may_view(&t, CARL, 5));
	assert_int_equal(grant(&t, BERT, 5, 9, 0), GX_OK); /* passes on what Bert sees */
	assert_true(may_view(&t, CARL, 5));

	take_back(&t, 9, 0);
	assert_false(may_view(&t, CARL, 5));
	assert_true(may_view(&t, BERT, 5));
	gx_test_close(&t);
}

/* More grants than fit in a page, the telling one last. */
static void test_many_grants(void **state)
{
	struct gx_test t;

	gx_test_open(&t, rooms);
	insert(&t, 5, ANNA, 10);
	for (uint64_t detail = 0; detail < 100; detail++)
		assert_int_equal(grant(&t, ANNA, 5, 7, detail), GX_OK);
	assert_false(may_view(&t, BERT, 5));
	assert_int_equal(grant(&t, ANNA, 5, 7, 100), GX_OK);
	assert_true(may_view(&t, BERT, 5));
	for (uint64_t i = 0; i < 150; i++)
		assert_int_equal(grant(&t, ANNA, insert(&t, 1000 + i, ANNA, 1), 9, 1), GX_OK);
	take_back(&t, 9, 1);
	for (uint64_t i = 0; i < 150; i++)
		assert_null(get(&t, 1000 + i));
	gx_test_close(&t);
}

static void test_last_grant_gone_ends_it(void **state)
{
	struct gx_test t;

	gx_test_open(&t, rooms);
	insert(&t, 5, ANNA, 10);
	assert_int_equal(grant(&t, ANNA, 5, 7, 100), GX_OK);
	take_back(&t, 7, 100);
	assert_null(get(&t, 5));			   /* for its uploader too */
	assert_int_equal(grant(&t, ANNA, 5, 9, 0), GX_OK); /* swapped in one transaction */
	assert_non_null(get(&t, 5));
	take_back(&t, 9, 0);
	expire(&t);
	assert_int_equal(grant(&t, ANNA, 5, 9, 0), GX_E_RULE);
	assert_int_equal(usage(&t, ANNA), 0);
	gx_test_close(&t);
}

static void test_unsent_expires(void **state)
{
	struct gx_test t;

	gx_test_open(&t, rooms);
	insert(&t, 5, ANNA, 10);
	insert(&t, 6, ANNA, 20);
	assert_int_equal(grant(&t, ANNA, 6, 7, 100), GX_OK);
	assert_int_equal(usage(&t, ANNA), 30);
	expire(&t);
	assert_non_null(get(&t, 5));
	t.tx->now_ms += 24 * GX_HOUR_MS - 1;
	assert_non_null(get(&t, 5));
	t.tx->now_ms += 1;
	assert_null(get(&t, 5)); /* also before the periodic work has come */
	expire(&t);
	assert_non_null(get(&t, 6));
	assert_int_equal(usage(&t, ANNA), 20);
	gx_test_close(&t);
}

static void test_quota(void **state)
{
	struct gx_test t;
	int64_t before = media_settings[MEDIA_BYTES_PER_ACCOUNT].num;

	gx_test_open(&t, rooms);
	media_settings[MEDIA_BYTES_PER_ACCOUNT].num = 100;
	insert(&t, 5, ANNA, 60);
	assert_int_equal(media_check_quota(t.arena, t.tx, ANNA, 40, &t.err), GX_OK);
	assert_int_equal(media_check_quota(t.arena, t.tx, ANNA, 41, &t.err), GX_E_RULE);
	assert_string_equal(t.err.code, "media.quota_exceeded");
	assert_int_equal(media_check_quota(t.arena, t.tx, ANNA, UINT64_MAX, &t.err), GX_E_RULE);
	assert_int_equal(media_check_quota(t.arena, t.tx, BERT, 100, &t.err), GX_OK);
	media_settings[MEDIA_BYTES_PER_ACCOUNT].num = 0;
	assert_int_equal(media_check_quota(t.arena, t.tx, ANNA, 1 << 30, &t.err), GX_OK);
	media_settings[MEDIA_BYTES_PER_ACCOUNT].num = before;
	gx_test_close(&t);
}

/* ---- uploads, from spool file to answer */

static enum gx_status upload(struct gx_test *t, const char *bytes, const char *content_type,
			     struct gx_str *json)
{
	struct gx_upload up = { .fd = file_of(bytes),
				.size = strlen(bytes),
				.content_type = gx_str_from_cstr(content_type),
				.filename = GX_STR("a \"b\".png") };
	struct gx_call c = { .arena = t->arena,
			     .core = t->core,
			     .tx = t->tx,
			     .session = { .account_id = ANNA },
			     .upload = &up };
	struct gx_buf out;
	enum gx_status st;

	gx_buf_init(&out, 4096);
	gx_json_writer_init(&c.out, &out);
	st = media_upload_admit(&c);
	if (st == GX_OK)
		st = media_upload_prepare(&c);
	if (st == GX_OK)
		st = media_upload(&c);
	*json = gx_arena_strdup(t->arena, gx_buf_str(&out));
	gx_buf_deinit(&out);
	close(up.fd);
	t->err = c.err;
	return st;
}

static struct gx_call answer_call(struct gx_test *t, uint64_t account_id, struct gx_input *in,
				  struct gx_buf *headers)
{
	return (struct gx_call){ .arena = t->arena,
				 .core = t->core,
				 .tx = t->tx,
				 .session = { .account_id = account_id },
				 .in = in,
				 .headers = headers,
				 .file = { .fd = -1 } };
}

static void check_bytes(struct gx_call *c, const char *want)
{
	char bytes[64];

	assert_int_equal(c->file.size, strlen(want));
	assert_int_equal(read(c->file.fd, bytes, sizeof(bytes)), strlen(want));
	assert_memory_equal(bytes, want, strlen(want));
	close(c->file.fd);
}

static uint64_t id_in(struct gx_test *t, struct gx_str json)
{
	const struct gx_json *root;
	uint64_t id;

	assert_int_equal(gx_json_parse(t->arena, json, &root, &t->err), GX_OK);
	const struct gx_json *media = gx_json_get(root, GX_STR("media"));
	assert_true(gx_str_to_u64(gx_json_str(t->arena, gx_json_get(media, GX_STR("id"))), &id));
	return id;
}

static void use_actor(struct gx_test *t, struct actor *x)
{
	struct media_prober *p = &media_state(t->core)->prober;

	p->connect = connect_actor;
	p->arg = x;
}

static void test_upload_and_read_back(void **state)
{
	struct gx_test t;
	struct actor x = { .answer = answer_of("image/png", 40, 16), .thumb = "RIFF....WEBPdata" };
	struct gx_str json;
	struct gx_input in = { 0 };
	struct gx_buf headers;
	struct gx_call c;

	gx_test_open(&t, rooms);
	use_actor(&t, &x);
	gx_buf_init(&headers, 4096);
	assert_int_equal(upload(&t, "abc", "Image/PNG; x=y", &json), GX_OK);
	in.id = id_in(&t, json);
	gx_buf_printf(&headers,
		      "{\"media\":{\"id\":\"%llu\",\"kind\":\"image\",\"mime\":\"image/png\","
		      "\"size\":3,\"sha256\":\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410"
		      "ff61f20015ad\",\"width\":40,\"height\":40}}",
		      (unsigned long long)in.id);
	assert_true(gx_str_eq(json, gx_buf_str(&headers)));

	gx_buf_clear(&headers);
	c = answer_call(&t, ANNA, &in, &headers);
	assert_int_equal(media_http_get(&c), GX_OK);
	check_bytes(&c, "abc");
	assert_true(gx_str_eq(c.file.content_type, GX_STR("image/png")));
	assert_true(gx_str_starts(gx_buf_str(&headers),
				  GX_STR("Content-Disposition: inline; "
					 "filename*=UTF-8''a%20%22b%22.png\r\n")));

	gx_buf_clear(&headers);
	c = answer_call(&t, ANNA, &in, &headers);
	assert_int_equal(media_http_thumb(&c), GX_OK);
	check_bytes(&c, "RIFF....WEBPdata");

	c = answer_call(&t, BERT, &in, &headers);
	assert_int_equal(media_http_get(&c), GX_E_NOT_FOUND);
	assert_string_equal(c.err.code, "media.no_media");
	assert_int_equal(media_http_thumb(&c), GX_E_NOT_FOUND);
	assert_string_equal(c.err.code, "media.no_media");
	in.id++;
	c = answer_call(&t, ANNA, &in, &headers);
	assert_int_equal(media_http_get(&c), GX_E_NOT_FOUND);
	gx_buf_deinit(&headers);
	gx_test_close(&t);
	join_actor(&x);
}

static void test_upload_refusals(void **state)
{
	static const struct {
		const char *name, *declared, *detected, *thumb;
		uint32_t verdict;
		bool is_missing;
		const char *want; /* code, or the kind of what was taken */
	} cases[] = {
		{ "html as picture", "image/png", "text/html", NULL, 0, false,
		  "media.type_mismatch" },
		{ "broken picture", "image/png", "image/png", NULL, 1, false, "media.unreadable" },
		{ "broken picture as file", "", "image/png", NULL, 1, false, "file" },
		{ "no process", "image/png", "image/png", NULL, 0, true, "core.overloaded" },
		{ "thumb that is none", "image/png", "image/png", "<html>............", 0, false,
		  "image" },
		{ "text", "text/plain", "text/plain", NULL, 0, false, "file" },
	};
	struct gx_test t;
	struct gx_str json;

	gx_test_open(&t, rooms);
	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		struct actor x = { .answer = answer_of(cases[i].detected, 0,
						       cases[i].thumb == NULL ? 0 : 16),
				   .thumb = cases[i].thumb,
				   .is_missing = cases[i].is_missing };
		x.answer.verdict = cases[i].verdict;
		use_actor(&t, &x);
		print_message("%s\n", cases[i].name);
		enum gx_status st = upload(&t, cases[i].name, cases[i].declared, &json);
		if (st == GX_OK)
			assert_non_null(strstr(
				json.ptr,
				gx_arena_printf(t.arena, "\"kind\":\"%s\"", cases[i].want).ptr));
		else
			assert_string_equal(t.err.code, cases[i].want);
		close(media_state(t.core)->prober.socket);
		media_state(t.core)->prober.socket = -1;
		join_actor(&x);
	}
	gx_test_close(&t);
}

static void test_limits_of_an_upload(void **state)
{
	struct gx_test t;
	struct actor x = { .answer = answer_of("text/plain", 0, 0) };
	struct gx_str json;
	int64_t bytes = media_settings[MEDIA_UPLOAD_BYTES].num;
	int64_t often = media_settings[MEDIA_UPLOADS_PER_HOUR].num;

	gx_test_open(&t, rooms);
	use_actor(&t, &x);
	media_settings[MEDIA_UPLOAD_BYTES].num = 5;
	media_settings[MEDIA_UPLOADS_PER_HOUR].num = 2;
	assert_int_equal(upload(&t, "123456", "", &json), GX_E_TOO_LARGE);
	assert_int_equal(upload(&t, "12345", "", &json), GX_OK);
	assert_int_equal(upload(&t, "12345", "", &json), GX_OK);
	assert_int_equal(upload(&t, "12345", "", &json), GX_E_LIMIT);
	assert_string_equal(t.err.code, "media.too_often");
	media_settings[MEDIA_UPLOAD_BYTES].num = bytes;
	media_settings[MEDIA_UPLOADS_PER_HOUR].num = often;
	gx_test_close(&t);
	join_actor(&x);
}

static void collect_all(struct gx_test *t)
{
	bool again;

	for (unsigned i = 0; i < GX_BLOB_PREFIXES / 32; i++)
		assert_int_equal(media_collect(t->arena, t->tx, &again, &t->err), GX_OK);
}

static void make_old(struct gx_test *t, struct gx_str hex)
{
	struct timespec times[2] = { { .tv_sec = time(NULL) - 7200 },
				     { .tv_sec = time(NULL) - 7200 } };
	struct gx_str path =
		gx_arena_printf(t->arena, "%s/blobs/%.2s/%.2s/%.64s", gx_core_data_dir(t->core),
				hex.ptr, hex.ptr + 2, hex.ptr);

	assert_int_equal(utimensat(AT_FDCWD, path.ptr, times, 0), 0);
}

static void test_collects_what_nobody_names(void **state)
{
	struct gx_test t;
	struct actor x = { .answer = answer_of("text/plain", 0, 0) };
	struct gx_str json;
	struct gx_blob_store *blobs;
	struct gx_blob_id id;
	uint64_t media_id;

	gx_test_open(&t, rooms);
	use_actor(&t, &x);
	blobs = &media_state(t.core)->blobs;
	assert_int_equal(upload(&t, "abc", "", &json), GX_OK);
	media_id = id_in(&t, json);
	struct gx_str hex = get(&t, media_id)->sha256;
	assert_true(gx_blob_parse(hex, &id));
	make_old(&t, hex);
	collect_all(&t);
	assert_true(gx_blob_exists(blobs, &id)); /* a row names it */
	t.tx->now_ms += 25 * GX_HOUR_MS;
	expire(&t);
	collect_all(&t);
	assert_false(gx_blob_exists(blobs, &id));

	assert_int_equal(upload(&t, "abc", "", &json), GX_OK);
	t.tx->now_ms += 25 * GX_HOUR_MS;
	expire(&t);
	collect_all(&t); /* nobody names it, but it is young */
	assert_true(gx_blob_exists(blobs, &id));
	gx_test_close(&t);
	join_actor(&x);
}

static void test_plans(void **state)
{
	struct gx_test t;

	gx_test_open(&t, rooms);
	struct gx_buf report;
	gx_buf_init(&report, 4096);
	assert_int_equal(gx_test_check_plans(&t, &report), GX_OK);
	assert_int_equal(report.len, 0);
	gx_buf_deinit(&report);
	gx_test_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grants_say_who_sees),
		cmocka_unit_test(test_many_grants),
		cmocka_unit_test(test_last_grant_gone_ends_it),
		cmocka_unit_test(test_unsent_expires),
		cmocka_unit_test(test_quota),
		cmocka_unit_test(test_upload_and_read_back),
		cmocka_unit_test(test_upload_refusals),
		cmocka_unit_test(test_limits_of_an_upload),
		cmocka_unit_test(test_collects_what_nobody_names),
		cmocka_unit_test(test_plans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
