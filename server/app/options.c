/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "core.h"
#include "rooms.h"
#include "supervisor.h"

enum {
	LISTEN,
	WORKERS,
	CONNECTIONS,
	LOG_FORMAT,
	LOG_LEVEL,
	TRUSTED_PROXIES,
	READERS,
	HELPERS,
	CONNECTIONS_PER_ADDRESS,
	HEAD_S,
	IDLE_S,
	PROGRESS_S,
	WEB,
	TLS_LISTEN,
	TLS_CERTIFICATE,
	TLS_KEY,
	TLS_HSTS_MAX_AGE,
	TLS_REDIRECT_PORT,
	DATABASE,
	BLOBS,
	BUS_URL,
	SETTINGS_COUNT
};

static const char *const log_formats[] = { "text", "json", NULL };
static const char *const log_levels[] = { "debug", "info", "warn", "error", NULL };

static struct gx_setting settings[SETTINGS_COUNT] = {
	[LISTEN] = GX_SETTING_STR("server", "listen", "127.0.0.1:8848",
				  "Address and port to serve on. 0.0.0.0 is all addresses of this "
				  "machine, port 0 any free one."),
	[WORKERS] = GX_SETTING_INT("server", "workers", 0, 0, GX_SUPERVISOR_EDGES_MAX,
				   "Edge processes. 0 is one for each core but one."),
	[CONNECTIONS] = GX_SETTING_INT(
		"server", "connections", 0, 0, 100000000,
		"Connections to have room for. A process may hold only so many descriptors "
		"(ulimit -Hn): as many edge processes are started as that takes, and never fewer "
		"than workers says."),
	[LOG_FORMAT] = GX_SETTING_CHOICE("server", "log_format", 0, log_formats,
					 "Log lines as text or as JSON."),
	[LOG_LEVEL] = GX_SETTING_CHOICE("server", "log_level", GX_LOG_INFO, log_levels,
					"The least important lines that are still logged."),
	[TRUSTED_PROXIES] =
		GX_SETTING_STR("server", "trusted_proxies", "",
			       "Addresses and networks, separated by commas, whose "
			       "X-Forwarded-For, X-Forwarded-Proto and Forwarded headers "
			       "are believed."),
	[READERS] = GX_SETTING_INT("server", "readers", 2, 1, 64,
				   "Threads that answer queries from snapshots."),
	[HELPERS] = GX_SETTING_INT("server", "helpers", 2, 1, 64,
				   "Threads for slow work, such as checking passwords."),
	[CONNECTIONS_PER_ADDRESS] =
		GX_SETTING_INT("server", "max_connections_per_address", 1000, 0, 1000000,
			       "Connections that one address may hold at each edge; 0 is no "
			       "limit. This machine itself has none."),
	[HEAD_S] = GX_SETTING_INT("limits", "head_seconds", 15, 1, 3600,
				  "Seconds for the head of a request, from its first byte on; then "
				  "408."),
	[IDLE_S] =
		GX_SETTING_INT("limits", "idle_seconds", 75, 1, 86400,
			       "Seconds that a connection may rest between requests. Streams rest "
			       "as long as they like."),
	[PROGRESS_S] =
		GX_SETTING_INT("limits", "progress_seconds", 30, 1, 3600,
			       "Seconds in which some byte of a body must come, or some byte of "
			       "an answer be taken."),
	[WEB] = GX_SETTING_STR("server", "web", "",
			       "Folder of the built web client; empty: the one that came with "
			       "this binary."),
	[TLS_LISTEN] =
		GX_SETTING_STR("tls", "listen", "",
			       "Address and port to serve TLS on, such as 0.0.0.0:443. Empty "
			       "is no TLS. [server] listen stays plain."),
	[TLS_CERTIFICATE] = GX_SETTING_STR("tls", "certificate", "",
					   "PEM file with the certificate and the chain behind it. "
					   "SIGHUP reads it and the key anew."),
	[TLS_KEY] = GX_SETTING_STR("tls", "key", "",
				   "PEM file with the certificate's key, not encrypted."),
	[TLS_HSTS_MAX_AGE] =
		GX_SETTING_INT("tls", "hsts_max_age", 15552000, 0, 63072000,
			       "For so many seconds browsers that were here over TLS come over "
			       "TLS only (Strict-Transport-Security). 0 takes that back."),
	[TLS_REDIRECT_PORT] =
		GX_SETTING_INT("tls", "redirect_port", 0, 0, 65535,
			       "Plain requests from other machines are sent to https at this port "
			       "(usually 443), calls of the API are refused. 0: both work."),
	[DATABASE] = GX_SETTING_STR("storage", "database", "sqlite",
				    "sqlite, in the data folder. This version has no other."),
	[BLOBS] = GX_SETTING_STR("storage", "blobs", "folder",
				 "folder, in the data folder. This version has no other."),
	[BUS_URL] = GX_SETTING_STR("bus", "url", "",
				   "Between several servers. This version has one server only."),
};

