/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.c - see config.h.
 *
 * libinih does the parsing. What it lets pass and we don't: a line longer than its buffer (it would
 * be cut into two), a key given twice, and a line that continues the one above (inih reports it as
 * the same key again, so the rule against repeats catches it).
 */
#include "config.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>

#define ENV_PREFIX "GUANXI_"
#define MANUAL_COLUMNS 90u

void gx_config_init(struct gx_config *c)
{
	*c = (struct gx_config){ 0 };
	gx_arena_init(&c->arena);
}

void gx_config_deinit(struct gx_config *c)
{
	gx_arena_deinit(&c->arena);
}

static size_t find_setting(const struct gx_config *c, const char *section, const char *key)
{
	for (size_t i = 0; i < c->settings_count; i++) {
		const struct gx_setting *s = c->settings[i];

		if (strcmp(s->section, section) == 0 && strcmp(s->key, key) == 0)
			return i;
	}
	return c->settings_count;
}

void gx_config_add(struct gx_config *c, struct gx_setting *settings, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct gx_setting *s = &settings[i];

		GX_ASSERT(c->settings_count < GX_CONFIG_SETTINGS_MAX);
		GX_ASSERT(find_setting(c, s->section, s->key) == c->settings_count);
		c->settings[c->settings_count++] = s;
	}
}

static bool parse_bool(struct gx_str text, int64_t *out)
{
	static const char *const words[] = { "false", "true", "no", "yes", "off", "on", "0", "1" };

	for (size_t i = 0; i < GX_COUNT(words); i++) {
		if (gx_str_eq_nocase(text, gx_str_from_cstr(words[i]))) {
			*out = (int64_t)(i % 2);
			return true;
		}
	}
	return false;
}

static bool parse_choice(const struct gx_setting *s, struct gx_str text, int64_t *out)
{
	for (size_t i = 0; s->choices[i] != NULL; i++) {
		if (gx_str_eq(text, gx_str_from_cstr(s->choices[i]))) {
			*out = (int64_t)i;
			return true;
		}
	}
	return false;
}

/* "a | b | c" */
static struct gx_str choices_text(struct gx_arena *a, const struct gx_setting *s)
{
	struct gx_str text = gx_str_from_cstr(s->choices[0]);

	for (size_t i = 1; s->choices[i] != NULL; i++)
		text = gx_arena_printf(a, "%.*s | %s", GX_STR_ARG(text), s->choices[i]);
	return text;
}

/* What a value of this setting looks like, for manual and complaints. */
static struct gx_str expected_text(struct gx_arena *a, const struct gx_setting *s)
{
	switch (s->type) {
	case GX_SETTING_TYPE_INT:
		return gx_arena_printf(a, "%lld to %lld", (long long)s->min, (long long)s->max);
	case GX_SETTING_TYPE_BOOL:
		return GX_STR("true | false");
	case GX_SETTING_TYPE_CHOICE:
		return choices_text(a, s);
	case GX_SETTING_TYPE_STR:
		break;
	}
	return GX_STR("text");
}

/* Takes a value over; false when it is none of this setting. */
static bool set_value(struct gx_arena *a, struct gx_setting *s, struct gx_str text)
{
	int64_t num = 0;

	switch (s->type) {
	case GX_SETTING_TYPE_INT:
		if (!gx_str_to_i64(text, &num) || num < s->min || num > s->max)
			return false;
		s->num = num;
		return true;
	case GX_SETTING_TYPE_BOOL:
		if (!parse_bool(text, &num))
			return false;
		s->num = num;
		return true;
	case GX_SETTING_TYPE_CHOICE:
		if (!parse_choice(s, text, &num))
			return false;
		s->num = num;
		return true;
	case GX_SETTING_TYPE_STR:
		if (!gx_utf8_valid(text))
			return false;
		s->str = gx_arena_strdup(a, text).ptr;
		return true;
	}
	return false;
}

