// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: a step's writes are exactly what makes the local copy equal to the state after it, the cursor
 * among them. Method: apply the writes to maps and compare with the state.
 */
import { expect, test } from 'vitest';
import type { Action } from './actions.ts';
import { conversation, message, outgoing, signedIn } from './fixtures.ts';
import { slices, writesOf, type Write } from './persist.ts';
import { reduce } from './reduce.ts';
import type { State } from './state.ts';

interface Copy {
	slices: Record<string, Record<string, unknown>>;
	scalars: Record<string, unknown>;
	messages: Map<string, unknown>;
}

function apply(copy: Copy, write: Write): void {
	const place = (id: string, seq: number) => `${id}/${seq}`;
	switch (write.kind) {
		case 'put':
			(copy.slices[write.slice] ??= {})[write.key] = write.value;
			break;
		case 'delete':
			copy.slices[write.slice] = Object.fromEntries(Object.entries(copy.slices[write.slice] ?? {}).filter(([key]) => key !== write.key));
			break;
		case 'scalar':
			copy.scalars[write.key] = write.value;
			break;
		case 'message':
			copy.messages.set(place(write.message.conversation_id, write.message.seq), write.message);
			break;
		case 'message.delete':
			copy.messages.delete(place(write.conversation_id, write.seq));
			break;
		case 'messages.delete':
			for (const key of [...copy.messages.keys()]) {
				if (write.conversation_id === null || key.startsWith(`${write.conversation_id}/`)) copy.messages.delete(key);
			}
			break;
		case 'message.change': {
			const known = copy.messages.get(place(write.conversation_id, write.seq));
			if (known) copy.messages.set(place(write.conversation_id, write.seq), write.change(known as ReturnType<typeof message>));
			break;
		}
		case 'wipe':
			copy.slices = {};
			copy.scalars = {};
			copy.messages.clear();
			break;
		case 'file.delete':
			break;
	}
}

function follow(actions: readonly Action[]): { state: State; copy: Copy } {
	const copy: Copy = { slices: {}, scalars: {}, messages: new Map() };
	let state = signedIn;
	for (const action of actions) {
		const next = reduce(state, action);
		for (const write of writesOf(action, state, next)) apply(copy, write);
		state = next;
	}
	return { state, copy };
}

const story: readonly Action[] = [
	{ type: 'conversation.changed', conversation: conversation() },
	{ type: 'outgoing.added', outgoing: outgoing('a') },
	{ type: 'events.came', events: [{ type: 'message', at: 1, message: message(1) }, { type: 'message', at: 2, message: message(2) }], cursor: 'k2' },
	{ type: 'draft.changed', conversation_id: '9', draft: { text: 'hm', reply_to: null, mentions: [] } },
	{ type: 'outgoing.sent', client_id: 'a', message: message(3, { sender_id: '1', client_id: 'a' }) },
	{ type: 'events.came', events: [{ type: 'message_recalled', at: 4, conversation_id: '9', seq: 1, by: '2' }], cursor: 'k4' },
	{ type: 'message.removed', conversation_id: '9', seq: 2 },
	{ type: 'draft.changed', conversation_id: '9', draft: null },
];

test('the copy follows the state', () => {
	const { state, copy } = follow(story);
	for (const slice of slices) {
		if (slice === 'accounts') continue; // who one is was there before
		expect(copy.slices[slice] ?? {}, slice).toEqual(state[slice]);
	}
	expect(copy.scalars.cursor).toBe('k4');
	expect([...copy.messages.keys()]).toEqual(['9/1', '9/3']);
	expect(copy.messages.get('9/1')).toMatchObject({ body: {}, recalled_at: 4 });
});

test('a cursor is written in the same step as the events before it', () => {
	const before = reduce(signedIn, { type: 'conversation.changed', conversation: conversation() });
	const action: Action = { type: 'events.came', events: [{ type: 'message', at: 1, message: message(1) }], cursor: 'k' };
	const writes = writesOf(action, before, reduce(before, action));
	expect(writes.some((write) => write.kind === 'scalar' && write.key === 'cursor')).toBe(true);
	expect(writes.some((write) => write.kind === 'message')).toBe(true);
});

test('what only memory needs is not written', () => {
	const action: Action = { type: 'link.changed', link: 'online' };
	expect(writesOf(action, signedIn, reduce(signedIn, action))).toEqual([]);
});

test('signing out leaves nothing', () => {
	const { copy } = follow([...story, { type: 'signed_out' }]);
	expect(copy).toEqual({ slices: {}, scalars: {}, messages: new Map() });
});
