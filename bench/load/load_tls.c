/* SPDX-License-Identifier: Apache-2.0 */
#include "load_tls.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#define READ_BYTES ((size_t)64 << 10)

static SSL_CTX *rules;
static char sealed[READ_BYTES];

static SSL *session_new(void)
{
	SSL *s;

	if (rules == NULL) {
		rules = SSL_CTX_new(TLS_client_method());
		SSL_CTX_set_mode(rules, SSL_MODE_RELEASE_BUFFERS);
		SSL_CTX_set_min_proto_version(rules, TLS1_2_VERSION);
	}
	s = SSL_new(rules);
	if (s == NULL)
		load_die("TLS does not start");
	SSL_set_bio(s, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	SSL_set_connect_state(s);
	return s;
}

/* What the session has to say, as far as the socket takes it. */
static int send_sealed(struct load_conn *c)
{
	BIO *out = SSL_get_wbio(c->tls);
	char *bytes;
	long size = BIO_get_mem_data(out, &bytes);
	ssize_t sent = size == 0 ? 0 : send(c->fd, bytes, (size_t)size, MSG_NOSIGNAL);

	if (sent < 0)
		return errno == EAGAIN ? 0 : -1;
	if (sent == size) {
		(void)BIO_reset(out);
		return 1;
	}
	while (sent > 0) {
		size_t part = (size_t)sent < READ_BYTES ? (size_t)sent : READ_BYTES;

		sent -= BIO_read(out, sealed, (int)part);
	}
	return 0;
}

bool load_tls_open(struct load_conn *c)
{
	c->tls = session_new();
	while (SSL_do_handshake(c->tls) != 1) {
		ssize_t got;

		if (SSL_get_error(c->tls, -1) != SSL_ERROR_WANT_READ)
			load_die("no TLS with the server");
		if (send_sealed(c) < 0)
			return false;
		got = recv(c->fd, sealed, sizeof(sealed), 0);
		if (got <= 0)
			return false;
		(void)BIO_write(SSL_get_rbio(c->tls), sealed, (int)got);
	}
	return send_sealed(c) == 1;
}

void load_tls_close(struct load_conn *c)
{
	SSL_free(c->tls);
	c->tls = NULL;
}

ssize_t load_tls_receive(struct load_conn *c, char *bytes, size_t bytes_max)
{
	ssize_t got = recv(c->fd, sealed, sizeof(sealed), 0);
	size_t size = 0, part;

	if (got <= 0)
		return got;
	(void)BIO_write(SSL_get_rbio(c->tls), sealed, (int)got);
	while (SSL_read_ex(c->tls, bytes + size, bytes_max - size, &part) == 1)
		size += part;
	if (size > 0)
		return (ssize_t)size;
	if (SSL_get_error(c->tls, 0) != SSL_ERROR_WANT_READ)
		return 0;
	errno = EAGAIN;
	return -1;
}

int load_tls_send(struct load_conn *c)
{
	size_t done;

	if (c->out.len > 0 && SSL_write_ex(c->tls, c->out.ptr, c->out.len, &done) != 1)
		load_die("TLS does not go on");
	gx_buf_clear(&c->out);
	return send_sealed(c);
}
