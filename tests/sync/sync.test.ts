// SPDX-License-Identifier: Apache-2.0
// Goal: a client that knows a cursor gets everything that happened since, once and in order, whether
// it asks or listens.
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../support/clock.ts';
import { Ear } from '../support/ear.ts';
import { useServer } from '../support/house.ts';
import { RawStream } from '../support/frames.ts';
import { befriend, group, people, person, refused, signIn, type Person } from '../support/people.ts';

const house = useServer();

async function cursorNow(who: Person): Promise<string> {
	return (await who.call('sync.get')).cursor;
}

/** Everything since the cursor, by pages; the texts of messages. */
async function textsSince(who: Person, since: string, limit = 100): Promise<{ texts: string[]; pages: number; cursor: string }> {
	const texts: string[] = [];
	let cursor = since;
	let pages = 0;
	for (;;) {
		const page = await who.call('sync.get', { since: cursor, limit });
		expect(page.events.length).toBeLessThanOrEqual(limit);
		for (const event of page.events)
			if (event.type === 'message' && event.message.kind === 'text' && 'text' in event.message.body) texts.push(event.message.body.text);
		cursor = page.cursor;
		pages += 1;
		if (!page.more) return { texts, pages, cursor };
	}
}

describe('asking', () => {
	it('begins with a cursor and no events', async () => {
		const a = await person(house.server);
		const first = await a.call('sync.get');
		expect(first).toMatchObject({ events: [], more: false });
		expect(await a.call('sync.get', { since: first.cursor })).toMatchObject({ events: [], more: false });
	});

	it('tells each thing that happened, in order, one\'s own included', async () => {
		const [a, b] = await people(house.server, 2);
		const since = await cursorNow(a);
		const conversation = await befriend(b, a);
		await a.say(conversation, 'mine');
		const { seq } = await b.say(conversation, 'theirs');
		await a.call('conversations.read', { conversation_id: conversation, seq });
		await b.call('messages.recall', { conversation_id: conversation, seq });
		await a.call('conversations.update', { conversation_id: conversation, pinned: true });
		await a.call('contacts.delete', { account_id: b.id });
		await a.call('me.update', { region: '北京' });
		await expect.poll(async () => (await a.call('sync.get', { since })).events.some(({ type }) => type === 'read')).toBe(true);
		const { events, more } = await a.call('sync.get', { since });
		expect(more).toBe(false);
		const types = events.map(({ type }) => type);
		for (const type of ['contact_request', 'contact', 'conversation', 'message', 'message_recalled', 'contact_removed', 'account'] as const)
			expect(types, types.join(' ')).toContain(type);
		const texts = events.filter(({ type }) => type === 'message');
		expect(texts.length).toBeGreaterThanOrEqual(2);
		expect(types.indexOf('contact')).toBeLessThan(types.indexOf('contact_removed'));
		const again = await a.call('sync.get', { since });
		expect(again.events.map((event) => ({ ...event, at: 0 }))).toEqual(events.map((event) => ({ ...event, at: 0 })));
	});

	it('comes in pages that are bounded, after a week away', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		const since = await cursorNow(b);
		const said: string[] = [];
		for (let i = 0; i < 60; i++) {
			said.push(`m${i}`);
			await a.say(conversation, `m${i}`);
		}
		house.server.clock.advance(7 * DAY_MS);
		const result = await textsSince(b, since, 7);
		expect(result.texts).toEqual(said);
		expect(result.pages).toBe(9);
		expect(await textsSince(b, result.cursor)).toMatchObject({ texts: [] });
	});

	it('waits for something to happen', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		const since = await cursorNow(b);
		const waiting = b.call('sync.get', { since, wait_ms: 20_000 });
		await a.say(conversation, 'wake up');
		expect((await waiting).events).toMatchObject([{ type: 'message' }]);
		const began = Date.now();
		const { events, cursor } = await b.call('sync.get', { since: await cursorNow(b), wait_ms: 300 });
		expect(events).toEqual([]);
		expect(Date.now() - began).toBeGreaterThanOrEqual(250);
		expect(await b.call('sync.get', { since: cursor })).toMatchObject({ events: [] });
		await refused(b.call('sync.get', { since, wait_ms: 55_001 }), 'core.invalid_field');
	});

	it('refuses cursors that are none, and those from another time', async () => {
		const a = await person(house.server);
		await refused(a.call('sync.get', { since: 'nonsense' }), 'sync.invalid_cursor');
		await refused(a.call('sync.get', { since: 'a b' }), 'core.invalid_field');
		await refused(a.call('sync.get', { since: 'x'.repeat(201) }), 'core.invalid_field');
		const future = (await cursorNow(a)).replace(/\d+/, '999999999999');
		const error = await refused(a.call('sync.get', { since: future }), 'sync.too_old');
		expect(error.status).toBe(410);
		for (const [since, status] of [['nonsense', 400], [future, 410]] as const)
			expect((await RawStream.open(house.server, a.token, since)).answer.status).toBe(status);
	});

	it('keeps events for thirty days at least', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		const since = await cursorNow(b);
		await a.say(conversation, 'long ago');
		await a.call('me.update', { region: 'somewhere' });
		house.server.clock.advance(29 * DAY_MS);
		await house.server.stop();
		await house.server.begin();
		expect((await textsSince(b, since)).texts).toEqual(['long ago']);
	});

	it('shows nobody what is not for him', async () => {
		const [a, b, c] = await people(house.server, 3);
		const conversation = await befriend(a, b);
		const since = await cursorNow(c);
		await a.say(conversation, 'between us');
		await b.call('me.update', { signature: 'for friends' });
		expect(await c.call('sync.get', { since })).toMatchObject({ events: [] });
	});

	it('shows a member what happened while he was in the group, and no more', async () => {
		const [owner, a] = await people(house.server, 2);
		await befriend(owner, a);
		const third = await person(house.server);
		await befriend(owner, third);
		const id = await group(owner, [third]);
		const since = await cursorNow(a);
		await owner.say(id, 'before');
		await owner.call('group_members.add', { group_id: id, members: [a.id] });
		await owner.say(id, 'while');
		await owner.call('group_members.remove', { group_id: id, account_id: a.id });
		await owner.say(id, 'after');
		expect((await textsSince(a, since)).texts).toEqual(['while']);
	});
});