static void add_room(struct gx_config *c, const struct gx_room *room)
{
	gx_config_add(c, room->settings, room->settings_count);
}

void gx_options_tables(struct gx_config *c)
{
	gx_config_add(c, settings, SETTINGS_COUNT);
	add_room(c, &core_room);
	for (size_t i = 0; app_rooms[i] != NULL; i++)
		add_room(c, app_rooms[i]);
}

static enum gx_status load_settings(struct gx_arena *a, struct gx_config *c,
				    const struct gx_options *o, struct gx_error *err)
{
	const char *path = o->config_path;
	enum gx_status st = GX_OK;

	if (path == NULL) {
		const char *usual = gx_arena_printf(a, "%s/guanxi.conf", o->data_dir).ptr;

		path = access(usual, F_OK) == 0 ? usual : NULL;
	}
	if (path != NULL)
		st = gx_config_load_file(c, path, err);
	if (st != GX_OK)
		return st;
	return gx_config_load_env(c, (const char *const *)environ, err);
}

/* Settings that exist so that later versions keep their names, with one value today. */
static enum gx_status check_only_value(struct gx_arena *a, const struct gx_setting *s,
				       const char *only, struct gx_error *err)
{
	if (strcmp(s->str, only) == 0)
		return GX_OK;
	/* Not the value itself: it may hold a password. */
	return gx_fail_detail(a, err, GX_E_INVALID, "config.not_in_this_version",
			      "[%s] %s: this version supports \"%s\" only", s->section, s->key,
			      only);
}

static enum gx_status check_storage(struct gx_arena *a, struct gx_error *err)
{
	static const struct {
		int setting;
		const char *only;
	} fixed[] = { { DATABASE, "sqlite" }, { BLOBS, "folder" }, { BUS_URL, "" } };

	for (size_t i = 0; i < GX_COUNT(fixed); i++) {
		enum gx_status st =
			check_only_value(a, &settings[fixed[i].setting], fixed[i].only, err);

		if (st != GX_OK)
			return st;
	}
	return GX_OK;
}

/* Cores left over beside the core process's busy thread; one at least. */
static unsigned default_edges_count(void)
{
	cpu_set_t cpus;
	int count = sched_getaffinity(0, sizeof(cpus), &cpus) == 0 ? CPU_COUNT(&cpus) : 1;

	if (count > (int)GX_SUPERVISOR_EDGES_MAX)
		count = (int)GX_SUPERVISOR_EDGES_MAX;
	return count > 1 ? (unsigned)count - 1 : 1;
}

static enum gx_status count_edges(struct gx_arena *a, const struct gx_options *o, unsigned *count,
				  struct gx_error *err)
{
	unsigned workers = (unsigned)(o->workers > 0 ? o->workers : settings[WORKERS].num);
	uint64_t each = gx_edge_connections_max();
	uint64_t wanted = ((uint64_t)settings[CONNECTIONS].num + each - 1) / each;

