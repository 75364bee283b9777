// SPDX-License-Identifier: Apache-2.0
// Goal: the judge sees each crime. Method: histories made up by hand, one thing wrong in each.
import type { Message } from '@guanxi/sdk';
import { expect, it } from 'vitest';
import { faultsOf, faultsOfHearing } from './checker.ts';
import type { Acknowledged } from './writer.ts';

function message(seq: number, writer: string, number: number): Message {
	return {
		conversation_id: '1', seq, sender_id: writer, sent_at: 1000 + seq, client_id: `${writer}-${number}`,
		kind: 'text', body: { text: `${writer} ${number}` },
	};
}

/** Two writers in turn: a 0, b 0, a 1, b 1 … */
const good = Array.from({ length: 8 }, (_, i) => message(i + 1, i % 2 ? 'b' : 'a', i >> 1));
const acknowledged: Acknowledged[] = good.map((m) => ({
	conversationId: '1', text: `${m.sender_id} ${m.client_id.slice(2)}`, clientId: m.client_id, seq: m.seq, sentAt: m.sent_at,
}));

function renumbered(messages: Message[]): Message[] {
	return messages.map((m, i) => ({ ...m, seq: i + 1 }));
}

it('finds nothing wrong with what is right, nor with what was not acknowledged', () => {
	expect(faultsOf(good, acknowledged)).toEqual([]);
	expect(faultsOf(good, [])).toEqual([]);
	expect(faultsOfHearing(good, good)).toEqual([]);
	expect(faultsOfHearing(good.slice(3), good)).toEqual([]);
});

it.each<[string, Message[]]>([
	['the last one lost', good.slice(0, -1)],
	['one lost in the middle', good.filter(({ seq }) => seq !== 4)],
	['one lost and the gap closed', renumbered(good.filter(({ seq }) => seq !== 4))],
	['one doubled', renumbered([...good.slice(0, 4), ...good.slice(3)])],
	['two exchanged', renumbered([...good.slice(0, 2), ...good.slice(4, 6), ...good.slice(2, 4), ...good.slice(6)])],
	['another text', good.map((m) => (m.seq === 3 ? message(3, 'a', 7) : m))],
	['another time', good.map((m) => (m.seq === 3 ? { ...m, sent_at: 1 } : m))],
	['another client_id', good.map((m) => (m.seq === 3 ? { ...m, client_id: 'x' } : m))],
	['a recalled one', good.map((m) => (m.seq === 3 ? ({ ...m, body: {}, recalled_at: 1 }) : m))],
])('sees %s', (_, history) => {
	expect(faultsOf(history, acknowledged)).not.toEqual([]);
});

it.each<[string, Message[]]>([
	['a gap', good.filter(({ seq }) => seq !== 4)],
	['a repeat', [...good.slice(0, 4), ...good.slice(3)]],
	['another order', [...good.slice(0, 2), ...good.slice(4), ...good.slice(2, 4)]],
	['the end missing', good.slice(0, -1)],
])('hears %s', (_, heard) => {
	expect(faultsOfHearing(heard, good)).not.toEqual([]);
});
