/* SPDX-License-Identifier: Apache-2.0 */
#include "top_view.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

#define EDGES_SHOWN_MAX 8u
#define PART_BYTES_MAX 128u

static const char *const roles[] = { "supervisor", "core", "media", "edge" };

/* --- figures --- */

static int busier(const void *a, const void *b)
{
	const struct gx_top_op *x = a, *y = b;

	return (x->per_second < y->per_second) - (x->per_second > y->per_second);
}

/* Takes an operation in; when there are too many the rarest one goes. */
static void add_op(struct gx_top_figures *f, const struct gx_top_op *op)
{
	size_t rarest = 0;

	if (f->ops_count < GX_TOP_OPS_MAX) {
		f->ops[f->ops_count++] = *op;
		return;
	}
	for (size_t i = 1; i < f->ops_count; i++)
		if (f->ops[i].per_second < f->ops[rarest].per_second)
			rarest = i;
	if (f->ops[rarest].per_second < op->per_second)
		f->ops[rarest] = *op;
}

static void collect_ops(const struct gx_top_span *s, const char *name, struct gx_top_figures *f)
{
	char counts[PART_BYTES_MAX], part[PART_BYTES_MAX];

	(void)snprintf(counts, sizeof(counts), "%s_count", name);
	for (size_t i = 0; i < s->now->samples_count; i++) {
		const struct gx_top_sample *sample = &s->now->samples[i];
		struct gx_top_op op = { .op = gx_top_label(sample->labels, "op") };

		if (!gx_str_eq(sample->name, gx_str_from_cstr(counts)) ||
		    op.op.len >= sizeof(part) - 8)
			continue;
		(void)snprintf(part, sizeof(part), "op=\"%.*s\"", GX_STR_ARG(op.op));
		op.per_second = gx_top_rate(s, counts, part);
		op.p50_s = gx_top_quantile(s, name, part, 0.5);
		op.p99_s = gx_top_quantile(s, name, part, 0.99);
		if (op.per_second > 0)
			add_op(f, &op);
	}
}

static void collect_edges(const struct gx_top_span *s, struct gx_top_figures *f)
{
	for (size_t i = 0; i < s->now->samples_count && f->edges_count < GX_TOP_EDGES_MAX; i++) {
		const struct gx_top_sample *sample = &s->now->samples[i];
		struct gx_top_edge *e = &f->edges[f->edges_count];
		char part[PART_BYTES_MAX];

		if (!gx_str_eq(sample->name, GX_STR("guanxi_edge_connections")))
			continue;
		e->worker = gx_top_label(sample->labels, "worker");
		if (e->worker.len > 8)
			continue;
		(void)snprintf(part, sizeof(part), "worker=\"%.*s\"", GX_STR_ARG(e->worker));
		e->connections = sample->value;
		e->streams = gx_top_sum(s->now, "guanxi_edge_streams", part);
		e->accepts_per_second = gx_top_rate(s, "guanxi_edge_accepts_total", part);
		f->edges_count++;
	}
}

static void collect_processes(const struct gx_top_span *s, struct gx_top_figures *f)
{
	for (size_t i = 0; i < GX_COUNT(roles); i++) {
		char part[PART_BYTES_MAX];

		(void)snprintf(part, sizeof(part), "process=\"%s\"", roles[i]);
		f->memory_bytes[i] =
			gx_top_sum(s->now, "guanxi_process_resident_memory_bytes", part);
		f->cpu_share[i] = gx_top_rate(s, "guanxi_process_cpu_seconds_total", part);
	}
}