	if (wanted > GX_SUPERVISOR_EDGES_MAX)
		return gx_fail_detail(a, err, GX_E_INVALID, "config.connections",
				      "[server] connections: %llu processes of %llu each would be "
				      "needed, at most %u can be; raise the limit of open files",
				      (unsigned long long)wanted, (unsigned long long)each,
				      GX_SUPERVISOR_EDGES_MAX);
	if (workers == 0)
		workers = default_edges_count();
	*count = wanted > workers ? (unsigned)wanted : workers;
	return GX_OK;
}

/* Beside the binary in a build tree (build/guanxi, build/asan/guanxi) or where it is installed. */
static const char *find_web_dir(struct gx_arena *a)
{
	static const char *const places[] = { "../web/dist", "../../web/dist",
					      "../share/guanxi/web" };

	if (settings[WEB].str[0] != '\0')
		return settings[WEB].str;
	for (size_t i = 0; i < GX_COUNT(places); i++) {
		const char *dir = gx_arena_printf(a, "%s/%s", gx_binary_dir(a).ptr, places[i]).ptr;

		if (access(gx_arena_printf(a, "%s/index.html", dir).ptr, R_OK) == 0)
			return dir;
	}
	return NULL;
}

static enum gx_status load_tls(struct gx_arena *a, struct gx_options *o, struct gx_error *err)
{
	const char *listen = settings[TLS_LISTEN].str;

	o->certificate_path = settings[TLS_CERTIFICATE].str;
	o->key_path = settings[TLS_KEY].str;
	o->hsts_max_age_s = (uint32_t)settings[TLS_HSTS_MAX_AGE].num;
	o->redirect_port = (uint16_t)settings[TLS_REDIRECT_PORT].num;
	/* All of it or nothing: half of it would be plain where TLS is expected. */
	if (listen[0] == '\0' && o->certificate_path[0] == '\0' && o->key_path[0] == '\0')
		return GX_OK;
	if (listen[0] == '\0' || o->certificate_path[0] == '\0' || o->key_path[0] == '\0')
		return gx_fail_detail(a, err, GX_E_INVALID, "config.tls",
				      "[tls] listen, certificate and key belong together: set all "
				      "three or none");
	return gx_address_parse(a, gx_str_from_cstr(listen), &o->tls_address, err);
}

enum gx_status gx_options_load(struct gx_arena *a, struct gx_config *c, struct gx_options *o,
			       struct gx_error *err)
{
	const char *listen;
	enum gx_status st;

	if (o->data_dir == NULL)
		o->data_dir = "data";
	st = load_settings(a, c, o, err);
	if (st == GX_OK)
		st = check_storage(a, err);
	if (st == GX_OK)
		st = gx_address_parse_list(a, gx_str_from_cstr(settings[TRUSTED_PROXIES].str),
					   &o->proxies, &o->proxies_count, err);
	listen = o->listen != NULL ? o->listen : settings[LISTEN].str;
	if (st == GX_OK)
		st = gx_address_parse(a, gx_str_from_cstr(listen), &o->address, err);
	if (st == GX_OK)
		st = load_tls(a, o, err);
	if (st == GX_OK)
		st = count_edges(a, o, &o->edges_count, err);
	if (st != GX_OK)
		return st;

	o->readers = (unsigned)settings[READERS].num;
	o->helpers = (unsigned)settings[HELPERS].num;
	o->head_timeout_ms = (uint32_t)settings[HEAD_S].num * 1000;
	o->idle_timeout_ms = (uint32_t)settings[IDLE_S].num * 1000;
	o->progress_timeout_ms = (uint32_t)settings[PROGRESS_S].num * 1000;
	o->connections_per_address = (uint32_t)settings[CONNECTIONS_PER_ADDRESS].num;
	o->log_level = (enum gx_log_level)settings[LOG_LEVEL].num;
	o->is_log_json = settings[LOG_FORMAT].num == 1;
	o->web_dir = find_web_dir(a);
	return GX_OK;
}
