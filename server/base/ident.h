/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ident.h - random bytes, tokens, and bytes as text. Threading: any.
 */
#ifndef GX_IDENT_H
#define GX_IDENT_H

#include "arena.h"

/* From the kernel; stops the process when there are none. */
void gx_random_bytes(void *out, size_t size);
uint64_t gx_random_u64(void);
/* Lower-case hex: out has 2 * size bytes, no NUL. */
void gx_hex_encode(const void *bytes, size_t size, char *out);
/* False when `hex` is not exactly 2 * size hex digits. */
bool gx_hex_decode(struct gx_str hex, void *out, size_t size);
/* Base64url without padding (RFC 4648 §5), in the arena. */
struct gx_str gx_base64url_encode(struct gx_arena *a, const void *bytes, size_t size);
/* Standard base64 with padding, for the WebSocket handshake; out holds 4 * ((size + 2) / 3) bytes.
 */
size_t gx_base64_encode(const void *bytes, size_t size, char *out);

#endif
