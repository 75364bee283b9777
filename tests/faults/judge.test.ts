// SPDX-License-Identifier: Apache-2.0
// Goal: the judge sees each crime, and none where there is none. Method: a small world in which all
// is right, made by hand; in each case one thing in it is wrong.
import type { Conversation, Message } from '@guanxi/sdk';
import { expect, it } from 'vitest';
import { factsOf } from './facts.ts';
import type { Seen, SeenPerson } from './gather.ts';
import { faultsOf } from './judge.ts';
import type { Entry } from './log.ts';

interface World {
	log: Entry[];
	seen: Seen;
}

const TEXTS = ['a 0', 'b 0', 'a 1', 'b 1', 'a 2'];

function message(seq: number): Message {
	const text = TEXTS[seq - 2] ?? '';
	const head = { conversation_id: '7', seq, sent_at: 1000 + seq };
	if (seq === 1) return { ...head, sender_id: '1', client_id: '', kind: 'notice', body: { code: 'group.created', params: {} } };
	return { ...head, sender_id: text.startsWith('a') ? '1' : '2', client_id: text.replace(' ', '-'), kind: 'text', body: { text } };
}

/** One more, by Ben, whose client_id and text are the same. */
function extraMessage(text: string): Message {
	return { conversation_id: '7', seq: 7, sender_id: '2', sent_at: 1007, client_id: text, kind: 'text', body: { text } };
}

function did(log: Entry[], call: number, who: string, op: string, input: Record<string, unknown>, answer: { status: number; out?: unknown; code?: string }): void {
	log.push({ t: 'try', call, try: 1, who, over: 0, op, in: input }, { t: 'answer', call, try: 1, ...answer });
}

/** Ann makes a group with Ben, both write in turn, Ben reads up to 5, one thing is refused. */
function goodWorld(): World {
	const log: Entry[] = [
		{ t: 'cast', who: 'ann', id: '1', username: 'ann', password: '', token: '' },
		{ t: 'cast', who: 'ben', id: '2', username: 'ben', password: '', token: '' },
	];
	const all = [1, 2, 3, 4, 5, 6].map(message);
	did(log, 1, 'ann', 'groups.create', { client_id: 'g', name: 'g', members: ['2'] }, { status: 201, out: { conversation: { id: '7' }, refused: [] } });
	for (const [i, one] of all.slice(1).entries()) {
		const input = { conversation_id: '7', client_id: one.client_id, kind: 'text', body: one.body };
		did(log, 10 + i, one.sender_id === '1' ? 'ann' : 'ben', 'messages.send', input, { status: 201, out: { message: one } });
	}
	did(log, 20, 'ben', 'conversations.read', { conversation_id: '7', seq: 5 }, { status: 204 });
	const bad = { conversation_id: '7', client_id: 'bad', kind: 'text', body: { text: 'bad' } };
	did(log, 21, 'ben', 'messages.send', bad, { status: 422, code: 'chat.bad_reply' });
	did(log, 22, 'ann', 'media.upload', { sha256: 'abc', size: 3 }, { status: 201, out: { id: '9' } });
	for (const who of ['ann', 'ben'])
		for (const one of all) log.push({ t: 'heard', who, cursor: `p${one.seq}`, event: { type: 'message', message: one } });
	return { log, seen: { people: new Map([['ann', view(all, 6)], ['ben', view(all, 5)]]), media: new Map([['9', 'abc']]) } };
}

function view(all: Message[], read: number): SeenPerson {
	const conversation: Conversation = {
		id: '7', kind: 'group', name: 'g', avatar: null, last_message: all.at(-1) ?? null,
		last_seq: 6, read_seq: read, unread: 6 - read, muted: false, pinned: false,
	};
	const events = all.slice(2).map((one) => ({ type: 'message' as const, at: one.sent_at, message: one }));
	return {
		conversations: [{ conversation, history: structuredClone(all), group: { owner: '1', members: ['1', '2'] } }],
		contacts: [], requests: [], since: [{ cursor: 'p2', events }],
	};
}

function judge({ log, seen }: World): string[] {
	return faultsOf(factsOf(log), seen);
}

/** Ann's and Ben's view of the group, to be spoilt in the same way. */
function views(world: World): SeenPerson['conversations'] {
	return [...world.seen.people.values()].flatMap(({ conversations }) => conversations);
}

function spoilHistories(world: World, spoil: (history: Message[]) => Message[]): void {
	for (const one of views(world)) {
		one.history = spoil(one.history);
		const last = one.history.at(-1);
		one.conversation.last_seq = last?.seq ?? 0;
		one.conversation.last_message = last ?? null;
		one.conversation.unread = Math.max(0, one.conversation.last_seq - one.conversation.read_seq);
	}
}

function renumbered(messages: Message[]): Message[] {
	return messages.map((m, i) => ({ ...m, seq: i + 1 }));
}

function annsView(world: World): SeenPerson['conversations'][number] {
	const [one] = views(world);
	if (!one) throw new Error('no view');
	return one;
}

it('finds nothing wrong with what is right', () => {
	expect(judge(goodWorld())).toEqual([]);
});

