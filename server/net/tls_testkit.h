/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_testkit.h - for tests: certificates made on the spot, and a client to talk TLS with.
 *
 * Whatever fails fails the test (cmocka).
 */
#ifndef GX_TLS_TESTKIT_H
#define GX_TLS_TESTKIT_H

#include <openssl/ssl.h>

#include "gx.h"

struct tls_identity {
	struct gx_buf certificate; /* PEM */
	struct gx_buf key;	   /* PEM */
};

/* Signed by itself, good for a day. `password`: the key is encrypted; NULL: not. */
void tls_identity_init(struct tls_identity *id, const char *name, const char *password);
void tls_identity_deinit(struct tls_identity *id);

/* A client that verifies nothing and keeps tickets; versions are TLS1_2_VERSION and so on. */
SSL_CTX *tls_client_context(int version_min, int version_max);

#endif
