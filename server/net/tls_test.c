/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: tls.h holds: what is sealed here a common client opens and the other way round, however the
 * bytes are cut; old versions, foreign protocols and broken records are refused; tickets are good
 * with the last two keys in any context; an open connection is small.
 * Method: OpenSSL's own client, joined to the server's side by memory; no sockets.
 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tls.h"
#include "tls_testkit.h"

#define SEALED_BYTES_MAX ((size_t)1 << 20)
#define IDLE_SESSIONS 100
#define IDLE_BYTES_MAX ((size_t)16 << 10)
#define LARGE_BYTES 100000u

static struct gx_arena arena;
static struct tls_identity identity;
static struct gx_tls_tickets tickets;

static struct gx_tls_context *make_context(const struct tls_identity *id,
					   const struct gx_tls_tickets *of)
{
	struct gx_tls_context *c = NULL;
	struct gx_error err = { 0 };

	assert_int_equal(gx_tls_context_new(&arena, gx_buf_str(&id->certificate),
					    gx_buf_str(&id->key), of, &c, &err),
			 GX_OK);
	return c;
}

/* ---- a pair: their client, our server */

struct pair {
	SSL *client;
	BIO *to_client, *from_client;
	struct gx_tls *server;
	struct gx_buf sealed; /* for the client */
	struct gx_buf plain;  /* what the server has opened */
	enum gx_tls_result result;
	size_t step; /* bytes the server gets at once */
};

static void pair_init(struct pair *p, struct gx_tls_context *context, SSL_CTX *client, size_t step)
{
	*p = (struct pair){ .client = SSL_new(client),
			    .to_client = BIO_new(BIO_s_mem()),
			    .from_client = BIO_new(BIO_s_mem()),
			    .server = gx_tls_accept(context),
			    .step = step };
	SSL_set_bio(p->client, p->to_client, p->from_client);
	SSL_set_connect_state(p->client);
	gx_buf_init(&p->sealed, SEALED_BYTES_MAX);
	gx_buf_init(&p->plain, SEALED_BYTES_MAX);
}

static void pair_deinit(struct pair *p)
{
	SSL_free(p->client);
	gx_tls_free(p->server);
	gx_buf_deinit(&p->sealed);
	gx_buf_deinit(&p->plain);
}

static void give_server(struct pair *p, struct gx_str bytes)
{
	while (bytes.len > 0 && p->result == GX_TLS_GOES_ON) {
		struct gx_str part = gx_str_slice(bytes, 0, p->step);
		char *to = gx_buf_reserve(&p->plain, part.len + GX_TLS_CARRY_BYTES_MAX);
		size_t size = 99;

		p->result = gx_tls_receive(p->server, part, to, &size, &p->sealed);
		gx_buf_commit(&p->plain, size);
		bytes = gx_str_slice(bytes, part.len, bytes.len);
	}
}

/* Carries bytes both ways until nobody has anything to say. */
static void carry(struct pair *p)
{
	for (;;) {
		char *bytes;
		long size = BIO_get_mem_data(p->from_client, &bytes);

		if (size == 0 && p->sealed.len == 0)
			return;
		give_server(p, (struct gx_str){ bytes, (size_t)size });
		(void)BIO_reset(p->from_client);
		if (p->sealed.len > 0)
			assert_int_equal(BIO_write(p->to_client, p->sealed.ptr, (int)p->sealed.len),
					 p->sealed.len);
		gx_buf_clear(&p->sealed);
		if (!SSL_is_init_finished(p->client))
			(void)SSL_do_handshake(p->client);
		if (p->result != GX_TLS_GOES_ON)
			return;
	}
}

static void shake_hands(struct pair *p)
{
	(void)SSL_do_handshake(p->client);
	carry(p);
}

static void client_says(struct pair *p, struct gx_str text)
{
	size_t done;

	assert_int_equal(SSL_write_ex(p->client, text.ptr, text.len, &done), 1);
	gx_buf_clear(&p->plain);
	carry(p);
	assert_true(gx_str_eq(gx_buf_str(&p->plain), text));
}

