// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: whatever the stream repeats, delays or interleaves with what one sends, the state ends the
 * same. Method: small sequences of actions on a signed-in state.
 */
import { describe, expect, test } from 'vitest';
import type { SyncEvent } from '../api/types.ts';
import type { Action } from './actions.ts';
import { account, conversation, message, outgoing, signedIn } from './fixtures.ts';
import { reduce } from './reduce.ts';
import type { State } from './state.ts';
import { emptyCoverage, shownMessages } from './timeline.ts';

function run(state: State, ...actions: Action[]): State {
	return actions.reduce(reduce, state);
}

function came(...events: SyncEvent[]): Action {
	return { type: 'events.came', events, cursor: 'k' };
}

const withChat = run(signedIn, { type: 'conversation.changed', conversation: conversation() });
const news = (seq: number, change = {}): SyncEvent => ({ type: 'message', at: seq, message: message(seq, change) });

test('a notice to everybody stands until it is put away, and comes again only when it is another one', () => {
	const said = (id: string): Action => came({ type: 'notice', at: 1, notice: { id, text: `n${id}`, at: 1 } });
	const shown = run(signedIn, said('9'));
	expect(shown).toMatchObject({ notice: { id: '9' }, is_notice_away: false });
	const away = run(shown, { type: 'notice.put_away' }, said('9'), said('8'));
	expect(away).toMatchObject({ notice: { id: '9' }, is_notice_away: true });
	expect(run(away, said('10'))).toMatchObject({ notice: { id: '10' }, is_notice_away: false });
});

describe('messages', () => {
	test('a new one is the last line and unread; the same again changes nothing', () => {
		const once = run(withChat, came(news(1)));
		expect(once.chats['9']).toMatchObject({ last_seq: 1, unread: 1, last_message: { seq: 1 } });
		const twice = run(once, came(news(1)));
		expect(twice.chats).toBe(once.chats);
	});

	test('an older one does not replace the last line', () => {
		const state = run(withChat, came(news(2)), came(news(1)));
		expect(state.chats['9']?.last_message?.seq).toBe(2);
		expect(state.chats['9']?.unread).toBe(2);
	});

	test('who writes has read', () => {
		const state = run(withChat, came(news(1), news(2, { sender_id: '1' })));
		expect(state.chats['9']).toMatchObject({ unread: 0, read_seq: 2 });
	});

	test('what came before one joined is not counted as unread', () => {
		const joined = run(signedIn, { type: 'conversation.changed', conversation: conversation({ last_seq: 40, read_seq: 0, unread: 0 }) });
		expect(run(joined, came(news(41))).chats['9']?.unread).toBe(1);
	});

	test('a recall empties it on screen and in the list, and stays when told again', () => {
		const opened = run(withChat, came(news(1)), { type: 'timeline.opened', conversation_id: '9', from: 1, to: null }, {
			type: 'timeline.loaded',
			conversation_id: '9',
			messages: [message(1)],
			from: 1,
		});
		const recall: SyncEvent = { type: 'message_recalled', at: 77, conversation_id: '9', seq: 1, by: '2' };
		const state = run(opened, came(recall), came(recall));
		expect(state.chats['9']?.last_message).toMatchObject({ body: {}, recalled_at: 77, recalled_by: '2' });
		expect(state.timelines['9']?.items[0]).toMatchObject({ body: {}, recalled_at: 77 });
	});

	test('a mention is remembered until it is read', () => {
		const state = run(withChat, came(news(1, { mentions: ['1'] })));
		expect(state.mentioned['9']).toBe(1);
		expect(run(state, { type: 'conversation.read', conversation_id: '9', seq: 1 }).mentioned).toEqual({});
	});

	test('reading on another device lowers the count and never raises it', () => {
		const state = run(withChat, came(news(1), news(2), { type: 'read', at: 3, conversation_id: '9', seq: 2 }));
		expect(state.chats['9']?.unread).toBe(0);
		expect(run(state, came({ type: 'read', at: 4, conversation_id: '9', seq: 1 })).chats).toBe(state.chats);
	});

	test('a conversation event that is older than the newest message keeps it', () => {
		const state = run(withChat, came(news(1), news(2)), came({ type: 'conversation', at: 1, conversation: conversation({ pinned: true, last_seq: 1 }) }));
		expect(state.chats['9']).toMatchObject({ pinned: true, last_seq: 2, last_message: { seq: 2 } });
	});
});

