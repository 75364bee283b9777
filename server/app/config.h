/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.h - from file and environment into the tables of settings.
 *
 * Purpose:    whoever declares settings (the app, the core, each room) keeps its own table; this
 *             collects the tables, fills in what file and environment say, and prints the manual.
 *             Later sources win: default, file, GUANXI_SECTION_KEY.
 * Invariants: a key stands in one table only (asserted); an unknown key, a value out of its limits
 *             or a key given twice stops the start, with file and line.
 * Threading:  before anything else starts; the tables don't change afterwards.
 * Memory:     string values live in the config's arena, which lives as long as the process.
 * Errors:     GX_E_INVALID with a code config.… and a detail for people.
 */
#ifndef GX_CONFIG_H
#define GX_CONFIG_H

#include "gx.h"
#include "setting.h"

#define GX_CONFIG_TABLES_MAX 32
#define GX_CONFIG_SETTINGS_MAX 256

struct gx_config {
	struct gx_arena arena;
	struct gx_setting *settings[GX_CONFIG_SETTINGS_MAX]; /* of all tables, in their order */
	int set_on_line[GX_CONFIG_SETTINGS_MAX];	     /* 0: not in the file */
	size_t settings_count;
};

void gx_config_init(struct gx_config *c);
void gx_config_deinit(struct gx_config *c);
void gx_config_add(struct gx_config *c, struct gx_setting *settings, size_t count);

/* Reads an INI file; a missing one is an error too. */
GX_NODISCARD enum gx_status gx_config_load_file(struct gx_config *c, const char *path,
						struct gx_error *err);
/* Takes GUANXI_SECTION_KEY; refuses a name that starts with a known section but is no key of it. */
GX_NODISCARD enum gx_status gx_config_load_env(struct gx_config *c, const char *const *environment,
					       struct gx_error *err);
/* The manual: an INI file in which every setting stands with its help, limits and default. */
void gx_config_print(const struct gx_config *c, struct gx_buf *out);

#endif