it('lets what got no answer be there or not', () => {
	const world = goodWorld();
	world.log.push({ t: 'try', call: 30, try: 1, who: 'ben', over: 3, op: 'messages.send', in: { conversation_id: '7', client_id: 'u', kind: 'text', body: { text: 'u' } } });
	expect(judge(world)).toEqual([]);
	const extra: Message = extraMessage('u');
	spoilHistories(world, (all) => [...all, extra]);
	for (const { conversation } of views(world).slice(1)) Object.assign(conversation, { read_seq: 7, unread: 0 });
	for (const who of ['ann', 'ben']) {
		world.log.push({ t: 'heard', who, cursor: 'p7', event: { type: 'message', message: extra } });
		world.seen.people.get(who)?.since[0]?.events.push({ type: 'message', at: 1, message: extra });
	}
	expect(judge(world)).toEqual([]);
});

it.each<[string, (history: Message[]) => Message[]]>([
	['the last one lost', (all) => all.slice(0, -1)],
	['one lost in the middle', (all) => all.filter(({ seq }) => seq !== 4)],
	['one lost and the gap closed', (all) => renumbered(all.filter(({ seq }) => seq !== 4))],
	['one doubled', (all) => renumbered([...all.slice(0, 4), ...all.slice(3)])],
	['two exchanged', (all) => renumbered([...all.slice(0, 2), ...all.slice(4), ...all.slice(2, 4)])],
	['another text', (all) => all.map((m) => (m.seq === 3 ? { ...m, kind: 'text', body: { text: 'x' } } : m))],
	['another time', (all) => all.map((m) => (m.seq === 3 ? { ...m, sent_at: 1 } : m))],
	['another client_id', (all) => all.map((m) => (m.seq === 3 ? { ...m, client_id: 'x' } : m))],
	['a recalled one that nobody recalled', (all) => all.map((m) => (m.seq === 3 ? ({ ...m, body: {}, recalled_at: 1 }) : m))],
	['what was refused', (all) => [...all, extraMessage('bad')]],
	['what nobody sent', (all) => [...all, extraMessage('new')]],
])('sees in histories: %s', (_, spoil) => {
	const world = goodWorld();
	spoilHistories(world, spoil);
	expect(judge(world)).not.toEqual([]);
});

it.each<[string, (world: World) => void]>([
	['two views that differ', (w) => annsView(w).history.splice(2, 1, { ...message(3), sent_at: 1 })],
	['a wrong unread count', (w) => (annsView(w).conversation.unread = 1)],
	['a read cursor too low', (w) => Object.assign(annsView(w).conversation, { read_seq: 5, unread: 1 })],
	['a read cursor too high', (w) => views(w).slice(1).forEach((v) => Object.assign(v.conversation, { read_seq: 6, unread: 0 }))],
	['a wrong last message', (w) => (annsView(w).conversation.last_message = message(5))],
	['a group that a member does not have', (w) => w.seen.people.get('ben')?.conversations.pop()],
	['a member missing', (w) => (annsView(w).group = { owner: '1', members: ['1'] })],
	['a member too many', (w) => (annsView(w).group = { owner: '1', members: ['1', '2', '3'] })],
	['another owner', (w) => (annsView(w).group = { owner: '2', members: ['1', '2'] })],
	['a member kept out', (w) => (annsView(w).group = { code: 'groups.no_group' })],
	['a group that nobody made', (w) => w.seen.people.get('ann')?.conversations.push({ ...annsView(w), conversation: { ...annsView(w).conversation, id: '8' } })],
	['a contact that nobody asked for', (w) => w.seen.people.get('ann')?.contacts.push('2')],
	['a medium with other bytes', (w) => w.seen.media.set('9', 'abd')],
	['a medium that is gone', (w) => w.seen.media.set('9', 'media.no_media')],
	['a listener told to read everything again', (w) => w.log.push({ t: 'resync', who: 'ben' })],
	['an event heard twice', (w) => w.log.push(...w.log.slice(-1))],
	['an event not heard', (w) => w.log.splice(-2, 1)],
	['/sync with a gap', (w) => w.seen.people.get('ann')?.since[0]?.events.splice(1, 1)],
	['/sync with a repeat', (w) => w.seen.people.get('ann')?.since[0]?.events.splice(1, 0, { type: 'message', at: 1, message: message(3) })],
	['/sync in another order', (w) => w.seen.people.get('ann')?.since[0]?.events.reverse()],
	['/sync that refuses a good cursor', (w) => Object.assign(w.seen.people.get('ann')?.since[0] ?? {}, { code: 'sync.too_old' })],
	['/sync that takes a cursor from before a restore', (w) => w.log.push({ t: 'restored' })],
	['/sync with what was before', (w) => w.seen.people.get('ann')?.since[0]?.events.unshift({ type: 'message', at: 1, message: message(2) })],
])('sees %s', (_, spoil) => {
	const world = goodWorld();
	spoil(world);
	expect(judge(world)).not.toEqual([]);
});

it('sees two messages of one connection in the wrong order', () => {
	const world = goodWorld();
	const [first, second] = [message(4), message(2)];
	const send = (call: number, m: Message): Entry => ({ t: 'try', call, try: 1, who: 'ann', over: 5, op: 'messages.send', in: { conversation_id: '7', client_id: m.client_id, kind: 'text', body: m.body } });
	world.log = world.log.filter((e) => !((e.t === 'try' || e.t === 'answer') && (e.call === 10 || e.call === 12)));
	world.log.unshift(send(12, first), send(10, second));
	world.log.push({ t: 'answer', call: 12, try: 1, status: 201, out: { message: first } }, { t: 'answer', call: 10, try: 1, status: 201, out: { message: second } });
	expect(judge(world)).not.toEqual([]);
});
