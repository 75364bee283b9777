/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics.h"

static void write_help(const char *help, struct gx_buf *out)
{
	for (; *help != '\0'; help++) {
		if (*help == '\\')
			gx_buf_append_str(out, GX_STR("\\\\"));
		else if (*help == '\n')
			gx_buf_append_str(out, GX_STR("\\n"));
		else
			gx_buf_append_char(out, *help);
	}
}

void gx_metrics_write(const struct gx_metric *metrics, size_t count, struct gx_buf *out)
{
	for (size_t i = 0; i < count; i++) {
		const struct gx_metric *m = &metrics[i];
		const char *kind = m->kind == GX_METRIC_COUNTER ? "counter" : "gauge";

		gx_buf_printf(out, "# HELP %s ", m->name);
		write_help(m->help, out);
		gx_buf_printf(out, "\n# TYPE %s %s\n%s ", m->name, kind, m->name);
		gx_buf_append_i64(out, atomic_load_explicit(&m->value, memory_order_relaxed));
		gx_buf_append_char(out, '\n');
	}
}
