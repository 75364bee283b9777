// SPDX-License-Identifier: Apache-2.0
// Goal: too much of anything is answered as the API says, within bounded memory, and others go on.
// Method: bytes by hand, as much as one client can send, beside two people who talk.
import { describe, expect, it } from 'vitest';
import { frame, OP, RawStream } from '../support/frames.ts';
import { useServer } from '../support/house.ts';
import { befriend, people, person } from '../support/people.ts';
import { exchange, RawConnection, request } from '../support/raw.ts';
import { Witness } from './witness.ts';

const house = useServer();

describe('too large', () => {
	const long = (count: number): string => 'a'.repeat(count);

	it.each<[string, () => string, number]>([
		['a target', () => request('GET', `/api/v1/${long(9000)}`), 414],
		['a target without end', () => `GET /${long(100_000)}`, 414],
		['a header', () => request('GET', '/healthz', { 'x-long': long(20_000) }), 431],
		['a header without end', () => `GET /healthz HTTP/1.1\r\nhost: a\r\nx-long: ${long(100_000)}`, 431],
		['a header name', () => request('GET', '/healthz', { [long(20_000)]: 'a' }), 431],
		['many headers', () => request('GET', '/healthz', Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`x-${i}`, 'a']))), 431],
		['an announced body', () => request('POST', '/api/v1/sessions', { 'content-type': 'application/json', 'content-length': String(2 ** 40) }), 413],
		['a chunked body', () => `${request('POST', '/api/v1/sessions', { 'content-type': 'application/json', 'transfer-encoding': 'chunked' })}200000\r\n${long(0x200000)}\r\n`, 413],
		['a compressed body', () => request('POST', '/api/v1/sessions', { 'content-type': 'application/json', 'transfer-encoding': 'gzip, chunked' }), 501],
	])('refuses %s', async (_, bytes, status) => {
		expect((await exchange(house.server, bytes())).status).toBe(status);
	});

	it('does not unpack a content-encoding: the bytes are no JSON', async () => {
		const answer = await exchange(house.server, request('POST', '/api/v1/sessions', { 'content-type': 'application/json', 'content-encoding': 'gzip' }, '\x1f\x8b\x08'));
		expect(answer.status).toBe(400);
	});

	it.each<[string, () => Buffer[], number]>([
		['a frame, as soon as its head says so', () => [frame(OP.TEXT, 'x', { length: 262_145 })], 1009],
		['a frame of 2^62 bytes', () => [frame(OP.TEXT, 'x', { lengthBytes: 8, length: 2 ** 52 })], 1009],
		['a message of many fragments', () => [frame(OP.TEXT, long(200_000), { isFinal: false }), frame(OP.CONTINUATION, long(62_145))], 1009],
		['a ping', () => [frame(OP.PING, long(126))], 1002],
	])('closes a stream that sends %s', async (_, frames, code) => {
		const stream = await RawStream.open(house.server, (await person(house.server)).token);
		stream.send(...frames());
		expect(await stream.closed()).toBe(code);
	});

	it('takes 200 bodies of a megabyte at once', async () => {
		const witness = await Witness.begin(house.server);
		const all: RawConnection[] = [];
		for (let i = 0; i < 200; i++) {
			const connection = await RawConnection.open(house.server);
			connection.send(request('POST', '/api/v1/sessions', { 'content-type': 'application/json', 'content-length': '1000000' }));
			connection.send(long(900_000));
			all.push(connection);
		}
		await witness.done(320);
		all.forEach((c) => c.destroy());
	});
});

