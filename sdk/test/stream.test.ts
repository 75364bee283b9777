// SPDX-License-Identifier: Apache-2.0
// Goal: events arrive once and in order over any number of connections, calls are answered or end
// with an error that says what is known, and the stream knows when to come back and when not.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Client, type Stream, type StreamOptions, type StreamState } from '../src/index.ts';
import { House, wsSocket } from './house.ts';

let house: House;
const streams: Stream[] = [];

beforeEach(async () => {
	house = await House.open();
});
afterEach(async () => {
	for (const stream of streams.splice(0)) stream.close();
	await house.close();
});

function open(options: StreamOptions = {}): Stream {
	const client = new Client({ baseUrl: house.url, token: 'tok' });
	const stream = client.stream({ socket: wsSocket, backoffMs: 5, backoffMaxMs: 20, ...options });
	streams.push(stream);
	return stream;
}

function reached(stream: Stream, state: StreamState): Promise<void> {
	if (stream.state === state) return Promise.resolve();
	return new Promise((resolve) => {
		const off = stream.on('state', (now) => {
			if (now !== state) return;
			off();
			resolve();
		});
	});
}

function read(seq: number): object {
	return {
		t: 'event', cursor: `c${seq}`,
		event: { type: 'read', at: 1, conversation_id: '1', seq },
	};
}

/** The seqs of the first `count` events. */
function seqs(stream: Stream, count: number): Promise<number[]> {
	const got: number[] = [];
	return new Promise((resolve) => {
		stream.on('event', (event) => {
			if (event.type === 'read') got.push(event.seq);
			if (got.length === count) resolve(got);
		});
	});
}

const send = { conversation_id: '1', client_id: 'x', kind: 'text', body: { text: 'hi' } } as const;

describe('events', () => {
	it('asks for a cursor, connects from it and goes on from the last event', async () => {
		const stream = open();
		const got = seqs(stream, 4);
		await reached(stream, 'open');
		expect(house.requests[0]?.target).toBe('/api/v1/sync');
		expect(house.upgrades[0]).toEqual({ target: '/api/v1/stream?since=c0', protocols: 'guanxi.v1,bearer.tok' });
		house.tell(read(1));
		house.tell(read(2));
		await expect.poll(() => stream.cursor).toBe('c2');
		house.cut();
		await reached(stream, 'waiting');
		await reached(stream, 'open');
		expect(house.upgrades[1]?.target).toBe('/api/v1/stream?since=c2');
		house.tell(read(3));
		house.tell(read(4));
		expect(await got).toEqual([1, 2, 3, 4]);
	});

	it('begins at a cursor that was kept, and tells typing', async () => {
		const stream = open({ since: 'old' });
		const typing = new Promise((resolve) => stream.on('typing', (...who) => resolve(who)));
		await reached(stream, 'open');
		expect(house.requests).toEqual([]);
		expect(house.upgrades[0]?.target).toBe('/api/v1/stream?since=old');
		house.tell({ t: 'typing', conversation_id: '1', account_id: '2' });
		expect(await typing).toEqual(['1', '2']);
		stream.typing('1');
		await expect.poll(() => house.frames).toEqual([{ t: 'typing', conversation_id: '1' }]);
	});

	it('takes a fresh cursor and says resync when its own is too old', async () => {
		house.refuseUpgrade = 410;
		house.onRequest = (request, answer) => {
			house.refuseUpgrade = 0;
			if (request.target.includes('since=old')) House.json(answer, 410, House.problem(410, 'sync.too_old'));
			else House.json(answer, 200, { cursor: 'fresh', events: [], more: false });
		};
		const stream = open({ since: 'old' });
		const cursor = await new Promise((resolve) => stream.on('resync', resolve));
		expect(cursor).toBe('fresh');
		await reached(stream, 'open');
		expect(house.upgrades.map((u) => u.target)).toEqual(['/api/v1/stream?since=fresh']);
	});

	it('ends when the session does: by close code, and by a refused start', async () => {
		const stream = open({ since: 'c0' });
		await reached(stream, 'open');
		house.onFrame = () => undefined;
		const call = stream.call('me.get').catch((e: unknown) => e);
		const signedOut = new Promise<void>((resolve) => stream.on('signed_out', resolve));
		for (const socket of house.sockets) socket.close(4001, 'signed out');
		await signedOut;
		expect(stream.state).toBe('closed');
		expect(await call).toMatchObject({ reason: 'signed_out' });
		house.onRequest = (_, answer) => House.json(answer, 401, House.problem(401, 'core.unauthenticated'));
		house.refuseUpgrade = 401;
		const second = open({ since: 'c0' });
		await new Promise<void>((resolve) => second.on('signed_out', resolve));
		expect(second.state).toBe('closed');
	});

	it('stays away when the account has too many streams, until it is woken', async () => {
		const stream = open({ since: 'c0' });
		await reached(stream, 'open');
		for (const socket of house.sockets) socket.close(4008, 'too many streams');
		await reached(stream, 'waiting');
		await new Promise((resolve) => setTimeout(resolve, 200)); // ten times the longest wait
		expect([stream.state, house.upgrades.length]).toEqual(['waiting', 1]);
		stream.wake();
		await reached(stream, 'open');
		expect(house.upgrades.length).toBe(2);
	});

	it('keeps trying while the server is away, and at once when woken', async () => {
		house.refuseUpgrade = 503;
		house.onRequest = (_, answer) => House.json(answer, 503, House.problem(503, 'core.overloaded'));
		const stream = open({ since: 'c0' });
		await expect.poll(() => house.requests.length).toBeGreaterThan(3);
		house.refuseUpgrade = 0;
		await reached(stream, 'open');
		const slow = open({ since: 'c0', backoffMs: 60_000, backoffMaxMs: 60_000 });
		await reached(slow, 'open');
		house.cut();
		await reached(slow, 'waiting');
		slow.wake();
		await reached(slow, 'open');
	});
});

