/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - the command line of guanxi.
 *
 * `serve` is a checklist: settings, data folder and its lock, rights, listeners, children. The rest
 * prints a table and ends, or administers (admin.c).
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "admin.h"
#include "datadir.h"
#include "options.h"
#include "print.h"
#include "rooms.h"
#include "secrets.h"
#include "supervisor.h"

#define EXIT_USAGE 2
#define UPLOAD_ROUTES_MAX 16u
#define LOCK_WAIT_MS (2 * GX_SECOND_MS)

static const char usage_text[] =
	"usage: guanxi serve [--data DIR] [--listen HOST:PORT] [--workers N] [--config FILE]\n"
	"       guanxi admin COMMAND …    (guanxi admin --help)\n"
	"       guanxi --help | --version\n"
	"       guanxi --print-routes | --print-codes | --print-config | --print-metrics |\n"
	"              --print-limits\n"
	"\n"
	"serve\n"
	"  --data DIR           where everything is kept (default ./data); made if missing\n"
	"  --listen HOST:PORT   numeric address and port (default 127.0.0.1:8848); port 0: any\n"
	"  --workers N          edge processes (default: one for each core but one)\n"
	"  --config FILE        settings (default: guanxi.conf in the data folder, if it is "
	"there)\n"
	"\n"
	"Every setting can also be given as GUANXI_SECTION_KEY in the environment.\n";

/* As old as the process: what was read at start lives here. */
static struct gx_arena start_arena;
static struct gx_config config;

static int complain(const struct gx_error *err)
{
	fprintf(stderr, "guanxi: %.*s\n", GX_STR_ARG(err->detail));
	return EXIT_FAILURE;
}

static int complain_usage(const char *what, const char *word)
{
	fprintf(stderr, "guanxi: %s: %s\nTry guanxi --help\n", what, word);
	return EXIT_USAGE;
}

