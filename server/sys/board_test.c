/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: what an edge counts is seen by the others, goes on after its death, and an edge reaches
 * nobody else's page; every figure has a name, and names stand side by side.
 * Method: children that count, and children that touch what they gave up: they must die of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "board.h"

/* Runs `child` in a process of its own; the status of its end. */
static int in_child(void (*child)(const struct gx_board *b), const struct gx_board *b)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct rlimit none = { 0, 0 };

		setrlimit(RLIMIT_CORE, &none);
		signal(SIGSEGV, SIG_DFL); /* not the sanitizer's or cmocka's report */
		child(b);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void count(const struct gx_board *b)
{
	struct gx_board_page *own = gx_board_page(b, GX_BOARD_EDGES, 1);

	gx_board_keep_one(b, own);
	gx_tally_add(&own->figures[GX_EDGE_ACCEPTS], 3);
}

static void read_neighbour(const struct gx_board *b)
{
	const struct gx_board_page *other = gx_board_page(b, GX_BOARD_EDGES, 0);

	gx_board_keep_one(b, gx_board_page(b, GX_BOARD_EDGES, 1));
	if (gx_tally_get(&other->figures[GX_EDGE_ACCEPTS]) == 0)
		_exit(1);
}

static void read_next(const struct gx_board *b)
{
	const struct gx_board_page *other = gx_board_page(b, GX_BOARD_EDGES, 2);

	gx_board_keep_one(b, gx_board_page(b, GX_BOARD_EDGES, 1));
	if (gx_tally_get(&other->figures[GX_EDGE_ACCEPTS]) == 0)
		_exit(1);
}

static void write_as_core(const struct gx_board *b)
{
	struct gx_board_page *own = gx_board_page(b, GX_BOARD_CORE, 0);

	gx_board_write_one(b, own);
	gx_tally_add(&own->log_lines[0], 1);
	if (gx_tally_get(&gx_board_page(b, GX_BOARD_EDGES, 1)->figures[GX_EDGE_ACCEPTS]) != 6)
		_exit(1);
	gx_tally_add(&gx_board_page(b, GX_BOARD_EDGES, 1)->figures[GX_EDGE_ACCEPTS], 1);
}

static void test_pages(void **state)
{
	struct gx_board b;
	const struct gx_board_page *edge;

	assert_true(gx_board_init(&b, 3));
	edge = gx_board_page(&b, GX_BOARD_EDGES, 1);
	assert_int_equal(in_child(count, &b), 0);
	assert_int_equal(in_child(count, &b), 0);
	assert_int_equal(gx_tally_get(&edge->figures[GX_EDGE_ACCEPTS]), 6);
	assert_true(WIFSIGNALED(in_child(read_neighbour, &b)));
	assert_true(WIFSIGNALED(in_child(read_next, &b)));
	assert_true(WIFSIGNALED(in_child(write_as_core, &b)));
	assert_int_equal(gx_tally_get(&edge->figures[GX_EDGE_ACCEPTS]), 6);
	assert_int_equal(gx_tally_get(&gx_board_page(&b, GX_BOARD_CORE, 0)->log_lines[0]), 1);
	gx_board_deinit(&b);
}

static void test_names(void **state)
{
	for (unsigned i = 0; i < GX_EDGE_FIGURES_COUNT; i++) {
		const struct gx_figure *f = &gx_edge_figures[i];

		assert_non_null(f->name);
		if (i > 0 && strcmp(f->name, gx_edge_figures[i - 1].name) == 0) {
			assert_null(f->help);
			assert_true(f->labels[0] != '\0');
			continue;
		}
		assert_non_null(f->help);
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(f->name, gx_edge_figures[k].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