describe('what goes out', () => {
	const sending = run(withChat, { type: 'outgoing.added', outgoing: outgoing('a') });
	const own = message(1, { sender_id: '1', client_id: 'a' });

	test('the answer takes it out of the outbox', () => {
		const state = run(sending, { type: 'outgoing.sent', client_id: 'a', message: own });
		expect(state.outbox).toEqual({});
		expect(state.chats['9']?.last_seq).toBe(1);
	});

	test('the message on the stream takes it out when the answer was lost; neither doubles it', () => {
		const opened = run(sending, { type: 'timeline.opened', conversation_id: '9', from: 1, to: null });
		const state = run(opened, came({ type: 'message', at: 1, message: own }), { type: 'outgoing.sent', client_id: 'a', message: own });
		expect(state.outbox).toEqual({});
		expect(state.timelines['9']?.items).toHaveLength(1);
	});

	test('someone else’s client_id is not ours', () => {
		const state = run(sending, came(news(1, { client_id: 'a' })));
		expect(Object.keys(state.outbox)).toEqual(['a']);
	});
});

describe('the shown part', () => {
	const opened = run(withChat, { type: 'timeline.opened', conversation_id: '9', from: 1, to: null }, {
		type: 'timeline.loaded',
		conversation_id: '9',
		messages: [message(1), message(2)],
		from: 1,
		coverage: { ranges: [[1, 2]], first: 1 },
	});
	const shown = (state: State) => {
		const timeline = state.timelines['9'];
		return timeline ? shownMessages(timeline, (state.coverage['9'] ?? emptyCoverage).ranges).map((one) => one.seq) : [];
	};

	test('grows with what comes next to it', () => {
		expect(shown(run(opened, came(news(3))))).toEqual([1, 2, 3]);
	});

	test('shows nothing beyond a gap until the gap is closed', () => {
		const gapped = run(opened, came(news(5)));
		expect(shown(gapped)).toEqual([1, 2]);
		const filled = run(gapped, {
			type: 'timeline.loaded',
			conversation_id: '9',
			messages: [message(3), message(4)],
			from: 1,
			coverage: { ranges: [[1, 5]], first: 1 },
		});
		expect(shown(filled)).toEqual([1, 2, 3, 4, 5]);
	});

	test('clearing leaves nothing and nothing to fetch', () => {
		const state = run(opened, { type: 'conversation.cleared', conversation_id: '9' });
		expect(shown(state)).toEqual([]);
		expect(state.chats['9']).toMatchObject({ last_message: null, unread: 0 });
	});
});

describe('lists', () => {
	test('the server’s lists replace ours; what is going out stays', () => {
		const before = run(withChat, { type: 'outgoing.added', outgoing: outgoing('a') });
		const state = run(before, {
			type: 'lists.read',
			lists: { conversations: [conversation({ id: '10', name: 'x' })], contacts: [], requests: [], blocked: [account('7')] },
		});
		expect(Object.keys(state.chats)).toEqual(['10']);
		expect(state.blocked).toEqual({ '7': true });
		expect(Object.keys(state.outbox)).toEqual(['a']);
		expect(state.has_lists).toBe(true);
	});

	test('an outdated copy forgets what it can’t vouch for', () => {
		const state = run(withChat, came(news(1)), { type: 'copy.outdated' });
		expect(state).toMatchObject({ cursor: null, coverage: {}, timelines: {}, has_lists: false });
	});

	test('someone who left is taken off the list; someone who joined makes it unknown', () => {
		const member = (id: string) => ({ account: account(id), role: 'member' as const, nickname: '', joined_at: 0 });
		const group = run(withChat, { type: 'members.read', conversation_id: '9', members: [member('1'), member('2')] });
		const left = run(group, came({ type: 'members', at: 1, conversation_id: '9', joined: [], left: ['2'] }));
		expect(left.members['9']?.map((one) => one.account.id)).toEqual(['1']);
		expect(run(group, came({ type: 'members', at: 1, conversation_id: '9', joined: ['3'], left: [] })).members).toEqual({});
	});

	test('an event of a newer server is passed over', () => {
		const odd = { type: 'weather', at: 1 } as unknown as SyncEvent;
		expect(run(withChat, came(odd)).chats).toBe(withChat.chats);
	});
});