/* 0, or the exit status. */
static int read_serve_arguments(int argc, char **argv, struct gx_options *o)
{
	static const struct option names[] = {
		{ "data", required_argument, NULL, 'd' },
		{ "listen", required_argument, NULL, 'l' },
		{ "workers", required_argument, NULL, 'w' },
		{ "config", required_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 },
	};
	uint64_t workers;
	int opt;

	while ((opt = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (opt == 'd')
			o->data_dir = optarg;
		else if (opt == 'l')
			o->listen = optarg;
		else if (opt == 'c')
			o->config_path = optarg;
		else if (opt != 'w')
			return EXIT_USAGE; /* getopt has complained */
		else if (gx_str_to_u64(gx_str_from_cstr(optarg), &workers) && workers >= 1 &&
			 workers <= GX_SUPERVISOR_EDGES_MAX)
			o->workers = (int)workers;
		else
			return complain_usage("--workers wants a number from 1 to 256, not",
					      optarg);
	}
	if (optind < argc)
		return complain_usage("unknown argument", argv[optind]);
	return 0;
}

/* Tests move the time of day through a file; see clock.h. */
static enum gx_status map_debug_clock(struct gx_error *err)
{
	const char *path = getenv("GUANXI_DEBUG_CLOCK_FILE");

	if (path == NULL || gx_clock_map_offset(path))
		return GX_OK;
	return gx_fail_detail(&start_arena, err, GX_E_INVALID, "app.debug_clock",
			      "GUANXI_DEBUG_CLOCK_FILE: %s is no readable file of 8 bytes", path);
}

/* Each connection costs a descriptor: take as many as we may have. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static size_t collect_uploads(const struct gx_room *room, struct gx_edge_upload_route *out,
			      size_t count)
{
	for (size_t i = 0; i < room->routes_count; i++) {
		const struct gx_route *r = &room->routes[i];

		if (r->kind != GX_OP_UPLOAD)
			continue;
		GX_ASSERT(count < UPLOAD_ROUTES_MAX);
		out[count++] = (struct gx_edge_upload_route){
			.method = r->method,
			.path = gx_arena_printf(&start_arena, "/api/v1%s", r->path),
		};
	}
	return count;
}

static void fill_edge_config(const struct gx_options *o, struct gx_edge_config *edge)
{
	static struct gx_edge_upload_route uploads[UPLOAD_ROUTES_MAX];

	gx_edge_config_init(edge);
	for (size_t i = 0; app_rooms[i] != NULL; i++)
		edge->uploads_count = collect_uploads(app_rooms[i], uploads, edge->uploads_count);
	edge->uploads = uploads;
	edge->proxies = o->proxies;
	edge->proxies_count = o->proxies_count;
	edge->connections_per_address = o->connections_per_address;
	edge->head_timeout_ms = o->head_timeout_ms;
	edge->idle_timeout_ms = o->idle_timeout_ms;
	edge->progress_timeout_ms = o->progress_timeout_ms;
	edge->hsts_max_age_s = o->hsts_max_age_s;
	edge->redirect_port = o->redirect_port;
}

static enum gx_status serve(struct gx_options *o, int *exit_status, struct gx_error *err)
{
	struct gx_supervisor_config sup = { 0 };
	struct gx_edge_static *files;
	enum gx_status st;

	gx_options_tables(&config);
	st = gx_options_load(&start_arena, &config, o, err);
	if (st == GX_OK)
		st = map_debug_clock(err);
	if (st == GX_OK)
		st = gx_datadir_open(&start_arena, o->data_dir, LOCK_WAIT_MS, &sup.lock_fd, err);
	if (st == GX_OK)
		st = gx_datadir_refuse_marked(&start_arena, o->data_dir, err);
	if (st != GX_OK)
		return st;

	gx_log_setup(o->log_level, o->is_log_json, "supervisor");
	raise_descriptor_limit();
	(void)umask(077);
	sup.host = o->address.host.ptr;
	sup.port = o->address.port;
	sup.is_v6 = o->address.is_v6;
	sup.tls = (struct gx_supervisor_tls){
		.host = o->tls_address.host.ptr,
		.port = o->tls_address.port,
		.is_v6 = o->tls_address.is_v6,
		.certificate_path = o->certificate_path,
		.key_path = o->key_path,
		.rotate_ms = GX_SECRETS_ROTATE_MS,
	};
	sup.edges_count = o->edges_count;
	sup.log_level = o->log_level;
	sup.is_log_json = o->is_log_json;
	sup.core = (struct gx_core_config){
		.data_dir = o->data_dir,
		.rooms = app_rooms,
		.control_fd = -1,
		.readers = o->readers,
		.helpers = o->helpers,
	};
	fill_edge_config(o, &sup.edge);
	files = gx_edge_static_load(o->web_dir);
	sup.edge.files = files;
	st = gx_supervisor_run(&start_arena, &sup, exit_status, err);
	gx_edge_static_free(files);
	return st;
}

static int run_serve(int argc, char **argv)
{
	struct gx_options options = { .workers = -1 };
	struct gx_error err = { 0 };
	int exit_status = read_serve_arguments(argc, argv, &options);

	if (exit_status == 0 && serve(&options, &exit_status, &err) != GX_OK)
		exit_status = complain(&err);
	return exit_status;
}

static void print_help(void)
{
	(void)fputs(usage_text, stdout);
}

static void print_version(void)
{
	puts("guanxi " GX_VERSION);
}

static int run_print(const char *name)
{
	static const struct {
		const char *name;
		void (*print)(void);
	} prints[] = {
		{ "--help", print_help },
		{ "-h", print_help },
		{ "--version", print_version },
		{ "--print-routes", gx_print_routes },
		{ "--print-codes", gx_print_codes },
		{ "--print-config", gx_print_config },
		{ "--print-metrics", gx_print_metrics },
		{ "--print-limits", gx_print_limits },
	};

	for (size_t i = 0; i < GX_COUNT(prints); i++) {
		if (strcmp(name, prints[i].name) == 0) {
			prints[i].print();
			/* A full disk behind the pipe must not look like success. */
			return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
		}
	}
	return complain_usage("unknown command", name);
}

int main(int argc, char **argv)
{
	int exit_status;

	if (argc < 2) {
		(void)fputs(usage_text, stderr);
		return EXIT_USAGE;
	}
	gx_arena_init(&start_arena);
	gx_config_init(&config);
	if (strcmp(argv[1], "serve") == 0)
		exit_status = run_serve(argc - 1, argv + 1);
	else if (strcmp(argv[1], "admin") == 0)
		exit_status = gx_admin_run(argc - 1, argv + 1);
	else
		exit_status = run_print(argv[1]);
	gx_config_deinit(&config);
	gx_arena_deinit(&start_arena);
	return exit_status;
}