describe('listening', () => {
	it('gives what was missed first and then what happens, without gap or repeat', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		const since = await cursorNow(b);
		const said: string[] = [];
		const until = { isDone: false };
		const talking = (async () => {
			for (let i = 0; !until.isDone && i < 3000; i++) {
				await a.say(conversation, `m${i}`);
				said.push(`m${i}`);
			}
		})();
		// Streams come and go while messages flow; each goes on where the last one was cut off.
		const heard: string[] = [];
		let cursor = since;
		for (let round = 0; round < 12; round++) {
			const stream = await RawStream.open(house.server, b.token, cursor);
			expect(stream.answer.status).toBe(101);
			const count = 1 + ((round * 7) % 30);
			for (let i = 0; i < count; i++) {
				const { event, cursor: at } = (await stream.json()) as { cursor: string; event: { type: string; message: { body: { text: string } } } };
				cursor = at;
				if (event.type === 'message') heard.push(event.message.body.text);
			}
			stream.destroy();
		}
		until.isDone = true;
		await talking;
		heard.push(...(await textsSince(b, cursor)).texts);
		expect(heard).toEqual(said);
	});

	it('without a cursor begins with what comes after the opening', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		await a.say(conversation, 'before');
		const stream = await RawStream.open(house.server, b.token);
		await a.say(conversation, 'after');
		expect(await stream.json()).toMatchObject({ t: 'event', event: { message: { body: { text: 'after' } } } });
		stream.destroy();
	});

	it('reaches every device, each by its own cursor', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		const devices = [await Ear.open(b), await Ear.open(await signIn(house.server, b)), await Ear.open(await signIn(house.server, b))];
		await a.say(conversation, 'to all of you');
		for (const ear of devices) await ear.message('to all of you');
		expect(new Set(devices.map(({ cursors }) => cursors.at(-1))).size).toBe(1);
		for (const ear of devices) ear.close();
	});

	it('closes the stream of who reads too slowly, who then misses nothing', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		const since = await cursorNow(b);
		const stream = await RawStream.open(house.server, b.token, since);
		stream.connection.socket.pause();
		const long = '长'.repeat(8000);
		for (let i = 0; i < 500; i += 10)
			await Promise.all(Array.from({ length: 10 }, (_, k) => a.say(conversation, `${i + k} ${long}`.slice(0, 8000))));
		stream.connection.socket.resume();
		expect(await stream.closed()).toBe(1013);
		expect((await textsSince(b, since)).texts).toHaveLength(500);
	});

	it('resumes after the connection was cut', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		const ear = await Ear.open(b);
		await a.say(conversation, 'one');
		await ear.message('one');
		ear.close();
		await a.say(conversation, 'two');
		const again = await Ear.open(b, { since: ear.stream.cursor });
		await a.say(conversation, 'three');
		await again.message('two');
		await again.message('three');
		expect(again.events).toHaveLength(2);
		again.close();
	});
});
