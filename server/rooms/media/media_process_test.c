/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: guanxi-media tells pictures from what is none, makes small upright ones without metadata,
 * refuses bombs, has given up its rights; its end, whenever it comes, costs at most one job.
 * Method: the program itself (its path is the argument), started by a prober as in the core;
 * pictures are made with libvips here.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vips/vips.h>

#include "media_probe.h"

static const char *program;
static pid_t pid; /* of the process that was started last */

static int start_process(void *arg)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		if (dup2(ends[1], 3) == 3)
			execl(program, program, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	return ends[0];
}

struct bench {
	struct media_prober prober;
	struct media_finding found;
	int thumb_fd;
};

static void bench_make(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	media_prober_init(&b->prober, start_process, NULL);
	b->thumb_fd = -1;
}

static int bench_end(struct bench *b)
{
	int status = -1;

	if (b->thumb_fd >= 0)
		close(b->thumb_fd);
	media_prober_deinit(&b->prober); /* the process sees that we are gone */
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static enum media_verdict probe(struct bench *b, const void *bytes, size_t size)
{
	int fd = memfd_create("content", MFD_CLOEXEC);

	assert_int_equal(write(fd, bytes, size), size);
	if (b->thumb_fd >= 0)
		close(b->thumb_fd);
	b->thumb_fd = memfd_create("thumb", MFD_CLOEXEC);
	enum media_verdict verdict = media_probe(&b->prober, fd, size, b->thumb_fd, &b->found);
	close(fd);
	return verdict;
}

/* The thumbnail as it would be stored. */
static VipsImage *thumb_of(struct bench *b, char *bytes, size_t max)
{
	assert_true(b->found.thumb_size > 0 && b->found.thumb_size <= max);
	assert_int_equal(pread(b->thumb_fd, bytes, b->found.thumb_size, 0), b->found.thumb_size);
	assert_memory_equal(bytes, "RIFF", 4);
	assert_memory_equal(bytes + 8, "WEBP", 4);
	VipsImage *thumb = vips_image_new_from_buffer(bytes, b->found.thumb_size, "", NULL);
	assert_non_null(thumb);
	return thumb;
}

static VipsImage *make_picture(int width, int height)
{
	VipsImage *noise = NULL, *picture = NULL;

	assert_int_equal(vips_gaussnoise(&noise, width, height, "mean", 128.0, "sigma", 20.0, NULL),
			 0);
	VipsImage *bands[3] = { noise, noise, noise };
	VipsImage *joined = NULL;
	assert_int_equal(vips_bandjoin(bands, &joined, 3, NULL), 0);
	assert_int_equal(vips_cast_uchar(joined, &picture, NULL), 0);
	g_object_unref(joined);
	g_object_unref(noise);
	picture->Type = VIPS_INTERPRETATION_sRGB;
	return picture;
}

static void test_formats(void **state)
{
	static const struct {
		const char *suffix, *mime;
		bool is_optional; /* where libvips can't write it */
	} formats[] = {
		{ ".jpg", "image/jpeg", false },
		{ ".png", "image/png", false },
		{ ".webp", "image/webp", false },
		{ ".gif", "image/gif", true },
		{ ".heic[compression=hevc]", "image/heic", true },
		{ ".avif", "image/avif", true },
	};
	VipsImage *picture = make_picture(640, 480);
	struct bench b;

	bench_make(&b);
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		void *bytes = NULL;
		size_t size = 0;
		char webp[65536];

		if (vips_image_write_to_buffer(picture, formats[i].suffix, &bytes, &size, NULL) !=
		    0) {
			print_message("no %s: %s\n", formats[i].suffix, vips_error_buffer());
			assert_true(formats[i].is_optional);
			vips_error_clear();
			continue;
		}
		print_message("%s\n", formats[i].suffix);
		assert_int_equal(probe(&b, bytes, size), MEDIA_VERDICT_OK);
		assert_string_equal(b.found.mime, formats[i].mime);
		assert_int_equal(b.found.width, 640);
		assert_int_equal(b.found.height, 480);
		VipsImage *thumb = thumb_of(&b, webp, sizeof(webp));
		assert_int_equal(vips_image_get_width(thumb), 320);
		assert_int_equal(vips_image_get_height(thumb), 240);
		g_object_unref(thumb);
		g_free(bytes);
	}
	g_object_unref(picture);
	assert_int_equal(bench_end(&b), 0);
}

static void test_upright_and_without_metadata(void **state)
{
	VipsImage *picture = make_picture(600, 200);
	void *bytes;
	size_t size;
	char webp[65536];
	struct bench b;

	vips_image_set_int(picture, VIPS_META_ORIENTATION, 6); /* turned by a quarter */
	vips_image_set_string(picture, "exif-ifd0-Artist", "Anna Secret");
	assert_int_equal(vips_jpegsave_buffer(picture, &bytes, &size, NULL), 0);
	assert_non_null(memmem(bytes, size, "Anna Secret", 11));
	bench_make(&b);
	assert_int_equal(probe(&b, bytes, size), MEDIA_VERDICT_OK);
	assert_int_equal(b.found.width, 200);
	assert_int_equal(b.found.height, 600);
	VipsImage *thumb = thumb_of(&b, webp, sizeof(webp));
	assert_int_equal(vips_image_get_width(thumb), 107);
	assert_int_equal(vips_image_get_height(thumb), 320);
	assert_null(memmem(webp, b.found.thumb_size, "Anna Secret", 11));
	assert_null(memmem(webp, b.found.thumb_size, "EXIF", 4));
	g_object_unref(thumb);
	g_object_unref(picture);
	g_free(bytes);
	assert_int_equal(bench_end(&b), 0);
}