struct file_reading {
	struct gx_config *config;
	FILE *file;
	const char *path;
	int line;	  /* of the last one read */
	int refused_line; /* of the first one refused */
	bool is_line_too_long;
	struct gx_error *err;
};

static int refuse_line(struct file_reading *r, const char *code, struct gx_str what)
{
	/* inih goes on behind an error: the first one is told. */
	if (r->refused_line == 0 || r->line < r->refused_line) {
		r->refused_line = r->line;
		(void)gx_fail_detail(&r->config->arena, r->err, GX_E_INVALID, code, "%s:%d: %.*s",
				     r->path, r->line, GX_STR_ARG(what));
	}
	return 0;
}

/* fgets() that counts lines and notices one that does not fit. */
static char *read_line(char *line, int size, void *stream)
{
	struct file_reading *r = stream;
	size_t len;

	if (r->is_line_too_long || fgets(line, size, r->file) == NULL)
		return NULL;
	r->line++;
	len = strlen(line);
	if (len + 1 == (size_t)size && line[len - 1] != '\n') {
		r->is_line_too_long = true;
		return NULL;
	}
	return line;
}

static int take_line(void *user, const char *section, const char *key, const char *value)
{
	struct file_reading *r = user;
	struct gx_config *c = r->config;
	struct gx_arena *a = &c->arena;
	size_t i = find_setting(c, section, key);

	if (i == c->settings_count)
		return refuse_line(r, "config.unknown_key",
				   gx_arena_printf(a, "unknown setting [%s] %s", section, key));
	if (c->set_on_line[i] != 0)
		return refuse_line(r, "config.repeated_key",
				   gx_arena_printf(a, "[%s] %s stands on line %d already", section,
						   key, c->set_on_line[i]));
	if (!set_value(a, c->settings[i], gx_str_from_cstr(value))) {
		struct gx_str expected = expected_text(a, c->settings[i]);

		return refuse_line(r, "config.invalid_value",
				   gx_arena_printf(a, "[%s] %s: \"%s\" is not %.*s", section, key,
						   value, GX_STR_ARG(expected)));
	}
	c->set_on_line[i] = r->line;
	return 1;
}

enum gx_status gx_config_load_file(struct gx_config *c, const char *path, struct gx_error *err)
{
	struct gx_error first = { 0 };
	struct file_reading r = { .config = c, .path = path, .err = &first };
	int bad_line;

	r.file = fopen(path, "re");
	if (r.file == NULL)
		return gx_fail_detail(&c->arena, err, GX_E_INVALID, "config.unreadable", "%s: %s",
				      path, strerror(errno));
	bad_line = ini_parse_stream(read_line, &r, take_line, &r);
	(void)fclose(r.file);

	if (r.is_line_too_long)
		(void)refuse_line(&r, "config.long_line", GX_STR("the line is too long"));
	if (bad_line != 0) {
		r.line = bad_line;
		(void)refuse_line(&r, "config.syntax",
				  GX_STR("neither \"[section]\" nor \"key = value\""));
	}
	if (first.status == GX_OK)
		return GX_OK;
	*err = first;
	return first.status;
}

/* "GUANXI_" + section + "_" + key, in upper case. */
static struct gx_str env_name(struct gx_arena *a, const char *section, const char *key)
{
	struct gx_str name = gx_arena_printf(a, ENV_PREFIX "%s_%s", section, key);
	char *text = gx_arena_alloc(a, name.len + 1);

	for (size_t i = 0; i < name.len; i++) {
		char ch = name.ptr[i];

		text[i] = ch >= 'a' && ch <= 'z' ? (char)(ch - 'a' + 'A') : ch;
	}
	return (struct gx_str){ text, name.len };
}

static enum gx_status take_variable(struct gx_config *c, struct gx_str name, struct gx_str value,
				    struct gx_error *err)
{
	struct gx_arena *a = &c->arena;
	bool is_section_known = false;