static void server_says(struct pair *p, struct gx_str text)
{
	char *got = gx_heap_alloc(text.len);
	size_t at = 0, size;

	assert_true(gx_tls_send(p->server, text, &p->sealed));
	carry(p);
	while (at < text.len) {
		assert_int_equal(SSL_read_ex(p->client, got + at, text.len - at, &size), 1);
		at += size;
	}
	assert_memory_equal(got, text.ptr, text.len);
	gx_heap_free(got);
}

/* ---- tests */

static void test_talks(void **state)
{
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
	static const size_t steps[] = { 1, 7, 40000 };
	struct gx_tls_context *context = make_context(&identity, &tickets);
	char *large = gx_heap_alloc(LARGE_BYTES);

	(void)state;
	for (size_t i = 0; i < LARGE_BYTES; i++)
		large[i] = (char)(i * 7);
	for (size_t v = 0; v < GX_COUNT(versions); v++)
		for (size_t s = 0; s < GX_COUNT(steps); s++) {
			SSL_CTX *client = tls_client_context(versions[v], versions[v]);
			struct pair p;

			pair_init(&p, context, client, steps[s]);
			assert_false(gx_tls_is_open(p.server));
			assert_false(gx_tls_send(p.server, GX_STR("early"), &p.sealed));
			shake_hands(&p);
			assert_true(gx_tls_is_open(p.server));
			assert_int_equal(SSL_version(p.client), versions[v]);
			client_says(&p, GX_STR("GET"));
			server_says(&p, GX_STR("200"));
			client_says(&p, (struct gx_str){ large, LARGE_BYTES });
			server_says(&p, (struct gx_str){ large, LARGE_BYTES });
			assert_int_equal(p.result, GX_TLS_GOES_ON);
			pair_deinit(&p);
			SSL_CTX_free(client);
		}
	gx_heap_free(large);
	gx_tls_context_free(context);
}

/* The client's offer, and whether there is a connection in the end. */
static void try_client(struct gx_tls_context *context, SSL_CTX *client, const char *alpn,
		       bool is_welcome)
{
	struct pair p;
	const unsigned char *chosen;
	unsigned int chosen_size;

	pair_init(&p, context, client, 40000);
	if (alpn != NULL)
		assert_int_equal(SSL_set_alpn_protos(p.client, (const unsigned char *)alpn,
						     (unsigned)strlen(alpn)),
				 0);
	(void)SSL_set_tlsext_host_name(p.client, "somewhere.else.example");
	shake_hands(&p);
	assert_int_equal(gx_tls_is_open(p.server), is_welcome);
	assert_int_equal(p.result, is_welcome ? GX_TLS_GOES_ON : GX_TLS_FAILED);
	if (is_welcome && alpn != NULL) {
		SSL_get0_alpn_selected(p.client, &chosen, &chosen_size);
		assert_int_equal(chosen_size, 8);
		assert_memory_equal(chosen, "http/1.1", 8);
	}
	/* An alert told the other side. */
	if (!is_welcome)
		assert_int_equal(SSL_do_handshake(p.client), -1);
	pair_deinit(&p);
	SSL_CTX_free(client);
}

static void test_versions_and_protocols(void **state)
{
	struct gx_tls_context *context = make_context(&identity, &tickets);
	SSL_CTX *weak = tls_client_context(TLS1_2_VERSION, TLS1_2_VERSION);

	(void)state;
	try_client(context, tls_client_context(TLS1_VERSION, TLS1_3_VERSION), NULL, true);
	try_client(context, tls_client_context(TLS1_VERSION, TLS1_2_VERSION), NULL, true);
	try_client(context, tls_client_context(TLS1_VERSION, TLS1_1_VERSION), NULL, false);
	try_client(context, tls_client_context(TLS1_2_VERSION, 0), "\x02h2\x08http/1.1", true);
	try_client(context, tls_client_context(TLS1_2_VERSION, 0), "\x02h2", false);
	/* Without forward secrecy, or without authenticated encryption. */
	assert_int_equal(SSL_CTX_set_cipher_list(weak, "ECDHE+SHA1:ECDHE+SHA256:RSA"), 1);
	try_client(context, weak, NULL, false);
	gx_tls_context_free(context);
}

