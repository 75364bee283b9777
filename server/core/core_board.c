/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core_board.c - figures of the server's processes: those on the board, and what the kernel knows.
 *
 * Runs on a reader thread. A process that ends meanwhile is left out.
 */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "board.h"
#include "core_start.h"

#define LABELS_BYTES_MAX 96

struct process {
	const struct gx_board_page *page;
	unsigned role;
	char labels[LABELS_BYTES_MAX];
};

typedef void process_writer(const struct gx_metric *m, const struct process *p, struct gx_buf *out);

/* Calls `write` for each process that runs. */
static void for_each(const struct gx_metric *m, void *owner, struct gx_buf *out,
		     process_writer *write)
{
	static const char *const roles[] = { "supervisor", "core", "media", "edge" };
	const struct gx_board *b = ((const struct gx_core *)owner)->config->board;

	if (b == NULL)
		return;
	for (unsigned i = 0; i < GX_BOARD_EDGES + b->edges_count; i++) {
		unsigned role = i < GX_BOARD_EDGES ? i : GX_BOARD_EDGES;
		unsigned edge = i - role;
		struct process p = { .page = gx_board_page(b, (enum gx_board_role)role, edge),
				     .role = role };

		if (role == GX_BOARD_EDGES)
			snprintf(p.labels, sizeof(p.labels), "process=\"edge\",worker=\"%u\"",
				 edge);
		else
			snprintf(p.labels, sizeof(p.labels), "process=\"%s\"", roles[role]);
		write(m, &p, out);
	}
}

