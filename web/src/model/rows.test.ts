// SPDX-License-Identifier: Apache-2.0
/* Goal: times, the unread line and runs stand where people expect them; keys survive sending. */
import { expect, test } from 'vitest';
import { message, outgoing } from './fixtures.ts';
import { rowsOf } from './rows.ts';

const minute = 60_000;
const at = (seq: number, minutes: number, change = {}) => message(seq, { sent_at: minutes * minute, ...change });

test('a time stands above the first message and after five quiet minutes', () => {
	const rows = rowsOf([at(1, 0), at(2, 4), at(3, 9)], [], '1', null);
	expect(rows.map((row) => row.type)).toEqual(['time', 'message', 'message', 'time', 'message']);
});

test('the unread line stands once, above the first unread message', () => {
	const rows = rowsOf([at(1, 0), at(2, 0), at(3, 0)], [], '1', 2);
	expect(rows.map((row) => row.type)).toEqual(['time', 'message', 'unread', 'message', 'message']);
	// The first unread one may be deleted: the line stands above the next.
	expect(rowsOf([at(1, 0), at(3, 0)], [], '1', 2).map((row) => row.type)).toEqual(['time', 'message', 'unread', 'message']);
});

test('a run is broken by another sender, a line of the system, or a time', () => {
	const rows = rowsOf([at(1, 0), at(2, 0), at(3, 0, { sender_id: '1' }), at(4, 0, { kind: 'notice' }), at(5, 0, { sender_id: '1' })], [], '1', null);
	expect(rows.map((row) => ('isRunStart' in row ? row.isRunStart : row.type))).toEqual(['time', true, false, true, 'line', true]);
});

test('a sent message keeps the key it had while it was going out', () => {
	const [, before] = rowsOf([], [outgoing('a', { created_at: 1000 })], '1', null);
	const [, after] = rowsOf([at(1, 0, { sender_id: '1', client_id: 'a' })], [], '1', null);
	expect(after?.key).toBe(before?.key);
});