describe('calls', () => {
	it('answers each call with its own reply, whatever their order', async () => {
		const waiting: number[] = [];
		house.onFrame = (frame, socket) => {
			waiting.push(frame.id);
			if (waiting.length < 3) return;
			for (const id of waiting.reverse())
				socket.send(JSON.stringify({ t: 'reply', id, status: 200, out: { cursor: `r${id}` } }));
		};
		const stream = open({ since: 'c0' });
		const calls = [1, 2, 3].map(() => stream.call('sync.get'));
		expect((await Promise.all(calls)).map((out) => out.cursor)).toEqual(['r1', 'r2', 'r3']);
		expect(house.frames.map((f) => f.id)).toEqual([1, 2, 3]);
	});

	it('says when a refused call may be tried again', async () => {
		house.onFrame = ({ id }, socket) => {
			const problem = { ...House.problem(503, 'core.overloaded'), retry_after: 2 };
			socket.send(JSON.stringify({ t: 'reply', id, status: 503, problem }));
		};
		const stream = open({ since: 'c0' });
		await expect(stream.call('me.get')).rejects.toMatchObject({ isRetryable: true, retryAfterMs: 2000 });
	});

	it('throws problems and answers undefined without content', async () => {
		house.onFrame = ({ id, op }, socket) => {
			const answer = op === 'me.get' ? { status: 404, problem: House.problem(404, 'core.not_found') } : { status: 204 };
			socket.send(JSON.stringify({ t: 'reply', id, ...answer }));
		};
		const stream = open({ since: 'c0' });
		await expect(stream.call('me.get')).rejects.toMatchObject({ code: 'core.not_found' });
		expect(await stream.call('sessions.delete_current')).toBeUndefined();
	});

	it('sends again what may be repeated, in order, and ends the rest as lost', async () => {
		house.onFrame = ({ id, op }, socket) => {
			if (house.frames.length === 4) house.cut();
			if (house.frames.length > 4) socket.send(JSON.stringify({ t: 'reply', id, status: 200, out: { op } }));
		};
		const stream = open({ since: 'c0' });
		await reached(stream, 'open');
		const first = stream.call('messages.send', send);
		const query = stream.call('me.get');
		const write = stream.call('sessions.delete_current').catch((e: unknown) => e);
		const last = stream.call('messages.send', { ...send, client_id: 'y' });
		expect(await write).toMatchObject({ reason: 'lost' });
		expect(await Promise.all([first, query, last])).toEqual([
			{ op: 'messages.send' }, { op: 'me.get' }, { op: 'messages.send' },
		]);
		expect(house.frames.slice(4).map((f) => f.in.client_id ?? f.op)).toEqual(['x', 'me.get', 'y']);
	});

	it('queues while offline, or fails at once if told to', async () => {
		house.refuseUpgrade = 503;
		const queued = open({ since: 'c0' });
		const call = queued.call('sessions.delete_current');
		const impatient = open({ since: 'c0', queueOffline: false });
		await expect(impatient.call('me.get')).rejects.toMatchObject({ reason: 'offline' });
		house.refuseUpgrade = 0;
		await call;
		expect(house.frames.map((f) => f.op)).toEqual(['sessions.delete_current']);
	});

	it('gives up after its time, aborts, and takes a silent connection for dead', async () => {
		house.onFrame = () => undefined;
		const stream = open({ since: 'c0' });
		await reached(stream, 'open');
		const aborted = stream.call('me.get', {}, { signal: AbortSignal.abort() });
		await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
		await expect(stream.call('me.get', {}, { timeoutMs: 20 })).rejects.toMatchObject({ reason: 'timeout' });
		await expect.poll(() => house.upgrades.length).toBe(2);
	});

	it('keeps frames that are too large to itself', async () => {
		const stream = open({ since: 'c0' });
		const big = { ...send, body: { text: '文'.repeat(100_000) } };
		await expect(stream.call('messages.send', big)).rejects.toMatchObject({ reason: 'too_large' });
		await stream.call('me.get');
		expect(house.frames.map((f) => f.op)).toEqual(['me.get']);
	});

	it('ends everything on close', async () => {
		house.onFrame = () => undefined;
		const stream = open({ since: 'c0' });
		await reached(stream, 'open');
		const call = stream.call('messages.send', send).catch((e: unknown) => e);
		stream.close();
		expect(await call).toMatchObject({ reason: 'closed' });
		await expect(stream.call('me.get')).rejects.toMatchObject({ reason: 'closed' });
		await expect.poll(() => house.sockets.length).toBe(0);
		expect(house.upgrades.length).toBe(1);
	});
});