static SSL_SESSION *session_from(struct gx_tls_context *context, SSL_CTX *client)
{
	struct pair p;
	SSL_SESSION *session;
	char byte;

	pair_init(&p, context, client, 40000);
	shake_hands(&p);
	/* The ticket of TLS 1.3 comes behind the handshake: reading takes it in. */
	assert_int_equal(SSL_read(p.client, &byte, 1), -1);
	/* Without a goodbye OpenSSL would not use the session again. */
	SSL_set_shutdown(p.client, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	session = SSL_get1_session(p.client);
	assert_true(SSL_SESSION_is_resumable(session));
	pair_deinit(&p);
	return session;
}

static bool resumes(struct gx_tls_context *context, SSL_CTX *client, SSL_SESSION *session)
{
	struct pair p;
	bool is_reused;

	pair_init(&p, context, client, 40000);
	session = SSL_SESSION_dup(session);
	assert_int_equal(SSL_set_session(p.client, session), 1);
	SSL_SESSION_free(session);
	shake_hands(&p);
	assert_true(gx_tls_is_open(p.server));
	is_reused = SSL_session_reused(p.client) == 1;
	client_says(&p, GX_STR("hello again"));
	pair_deinit(&p);
	return is_reused;
}

static void test_resumption(void **state)
{
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
	struct gx_tls_tickets foreign = { 0 };

	(void)state;
	assert_true(gx_tls_tickets_rotate(&foreign));
	for (size_t v = 0; v < GX_COUNT(versions); v++) {
		struct gx_tls_tickets shared = { 0 };
		struct gx_tls_context *here = make_context(&identity, &shared);
		struct gx_tls_context *there = make_context(&identity, &shared);
		struct gx_tls_context *stranger = make_context(&identity, &foreign);
		SSL_CTX *client = tls_client_context(versions[v], versions[v]);
		SSL_SESSION *session;

		assert_true(gx_tls_tickets_rotate(&shared));
		session = session_from(here, client);
		assert_true(resumes(there, client, session));
		assert_false(resumes(stranger, client, session));
		assert_true(gx_tls_tickets_rotate(&shared));
		assert_true(resumes(there, client, session));
		assert_true(gx_tls_tickets_rotate(&shared));
		assert_false(resumes(there, client, session));
		SSL_SESSION_free(session);
		SSL_CTX_free(client);
		gx_tls_context_free(here);
		gx_tls_context_free(there);
		gx_tls_context_free(stranger);
	}
}

static void test_goodbyes(void **state)
{
	struct gx_tls_context *context = make_context(&identity, &tickets);
	SSL_CTX *client = tls_client_context(TLS1_2_VERSION, 0);
	struct pair p;
	char byte;

	(void)state;
	pair_init(&p, context, client, 40000);
	gx_tls_end(p.server, &p.sealed); /* nothing to say goodbye to */
	assert_int_equal(p.sealed.len, 0);
	shake_hands(&p);
	(void)SSL_shutdown(p.client);
	carry(&p);
	assert_int_equal(p.result, GX_TLS_ENDED);
	/* The other direction is still open. */
	p.result = GX_TLS_GOES_ON;
	server_says(&p, GX_STR("the last answer"));
	gx_tls_end(p.server, &p.sealed);
	carry(&p);
	assert_int_equal(SSL_read(p.client, &byte, 1), 0);
	assert_int_equal(SSL_get_shutdown(p.client), SSL_RECEIVED_SHUTDOWN | SSL_SENT_SHUTDOWN);
	assert_false(gx_tls_send(p.server, GX_STR("too late"), &p.sealed));
	pair_deinit(&p);
	SSL_CTX_free(client);
	gx_tls_context_free(context);
}

static void test_new_keys_and_no_new_handshake(void **state)
{
	struct gx_tls_context *context = make_context(&identity, &tickets);
	SSL_CTX *client = tls_client_context(TLS1_3_VERSION, TLS1_3_VERSION);
	struct pair p;

	(void)state;
	pair_init(&p, context, client, 3);
	shake_hands(&p);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(SSL_key_update(p.client, SSL_KEY_UPDATE_REQUESTED), 1);
		client_says(&p, GX_STR("under new keys"));
		server_says(&p, GX_STR("here too"));
	}
	pair_deinit(&p);
	SSL_CTX_free(client);

	client = tls_client_context(TLS1_2_VERSION, TLS1_2_VERSION);
	pair_init(&p, context, client, 40000);
	shake_hands(&p);
	assert_int_equal(SSL_renegotiate(p.client), 1);
	(void)SSL_do_handshake(p.client);
	carry(&p);
	/* Told that there is none, the client gives up, and so ends the connection. */
	assert_int_equal(p.result, GX_TLS_FAILED);
	assert_int_not_equal(SSL_do_handshake(p.client), 1);
	pair_deinit(&p);
	SSL_CTX_free(client);
	gx_tls_context_free(context);
}