/* A small file of /proc/PID; false when the process is gone or not ours to look at. */
static bool read_proc(const struct process *p, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t got;
	int fd;

	if (gx_tally_get(&p->page->pid) == 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/%s", gx_tally_get(&p->page->pid), name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	got = read(fd, text, size - 1);
	close(fd);
	text[got > 0 ? got : 0] = '\0';
	return got > 0;
}

static void write_starts(const struct gx_metric *m, const struct process *p, struct gx_buf *out)
{
	gx_metric_write_sample(out, m, p->labels, (int64_t)gx_tally_get(&p->page->starts));
}

static void write_start_time(const struct gx_metric *m, const struct process *p, struct gx_buf *out)
{
	if (gx_tally_get(&p->page->pid) != 0)
		gx_metric_write_seconds(out, m, p->labels,
					gx_tally_get(&p->page->started_at_ms) * 1000000);
}

static void write_memory(const struct gx_metric *m, const struct process *p, struct gx_buf *out)
{
	char text[256];
	unsigned long long all, resident;

	if (read_proc(p, "statm", text, sizeof(text)) &&
	    sscanf(text, "%llu %llu", &all, &resident) == 2)
		gx_metric_write_sample(out, m, p->labels,
				       (int64_t)resident * sysconf(_SC_PAGESIZE));
}

static void write_cpu(const struct gx_metric *m, const struct process *p, struct gx_buf *out)
{
	char text[1024];
	unsigned long long user, system;
	const char *behind_name;

	if (!read_proc(p, "stat", text, sizeof(text)))
		return;
	behind_name = strrchr(text, ')');
	if (behind_name != NULL &&
	    sscanf(behind_name + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user,
		   &system) == 2)
		gx_metric_write_seconds(out, m, p->labels,
					(user + system) *
						(1000000000 / (uint64_t)sysconf(_SC_CLK_TCK)));
}

/* Kernels since 6.2 say it without a walk through the folder. */
static void write_descriptors(const struct gx_metric *m, const struct process *p,
			      struct gx_buf *out)
{
	char path[64];
	struct stat about;
	int64_t count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/fd", gx_tally_get(&p->page->pid));
	if (gx_tally_get(&p->page->pid) == 0 || stat(path, &about) != 0)
		return;
	if (about.st_size == 0) {
		dir = opendir(path);
		if (dir == NULL)
			return;
		while (readdir(dir) != NULL)
			count++;
		closedir(dir);
		count -= 2; /* "." and ".." */
	}
	gx_metric_write_sample(out, m, p->labels, about.st_size > 0 ? about.st_size : count);
}

static void write_log_lines(const struct gx_metric *m, const struct process *p, struct gx_buf *out)
{
	static const char *const levels[] = { "debug", "info", "warn", "error" };
	char labels[LABELS_BYTES_MAX + 32];

	if (p->role == GX_BOARD_MEDIA) /* a program of its own: nobody counts them */
		return;
	for (size_t i = 0; i < GX_COUNT(levels); i++) {
		snprintf(labels, sizeof(labels), "%s,level=\"%s\"", p->labels, levels[i]);
		gx_metric_write_sample(out, m, labels,
				       (int64_t)gx_tally_get(&p->page->log_lines[i]));
	}
}

static void collect_certificate(const struct gx_metric *m, void *owner, struct gx_buf *out)
{
	const struct gx_board *b = ((const struct gx_core *)owner)->config->board;
	uint64_t ends_at_ms;

	if (b == NULL)
		return;
	ends_at_ms =
		gx_tally_get(&gx_board_page(b, GX_BOARD_SUPERVISOR, 0)->certificate_ends_at_ms);
	if (ends_at_ms != 0)
		gx_metric_write_seconds(out, m, "", ends_at_ms * 1000000);
}

static void collect_starts(const struct gx_metric *m, void *owner, struct gx_buf *out)
{
	for_each(m, owner, out, write_starts);
}

static void collect_start_time(const struct gx_metric *m, void *owner, struct gx_buf *out)
{
	for_each(m, owner, out, write_start_time);
}

static void collect_memory(const struct gx_metric *m, void *owner, struct gx_buf *out)
{
	for_each(m, owner, out, write_memory);
}

static void collect_cpu(const struct gx_metric *m, void *owner, struct gx_buf *out)
{
	for_each(m, owner, out, write_cpu);
}

static void collect_descriptors(const struct gx_metric *m, void *owner, struct gx_buf *out)
{
	for_each(m, owner, out, write_descriptors);
}

static void collect_log_lines(const struct gx_metric *m, void *owner, struct gx_buf *out)
{
	for_each(m, owner, out, write_log_lines);
}

struct gx_metric core_process_metrics[CORE_PROCESS_METRICS_COUNT] = {
	{ .name = "guanxi_process_starts_total",
	  .kind = GX_METRIC_COUNTER,
	  .help = "Starts of each of the server's processes; all but the first are restarts "
		  "(the media process starts when it is needed).",
	  .collect = collect_starts },
	{ .name = "guanxi_process_start_time_seconds",
	  .kind = GX_METRIC_GAUGE,
	  .help = "The last start, since 1970; the supervisor's is the server's.",
	  .collect = collect_start_time },
	{ .name = "guanxi_process_resident_memory_bytes",
	  .kind = GX_METRIC_GAUGE,
	  .help = "Resident memory, shared pages included.",
	  .collect = collect_memory },
	{ .name = "guanxi_process_cpu_seconds_total",
	  .kind = GX_METRIC_COUNTER,
	  .help = "User and system time of the process that runs now.",
	  .collect = collect_cpu },
	{ .name = "guanxi_process_open_fds",
	  .kind = GX_METRIC_GAUGE,
	  .help = "Open descriptors.",
	  .collect = collect_descriptors },
	{ .name = "guanxi_log_lines_total",
	  .kind = GX_METRIC_COUNTER,
	  .help = "Log lines by level; the levels below [server] log_level are not counted.",
	  .collect = collect_log_lines },
	{ .name = "guanxi_tls_certificate_end_time_seconds",
	  .kind = GX_METRIC_GAUGE,
	  .help = "When the certificate in use ends, since 1970; without TLS there is none.",
	  .collect = collect_certificate },
};

/* --- what edges count --- */

static void write_figure(struct gx_buf *out, const struct gx_figure *f, const char *labels,
			 uint64_t value)
{
	gx_metric_write_sample(out, &(struct gx_metric){ .name = f->name }, labels, (int64_t)value);
}

static void write_by_edge(const struct gx_board *b, unsigned index, struct gx_buf *out)
{
	const struct gx_figure *f = &gx_edge_figures[index];

	for (unsigned edge = 0; edge < b->edges_count; edge++) {
		const struct gx_board_page *page = gx_board_page(b, GX_BOARD_EDGES, edge);
		char labels[LABELS_BYTES_MAX];

		/* What a dead one had, nobody has now. */
		if (f->kind == GX_METRIC_GAUGE && gx_tally_get(&page->pid) == 0)
			continue;
		snprintf(labels, sizeof(labels), "worker=\"%u\"", edge);
		write_figure(out, f, labels, gx_tally_get(&page->figures[index]));
	}
}

static void write_sum(const struct gx_board *b, unsigned index, struct gx_buf *out)
{
	const struct gx_figure *f = &gx_edge_figures[index];
	uint64_t sum = 0;

	for (unsigned edge = 0; edge < b->edges_count; edge++)
		sum += gx_tally_get(&gx_board_page(b, GX_BOARD_EDGES, edge)->figures[index]);
	write_figure(out, f, f->labels, sum);
}

void core_board_write(const struct gx_core *core, struct gx_buf *out)
{
	const struct gx_board *b = core->config->board;

	if (b == NULL)
		return;
	for (unsigned i = 0; i < GX_EDGE_FIGURES_COUNT; i++) {
		const struct gx_figure *f = &gx_edge_figures[i];

		if (f->help != NULL)
			gx_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", f->name, f->help,
				      f->name, gx_metric_kind_name(f->kind));
		if (f->is_by_edge)
			write_by_edge(b, i, out);
		else
			write_sum(b, i, out);
	}
}

/* --- the manual --- */

static void print_table(const struct gx_metric *metrics, size_t count, struct gx_buf *out)
{
	for (size_t i = 0; i < count; i++)
		gx_buf_printf(out, "%s %s %s\n", metrics[i].name,
			      gx_metric_kind_name(metrics[i].kind), metrics[i].help);
}

void gx_core_print_metrics(const struct gx_room *const *rooms, struct gx_buf *out)
{
	for (size_t i = 0; rooms[i] != NULL; i++)
		print_table(rooms[i]->metrics, rooms[i]->metrics_count, out);
	print_table(gx_db_metrics, GX_DB_METRICS_COUNT, out);
	print_table(core_process_metrics, CORE_PROCESS_METRICS_COUNT, out);
	for (unsigned i = 0; i < GX_EDGE_FIGURES_COUNT; i++)
		if (gx_edge_figures[i].help != NULL)
			gx_buf_printf(out, "%s %s %s\n", gx_edge_figures[i].name,
				      gx_metric_kind_name(gx_edge_figures[i].kind),
				      gx_edge_figures[i].help);
}