static void collect_rates(const struct gx_top_span *s, struct gx_top_figures *f)
{
	static const char commands[] = "guanxi_command_duration_seconds";

	f->commands = gx_top_rate(s, "guanxi_commands_total", "");
	f->messages =
		gx_top_rate(s, "guanxi_command_duration_seconds_count", "op=\"messages.send\"");
	f->queries = gx_top_rate(s, "guanxi_query_duration_seconds_count", "");
	f->deliveries = gx_top_rate(s, "guanxi_deliveries_total", "");
	f->slow = gx_top_rate(s, "guanxi_slow_calls_total", "");
	f->batch_mean = gx_top_mean(s, "guanxi_batch_commands", "");
	f->commit_p50_s = gx_top_quantile(s, "guanxi_commit_duration_seconds", "", 0.5);
	f->commit_p99_s = gx_top_quantile(s, "guanxi_commit_duration_seconds", "", 0.99);
	f->queue_p50_s = gx_top_quantile(s, "guanxi_queue_duration_seconds", "", 0.5);
	f->queue_p99_s = gx_top_quantile(s, "guanxi_queue_duration_seconds", "", 0.99);
	f->refused_overload = gx_top_rate(s, "guanxi_overload_refused_total", "");
	f->refused_edges = gx_top_rate(s, "guanxi_edge_refusals_total", "");
	f->refused_others = gx_top_rate(s, "guanxi_refusals_total", "");
	f->closed_too_slow = gx_top_rate(s, "guanxi_edge_streams_closed_total", "\"1013\"");
	collect_ops(s, commands, f);
	collect_ops(s, "guanxi_query_duration_seconds", f);
	qsort(f->ops, f->ops_count, sizeof(f->ops[0]), busier);
}

void gx_top_figures(const struct gx_top_span *s, double now_s, struct gx_top_figures *out)
{
	double started_s =
		gx_top_sum(s->now, "guanxi_process_start_time_seconds", "process=\"supervisor\"");

	*out = (struct gx_top_figures){ .uptime_s = now_s > started_s ? now_s - started_s : 0 };
	for (size_t i = 0; i < s->now->samples_count; i++)
		if (gx_str_eq(s->now->samples[i].name, GX_STR("guanxi_build_info")))
			out->version = gx_top_label(s->now->samples[i].labels, "version");
	out->accounts_online = gx_top_sum(s->now, "guanxi_accounts_online", "");
	out->connections = gx_top_sum(s->now, "guanxi_edge_connections", "");
	out->streams = gx_top_sum(s->now, "guanxi_edge_streams", "");
	out->sessions = gx_top_sum(s->now, "guanxi_sessions_cached", "");
	out->database_bytes = gx_top_sum(s->now, "guanxi_database_bytes", "");
	out->log_bytes = gx_top_sum(s->now, "guanxi_database_log_bytes", "");
	out->free_bytes = gx_top_sum(s->now, "guanxi_data_free_bytes", "");
	out->errors = gx_top_sum(s->now, "guanxi_log_lines_total", "level=\"error\"");
	collect_rates(s, out);
	collect_processes(s, out);
	collect_edges(s, out);
}

/* --- lines --- */

static void put_time(struct gx_buf *out, double seconds)
{
	if (isnan(seconds))
		gx_buf_printf(out, "%9s", "-");
	else if (seconds < 1)
		gx_buf_printf(out, "%6.2f ms", seconds * 1000);
	else
		gx_buf_printf(out, "%7.2f s", seconds);
}

static void put_bytes(struct gx_buf *out, double bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	size_t unit = 0;

	for (; bytes >= 1024 && unit + 1 < GX_COUNT(units); unit++)
		bytes /= 1024;
	gx_buf_printf(out, unit == 0 ? "%.0f %s" : "%.1f %s", bytes, units[unit]);
}

static void put_uptime(struct gx_buf *out, double seconds)
{
	uint64_t s = (uint64_t)seconds;

	if (s >= 86400)
		gx_buf_printf(out, "%" PRIu64 " d ", s / 86400);
	gx_buf_printf(out, "%02" PRIu64 ":%02" PRIu64 ":%02" PRIu64, s / 3600 % 24, s / 60 % 60,
		      s % 60);
}

