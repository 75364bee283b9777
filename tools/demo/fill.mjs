// SPDX-License-Identifier: Apache-2.0
// fill.mjs - makes the people of cast.mjs and lets them live through week.mjs, by the API alone.
import { avatar, groups, PASSWORD, people, pictures, stranger } from './cast.mjs';
import { unread, week } from './week.mjs';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const WEEK_START_MS = 7 * DAY_MS;

/** One person's connection to the server. */
class Person {
	constructor(base, who) {
		this.base = base;
		this.who = who;
		this.token = undefined;
		this.account = undefined;
		this.repeats = 0;
	}

	async call(method, path, body, headers = {}) {
		const isBytes = body instanceof Uint8Array;
		const response = await fetch(`${this.base}/api/v1${path}`, {
			method,
			headers: {
				...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
				...(body && !isBytes ? { 'content-type': 'application/json' } : {}),
				...headers,
			},
			body: body && !isBytes ? JSON.stringify(body) : body,
		});
		const text = await response.text();
		if (!response.ok) throw new Error(`${method} ${path} as ${this.who.username}: ${response.status} ${text}`);
		return text === '' ? undefined : JSON.parse(text);
	}

	async signUp() {
		const { username, nickname, region, signature } = this.who;
		const made = await this.call('POST', '/accounts', { username, password: PASSWORD, nickname });
		this.token = made.session.token;
		const picture = await this.upload(avatar(this.who), 'image/png', 'avatar.png');
		const changed = await this.call('PATCH', '/me', { region, signature, avatar: picture.id });
		this.account = changed.account;
	}

	async upload(bytes, type, name) {
		const headers = { 'content-type': type, 'x-filename': encodeURIComponent(name) };
		return (await this.call('POST', '/media', bytes, headers)).media;
	}

	async send(conversation, kind, body, more = {}) {
		const client_id = `demo-${this.who.username}-${++this.repeats}`;
		const path = `/conversations/${conversation}/messages`;
		return (await this.call('POST', path, { client_id, kind, body, ...more })).message;
	}
}

/** When a line is said, in milliseconds before the end of the demonstration. */
function msBefore(when, nowMs) {
	const minutes = /^(\d+)m$/.exec(when);
	if (minutes) return Number(minutes[1]) * MINUTE_MS;
	const [, days, hour, minute] = /^(-\d+) (\d\d):(\d\d)$/.exec(when);
	const day = new Date(nowMs);
	day.setDate(day.getDate() + Number(days));
	day.setHours(Number(hour), Number(minute), 0, 0);
	return nowMs - day.getTime();
}

/** What a line becomes: kind and body of a message. */
async function toMessage(world, speaker, what) {
	if (typeof what === 'string') return ['text', { text: what }];
	if (what.text) return ['text', { text: what.text }];
	if (what.picture) {
		const { width, height, draw } = pictures[what.picture];
		const media = await speaker.upload(draw(), 'image/png', `${what.picture}.png`);
		return ['image', { media_id: media.id, width, height }];
	}
	if (what.file) {
		const bytes = Buffer.from(what.file.text, 'utf8');
		const media = await speaker.upload(bytes, 'text/plain', what.file.name);
		return ['file', { media_id: media.id, name: what.file.name, size: bytes.length }];
	}
	if (what.place) return ['location', what.place];
	if (what.link) return ['link', what.link];
	const { id, nickname, avatar: picture } = world.people[what.card].account;
	return ['card', { account_id: id, nickname, avatar: picture }];
}

async function say(world, [, who, where, what], n) {
	const speaker = world.people[who];
	const conversation = conversationOf(world, who, where);
	const [kind, body] = await toMessage(world, speaker, what);
	const more = {};
	if (what.reply) more.reply_to = world.named[what.reply].seq;
	if (what.mentions) more.mentions = what.mentions.map((m) => (m === 'all' ? m : world.people[m].account.id));
	const message = await speaker.send(conversation, kind, body, more);
	if (what.as) world.named[what.as] = message;
	if (what.recall) await speaker.call('POST', `/conversations/${conversation}/messages/${message.seq}/recall`);
	world.spoken.push({ n, where: where === people[0].username ? who : where, conversation, seq: message.seq, who });
}

