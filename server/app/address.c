/* SPDX-License-Identifier: Apache-2.0 */
#include "address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT_MAX 65535u
#define TRY_MS 10

/* AF_INET, AF_INET6, or AF_UNSPEC when the text is no numeric address. */
static int family_of(const char *host)
{
	struct in6_addr bytes;

	if (inet_pton(AF_INET, host, &bytes) == 1)
		return AF_INET;
	if (inet_pton(AF_INET6, host, &bytes) == 1)
		return AF_INET6;
	return AF_UNSPEC;
}

/* Splits at the last colon; the brackets that an IPv6 address needs are taken off. */
static bool split(struct gx_str text, struct gx_str *host, struct gx_str *port)
{
	size_t colon = text.len;

	while (colon > 0 && text.ptr[colon - 1] != ':')
		colon--;
	if (colon == 0)
		return false;
	*host = gx_str_slice(text, 0, colon - 1);
	*port = gx_str_slice(text, colon, text.len);
	if (gx_str_starts(*host, GX_STR("[")) && gx_str_ends(*host, GX_STR("]"))) {
		*host = gx_str_slice(*host, 1, host->len - 1);
		return gx_str_find(*host, ':') < host->len;
	}
	return gx_str_find(*host, ':') == host->len;
}

enum gx_status gx_address_parse(struct gx_arena *a, struct gx_str text, struct gx_address *out,
				struct gx_error *err)
{
	struct gx_str host, port;
	uint64_t number;
	int family;

	/* Behind a NUL the system would not look. */
	if (gx_str_find(text, '\0') < text.len || !split(text, &host, &port) ||
	    !gx_str_to_u64(port, &number) || number > PORT_MAX)
		return gx_fail_detail(a, err, GX_E_INVALID, "app.listen",
				      "cannot listen on \"%.*s\": it is not HOST:PORT, such as "
				      "127.0.0.1:8848 or [::1]:8848",
				      GX_STR_ARG(text));
	if (gx_str_eq(host, GX_STR("localhost")))
		host = GX_STR("127.0.0.1");
	host = gx_arena_strdup(a, host);
	family = family_of(host.ptr);
	if (family == AF_UNSPEC)
		return gx_fail_detail(a, err, GX_E_INVALID, "app.listen",
				      "cannot listen on \"%.*s\": the host must be a numeric "
				      "address, such as 127.0.0.1, 0.0.0.0 or [::]",
				      GX_STR_ARG(text));
	*out = (struct gx_address){
		.host = host,
		.port = (uint16_t)number,
		.is_v6 = family == AF_INET6,
	};
	return GX_OK;
}

struct gx_str gx_address_text(struct gx_arena *a, const struct gx_address *address)
{
	return gx_arena_printf(a, address->is_v6 ? "[%s]:%u" : "%s:%u", address->host.ptr,
			       (unsigned)address->port);
}

static socklen_t fill_sockaddr(const struct gx_address *address, struct sockaddr_storage *out)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
	int converted;

	memset(out, 0, sizeof(*out));
	if (address->is_v6) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(address->port);
		converted = inet_pton(AF_INET6, address->host.ptr, &v6->sin6_addr);
	} else {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(address->port);
		converted = inet_pton(AF_INET, address->host.ptr, &v4->sin_addr);
	}
	GX_ASSERT(converted == 1); /* gx_address_parse() has tried it */
	return address->is_v6 ? sizeof(*v6) : sizeof(*v4);
}

/* 0, or the errno of listening there without sharing. */
static int try_listening(const struct gx_address *address)
{
	struct sockaddr_storage sa;
	socklen_t sa_size = fill_sockaddr(address, &sa);
	int fd = socket(sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;
	int problem = 0;

	/* SO_REUSEADDR passes over connections that linger, never over a listener. */
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    (address->is_v6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0) ||
	    bind(fd, (struct sockaddr *)&sa, sa_size) != 0 || listen(fd, 1) != 0)
		problem = errno;
	if (fd >= 0)
		close(fd);
	return problem;
}

enum gx_status gx_address_check_free(struct gx_arena *a, const struct gx_address *address,
				     int64_t wait_ms, struct gx_error *err)
{
	int problem = try_listening(address);

	for (; problem == EADDRINUSE && wait_ms > 0; wait_ms -= TRY_MS) {
		(void)poll(NULL, 0, TRY_MS);
		problem = try_listening(address);
	}
	if (problem == 0)
		return GX_OK;

	struct gx_str text = gx_address_text(a, address);

	if (problem == EADDRINUSE)
		return gx_fail_detail(a, err, GX_E_CONFLICT, "app.address_in_use",
				      "cannot listen on %.*s: another program is listening there",
				      GX_STR_ARG(text));
	return gx_fail_detail(a, err, GX_E_INVALID, "app.listen", "cannot listen on %.*s: %s",
			      GX_STR_ARG(text), strerror(problem));
}

static bool is_network(struct gx_arena *a, struct gx_str text)
{
	struct gx_str prefix = text;
	struct gx_str host = gx_str_cut(&prefix, '/');
	int family = family_of(gx_arena_strdup(a, host).ptr);
	uint64_t bits;

	if (family == AF_UNSPEC)
		return false;
	if (host.len == text.len)
		return true;
	return gx_str_to_u64(prefix, &bits) && bits <= (family == AF_INET ? 32u : 128u);
}

enum gx_status gx_address_parse_list(struct gx_arena *a, struct gx_str text, struct gx_str **out,
				     size_t *count, struct gx_error *err)
{
	struct gx_str *list = gx_arena_new_array(a, struct gx_str, text.len / 2 + 1);
	size_t n = 0;

	while (text.len > 0) {
		struct gx_str one = gx_arena_strdup(a, gx_str_trim(gx_str_cut(&text, ',')));

		if (!is_network(a, one))
			return gx_fail_detail(a, err, GX_E_INVALID, "app.trusted_proxies",
					      "[server] trusted_proxies: \"%.*s\" is neither an "
					      "address nor a network such as 10.0.0.0/8",
					      GX_STR_ARG(one));
		list[n++] = one;
	}
	*out = list;
	*count = n;
	return GX_OK;
}