static void put_times(const struct gx_top_figures *f, struct gx_buf *out)
{
	gx_buf_printf(out, "batch      %.1f commands", isnan(f->batch_mean) ? 0 : f->batch_mean);
	gx_buf_append_str(out, GX_STR("\ncommit     p50"));
	put_time(out, f->commit_p50_s);
	gx_buf_append_str(out, GX_STR("   p99"));
	put_time(out, f->commit_p99_s);
	gx_buf_append_str(out, GX_STR("\nqueue      p50"));
	put_time(out, f->queue_p50_s);
	gx_buf_append_str(out, GX_STR("   p99"));
	put_time(out, f->queue_p99_s);
	gx_buf_append_char(out, '\n');
}

static void put_edges(const struct gx_top_figures *f, struct gx_buf *out)
{
	for (size_t i = 0; i < f->edges_count && i < EDGES_SHOWN_MAX; i++)
		gx_buf_printf(out, "  edge %-3.*s %8.0f connections %8.0f streams %8.1f new/s\n",
			      GX_STR_ARG(f->edges[i].worker), f->edges[i].connections,
			      f->edges[i].streams, f->edges[i].accepts_per_second);
	if (f->edges_count > EDGES_SHOWN_MAX)
		gx_buf_printf(out, "  and %zu more edges\n", f->edges_count - EDGES_SHOWN_MAX);
}

static void put_processes(const struct gx_top_figures *f, struct gx_buf *out)
{
	gx_buf_append_str(out, GX_STR("memory    "));
	for (size_t i = 0; i < GX_COUNT(roles); i++) {
		gx_buf_printf(out, " %s ", roles[i]);
		put_bytes(out, f->memory_bytes[i]);
	}
	gx_buf_append_str(out, GX_STR("\nprocessor "));
	for (size_t i = 0; i < GX_COUNT(roles); i++)
		gx_buf_printf(out, " %s %.0f %%", roles[i], f->cpu_share[i] * 100);
	gx_buf_append_str(out, GX_STR("\ndisk       database "));
	put_bytes(out, f->database_bytes);
	gx_buf_append_str(out, GX_STR("   log "));
	put_bytes(out, f->log_bytes);
	gx_buf_append_str(out, GX_STR("   free "));
	put_bytes(out, f->free_bytes);
	gx_buf_append_char(out, '\n');
}

void gx_top_write_text(const struct gx_top_figures *f, struct gx_buf *out)
{
	gx_buf_printf(out, "guanxi %.*s   up ", GX_STR_ARG(f->version));
	put_uptime(out, f->uptime_s);
	gx_buf_printf(out,
		      "\n\nper second %.1f commands   %.1f messages   %.1f queries   %.1f "
		      "deliveries\n",
		      f->commands, f->messages, f->queries, f->deliveries);
	put_times(f, out);
	gx_buf_printf(out,
		      "refused/s  %.1f by overload   %.1f by edges   %.1f by rules   %.1f streams "
		      "closed for reading too slowly\n",
		      f->refused_overload, f->refused_edges, f->refused_others, f->closed_too_slow);
	gx_buf_printf(out, "trouble    %.1f slow calls/s   %.0f errors logged since the start\n",
		      f->slow, f->errors);
	gx_buf_printf(out,
		      "online     %.0f accounts   %.0f connections   %.0f streams   %.0f sessions "
		      "in memory\n",
		      f->accounts_online, f->connections, f->streams, f->sessions);
	put_edges(f, out);
	put_processes(f, out);
	gx_buf_printf(out, "\n%-32s %10s %12s %12s\n", "operation", "per second", "p50", "p99");
	for (size_t i = 0; i < f->ops_count; i++) {
		gx_buf_printf(out, "%-32.*s %10.1f    ", GX_STR_ARG(f->ops[i].op),
			      f->ops[i].per_second);
		put_time(out, f->ops[i].p50_s);
		gx_buf_append_str(out, GX_STR("    "));
		put_time(out, f->ops[i].p99_s);
		gx_buf_append_char(out, '\n');
	}
}