describe('too many', () => {
	it('closes a stream with 1013 when events for it pile up', async () => {
		const witness = await Witness.begin(house.server);
		const [writer, deaf] = await people(house.server, 2);
		const conversation = await befriend(writer, deaf);
		const stream = await RawStream.open(house.server, deaf.token);
		const flood = await RawStream.open(house.server, writer.token);
		stream.connection.socket.pause();
		const text = 'x'.repeat(1000);
		const count = 10_000;
		let answered = 0;
		for (let id = 1; id <= count; id++) {
			const input = { conversation_id: conversation, client_id: `flood-${id}`, kind: 'text', body: { text } };
			flood.send(flood.call(id, 'messages.send', input));
			// Who floods reads his own answers, 500 behind.
			while (id - answered > (id === count ? 0 : 500)) answered += (await flood.json()).t === 'reply' ? 1 : 0;
		}
		stream.connection.socket.resume();
		expect(await stream.closed()).toBe(1013);
		// Nothing is lost: he reads it when he returns.
		const { conversations } = await deaf.call('conversations.list');
		expect(conversations.find(({ id }) => id === conversation)?.last_seq).toBe(count + 1);
		await witness.done(160);
		flood.destroy();
	}, 60_000);

	it('answers a call cut at every byte', async () => {
		const { token } = await person(house.server);
		const stream = await RawStream.open(house.server, token);
		const length = stream.call(1, 'instance.get').length;
		for (let at = 1; at < length; at++) {
			const bytes = stream.call(at, 'instance.get');
			stream.send(bytes.subarray(0, at));
			await new Promise((resolve) => setImmediate(resolve));
			stream.send(bytes.subarray(at));
			expect(await stream.json()).toMatchObject({ id: at, status: 200 });
		}
		stream.destroy();
	});

	it('answers every one of thousands of calls in one write', async () => {
		const witness = await Witness.begin(house.server);
		const { token } = await person(house.server);
		const stream = await RawStream.open(house.server, token);
		const count = 5000;
		stream.send(...Array.from({ length: count }, (_, i) => stream.call(i + 1, 'instance.get')));
		const ids = new Set<unknown>();
		while (ids.size < count) {
			const reply = await stream.json();
			expect(reply.status).toBe(200);
			ids.add(reply.id);
		}
		await witness.done(64);
		stream.destroy();
	});

	it('carries out every one of thousands of writes, in order', async () => {
		const witness = await Witness.begin(house.server);
		const who = await person(house.server);
		const conversation = await who.selfConversation();
		const stream = await RawStream.open(house.server, who.token);
		const count = 3000;
		const input = (id: number) => ({ conversation_id: conversation, client_id: `c${id}`, kind: 'text', body: { text: String(id) } });
		stream.send(...Array.from({ length: count }, (_, i) => stream.call(i + 1, 'messages.send', input(i + 1))));
		for (let id = 1; id <= count; id++) expect(await stream.json()).toMatchObject({ t: 'reply', id, status: 201, out: { message: { seq: id } } });
		await witness.done(64);
		stream.destroy();
	});

	it('bears a million pings', async () => {
		const witness = await Witness.begin(house.server);
		const stream = await RawStream.open(house.server, (await person(house.server)).token);
		const block = Buffer.concat(Array.from({ length: 10_000 }, () => frame(OP.PING, 'p')));
		for (let i = 0; i < 100; i++) {
			stream.send(block);
			const pongs = await stream.connection.take(10_000 * 3);
			expect([pongs[0], pongs[1], pongs[2]]).toEqual([0x8a, 1, 112]);
		}
		// Who sends them and does not read is closed.
		stream.connection.socket.pause();
		const large = Buffer.concat(Array.from({ length: 10_000 }, () => frame(OP.PING, 'p'.repeat(125))));
		for (let i = 0; i < 20; i++) stream.send(large);
		await new Promise((resolve) => setTimeout(resolve, 500));
		stream.connection.socket.resume();
		expect(await stream.closed()).toBe(1013);
		await witness.done(32);
		stream.destroy();
	}, 60_000);

	it('bears storms of people who come and go', async () => {
		const witness = await Witness.begin(house.server);
		const { token } = await person(house.server);
		for (let round = 0; round < 5; round++) {
			const streams = await Promise.all(Array.from({ length: 200 }, () => RawStream.open(house.server, token)));
			for (const stream of streams) {
				expect(stream.answer.status).toBe(101);
				if (round % 2 === 0) stream.connection.socket.resetAndDestroy();
				else stream.destroy();
			}
		}
		await witness.done(64);
	});

	it('serves an account with a thousand streams', async () => {
		const witness = await Witness.begin(house.server);
		const who = await person(house.server);
		const conversation = await who.selfConversation();
		const streams: RawStream[] = [];
		for (let i = 0; i < 1000; i++) streams.push(await RawStream.open(house.server, who.token));
		await who.say(conversation, 'to all my devices');
		for (const stream of streams) expect(await stream.json()).toMatchObject({ t: 'event', event: { type: 'message' } });
		await witness.done(64);
		streams.forEach((s) => s.destroy());
	}, 60_000);

	it('holds thousands of connections that do nothing', async () => {
		const witness = await Witness.begin(house.server);
		const all: RawConnection[] = [];
		for (let i = 0; i < 3000; i++) all.push(await RawConnection.open(house.server));
		expect((await exchange(house.server, request('GET', '/healthz'))).status).toBe(200);
		await witness.done(32);
		all.forEach((c) => c.destroy());
	}, 60_000);
});
