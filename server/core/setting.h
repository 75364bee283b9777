/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setting.h - settings, each declared once in a table: type, default, limits, help.
 *
 * The app reads file and environment into the tables before anything starts; after that they don't
 * change, so any thread may read them. Layout of a declaration: static struct gx_setting
 * chat_settings[] = { [CHAT_RECALL_S] = GX_SETTING_INT("limits", "recall_seconds", 120, 0, 86400,
 * "How long …"),
 *   };
 */
#ifndef GX_SETTING_H
#define GX_SETTING_H

#include "gx.h"

enum gx_setting_type {
	GX_SETTING_TYPE_INT,
	GX_SETTING_TYPE_BOOL,
	GX_SETTING_TYPE_STR,
	GX_SETTING_TYPE_CHOICE
};

struct gx_setting {
	const char *section;
	const char *key;
	enum gx_setting_type type;
	int64_t num; /* value of INT and BOOL; starts as the default. CHOICE: index into choices */
	int64_t min, max;
	const char *str;	    /* value of STR; starts as the default */
	const char *const *choices; /* NULL-ended */
	const char *help;
};

#define GX_SETTING_INT(s, k, def, lo, hi, h)                                                       \
	{                                                                                          \
		.section = (s), .key = (k), .type = GX_SETTING_TYPE_INT, .num = (def),             \
		.min = (lo), .max = (hi), .help = (h)                                              \
	}
#define GX_SETTING_BOOL(s, k, def, h)                                                              \
	{                                                                                          \
		.section = (s), .key = (k), .type = GX_SETTING_TYPE_BOOL, .num = (def), .max = 1,  \
		.help = (h)                                                                        \
	}
#define GX_SETTING_STR(s, k, def, h)                                                               \
	{                                                                                          \
		.section = (s), .key = (k), .type = GX_SETTING_TYPE_STR, .str = (def), .help = (h) \
	}
#define GX_SETTING_CHOICE(s, k, def, list, h)                                                      \
	{                                                                                          \
		.section = (s), .key = (k), .type = GX_SETTING_TYPE_CHOICE, .num = (def),          \
		.choices = (list), .help = (h)                                                     \
	}

#endif
