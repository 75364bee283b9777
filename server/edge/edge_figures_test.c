/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: what an edge does is counted where others can read it, and gauges fall back to nothing.
 * Method: a real edge process on a board of the test's; figures are read while it waits and after
 * its end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "edge_house.h"

static uint64_t figure(const struct house *h, enum gx_edge_figure f)
{
	return gx_tally_get(&h->config.board->figures[f]);
}

static void answer_malformed(const struct house *h)
{
	struct response r;

	response_init(&r);
	response_to(&r, h, GX_STR("GET /\r\n\r\n"));
	assert_int_equal(r.status, 400);
	response_deinit(&r);
}

/* One text each way, then a close by the client. */
static void talk(struct house *h)
{
	struct gx_str record, payload;
	struct gx_buf in;
	uint64_t conn;
	int fd = client_open_ws(h, &conn);

	gx_buf_init(&in, (size_t)1 << 20);
	client_send_frame(fd, 0x81, GX_STR("hello"));
	assert_int_equal(house_next(h, &record).type, GX_RECORD_WS_TEXT);
	gx_record_write_ws_send(&h->core.out, &conn, 1, GX_STR("back"));
	house_flush(h);
	assert_int_equal(client_next_frame(fd, &in, &payload), 0x81);
	client_forget_frame();
	client_send_frame(fd, 0x88, GX_STR("\x03\xe8"));
	house_next_gone(h, conn);
	close(fd);
	gx_buf_deinit(&in);
}

static void test_figures(void **state)
{
	struct gx_board board;
	struct house h;
	uint64_t sent;

	house_init(&h);
	assert_true(gx_board_init(&board, 1));
	h.config.board = gx_board_page(&board, GX_BOARD_EDGES, 0);
	gx_tally_set(&h.config.board->figures[GX_EDGE_CONNECTIONS], 99); /* of one that died */
	house_open(&h);
	answer_malformed(&h);
	talk(&h);
	house_close(&h);
	assert_int_equal(figure(&h, GX_EDGE_ACCEPTS), 2);
	assert_int_equal(figure(&h, GX_EDGE_REFUSED_MALFORMED), 1);
	assert_int_equal(figure(&h, GX_EDGE_ANSWERS_4XX), 1);
	assert_int_equal(figure(&h, GX_EDGE_ANSWERS_1XX), 1);
	assert_int_equal(figure(&h, GX_EDGE_ANSWERS_5XX), 0);
	assert_int_equal(figure(&h, GX_EDGE_TEXTS_RECEIVED), 1);
	assert_int_equal(figure(&h, GX_EDGE_TEXTS_SENT), 1);
	assert_int_equal(figure(&h, GX_EDGE_CLOSED_NORMAL), 1);
	assert_int_equal(figure(&h, GX_EDGE_CLOSED_OTHER), 0);
	assert_true(figure(&h, GX_EDGE_BYTES_RECEIVED) > 100);
	sent = figure(&h, GX_EDGE_BYTES_SENT);
	assert_true(sent > 100);
	assert_int_equal(figure(&h, GX_EDGE_CONNECTIONS), 0);
	assert_int_equal(figure(&h, GX_EDGE_STREAMS), 0);
	assert_int_equal(figure(&h, GX_EDGE_QUEUED_BYTES), 0);
	gx_board_deinit(&board);
}

/* While somebody is there, the gauges say so. */
static void test_gauges(void **state)
{
	struct gx_board board;
	struct house h;
	uint64_t conn;
	int fd;

	house_init(&h);
	assert_true(gx_board_init(&board, 1));
	h.config.board = gx_board_page(&board, GX_BOARD_EDGES, 0);
	house_open(&h);
	fd = client_open_ws(&h, &conn);
	/* Set at the end of the turn; a second connection's answer comes from a later one. */
	answer_malformed(&h);
	assert_int_equal(figure(&h, GX_EDGE_STREAMS), 1);
	assert_true(figure(&h, GX_EDGE_CONNECTIONS) >= 1);
	close(fd);
	house_next_gone(&h, conn);
	house_close(&h);
	gx_board_deinit(&board);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_figures),
		cmocka_unit_test(test_gauges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