/* --- JSON --- */

static void kv(struct gx_json_writer *w, const char *key, double value)
{
	gx_json_key(w, gx_str_from_cstr(key));
	if (isnan(value))
		gx_json_put_null(w);
	else
		gx_json_put_double(w, value);
}

static void kv_all(struct gx_json_writer *w, const struct gx_top_figures *f)
{
	const struct {
		const char *key;
		double value;
	} all[] = {
		{ "uptime_seconds", f->uptime_s },
		{ "commands_per_second", f->commands },
		{ "messages_per_second", f->messages },
		{ "queries_per_second", f->queries },
		{ "deliveries_per_second", f->deliveries },
		{ "slow_calls_per_second", f->slow },
		{ "batch_commands_mean", f->batch_mean },
		{ "commit_p50_seconds", f->commit_p50_s },
		{ "commit_p99_seconds", f->commit_p99_s },
		{ "queue_p50_seconds", f->queue_p50_s },
		{ "queue_p99_seconds", f->queue_p99_s },
		{ "accounts_online", f->accounts_online },
		{ "connections", f->connections },
		{ "streams", f->streams },
		{ "sessions_cached", f->sessions },
		{ "refused_overload_per_second", f->refused_overload },
		{ "refused_edges_per_second", f->refused_edges },
		{ "refused_rules_per_second", f->refused_others },
		{ "closed_too_slow_per_second", f->closed_too_slow },
		{ "database_bytes", f->database_bytes },
		{ "database_log_bytes", f->log_bytes },
		{ "data_free_bytes", f->free_bytes },
		{ "errors_logged", f->errors },
	};

	for (size_t i = 0; i < GX_COUNT(all); i++)
		kv(w, all[i].key, all[i].value);
}

static void kv_processes(struct gx_json_writer *w, const struct gx_top_figures *f)
{
	gx_json_key(w, GX_STR("processes"));
	gx_json_begin_object(w);
	for (size_t i = 0; i < GX_COUNT(roles); i++) {
		gx_json_key(w, gx_str_from_cstr(roles[i]));
		gx_json_begin_object(w);
		kv(w, "resident_memory_bytes", f->memory_bytes[i]);
		kv(w, "cpu_share", f->cpu_share[i]);
		gx_json_end_object(w);
	}
	gx_json_end_object(w);
}

void gx_top_write_json(const struct gx_top_figures *f, struct gx_buf *out)
{
	struct gx_json_writer w;

	gx_json_writer_init(&w, out);
	gx_json_begin_object(&w);
	gx_json_kv_str(&w, "version", f->version);
	kv_all(&w, f);
	kv_processes(&w, f);
	gx_json_key(&w, GX_STR("edges"));
	gx_json_begin_array(&w);
	for (size_t i = 0; i < f->edges_count; i++) {
		gx_json_begin_object(&w);
		gx_json_kv_str(&w, "worker", f->edges[i].worker);
		kv(&w, "connections", f->edges[i].connections);
		kv(&w, "streams", f->edges[i].streams);
		kv(&w, "accepts_per_second", f->edges[i].accepts_per_second);
		gx_json_end_object(&w);
	}
	gx_json_end_array(&w);
	gx_json_key(&w, GX_STR("operations"));
	gx_json_begin_array(&w);
	for (size_t i = 0; i < f->ops_count; i++) {
		gx_json_begin_object(&w);
		gx_json_kv_str(&w, "op", f->ops[i].op);
		kv(&w, "per_second", f->ops[i].per_second);
		kv(&w, "p50_seconds", f->ops[i].p50_s);
		kv(&w, "p99_seconds", f->ops[i].p99_s);
		gx_json_end_object(&w);
	}
	gx_json_end_array(&w);
	gx_json_end_object(&w);
	gx_buf_append_char(out, '\n');
}