static void test_broken_bytes(void **state)
{
	static const struct gx_str first_bytes[] = {
		GX_STR_INIT("GET / HTTP/1.1\r\n\r\n"),
		GX_STR_INIT("\x16\x03\x01\xff\xff"),
		GX_STR_INIT("\x17\x03\x03\x00\x05hello"),
		GX_STR_INIT("\0\0\0\0\0\0\0\0"),
	};
	struct gx_tls_context *context = make_context(&identity, &tickets);
	SSL_CTX *client = tls_client_context(TLS1_2_VERSION, 0);
	struct pair p;
	char *bytes;
	long size;

	(void)state;
	for (size_t i = 0; i < GX_COUNT(first_bytes); i++) {
		pair_init(&p, context, client, 1);
		give_server(&p, first_bytes[i]);
		assert_int_equal(p.result, GX_TLS_FAILED);
		assert_int_equal(p.plain.len, 0);
		pair_deinit(&p);
	}
	/* One bit of a sealed record. */
	pair_init(&p, context, client, 40000);
	shake_hands(&p);
	assert_int_equal(SSL_write(p.client, "hello", 5), 5);
	size = BIO_get_mem_data(p.from_client, &bytes);
	bytes[size - 3] ^= 1;
	gx_buf_clear(&p.plain);
	carry(&p);
	assert_int_equal(p.result, GX_TLS_FAILED);
	assert_int_equal(p.plain.len, 0);
	pair_deinit(&p);
	SSL_CTX_free(client);
	gx_tls_context_free(context);
}

static void test_full_buffer(void **state)
{
	struct gx_tls_context *context = make_context(&identity, &tickets);
	SSL_CTX *client = tls_client_context(TLS1_2_VERSION, 0);
	struct gx_buf small;
	struct pair p;

	(void)state;
	gx_buf_init(&small, 64);
	pair_init(&p, context, client, 40000);
	shake_hands(&p);
	assert_true(gx_tls_send(p.server, GX_STR("fits"), &small));
	assert_false(gx_tls_send(p.server, GX_STR("these are too many bytes for it"), &small));
	gx_buf_deinit(&small);
	pair_deinit(&p);
	SSL_CTX_free(client);
	gx_tls_context_free(context);
}

static void expect_refused(struct gx_str certificate, struct gx_str key, const char *word)
{
	struct gx_tls_context *c = (void *)&tickets;
	struct gx_error err = { 0 };

	assert_int_equal(gx_tls_context_new(&arena, certificate, key, &tickets, &c, &err),
			 GX_E_INVALID);
	assert_ptr_equal(c, &tickets);
	assert_string_equal(err.code, "tls.unusable");
	if (strstr(err.detail.ptr, word) == NULL)
		fail_msg("no '%s' in '%.*s'", word, GX_STR_ARG(err.detail));
}

