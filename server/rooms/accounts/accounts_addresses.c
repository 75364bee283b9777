/* SPDX-License-Identifier: Apache-2.0 */
/* accounts_addresses.c - under which addresses others reach this server, for the operator's page.
 */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>

#include "accounts_rules.h"

/* Cuts "HOST:PORT" or "[HOST]:PORT". */
static void split(struct gx_str listen, struct gx_str *host, struct gx_str *port)
{
	size_t colon = listen.len;

	while (colon > 0 && listen.ptr[colon - 1] != ':')
		colon--;
	*port = gx_str_slice(listen, colon, listen.len);
	*host = gx_str_slice(listen, 0, colon > 0 ? colon - 1 : 0);
	if (host->len >= 2 && host->ptr[0] == '[' && host->ptr[host->len - 1] == ']')
		*host = gx_str_slice(*host, 1, host->len - 1);
}

bool accounts_is_loopback(struct gx_str listen)
{
	struct gx_str host, port;

	split(listen, &host, &port);
	return gx_str_starts(host, GX_STR("127.")) || gx_str_eq(host, GX_STR("::1")) ||
	       gx_str_eq_nocase(host, GX_STR("localhost"));
}

static struct gx_str url(struct gx_arena *a, const char *host, struct gx_str port, bool is_secure)
{
	bool is_v6 = strchr(host, ':') != NULL;

	return gx_arena_printf(a, "%s://%s%s%s:%.*s", is_secure ? "https" : "http",
			       is_v6 ? "[" : "", host, is_v6 ? "]" : "", GX_STR_ARG(port));
}

/* The interface's address as text when people elsewhere can use it. */
static bool usable(const struct ifaddrs *i, bool wants_v6, char text[INET6_ADDRSTRLEN])
{
	if (i->ifa_addr == NULL || !(i->ifa_flags & IFF_UP) || (i->ifa_flags & IFF_LOOPBACK))
		return false;
	if (i->ifa_addr->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)i->ifa_addr;

		return inet_ntop(AF_INET, &in->sin_addr, text, INET6_ADDRSTRLEN) != NULL;
	}
	if (i->ifa_addr->sa_family == AF_INET6 && wants_v6) {
		const struct sockaddr_in6 *in6 = (const void *)i->ifa_addr;

		if (IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr))
			return false;
		return inet_ntop(AF_INET6, &in6->sin6_addr, text, INET6_ADDRSTRLEN) != NULL;
	}
	return false;
}

size_t accounts_list_addresses(struct gx_arena *a, struct gx_str listen, bool is_secure,
			       struct gx_str *out)
{
	struct gx_str host, port;
	struct ifaddrs *interfaces;
	bool is_any_v6;
	size_t count = 0;

	split(listen, &host, &port);
	if (accounts_is_loopback(listen))
		return 0;
	is_any_v6 = gx_str_eq(host, GX_STR("::"));
	if (!is_any_v6 && !gx_str_eq(host, GX_STR("0.0.0.0"))) {
		out[0] = url(a, gx_arena_strdup(a, host).ptr, port, is_secure);
		return 1;
	}
	if (getifaddrs(&interfaces) != 0)
		return 0;
	for (struct ifaddrs *i = interfaces; i != NULL && count < ACCOUNTS_ADDRESSES_MAX;
	     i = i->ifa_next) {
		char text[INET6_ADDRSTRLEN];

		if (usable(i, is_any_v6, text))
			out[count++] = url(a, text, port, is_secure);
	}
	freeifaddrs(interfaces);
	return count;
}
