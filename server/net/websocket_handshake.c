/* SPDX-License-Identifier: Apache-2.0 */
/* websocket_handshake.c - RFC 6455 §4.2. */
#include <openssl/evp.h>
#include <string.h>

#include "ident.h"
#include "websocket.h"

#define KEY_BYTES 24u /* 16 bytes in base64 */

bool gx_ws_is_upgrade(const struct gx_http_head *h, struct gx_str in)
{
	return h->method == GX_METHOD_GET &&
	       gx_http_has_token(h, in, GX_HTTP_UPGRADE, GX_STR("websocket"));
}

static bool is_key(struct gx_str key)
{
	if (key.len != KEY_BYTES || key.ptr[22] != '=' || key.ptr[23] != '=')
		return false;
	for (size_t i = 0; i < 22; i++) {
		char c = key.ptr[i];
		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		      c == '+' || c == '/'))
			return false;
	}
	return true;
}

unsigned gx_ws_check_upgrade(const struct gx_http_head *h, struct gx_str in)
{
	if (h->is_http_1_0 || h->is_chunked || h->content_length > 0)
		return 400;
	if (!gx_http_has_token(h, in, GX_HTTP_CONNECTION, GX_STR("upgrade")))
		return 400;
	if (!gx_str_eq(gx_http_field(h, in, GX_HTTP_WS_VERSION), GX_STR("13")))
		return 426;
	return is_key(gx_http_field(h, in, GX_HTTP_WS_KEY)) ? 101 : 400;
}

void gx_ws_accept_key(struct gx_str key, char out[GX_WS_ACCEPT_BYTES])
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	char text[KEY_BYTES + sizeof(guid) - 1];
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int size = 0;
	int is_ok;

	GX_ASSERT(key.len == KEY_BYTES);
	memcpy(text, key.ptr, KEY_BYTES);
	memcpy(text + KEY_BYTES, guid, sizeof(guid) - 1);
	is_ok = EVP_Digest(text, sizeof(text), digest, &size, EVP_sha1(), NULL);
	GX_ASSERT(is_ok == 1 && size == 20);
	gx_base64_encode(digest, size, out);
}
