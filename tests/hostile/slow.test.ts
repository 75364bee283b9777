// SPDX-License-Identifier: Apache-2.0
// Goal: who writes, reads or ends slowly is told what the API says, and costs the others nothing.
// Method: hundreds of such connections beside two people who talk; memory has a bound in bytes.
import { describe, expect, it } from 'vitest';
import { frame, OP, RawStream } from '../support/frames.ts';
import { useServer } from '../support/house.ts';
import { person } from '../support/people.ts';
import { RawConnection, request } from '../support/raw.ts';
import { Witness } from './witness.ts';

const house = useServer({ settings: { 'limits.head_seconds': 1, 'limits.progress_seconds': 2, 'limits.idle_seconds': 2 } });

async function many(count: number, bytes: string | Uint8Array): Promise<RawConnection[]> {
	const all: RawConnection[] = [];
	for (let i = 0; i < count; i++) {
		const connection = await RawConnection.open(house.server);
		connection.send(bytes);
		all.push(connection);
	}
	return all;
}

describe('slow writers', () => {
	it('answers 408 to a head that never ends, however it trickles', async () => {
		const witness = await Witness.begin(house.server);
		const all = await many(300, 'GET /api/v1/instance HTTP/1.1\r\nhost: a\r\nx-slow: ');
		const trickle = setInterval(() => all.forEach((c) => c.isOver || c.send('a')), 100);
		for (const connection of all) expect((await connection.answer()).status).toBe(408);
		clearInterval(trickle);
		all.forEach((c) => c.destroy());
		await witness.done(32);
	});

	it('answers 408 to a body that stops', async () => {
		const witness = await Witness.begin(house.server);
		const all = await many(200, request('POST', '/api/v1/sessions', { 'content-type': 'application/json', 'content-length': '100000' }));
		all.forEach((c) => c.send('{"username":"'));
		for (const connection of all) expect((await connection.answer()).status).toBe(408);
		all.forEach((c) => c.destroy());
		await witness.done(48);
	});

	it('closes connections that rest, without a word', async () => {
		const witness = await Witness.begin(house.server);
		const all = await many(500, '');
		for (const connection of all) expect(await connection.rest()).toHaveLength(0);
		await witness.done(32);
	});

	it('lets a frame take its time', async () => {
		const witness = await Witness.begin(house.server);
		const { token } = await person(house.server);
		const streams: RawStream[] = [];
		for (let i = 0; i < 100; i++) streams.push(await RawStream.open(house.server, token));
		const calls = streams.map((s) => s.call(1, 'instance.get'));
		const longest = Math.max(...calls.map((c) => c.length));
		for (let at = 0; at < longest; at++) streams.forEach((s, i) => s.send((calls[i] ?? Buffer.alloc(0)).subarray(at, at + 1)));
		for (const stream of streams) expect((await stream.json()).status).toBe(200);
		// A message that is announced and never comes costs its connection only.
		streams.forEach((s) => s.send(frame(OP.TEXT, 'x'.repeat(200), { length: 262_144 })));
		await witness.done(48);
		streams.forEach((s) => s.destroy());
	});
});

describe('half-open connections', () => {
	it('answers who has said that he is done, and forgets him', async () => {
		const witness = await Witness.begin(house.server);
		const all = await many(200, request('GET', '/api/v1/instance'));
		all.forEach((c) => c.finish());
		for (const connection of all) {
			expect((await connection.answer()).status).toBe(200);
			await connection.rest();
		}
		// Streams, too: the server closes its side.
		const { token } = await person(house.server);
		for (let i = 0; i < 50; i++) {
			const stream = await RawStream.open(house.server, token);
			stream.connection.finish();
			await stream.connection.rest();
		}
		await witness.done(32);
	});
});

describe('slow readers', () => {
	it('stops sending to who does not read an answer', async () => {
		const witness = await Witness.begin(house.server);
		const { token } = await person(house.server);
		const one = request('GET', '/api/v1/instance', { authorization: `Bearer ${token}` });
		const all = await many(50, one.repeat(2000));
		all.forEach((c) => c.socket.pause());
		await new Promise((resolve) => setTimeout(resolve, 1000));
		await witness.done(64);
		all.forEach((c) => c.destroy());
	});
});