static void test_certificates(void **state)
{
	struct tls_identity other, closed;
	struct gx_str certificate = gx_buf_str(&identity.certificate);
	struct gx_str key = gx_buf_str(&identity.key);
	struct gx_tls_context *c;
	struct gx_buf both;

	(void)state;
	tls_identity_init(&other, "other.example", NULL);
	tls_identity_init(&closed, "closed.example", "secret");
	expect_refused(certificate, gx_buf_str(&other.key), "key");
	expect_refused(gx_buf_str(&closed.certificate), gx_buf_str(&closed.key), "key");
	expect_refused(GX_STR(""), key, "certificate");
	expect_refused(certificate, GX_STR(""), "key");
	expect_refused(key, certificate, "certificate");
	expect_refused(gx_str_slice(certificate, 0, certificate.len / 2), key, "certificate");
	/* A chain whose second certificate is cut off. */
	gx_buf_init(&both, 65536);
	gx_buf_append_str(&both, certificate);
	gx_buf_append_str(&both, gx_str_slice(gx_buf_str(&other.certificate), 0, 200));
	expect_refused(gx_buf_str(&both), key, "certificate");
	gx_buf_deinit(&both);

	c = make_context(&identity, &tickets);
	assert_true(gx_str_eq(gx_tls_context_name(&arena, c), GX_STR("chat.example")));
	assert_in_range(gx_tls_context_ends_at_ms(c) - gx_clock_now_ms(), GX_DAY_MS - GX_MINUTE_MS,
			GX_DAY_MS + GX_SECOND_MS);
	gx_tls_context_free(c);
	tls_identity_deinit(&other);
	tls_identity_deinit(&closed);
}

/* With a sanitizer's allocator there is nothing to read here: both figures are 0. */
static size_t heap_bytes(void)
{
	return mallinfo2().uordblks + mallinfo2().hblkhd;
}

static void test_idle_connection_is_small(void **state)
{
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
	struct gx_tls_context *context = make_context(&identity, &tickets);
	struct gx_tls *servers[IDLE_SESSIONS];

	(void)state;
	for (size_t v = 0; v < GX_COUNT(versions); v++) {
		SSL_CTX *client = tls_client_context(versions[v], versions[v]);
		size_t before = 0, each;

		for (int i = -1; i < IDLE_SESSIONS; i++) {
			struct pair p;

			pair_init(&p, context, client, 40000);
			shake_hands(&p);
			client_says(&p, GX_STR("hello"));
			server_says(&p, GX_STR("hello"));
			if (i >= 0) {
				servers[i] = p.server;
				p.server = NULL;
			}
			pair_deinit(&p);
			if (i == -1)
				before = heap_bytes();
		}
		each = (heap_bytes() - before) / IDLE_SESSIONS;
		print_message("%zu bytes an idle connection\n", each);
		assert_true(each <= IDLE_BYTES_MAX);
		for (int i = 0; i < IDLE_SESSIONS; i++)
			gx_tls_free(servers[i]);
		SSL_CTX_free(client);
	}
	gx_tls_context_free(context);
}

static int set_up(void **state)
{
	(void)state;
	gx_arena_init(&arena);
	tls_identity_init(&identity, "chat.example", NULL);
	return gx_tls_start() && gx_tls_tickets_rotate(&tickets) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	tls_identity_deinit(&identity);
	gx_arena_deinit(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_talks),
		cmocka_unit_test(test_versions_and_protocols),
		cmocka_unit_test(test_resumption),
		cmocka_unit_test(test_goodbyes),
		cmocka_unit_test(test_new_keys_and_no_new_handshake),
		cmocka_unit_test(test_broken_bytes),
		cmocka_unit_test(test_full_buffer),
		cmocka_unit_test(test_certificates),
		cmocka_unit_test(test_idle_connection_is_small),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
