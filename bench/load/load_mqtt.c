/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_mqtt.c - MQTT 3.1.1 with QoS 1 both ways (OASIS standard, sections 2 and 3).
 *
 * Person i listens to the topic "p/i"; a group is the topic "group", to which its sender does not
 * listen. PUBACK is the acknowledgement.
 */
#include <stdio.h>
#include <string.h>

#include "load_conn.h"

enum packet { CONNACK = 2, PUBLISH = 3, PUBACK = 4, SUBACK = 9 };

static void put_u16(struct gx_buf *out, size_t v)
{
	gx_buf_append_char(out, (char)(v >> 8));
	gx_buf_append_char(out, (char)v);
}

static void put_text(struct gx_buf *out, struct gx_str s)
{
	put_u16(out, s.len);
	gx_buf_append_str(out, s);
}

/* Type, flags and "remaining length": seven bits a byte, the last without the top bit. */
static void put_head(struct gx_buf *out, unsigned first, size_t len)
{
	gx_buf_append_char(out, (char)first);
	do {
		gx_buf_append_char(out, (char)((len & 127) | (len > 127 ? 128 : 0)));
		len >>= 7;
	} while (len > 0);
}

static struct gx_str topic(char out[16], uint32_t person)
{
	int len = load_opt.mode == LOAD_GROUP ? snprintf(out, 16, "group")
					      : snprintf(out, 16, "p/%u", person);

	return (struct gx_str){ out, (size_t)len };
}

static void start(struct load_conn *c)
{
	struct gx_buf *out = load_conn_out(c);
	char name[16];
	int len = snprintf(name, sizeof(name), "load%u", c->id);

	put_head(out, 0x10, 12 + (size_t)len);
	put_text(out, GX_STR("MQTT"));
	gx_buf_append(out, "\4\2\0\0", 4); /* version, clean session, no keep-alive */
	put_text(out, (struct gx_str){ name, (size_t)len });
}

static void on_connack(struct load_conn *c, unsigned char code)
{
	struct gx_buf *out = load_conn_out(c);
	char name[16];
	struct gx_str t = topic(name, c->id);

	if (code != 0)
		load_die("MQTT refuses %u: code %u", c->id, code);
	if (load_opt.mode == LOAD_GROUP && c->id == 0) {
		load_on_ready(c);
		return;
	}
	put_head(out, 0x82, 5 + t.len);
	put_u16(out, 1);
	put_text(out, t);
	gx_buf_append_char(out, 1);
}

static void on_publish(struct load_conn *c, unsigned first, const unsigned char *p, size_t len)
{
	size_t at = len < 2 ? 2 : 2 + ((size_t)p[0] << 8 | p[1]);

	if (at + 2 > len)
		load_die("a PUBLISH that is too short");
	if ((first >> 1 & 3) == 1) {
		struct gx_buf *out = load_conn_out(c);

		put_head(out, 0x40, 2);
		gx_buf_append(out, p + at, 2);
		at += 2;
	}
	load_on_message(c, (const char *)p + at, len - at);
}

static void on_packet(struct load_conn *c, unsigned first, const unsigned char *p, size_t len)
{
	switch (first >> 4) {
	case CONNACK:
		on_connack(c, len < 2 ? 255 : p[1]);
		break;
	case SUBACK:
		load_on_ready(c);
		break;
	case PUBLISH:
		on_publish(c, first, p, len);
		break;
	case PUBACK:
		if (len < 2)
			load_die("a PUBACK that is too short");
		load_on_ack(c, ((uint32_t)p[0] << 8 | p[1]) - 1);
		break;
	default:
		break;
	}
}

/* Bytes of the packet at the front, or 0 when it isn't whole. */
static size_t take_packet(struct load_conn *c, const unsigned char *p, size_t in_len)
{
	size_t len = 0, head = 1;

	for (unsigned shift = 0; head < in_len && head <= 4; shift += 7) {
		len |= (size_t)(p[head] & 127) << shift;
		if ((p[head++] & 128) == 0) {
			if (in_len - head < len)
				return 0;
			on_packet(c, p[0], p + head, len);
			return head + len;
		}
	}
	return 0;
}

static size_t input(struct load_conn *c, char *in, size_t len)
{
	size_t used = 0, size;

	while ((size = take_packet(c, (unsigned char *)in + used, len - used)) > 0)
		used += size;
	return used;
}

static void message(const struct load_conn *c, struct load_frame *f, struct gx_str text)
{
	char name[16];
	struct gx_str t = topic(name, c->id ^ 1);

	put_head(&f->bytes, 0x32, 2 + t.len + 2 + text.len);
	put_text(&f->bytes, t);
	f->number_at = (uint32_t)f->bytes.len;
	put_u16(&f->bytes, 0);
	gx_buf_append_str(&f->bytes, text);
}

/* A packet's id is never 0. */
static void number(struct load_frame *f, uint32_t slot, uint32_t place)
{
	(void)place;
	f->bytes.ptr[f->number_at] = (char)((slot + 1) >> 8);
	f->bytes.ptr[f->number_at + 1] = (char)(slot + 1);
}

const struct load_proto load_mqtt = {
	.name = "mqtt",
	.has_acks = true,
	.port = 1883,
	.start = start,
	.message = message,
	.number = number,
	.input = input,
};