function conversationOf(world, who, where) {
	return world.groups[where] ?? (who === where ? world.self : world.direct[[who, where].sort().join()]);
}

async function makeFriends(world, a, b) {
	const asker = world.people[a];
	const asked = world.people[b];
	const source = { kind: 'username', ref: b };
	const { request } = await asker.call('POST', '/contact-requests', { to: asked.account.id, source });
	const { conversation } = await asked.call('POST', `/contact-requests/${request.id}/accept`);
	world.direct[[a, b].sort().join()] = conversation.id;
}

/** Who must know whom: the owner all, and whoever shares a group its maker. */
function ties() {
	const pairs = new Set(people.slice(1).map((p) => [people[0].username, p.username].sort().join()));
	for (const { owner, members } of Object.values(groups))
		for (const m of members) pairs.add([owner, m].sort().join());
	return [...pairs].map((pair) => pair.split(','));
}

async function makeGroups(world) {
	for (const [key, { name, owner, members }] of Object.entries(groups)) {
		const ids = members.map((m) => world.people[m].account.id);
		const { conversation } = await world.people[owner].call('POST', '/groups', { name, members: ids });
		world.groups[key] = conversation.id;
	}
}

/** Everybody has read everything, but for what the owner has not looked at yet. */
async function readAll(world) {
	const last = {};
	for (const s of world.spoken) last[s.conversation] = Math.max(last[s.conversation] ?? 0, s.seq);
	for (const person of Object.values(world.people)) {
		const { conversations } = await person.call('GET', '/conversations?limit=100');
		for (const { id, last_seq } of conversations) {
			const key = world.spoken.find((s) => s.conversation === id)?.where;
			const left = person.who === people[0] ? (unread[key] ?? 0) : 0;
			if (last_seq - left > 0)
				await person.call('PUT', `/conversations/${id}/read`, { seq: last_seq - left });
		}
	}
}

async function finish(world) {
	const me = world.people[people[0].username];
	const other = new Person(me.base, stranger);
	await other.signUp();
	await other.call('POST', '/contact-requests', {
		to: me.account.id,
		greeting: '你好，我是周宁，上周摄影展上聊过',
		source: { kind: 'username', ref: me.who.username },
	});
	await me.call('PATCH', `/conversations/${world.groups.hike}`, { pinned: true });
	await me.call('PATCH', `/conversations/${world.groups.food}`, { muted: true });
	const announcement = '周四 15:00 评审 / review on Thursday, 3 pm';
	await me.call('PATCH', `/groups/${world.groups.team}`, { announcement });
}

/**
 * Fills the empty server at `base`. `setClock(offset_ms)` moves its time of day; `tell(text)` shows
 * how far it is.
 */
export async function fill(base, setClock, tell) {
	const nowMs = Date.now();
	const world = { people: {}, direct: {}, groups: {}, named: {}, spoken: [], self: undefined };
	setClock(-WEEK_START_MS);
	for (const who of people) {
		tell(`signing up ${who.nickname}`);
		world.people[who.username] = new Person(base, who);
		await world.people[who.username].signUp();
	}
	tell('making contacts and groups');
	for (const [a, b] of ties()) await makeFriends(world, a, b);
	await makeGroups(world);
	const me = world.people[people[0].username];
	const { conversations } = await me.call('GET', '/conversations?limit=100');
	world.self = conversations.find((c) => c.kind === 'self')?.id;

	for (const [n, line] of week.entries()) {
		setClock(-msBefore(line[0], nowMs));
		tell(`living through the week: ${n + 1} of ${week.length} messages`);
		if (line[1] !== line[2] || world.self) await say(world, line, n);
	}
	tell('reading');
	await readAll(world);
	await finish(world);
}
