/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: types mean what they should; answers of the media process are not believed blindly, and a
 * process that dies, hangs or is missing costs no more than its job.
 * Method: tables; the process is a thread of the test that answers as told.
 */
#include "media_actor.h"
#include "media_types.h"

static void test_types(void **state)
{
	static const struct {
		const char *declared, *detected;
		bool is_ok;
		enum media_kind kind;
		const char *mime;
	} cases[] = {
		{ "image/png", "image/png", true, MEDIA_IMAGE, "image/png" },
		{ "image/jpeg", "image/png", true, MEDIA_IMAGE, "image/png" },
		{ "", "image/gif", true, MEDIA_IMAGE, "image/gif" },
		{ "application/octet-stream", "image/webp", true, MEDIA_IMAGE, "image/webp" },
		{ "image/png", "text/html", false, MEDIA_FILE, "" },
		{ "image/png", "application/octet-stream", false, MEDIA_FILE, "" },
		{ "image/png", "image/svg+xml", false, MEDIA_FILE, "" },
		{ "image/svg+xml", "image/svg+xml", true, MEDIA_FILE, "image/svg+xml" },
		{ "image/bmp", "text/plain", false, MEDIA_FILE, "" },
		{ "text/plain", "image/png", false, MEDIA_FILE, "" },
		{ "text/plain", "text/html", true, MEDIA_FILE, "text/html" },
		{ "application/pdf", "application/pdf", true, MEDIA_FILE, "application/pdf" },
		{ "audio/webm", "video/webm", true, MEDIA_VOICE, "audio/webm" },
		{ "video/webm", "video/webm", true, MEDIA_VIDEO, "video/webm" },
		{ "audio/ogg", "application/ogg", true, MEDIA_VOICE, "audio/ogg" },
		{ "audio/mp4", "audio/x-m4a", true, MEDIA_VOICE, "audio/mp4" },
		{ "video/mp4", "audio/mpeg", false, MEDIA_FILE, "" },
		{ "audio/mpeg", "audio/mpeg", true, MEDIA_VOICE, "audio/mpeg" },
		{ "video/mp4", "image/png", false, MEDIA_FILE, "" },
		{ "text/plain", "inode/x-empty", true, MEDIA_FILE, "application/octet-stream" },
	};

	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		enum media_kind kind = MEDIA_FILE;
		struct gx_str mime = GX_STR("");
		bool is_ok = media_type_kind(gx_str_from_cstr(cases[i].declared),
					     gx_str_from_cstr(cases[i].detected), &kind, &mime);

		print_message("%s as %s\n", cases[i].detected, cases[i].declared);
		assert_int_equal(is_ok, cases[i].is_ok);
		if (!is_ok)
			continue;
		assert_int_equal(kind, cases[i].kind);
		assert_true(gx_str_eq(mime, gx_str_from_cstr(cases[i].mime)));
	}
	assert_false(media_type_is_inline(GX_STR("image/svg+xml")));
	assert_false(media_type_is_inline(GX_STR("text/html")));
	assert_true(media_type_is_inline(GX_STR("image/png")));
	assert_true(gx_str_eq(media_type_served(GX_STR("text/html")),
			      GX_STR("application/octet-stream")));
	assert_false(media_type_is_valid(GX_STR("image/png\r\nX: y")));
	assert_false(media_type_is_valid(GX_STR("image")));
	assert_false(media_type_is_valid(GX_STR("/png")));
	assert_false(media_type_is_valid(GX_STR("a/b/c")));
}

static const struct probe_case {
	const char *name;
	struct media_wire_answer answer;
	const char *mime; /* of the answer, or NULL */
	unsigned dies;
	bool is_missing;
	enum media_verdict want;
	unsigned starts;
} probe_cases[] = {
	{ "fine",
	  { MEDIA_WIRE_ANSWER, 0, 5, 6, 0, "" },
	  "image/png",
	  0,
	  false,
	  MEDIA_VERDICT_OK,
	  1 },
	{ "dies once",
	  { MEDIA_WIRE_ANSWER, 0, 5, 6, 0, "" },
	  "image/png",
	  1,
	  false,
	  MEDIA_VERDICT_OK,
	  2 },
	{ "dies each time",
	  { MEDIA_WIRE_ANSWER, 0, 5, 6, 0, "" },
	  "image/png",
	  9,
	  false,
	  MEDIA_VERDICT_UNREADABLE,
	  2 },
	{ "unreadable",
	  { MEDIA_WIRE_ANSWER, 1, 0, 0, 0, "" },
	  "image/png",
	  0,
	  false,
	  MEDIA_VERDICT_UNREADABLE,
	  1 },
	{ "hangs", { 0, 0, 0, 0, 0, "" }, "image/png", 0, false, MEDIA_VERDICT_UNREADABLE, 1 },
	{ "bad type",
	  { MEDIA_WIRE_ANSWER, 0, 5, 6, 0, "" },
	  "text/html\r\nX: y",
	  0,
	  false,
	  MEDIA_VERDICT_UNREADABLE,
	  2 },
	{ "thumb that is not there",
	  { MEDIA_WIRE_ANSWER, 0, 5, 6, 9, "" },
	  "image/png",
	  0,
	  false,
	  MEDIA_VERDICT_UNREADABLE,
	  2 },
	{ "too wide",
	  { MEDIA_WIRE_ANSWER, 0, 70000, 6, 0, "" },
	  "image/png",
	  0,
	  false,
	  MEDIA_VERDICT_UNREADABLE,
	  2 },
	{ "missing", { 0, 0, 0, 0, 0, "" }, "", 0, true, MEDIA_VERDICT_UNAVAILABLE, 0 },
};

static void test_prober_checks_and_retries(void **state)
{
	for (size_t i = 0; i < GX_COUNT(probe_cases); i++) {
		struct actor x = { .answer = probe_cases[i].answer,
				   .dies = probe_cases[i].dies,
				   .is_missing = probe_cases[i].is_missing };
		struct media_prober p;
		struct media_finding found;
		int content = file_of("content"), thumb = file_of("");

		print_message("%s\n", probe_cases[i].name);
		(void)snprintf(x.answer.mime, sizeof(x.answer.mime), "%s", probe_cases[i].mime);
		media_prober_init(&p, connect_actor, &x);
		p.timeout_ms = 200;
		assert_int_equal(media_probe(&p, content, 7, thumb, &found), probe_cases[i].want);
		assert_int_equal(x.starts, probe_cases[i].starts);
		assert_true(media_type_is_valid(gx_str_from_cstr(found.mime)));
		media_prober_deinit(&p);
		join_actor(&x);
		close(content);
		close(thumb);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_prober_checks_and_retries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
