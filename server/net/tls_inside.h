/* SPDX-License-Identifier: Apache-2.0 */
/* tls_inside.h - what tls_context.c and tls_session.c share; nobody else includes it. */
#ifndef GX_TLS_INSIDE_H
#define GX_TLS_INSIDE_H

#include <openssl/ssl.h>

#include "tls.h"

struct gx_tls_context {
	SSL_CTX *ssl; /* counted: connections hold it too; its app data are the tickets */
};

/* tls_session.c: makes the kind of BIO that connections use. */
bool tls_bio_start(void);

#endif
