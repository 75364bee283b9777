/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_session.c - one connection.
 *
 * OpenSSL reads and writes through a BIO of our own that borrows the caller's bytes for the time of
 * a call: reading takes from `in` until nothing is left, writing appends to `sealed` and never has
 * to wait. What remains of an unfinished record stays in OpenSSL's own buffer, which is there only
 * as long as such a rest is.
 */
#include <openssl/err.h>
#include <string.h>

#include "tls_inside.h"

struct gx_tls {
	SSL *ssl;
	/* For the time of a call. */
	struct gx_str in;
	struct gx_buf *sealed;
};

static BIO_METHOD *bio_method; /* made once */

static int bio_read(BIO *bio, char *to, int size)
{
	struct gx_tls *t = BIO_get_data(bio);
	size_t count = t->in.len < (size_t)size ? t->in.len : (size_t)size;

	BIO_clear_retry_flags(bio);
	if (count == 0) {
		BIO_set_retry_read(bio);
		return -1;
	}
	memcpy(to, t->in.ptr, count);
	t->in = gx_str_slice(t->in, count, t->in.len);
	return (int)count;
}

static int bio_write(BIO *bio, const char *from, int size)
{
	struct gx_tls *t = BIO_get_data(bio);

	BIO_clear_retry_flags(bio);
	if (t->sealed == NULL)
		return -1;
	gx_buf_append(t->sealed, from, (size_t)size);
	return t->sealed->overflow ? -1 : size;
}

static long bio_control(BIO *bio, int command, long number, void *pointer)
{
	return command == BIO_CTRL_FLUSH;
}

bool tls_bio_start(void)
{
	if (bio_method != NULL)
		return true;
	bio_method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "guanxi");
	return bio_method != NULL && BIO_meth_set_read(bio_method, bio_read) == 1 &&
	       BIO_meth_set_write(bio_method, bio_write) == 1 &&
	       BIO_meth_set_ctrl(bio_method, bio_control) == 1;
}

struct gx_tls *gx_tls_accept(struct gx_tls_context *c)
{
	struct gx_tls *t = gx_heap_alloc(sizeof(*t));
	BIO *bio = BIO_new(bio_method);

	t->ssl = SSL_new(c->ssl);
	/* Only memory can be missing, and everything here has a maximum. */
	GX_ASSERT(t->ssl != NULL && bio != NULL);
	BIO_set_data(bio, t);
	BIO_set_init(bio, 1);
	SSL_set_bio(t->ssl, bio, bio);
	SSL_set_accept_state(t->ssl);
	return t;
}

void gx_tls_free(struct gx_tls *t)
{
	if (t == NULL)
		return;
	SSL_free(t->ssl);
	gx_heap_free(t);
}

bool gx_tls_is_open(const struct gx_tls *t)
{
	return SSL_is_init_finished(t->ssl);
}

bool gx_tls_is_resumed(const struct gx_tls *t)
{
	return SSL_session_reused(t->ssl) == 1;
}

enum gx_tls_result gx_tls_receive(struct gx_tls *t, struct gx_str in, char *plain,
				  size_t *plain_size, struct gx_buf *sealed)
{
	size_t room = in.len + GX_TLS_CARRY_BYTES_MAX, got;
	int rc, problem;

	*plain_size = 0;
	t->in = in;
	t->sealed = sealed;
	ERR_clear_error();
	while ((rc = SSL_read_ex(t->ssl, plain + *plain_size, room - *plain_size, &got)) == 1)
		*plain_size += got;
	problem = SSL_get_error(t->ssl, rc);
	t->in = GX_STR_NULL;
	t->sealed = NULL;
	if (problem == SSL_ERROR_WANT_READ)
		return GX_TLS_GOES_ON;
	ERR_clear_error();
	return problem == SSL_ERROR_ZERO_RETURN ? GX_TLS_ENDED : GX_TLS_FAILED;
}

bool gx_tls_send(struct gx_tls *t, struct gx_str plain, struct gx_buf *sealed)
{
	size_t done = 0;
	int rc;

	if (plain.len == 0)
		return true;
	t->sealed = sealed;
	ERR_clear_error();
	rc = SSL_write_ex(t->ssl, plain.ptr, plain.len, &done);
	t->sealed = NULL;
	if (rc == 1)
		return true;
	ERR_clear_error();
	return false;
}

void gx_tls_end(struct gx_tls *t, struct gx_buf *sealed)
{
	if (!gx_tls_is_open(t))
		return;
	t->sealed = sealed;
	(void)SSL_shutdown(t->ssl);
	t->sealed = NULL;
	ERR_clear_error();
}
