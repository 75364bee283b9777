// SPDX-License-Identifier: Apache-2.0
// Goal: the list of conversations and their histories are each reader's own: order, unread, pins,
// deleted lines; and they agree over devices.
import { describe, expect, it } from 'vitest';
import { Ear } from '../support/ear.ts';
import { useServer } from '../support/house.ts';
import { befriend, people, person, refused, signIn, type Person } from '../support/people.ts';

const house = useServer({ settings: { 'limits.messages_per_minute': 120 } });

async function see(who: Person, conversation_id: string): Promise<{ unread: number; read_seq: number; last_seq: number }> {
	return (await who.call('conversations.get', { conversation_id })).conversation;
}

describe('the list', () => {
	it('begins with the conversation with oneself', async () => {
		const a = await person(house.server);
		const { conversations, next } = await a.call('conversations.list');
		expect(conversations).toMatchObject([{ kind: 'self', unread: 0, last_message: null, last_seq: 0 }]);
		expect(next).toBeNull();
	});

	it('is in order of the last message, by pages', async () => {
		const [a, b, c, d] = await people(house.server, 4);
		const ids = [await befriend(a, b), await befriend(a, c), await befriend(a, d)] as const;
		await b.say(ids[0], 'newest');
		const own = await a.selfConversation();
		const found: string[] = [];
		let cursor: string | undefined;
		do {
			const page = await a.call('conversations.list', cursor === undefined ? { limit: 1 } : { limit: 1, cursor });
			found.push(...page.conversations.map(({ id }) => id));
			cursor = page.next ?? undefined;
		} while (cursor !== undefined);
		expect(found).toEqual([ids[0], ids[2], ids[1], own]);
	});

	it('shows the last message and what is unread', async () => {
		const [a, b] = await people(house.server, 2);
		const id = await befriend(a, b);
		const before = await see(b, id);
		await a.say(id, 'one');
		const last = await a.say(id, 'two');
		const { conversations } = await b.call('conversations.list');
		expect(conversations[0]).toMatchObject({ id, last_message: last, last_seq: last.seq, unread: before.unread + 2 });
		expect(await see(a, id)).toMatchObject({ unread: 0, read_seq: last.seq });
	});
});

describe('reading', () => {
	it('agrees over devices and never goes back', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation_id = await befriend(a, b);
		await a.say(conversation_id, 'one');
		const { seq } = await a.say(conversation_id, 'two');
		const second = await Ear.open(await signIn(house.server, b));
		const sender = await Ear.open(a);
		await b.call('conversations.read', { conversation_id, seq });
		expect(await second.next('read')).toMatchObject({ conversation_id, seq });
		await b.call('conversations.read', { conversation_id, seq: 1 });
		expect(await see(b, conversation_id)).toMatchObject({ unread: 0, read_seq: seq });
		expect(await see(second.person, conversation_id)).toMatchObject({ unread: 0, read_seq: seq });
		await b.call('conversations.read', { conversation_id, seq: 9_999_999 });
		expect(await see(b, conversation_id)).toMatchObject({ read_seq: seq });
		await a.say(conversation_id, 'three');
		expect(await see(b, conversation_id)).toMatchObject({ unread: 1 });
		// What one has read is nobody else's business.
		expect((await sender.untilNow()).filter(({ type }) => type === 'read')).toEqual([]);
		for (const ear of [second, sender]) ear.close();
	});

	it('survives a restart', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation_id = await befriend(a, b);
		const { seq } = await a.say(conversation_id, 'one');
		await b.call('conversations.read', { conversation_id, seq });
		await house.server.stop();
		await house.server.begin();
		expect(await see(b, conversation_id)).toMatchObject({ unread: 0, read_seq: seq });
	});
});

describe('pin and mute', () => {
	it('are one\'s own and tell one\'s devices', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation_id = await befriend(a, b);
		const second = await Ear.open(await signIn(house.server, a));
		await a.call('conversations.update', { conversation_id, pinned: true });
		expect((await second.next('conversation')).conversation).toMatchObject({ id: conversation_id, pinned: true, muted: false });
		const { conversation } = await a.call('conversations.update', { conversation_id, muted: true });
		expect(conversation).toMatchObject({ pinned: true, muted: true });
		expect(await see(b, conversation_id)).toMatchObject({ pinned: false, muted: false });
		expect((await a.call('conversations.update', { conversation_id })).conversation).toMatchObject({ pinned: true, muted: true });
		await refused(a.call('conversations.update', { conversation_id, pinned: 1 as unknown as true }), 'core.invalid_field');
		second.close();
	});
});

describe('history', () => {
	it('comes by pages in both directions, always in order of seq', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation_id = await befriend(a, b);
		for (let i = 0; i < 9; i++) await a.say(conversation_id, `m${i}`);
		const newest = await b.call('messages.list', { conversation_id, limit: 4 });
		expect(newest.messages.map(({ seq }) => seq)).toEqual([7, 8, 9, 10]);
		const older = await b.call('messages.list', { conversation_id, limit: 4, before: newest.next ?? 0 });
		expect(older.messages.map(({ seq }) => seq)).toEqual([3, 4, 5, 6]);
		const oldest = await b.call('messages.list', { conversation_id, limit: 4, before: older.next ?? 0 });
		expect(oldest).toMatchObject({ messages: [{ seq: 1 }, { seq: 2 }], next: null });
		const up = await b.call('messages.list', { conversation_id, limit: 6, after: 0 });
		expect(up.messages.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
		const rest = await b.call('messages.list', { conversation_id, limit: 6, after: up.next ?? 0 });
		expect(rest.messages.map(({ seq }) => seq)).toEqual([7, 8, 9, 10]);
		expect(rest.next).toBeNull();
		const none = await b.call('messages.list', { conversation_id, after: 10 });
		expect(none).toEqual({ messages: [], next: null });
		await refused(b.call('messages.list', { conversation_id, before: 3, after: 1 }), 'core.invalid_field');
		await refused(b.call('messages.list', { conversation_id, limit: 101 }), 'core.invalid_field');
	});

	it('can be shortened for oneself', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation_id = await befriend(a, b);
		const one = await a.say(conversation_id, 'one');
		await a.say(conversation_id, 'two');
		await b.call('messages.delete', { conversation_id, seq: one.seq });
		await b.call('messages.delete', { conversation_id, seq: one.seq }).catch(() => undefined);
		expect(await b.texts(conversation_id)).toEqual(['two']);
		expect(await a.texts(conversation_id)).toEqual(['one', 'two']);
		await refused(b.call('messages.delete', { conversation_id, seq: 999 }), 'chat.no_message');
	});

	it('can be cleared for oneself', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation_id = await befriend(a, b);
		await a.say(conversation_id, 'old');
		await b.call('messages.clear', { conversation_id });
		expect((await b.call('messages.list', { conversation_id })).messages).toEqual([]);
		expect((await b.call('conversations.get', { conversation_id })).conversation).toMatchObject({ last_message: null, unread: 0 });
		await a.say(conversation_id, 'new');
		expect(await b.texts(conversation_id)).toEqual(['new']);
		expect(await a.texts(conversation_id)).toEqual(['old', 'new']);
	});
});

it('the limit of messages by minute holds when an operator sets one', async () => {
	const a = await person(house.server);
	const own = await a.selfConversation();
	for (let i = 0; i < 120; i++) await a.say(own, `m${i}`);
	const error = await refused(a.say(own, 'one too many'), 'chat.too_fast');
	expect(error.retryAfterMs).toBeGreaterThan(0);
	house.server.clock.advance(61_000);
	await a.say(own, 'a minute later');
});