static void test_small_ones_stay_small(void **state)
{
	/* A GIF of one pixel, by hand. */
	static const char gif[] = "GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,"
				  "\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02"
				  "D\x01\x00;";
	char webp[4096];
	struct bench b;

	bench_make(&b);
	assert_int_equal(probe(&b, gif, sizeof(gif) - 1), MEDIA_VERDICT_OK);
	assert_string_equal(b.found.mime, "image/gif");
	assert_int_equal(b.found.width, 1);
	VipsImage *thumb = thumb_of(&b, webp, sizeof(webp));
	assert_int_equal(vips_image_get_width(thumb), 1);
	g_object_unref(thumb);
	assert_int_equal(bench_end(&b), 0);
}

static void test_what_is_no_picture(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		const char *mime;
		enum media_verdict want;
	} cases[] = {
		{ "", 0, "application/x-empty", MEDIA_VERDICT_OK },
		{ "hello\n", 6, "text/plain", MEDIA_VERDICT_OK },
		{ "<!DOCTYPE html><html></html>", 28, "text/html", MEDIA_VERDICT_OK },
		{ "<svg xmlns=\"http://www.w3.org/2000/svg\"/>", 41, "image/svg+xml",
		  MEDIA_VERDICT_OK },
		{ "%PDF-1.4\n%", 10, "application/pdf", MEDIA_VERDICT_OK },
		{ "\xff\xd8\xff\xe0rubbish", 11, "image/jpeg", MEDIA_VERDICT_UNREADABLE },
		/* The head of a PNG of 60,000 × 60,000 pixels. */
		{ "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08\x02\0\0\0"
		  "\x3c\x2f\x2e\x5d",
		  33, "image/png", MEDIA_VERDICT_UNREADABLE },
	};
	struct bench b;

	bench_make(&b);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s\n", cases[i].mime);
		assert_int_equal(probe(&b, cases[i].bytes, cases[i].size), cases[i].want);
		assert_string_equal(b.found.mime, cases[i].mime);
		assert_int_equal(b.found.thumb_size, 0);
	}
	assert_int_equal(bench_end(&b), 0);
}

/* The head says PNG of 200 × 200, the rest is lost. */
static void test_broken_in_the_middle(void **state)
{
	VipsImage *picture = make_picture(200, 200);
	void *bytes;
	size_t size;
	struct bench b;

	assert_int_equal(vips_pngsave_buffer(picture, &bytes, &size, NULL), 0);
	bench_make(&b);
	assert_int_equal(probe(&b, bytes, size / 2), MEDIA_VERDICT_UNREADABLE);
	memset((char *)bytes + 60, 0, size - 60);
	assert_int_equal(probe(&b, bytes, size), MEDIA_VERDICT_UNREADABLE);
	assert_string_equal(b.found.mime, "image/png");
	assert_int_equal(b.found.thumb_size, 0);
	g_object_unref(picture);
	g_free(bytes);
	assert_int_equal(bench_end(&b), 0);
}

/* Small in bytes, 144 million pixels: a real picture above the limit. */
static void test_bomb(void **state)
{
	VipsImage *black = NULL;
	void *bytes;
	size_t size;
	struct bench b;

	assert_int_equal(vips_black(&black, 12000, 12000, NULL), 0);
	assert_int_equal(vips_pngsave_buffer(black, &bytes, &size, "compression", 1, NULL), 0);
	bench_make(&b);
	assert_int_equal(probe(&b, bytes, size), MEDIA_VERDICT_UNREADABLE);
	assert_string_equal(b.found.mime, "image/png");
	g_object_unref(black);
	g_free(bytes);
	assert_int_equal(bench_end(&b), 0);
}

static bool status_has(const char *wanted)
{
	char path[64], line[256];
	bool has = false;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL)
		has = has || strcmp(line, wanted) == 0;
	assert_int_equal(fclose(file), 0);
	return has;
}

static void test_rights_are_given_up(void **state)
{
	struct bench b;

	bench_make(&b);
	assert_int_equal(probe(&b, "x", 1), MEDIA_VERDICT_OK);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* no filter there */
	assert_true(status_has("Seccomp:\t2\n"));
#endif
	assert_true(status_has("NoNewPrivs:\t1\n"));
	assert_int_equal(bench_end(&b), 0);
}

static void test_its_end_costs_one_job_at_most(void **state)
{
	struct bench b;
	int status;

	bench_make(&b);
	assert_int_equal(probe(&b, "x", 1), MEDIA_VERDICT_OK);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(probe(&b, "x", 1), MEDIA_VERDICT_OK); /* a fresh one */

	b.prober.timeout_ms = 300;
	assert_int_equal(kill(pid, SIGSTOP), 0);
	assert_int_equal(probe(&b, "x", 1), MEDIA_VERDICT_UNREADABLE); /* it hangs */
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	b.prober.timeout_ms = MEDIA_PROBE_TIMEOUT_MS;
	assert_int_equal(probe(&b, "x", 1), MEDIA_VERDICT_OK);
	assert_int_equal(bench_end(&b), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_upright_and_without_metadata),
		cmocka_unit_test(test_small_ones_stay_small),
		cmocka_unit_test(test_what_is_no_picture),
		cmocka_unit_test(test_broken_in_the_middle),
		cmocka_unit_test(test_bomb),
		cmocka_unit_test(test_rights_are_given_up),
		cmocka_unit_test(test_its_end_costs_one_job_at_most),
	};

	if (argc != 2 || VIPS_INIT(argv[0]) != 0)
		return 1;
	program = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
