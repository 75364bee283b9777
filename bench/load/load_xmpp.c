/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_xmpp.c - XMPP (RFC 6120, 6121; groups after XEP-0045).
 *
 * Person i is "ui@localhost", password "secret", signed in with SASL PLAIN. The group is the room
 * load@conference.localhost. A client that sends a direct message hears nothing of the server's
 * having it: here the partner's receiving stands for the acknowledgement, to XMPP's advantage. In a
 * room one's own message comes back, and that is the acknowledgement.
 * Stanzas are found by their tags, not parsed: servers here write them plainly.
 */
#include <stdio.h>
#include <string.h>

#include "ident.h"
#include "load_conn.h"

#define ROOM "load@conference.localhost"
#define PASSWORD "secret"

enum state { FEATURES, AUTH, FEATURES_AGAIN, BIND, PRESENCE, READY, JOINING, SETTING_UP };

static bool has(const char *in, size_t len, const char *word)
{
	return memmem(in, len, word, strlen(word)) != NULL;
}

static void put_stream_head(struct load_conn *c)
{
	gx_buf_printf(load_conn_out(c),
		      "<?xml version='1.0'?><stream:stream to='localhost' xmlns='jabber:client' "
		      "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>");
}

static void start(struct load_conn *c)
{
	put_stream_head(c);
}

static void put_auth(struct load_conn *c)
{
	char plain[64], text[96];
	int len = snprintf(plain, sizeof(plain), "%cu%u%c" PASSWORD, 0, c->id, 0);
	size_t size = gx_base64_encode(plain, (size_t)len, text);

	gx_buf_printf(
		load_conn_out(c),
		"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>%.*s</auth>",
		(int)size, text);
}

/* The steps of signing in: each waits for a word and then says its own. */
static size_t sign_in(struct load_conn *c, const char *in, size_t len)
{
	static const char *const awaited[] = {
		[FEATURES] = "</stream:features>",
		[AUTH] = "<success",
		[FEATURES_AGAIN] = "</stream:features>",
		[BIND] = "</iq>",
		[PRESENCE] = "<presence",
	};

	if (has(in, len, "<failure") || has(in, len, "type='error'") ||
	    has(in, len, "<stream:error"))
		load_die("u%u can't sign in: %.*s", c->id, (int)(len < 600 ? len : 600), in);
	if (!has(in, len, awaited[c->state]))
		return 0;
	switch ((enum state)c->state) {
	case FEATURES:
		put_auth(c);
		break;
	case AUTH:
		put_stream_head(c);
		break;
	case FEATURES_AGAIN:
		gx_buf_printf(load_conn_out(c),
			      "<iq type='set' id='b'><bind "
			      "xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>load</resource>"
			      "</bind></iq>");
		break;
	case BIND:
		gx_buf_printf(load_conn_out(c), "<presence/>");
		break;
	default:
		load_on_ready(c);
		break;
	}
	c->state++;
	return len;
}

static void join(struct load_conn *c)
{
	c->state = JOINING;
	gx_buf_printf(load_conn_out(c),
		      "<presence to='" ROOM "/n%u'><x xmlns='http://jabber.org/protocol/muc'>"
		      "<history maxstanzas='0'/></x></presence>",
		      c->id);
}

/* Code 110 is one's own presence; the first one in must then open the room. */
static size_t joining(struct load_conn *c, const char *in, size_t len)
{
	const char *last = memrchr(in, '<', len);

	if (!has(in, len, "code='110'"))
		return len > 64 && last != NULL ? (size_t)(last - in) : 0;
	if (c->id != 0) {
		c->state = READY;
		load_on_joined(c);
		return len;
	}
	c->state = SETTING_UP;
	gx_buf_printf(load_conn_out(c),
		      "<iq type='set' id='s' to='" ROOM "'><query "
		      "xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' "
		      "type='submit'/></query></iq>");
	return len;
}

static size_t setting_up(struct load_conn *c, const char *in, size_t len)
{
	if (!has(in, len, "id='s'"))
		return 0;
	c->state = READY;
	load_on_joined(c);
	return len;
}

static size_t take_messages(struct load_conn *c, const char *in, size_t len)
{
	static const char end_tag[] = "</message>";
	const size_t end_len = sizeof(end_tag) - 1;
	const char *p = in, *end = in + len, *begin;

	while ((begin = memmem(p, (size_t)(end - p), "<message", 8)) != NULL) {
		const char *close = memmem(begin, (size_t)(end - begin), end_tag, end_len);
		const char *head;

		if (close == NULL)
			return (size_t)(begin - in);
		head = memchr(begin, '>', (size_t)(close - begin));
		p = close + end_len;
		if (head != NULL && has(begin, (size_t)(head - begin), "type='error'"))
			load_on_refused_text(c, (struct gx_str){ begin, (size_t)(p - begin) });
		else if (head != NULL)
			load_on_message(c, head, (size_t)(close - head));
	}
	/* Other stanzas are dropped, but the first letters of a message are kept. */
	begin = memrchr(p, '<', (size_t)(end - p));
	return (size_t)((begin == NULL || end - begin > 8 ? end : begin) - in);
}

static size_t input(struct load_conn *c, char *in, size_t len)
{
	switch ((enum state)c->state) {
	case READY:
		return take_messages(c, in, len);
	case JOINING:
		return joining(c, in, len);
	case SETTING_UP:
		return setting_up(c, in, len);
	default:
		return sign_in(c, in, len);
	}
}

static void message(const struct load_conn *c, struct load_frame *f, struct gx_str text)
{
	if (load_opt.mode == LOAD_GROUP)
		gx_buf_printf(&f->bytes, "<message to='" ROOM "' type='groupchat'");
	else
		gx_buf_printf(&f->bytes, "<message to='u%u@localhost' type='chat'", c->id ^ 1);
	gx_buf_printf(&f->bytes, "><body>%.*s</body></message>", GX_STR_ARG(text));
}

const struct load_proto load_xmpp = {
	.name = "xmpp",
	.echoes_groups = true,
	.port = 5222,
	.start = start,
	.join = join,
	.message = message,
	.input = input,
};
