/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.h - what the command line, the settings file and the environment say together.
 *
 * Purpose:    one struct that the commands start from. Settings come first from the tables'
 *             defaults, then the file, then the environment, then the command line.
 * Threading:  before anything else starts.
 * Memory:     in the caller's arena and in the config, both as old as the process.
 * Errors:     GX_E_INVALID with a detail for people.
 */
#ifndef GX_OPTIONS_H
#define GX_OPTIONS_H

#include "address.h"
#include "config.h"

struct gx_options {
	/* From the command line; NULL or -1 when not given. */
	const char *data_dir; /* "data" when not given */
	const char *listen;
	const char *config_path;
	int workers;
	/* Worked out by gx_options_load(). */
	struct gx_address address;
	struct gx_address tls_address; /* host empty: no TLS */
	const char *certificate_path;
	const char *key_path;
	uint32_t hsts_max_age_s;
	uint16_t redirect_port; /* 0: none */
	struct gx_str *proxies;
	size_t proxies_count;
	unsigned edges_count;
	unsigned readers;
	unsigned helpers;
	uint32_t connections_per_address;
	uint32_t head_timeout_ms, idle_timeout_ms, progress_timeout_ms;
	enum gx_log_level log_level;
	bool is_log_json;
	const char *web_dir; /* NULL: there is none */
};

/* Collects the tables of the app, the core and all rooms. */
void gx_options_tables(struct gx_config *c);

/* Loads settings (the file named, or guanxi.conf in the data folder if it is there) and fills in
 * the lower half. */
GX_NODISCARD enum gx_status gx_options_load(struct gx_arena *a, struct gx_config *c,
					    struct gx_options *o, struct gx_error *err);

#endif
