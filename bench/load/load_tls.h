/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_tls.h - TLS below the generator's connections, with --tls.
 *
 * As on plain ones: one recv and one send a turn. Certificates are not verified.
 * Threading: the one thread there is. Errors: load_die(), or as it says.
 */
#ifndef GX_LOAD_TLS_H
#define GX_LOAD_TLS_H

#include <sys/types.h>

#include "load_conn.h"

/* The handshake; the socket is connected and still waits. False: the server ended it. */
bool load_tls_open(struct load_conn *c);
void load_tls_close(struct load_conn *c);
/* As recv(): -1 with EAGAIN also when what came says nothing to us. */
ssize_t load_tls_receive(struct load_conn *c, char *bytes, size_t bytes_max);
/* Seals all of c->out and sends what the socket takes. 1: all; 0: not all; -1: as send(). */
int load_tls_send(struct load_conn *c);

#endif
