/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.c - lines are built on the stack, so that logging works when memory is what is missing.
 *
 *   2026-11-22T01:02:03.456Z info core core.started accounts=3 db="a b"
 *   {"time":"2026-11-22T01:02:03.456Z","level":"info","role":"core","event":"core.started",…}
 *
 * Values may be hostile: control characters and bytes that aren't UTF-8 leave escaped (\x1b as
 * text, \u001b in JSON), long values are cut at VALUE_BYTES_MAX and end in "...".
 */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"

#define LINE_BYTES_MAX 4096u /* what a pipe takes in one piece (PIPE_BUF) */
#define VALUE_BYTES_MAX 256u
#define ESCAPE_BYTES_MAX 6u
/* What a field can need at most: key, quotes, separators and a value of escapes. */
#define FIELD_BYTES_MAX (ESCAPE_BYTES_MAX * VALUE_BYTES_MAX + 128u)

struct line {
	size_t len;
	char text[LINE_BYTES_MAX];
};

static enum gx_log_level log_least = GX_LOG_INFO;
static bool log_as_json;
static const char *log_role = "guanxi";
static _Atomic uint64_t own_counts[GX_LOG_ERROR + 1];
static _Atomic uint64_t *log_counts = own_counts;

static const char *const level_names[] = { "debug", "info", "warn", "error" };

void gx_log_setup(enum gx_log_level least, bool as_json, const char *role)
{
	GX_ASSERT(role != NULL);
	log_least = least;
	log_as_json = as_json;
	log_role = role;
}

void gx_log_count_into(_Atomic uint64_t *counts)
{
	log_counts = counts;
}

GX_PRINTF(2, 3) static void put(struct line *l, const char *fmt, ...)
{
	size_t room = sizeof(l->text) - l->len;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(l->text + l->len, room, fmt, args);
	va_end(args);
	if (len > 0)
		l->len += (size_t)len < room ? (size_t)len : room - 1;
}

static void put_char(struct line *l, char c)
{
	if (l->len < sizeof(l->text) - 1)
		l->text[l->len++] = c;
}

static void put_escaped_byte(struct line *l, unsigned char c)
{
	if (c == '"' || c == '\\') {
		put_char(l, '\\');
		put_char(l, (char)c);
	} else if (log_as_json) {
		put(l, "\\u%04x", c);
	} else {
		put(l, "\\x%02x", c);
	}
}

/* Bytes of the character at `at` that must not leave as they are; 0 when it may. */
static size_t must_escape(struct gx_str s, size_t at, bool is_utf8)
{
	unsigned char c = (unsigned char)s.ptr[at];

	if (c < 0x20 || c == 0x7f || c == '"' || c == '\\' || (c >= 0x80 && !is_utf8))
		return 1;
	/* U+0080 to U+009F are control characters to some terminals. */
	if (c == 0xc2 && (unsigned char)s.ptr[at + 1] < 0xa0)
		return 2;
	return 0;
}

static void put_escaped(struct line *l, struct gx_str s)
{
	bool is_utf8 = gx_utf8_valid(s);

	for (size_t i = 0; i < s.len; i++) {
		size_t bad = must_escape(s, i, is_utf8);

		if (bad == 0) {
			put_char(l, s.ptr[i]);
			continue;
		}
		i += bad - 1;
		put_escaped_byte(l, (unsigned char)s.ptr[i]);
	}
}

static struct gx_str cut(struct gx_str s)
{
	if (s.len <= VALUE_BYTES_MAX)
		return s;
	s.len = VALUE_BYTES_MAX;
	/* Not inside a character. */
	while (s.len > VALUE_BYTES_MAX - 3 && ((unsigned char)s.ptr[s.len] & 0xC0) == 0x80)
		s.len--;
	return s;
}

static bool needs_quotes(struct gx_str s)
{
	bool is_utf8 = gx_utf8_valid(s);

	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] == ' ' || s.ptr[i] == '=' || must_escape(s, i, is_utf8) != 0)
			return true;
	return s.len == 0;
}

static void put_value_str(struct line *l, struct gx_str s)
{
	struct gx_str part = cut(s);
	bool quotes = log_as_json || needs_quotes(part) || part.len < s.len;

	if (quotes)
		put_char(l, '"');
	put_escaped(l, part);
	if (part.len < s.len)
		put(l, "...");
	if (quotes)
		put_char(l, '"');
}

static void put_field(struct line *l, const struct gx_log_field *f)
{
	put(l, log_as_json ? ",\"%.64s\":" : " %.64s=", f->key);
	switch (f->type) {
	case GX_LOG_FIELD_STR:
		put_value_str(l, f->str);
		break;
	case GX_LOG_FIELD_I64:
		put(l, "%lld", (long long)(int64_t)f->num);
		break;
	case GX_LOG_FIELD_U64:
		put(l, "%llu", (unsigned long long)f->num);
		break;
	}
}

static void put_head(struct line *l, enum gx_log_level level, const char *event)
{
	int64_t now_ms = gx_clock_now_ms();
	time_t seconds = (time_t)(now_ms / 1000);
	char when[32] = "";
	struct tm tm;

	if (gmtime_r(&seconds, &tm) != NULL)
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &tm);
	put(l,
	    log_as_json ? "{\"time\":\"%s.%03dZ\",\"level\":\"%s\",\"role\":\"%s\",\"event\":"
			  "\"%.128s\""
			: "%s.%03dZ %s %s %.128s",
	    when, (int)(now_ms % 1000), level_names[level], log_role, event);
}

void gx_log_fields(enum gx_log_level level, const char *event, const struct gx_log_field *fields,
		   size_t fields_count)
{
	struct line l;
	int errno_before = errno;

	if (level < log_least)
		return;
	atomic_fetch_add_explicit(&log_counts[level], 1, memory_order_relaxed);
	l.len = 0;
	put_head(&l, level, event);
	for (size_t i = 0; i < fields_count; i++) {
		if (sizeof(l.text) - l.len < FIELD_BYTES_MAX) {
			put(&l, log_as_json ? ",\"cut\":true" : " cut=true");
			break;
		}
		put_field(&l, &fields[i]);
	}
	if (log_as_json)
		put_char(&l, '}');
	l.text[l.len++] = '\n';
	/* A full disk or a closed pipe must not stop the service: the line is lost. */
	if (write(STDERR_FILENO, l.text, l.len) < 0)
		errno = errno_before;
	errno = errno_before;
}
