/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: no settings file, environment, address or page of metrics crashes who reads it, and what
 * was taken is within its limits.
 * Method: the input is a file of settings, a variable, a list of addresses and a page, one after
 * the other; a few settings of every type.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "address.h"
#include "config.h"
#include "top_view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const colours[] = { "red", "green", NULL };

static void check_settings(struct gx_str text, const char *path)
{
	struct gx_setting settings[] = {
		GX_SETTING_INT("server", "number", 5, -3, 1000, "A number."),
		GX_SETTING_BOOL("server", "flag", 0, "A flag."),
		GX_SETTING_STR("limits", "name", "x", "A name."),
		GX_SETTING_CHOICE("limits", "colour", 0, colours, "A colour."),
	};
	struct gx_config config;
	struct gx_error err;
	struct gx_buf out;

	gx_config_init(&config);
	gx_config_add(&config, settings, GX_COUNT(settings));
	(void)gx_config_load_file(&config, path, &err);
	if (memchr(text.ptr, '\0', text.len) == NULL) {
		const char *copy = gx_arena_strdup(&config.arena, text).ptr;
		const char *const environment[] = { copy, NULL };

		(void)gx_config_load_env(&config, environment, &err);
	}
	GX_ASSERT(settings[0].num >= -3 && settings[0].num <= 1000);
	GX_ASSERT(settings[1].num == 0 || settings[1].num == 1);
	GX_ASSERT(settings[2].str != NULL && settings[3].num >= 0 && settings[3].num <= 1);
	gx_buf_init(&out, (size_t)1 << 20);
	gx_config_print(&config, &out);
	gx_buf_deinit(&out);
	gx_config_deinit(&config);
}

static void check_address(struct gx_arena *a, struct gx_str text)
{
	struct gx_address address, again;
	struct gx_error err;
	struct gx_str *list;
	size_t count;

	if (gx_address_parse(a, text, &address, &err) == GX_OK) {
		GX_ASSERT(gx_address_parse(a, gx_address_text(a, &address), &again, &err) == GX_OK);
		GX_ASSERT(gx_str_eq(address.host, again.host) && address.port == again.port);
	}
	(void)gx_address_parse_list(a, text, &list, &count, &err);
}

static void check_page(struct gx_arena *a, struct gx_str text)
{
	static struct gx_top_figures figures;
	struct gx_top_page before, now;
	struct gx_top_span span = { .before = &before, .now = &now, .seconds = 1 };
	struct gx_buf out;

	gx_top_page_read(a, gx_str_slice(text, 0, text.len / 2), 0, &before);
	gx_top_page_read(a, text, 1, &now);
	gx_top_figures(&span, 1, &figures);
	gx_buf_init(&out, (size_t)4 << 20);
	gx_top_write_text(&figures, &out);
	gx_top_write_json(&figures, &out);
	gx_buf_deinit(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	static char path[64];
	struct gx_str text = { (const char *)data, size };
	struct gx_arena a;

	if (fd < 0) {
		fd = memfd_create("settings", MFD_CLOEXEC);
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		gx_log_setup(GX_LOG_ERROR, false, "fuzz");
	}
	GX_ASSERT(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
	gx_arena_init(&a);
	check_settings(text, path);
	check_address(&a, text);
	check_page(&a, text);
	gx_arena_deinit(&a);
	return 0;
}
