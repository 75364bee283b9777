// SPDX-License-Identifier: Apache-2.0
/* Goal: what leaves next, and what a restart makes of what was going on. */
import { expect, test } from 'vitest';
import { outgoing } from './fixtures.ts';
import { afterRestart, messagesToSend, UPLOADS_MAX, uploadsToStart } from './outbox.ts';
import type { Outgoing } from './state.ts';

const file = { name: 'a.bin', type: '', size: 1 };

function box(...list: Outgoing[]): Record<string, Outgoing> {
	return Object.fromEntries(list.map((one) => [one.client_id, one]));
}

test('messages leave in the order in which they were written', () => {
	const list = messagesToSend(box(outgoing('late', { created_at: 9 }), outgoing('early', { created_at: 1 }), outgoing('sent', { state: 'sending' }), outgoing('bad', { state: 'failed' })));
	expect(list.map((one) => one.client_id)).toEqual(['early', 'late']);
});

test('nobody waits for an upload', () => {
	const all = box(outgoing('picture', { created_at: 1, file, kind: 'image', body: {} }), outgoing('text', { created_at: 2 }));
	expect(messagesToSend(all).map((one) => one.client_id)).toEqual(['text']);
	expect(uploadsToStart(all).map((one) => one.client_id)).toEqual(['picture']);
});

test('what is uploaded is only sent', () => {
	const all = box(outgoing('picture', { file, body: { media_id: '5' } }));
	expect(messagesToSend(all)).toHaveLength(1);
	expect(uploadsToStart(all)).toHaveLength(0);
});

test('uploads go on two at a time, oldest first', () => {
	const many = Array.from({ length: 5 }, (_, index) => outgoing(`f${index}`, { created_at: 10 - index, file, body: {} }));
	expect(uploadsToStart(box(...many)).map((one) => one.client_id)).toEqual(['f4', 'f3']);
	const busy = box(...many, outgoing('up', { state: 'uploading', file, body: {} }));
	expect(uploadsToStart(busy)).toHaveLength(UPLOADS_MAX - 1);
});

test('after a restart all begins again but what failed', () => {
	const all = afterRestart(box(outgoing('a', { state: 'sending' }), outgoing('b', { state: 'uploading', progress: 0.5 }), outgoing('c', { state: 'failed', error: 'x' })));
	expect(all.a?.state).toBe('waiting');
	expect(all.b).toMatchObject({ state: 'waiting', progress: 0 });
	expect(all.c).toMatchObject({ state: 'failed', error: 'x' });
});
