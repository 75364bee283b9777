/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: new connections go to the chosen listeners only, and what waits elsewhere stays there.
 * Method: five listeners on a port of loopback; connections are counted where they arrive.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "edge.h"
#include "steering.h"

#define LISTENERS 5u
#define TRIES 60u

struct house {
	int listeners[LISTENERS];
	int clients[4 * TRIES];
	unsigned clients_count;
	uint16_t port;
};

static void open_house(struct house *h)
{
	*h = (struct house){ 0 };
	for (unsigned i = 0; i < LISTENERS; i++) {
		h->listeners[i] = gx_edge_listen("127.0.0.1", h->port);
		assert_true(h->listeners[i] >= 0);
		h->port = gx_edge_port(h->listeners[i]);
	}
}

static void close_house(struct house *h)
{
	for (unsigned i = 0; i < LISTENERS; i++)
		close(h->listeners[i]);
	for (unsigned i = 0; i < h->clients_count; i++)
		close(h->clients[i]);
}

static void knock(struct house *h)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(h->port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	for (unsigned i = 0; i < TRIES; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
		h->clients[h->clients_count++] = fd;
	}
}

static unsigned take(struct house *h, unsigned listener)
{
	unsigned count = 0;
	int fd;

	while ((fd = accept4(h->listeners[listener], NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		count++;
		close(fd);
	}
	return count;
}

static void test_only_the_chosen_ones(void **state)
{
	static const unsigned all[] = { 0, 1, 2, 3, 4 }, two[] = { 1, 3 }, last[] = { 4 };
	struct house h;
	unsigned first, third;

	open_house(&h);
	assert_true(gx_steer(h.listeners[0], all, LISTENERS));
	assert_true(gx_steer(h.listeners[0], two, GX_COUNT(two)));
	knock(&h);
	first = take(&h, 1);
	assert_true(first > 0 && first < TRIES); /* by lot: 2^-59 is never */
	assert_true(gx_steer(h.listeners[2], last, GX_COUNT(last)));
	knock(&h);
	assert_int_equal(take(&h, 4), TRIES);
	third = take(&h, 3); /* what came before it was left out */
	assert_int_equal(first + third, TRIES);
	assert_int_equal(take(&h, 0) + take(&h, 1) + take(&h, 2) + take(&h, 3), 0);
	close_house(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_only_the_chosen_ones) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