	for (size_t i = 0; i < c->settings_count; i++) {
		struct gx_setting *s = c->settings[i];

		if (gx_str_eq(name, env_name(a, s->section, s->key))) {
			struct gx_str expected = expected_text(a, s);

			if (set_value(a, s, value))
				return GX_OK;
			return gx_fail_detail(a, err, GX_E_INVALID, "config.invalid_value",
					      "environment: %.*s is not %.*s", GX_STR_ARG(name),
					      GX_STR_ARG(expected));
		}
		if (gx_str_starts(name, env_name(a, s->section, "")))
			is_section_known = true;
	}
	/* Other GUANXI_ names may belong to scripts around us. */
	if (!is_section_known)
		return GX_OK;
	return gx_fail_detail(a, err, GX_E_INVALID, "config.unknown_key",
			      "environment: %.*s is no setting", GX_STR_ARG(name));
}

enum gx_status gx_config_load_env(struct gx_config *c, const char *const *environment,
				  struct gx_error *err)
{
	for (size_t i = 0; environment[i] != NULL; i++) {
		struct gx_str value = gx_str_from_cstr(environment[i]);
		struct gx_str name = gx_str_cut(&value, '=');
		enum gx_status st;

		if (!gx_str_starts(name, GX_STR(ENV_PREFIX)))
			continue;
		st = take_variable(c, name, value, err);
		if (st != GX_OK)
			return st;
	}
	return GX_OK;
}

static void print_default(const struct gx_setting *s, struct gx_buf *out)
{
	switch (s->type) {
	case GX_SETTING_TYPE_INT:
		gx_buf_append_i64(out, s->num);
		break;
	case GX_SETTING_TYPE_BOOL:
		gx_buf_append_str(out, s->num != 0 ? GX_STR("true") : GX_STR("false"));
		break;
	case GX_SETTING_TYPE_CHOICE:
		gx_buf_append_str(out, gx_str_from_cstr(s->choices[s->num]));
		break;
	case GX_SETTING_TYPE_STR:
		gx_buf_append_str(out, gx_str_from_cstr(s->str));
		break;
	}
}

/* A comment of whole words in lines of at most MANUAL_COLUMNS. */
static void print_comment(struct gx_str text, struct gx_buf *out)
{
	size_t column = MANUAL_COLUMNS;

	while (text.len > 0) {
		struct gx_str word = gx_str_cut(&text, ' ');

		if (column + 1 + word.len > MANUAL_COLUMNS) {
			gx_buf_append_str(out, GX_STR("\n#"));
			column = 1;
		}
		gx_buf_append_char(out, ' ');
		gx_buf_append_str(out, word);
		column += 1 + word.len;
	}
	gx_buf_append_char(out, '\n');
}

static void print_section(struct gx_arena *a, const struct gx_config *c, const char *section,
			  struct gx_buf *out)
{
	gx_buf_printf(out, "\n[%s]\n", section);
	for (size_t i = 0; i < c->settings_count; i++) {
		const struct gx_setting *s = c->settings[i];

		if (strcmp(s->section, section) != 0)
			continue;
		struct gx_str expected = expected_text(a, s);

		print_comment(gx_arena_printf(a, "%s (%.*s)", s->help, GX_STR_ARG(expected)), out);
		gx_buf_printf(out, ";%s = ", s->key);
		print_default(s, out);
		gx_buf_append_char(out, '\n');
	}
}

void gx_config_print(const struct gx_config *c, struct gx_buf *out)
{
	struct gx_arena scratch;

	gx_arena_init(&scratch);
	gx_buf_append_str(out, GX_STR("# Settings of Guanxi " GX_VERSION ". Write what you change "
				      "into guanxi.conf in the data folder,\n"
				      "# without the semicolon, or set GUANXI_SECTION_KEY in the "
				      "environment, which wins.\n"));
	for (size_t i = 0; i < c->settings_count; i++) {
		const char *section = c->settings[i]->section;
		size_t first = 0;

		/* Several tables add to one section ([limits]): print it where it comes first. */
		while (strcmp(c->settings[first]->section, section) != 0)
			first++;
		if (first == i)
			print_section(&scratch, c, section, out);
	}
	gx_arena_deinit(&scratch);
}
