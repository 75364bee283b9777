// SPDX-License-Identifier: Apache-2.0
// Goal: RFC 6455 to the letter: what is allowed works in any shape, what is not closes with its code.
import { describe, expect, it } from 'vitest';
import { frame, OP, RawStream } from '../support/frames.ts';
import { useServer } from '../support/house.ts';
import { person } from '../support/people.ts';
import { RawConnection, request } from '../support/raw.ts';

const house = useServer();

async function open(): Promise<RawStream> {
	const stream = await RawStream.open(house.server, (await person(house.server)).token);
	expect(stream.answer.status).toBe(101);
	return stream;
}

const CALL = JSON.stringify({ t: 'call', id: 1, op: 'instance.get' });

/** Sends this as the only thing on a connection; the code it is closed with. */
async function closeCode(...frames: Uint8Array[]): Promise<number> {
	const stream = await open();
	stream.send(...frames);
	return stream.closed();
}

function closePayload(code: number, reason: string | Uint8Array = ''): Buffer {
	const head = Buffer.alloc(2);
	head.writeUInt16BE(code);
	return Buffer.concat([head, Buffer.from(reason as string)]);
}

describe('opening', () => {
	const key = 'dGhlIHNhbXBsZSBub25jZQ==';
	const good = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': key, 'sec-websocket-version': '13' };

	async function opened(change: Record<string, string>, token?: string): Promise<{ status: number; headers: Map<string, string> }> {
		const connection = await RawConnection.open(house.server);
		const bearer = { authorization: `Bearer ${token ?? (await person(house.server)).token}` };
		connection.send(request('GET', '/api/v1/stream', { ...bearer, ...good, ...change }));
		const answer = await connection.answer();
		connection.destroy();
		return answer;
	}

	it('answers the key and takes names in any case and order', async () => {
		const answer = await opened({ connection: 'keep-alive, UPGRADE', upgrade: 'WebSocket' });
		expect(answer.status).toBe(101);
		expect(answer.headers.get('sec-websocket-accept')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
		expect(answer.headers.has('sec-websocket-extensions')).toBe(false);
		expect(answer.headers.has('sec-websocket-protocol')).toBe(false);
	});

	it('takes the token as a protocol, as browsers must, and answers only guanxi.v1', async () => {
		const { token } = await person(house.server);
		const connection = await RawConnection.open(house.server);
		const protocols = { 'sec-websocket-protocol': `guanxi.v1, bearer.${token}` };
		connection.send(request('GET', '/api/v1/stream', { ...good, ...protocols }));
		const answer = await connection.answer();
		expect([answer.status, answer.headers.get('sec-websocket-protocol')]).toEqual([101, 'guanxi.v1']);
		connection.destroy();
	});

	it('wants a session', async () => {
		const answer = await opened({}, 'nonsense');
		expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
	});

	it.each<[string, Record<string, string>, number]>([
		['another version', { 'sec-websocket-version': '8' }, 426],
		['a short key', { 'sec-websocket-key': 'c2hvcnQ=' }, 400],
		['a key that is not base64', { 'sec-websocket-key': '!!!!!!!!!!!!!!!!!!!!!!==' }, 400],
		['another upgrade', { upgrade: 'h2c' }, 400],
		['no connection: upgrade', { connection: 'keep-alive' }, 400],
	])('refuses %s', async (_, change, status) => {
		const answer = await opened(change);
		expect(answer.status).toBe(status);
		if (status === 426) expect(answer.headers.get('sec-websocket-version')).toBe('13');
	});

	it('refuses another method and another path', async () => {
		const { token } = await person(house.server);
		const ask = async (method: string, path: string): Promise<number> => {
			const connection = await RawConnection.open(house.server);
			connection.send(request(method, path, { ...good, authorization: `Bearer ${token}` }));
			const { status } = await connection.answer();
			connection.destroy();
			return status;
		};
		expect(await ask('POST', '/api/v1/stream')).toBe(405);
		expect([400, 404]).toContain(await ask('GET', '/api/v1/nothing'));
	});

	it('sends nothing unasked', async () => {
		const stream = await open();
		expect(await stream.connection.isQuiet(300)).toBe(true);
		stream.destroy();
	});

	it('takes frames that came with the request', async () => {
		const connection = await RawConnection.open(house.server);
		const { token } = await person(house.server);
		const head = request('GET', '/api/v1/stream', { ...good, authorization: `Bearer ${token}` });
		connection.send(Buffer.concat([Buffer.from(head), frame(OP.PING, 'early')]));
		expect((await connection.answer()).status).toBe(101);
		expect(await connection.take(7)).toEqual(Buffer.from('\x8a\x05early', 'latin1'));
		connection.destroy();
	});
});

describe('what is allowed', () => {
	it('a call in a thousand fragments, with pings between them', async () => {
		const stream = await open();
		const text = Buffer.from(JSON.stringify({ t: 'call', id: 1, op: 'accounts.search', in: { q: '你'.repeat(330) } }));
		const parts: Buffer[] = [];
		for (let i = 0; i < 1000; i++) {
			const piece = text.subarray(Math.floor((i * text.length) / 1000), Math.floor(((i + 1) * text.length) / 1000));
			parts.push(frame(i === 0 ? OP.TEXT : OP.CONTINUATION, piece, { isFinal: i === 999 }));
			if (i % 100 === 50) parts.push(frame(OP.PING, String(i)));
		}
		stream.send(...parts);
		for (let i = 50; i < 1000; i += 100) expect(await stream.next()).toEqual({ opcode: OP.PONG, payload: Buffer.from(String(i)) });
		const { opcode, payload } = await stream.next();
		expect([opcode, JSON.parse(payload.toString())]).toMatchObject([OP.TEXT, { t: 'reply', id: 1, status: 400 }]);
		stream.destroy();
	});

	it('hundreds of pings and calls in one write', async () => {
		const stream = await open();
		const many: Buffer[] = [];
		for (let i = 0; i < 300; i++) many.push(frame(OP.PING, `p${i}`), stream.call(i, 'instance.get'));
		stream.send(...many);
		const seen = { pongs: 0, replies: new Set<unknown>() };
		while (seen.pongs < 300 || seen.replies.size < 300) {
			const { opcode, payload } = await stream.next();
			if (opcode === OP.PONG) expect(payload.toString()).toBe(`p${seen.pongs++}`);
			else seen.replies.add((JSON.parse(payload.toString()) as { id: number }).id);
		}
		expect(seen.replies.size).toBe(300);
		stream.destroy();
	});

	it('a frame byte by byte', async () => {
		const stream = await open();
		for (const byte of stream.call(7, 'instance.get')) stream.send(Buffer.from([byte]));
		expect(await stream.json()).toMatchObject({ t: 'reply', id: 7, status: 200 });
		stream.destroy();
	});

	it('empty pings, unasked pongs, and pings of 125 bytes', async () => {
		const stream = await open();
		stream.send(frame(OP.PONG, 'unasked'), frame(OP.PING), frame(OP.PING, 'x'.repeat(125)));
		expect(await stream.next()).toEqual({ opcode: OP.PONG, payload: Buffer.alloc(0) });
		expect(await stream.next()).toEqual({ opcode: OP.PONG, payload: Buffer.from('x'.repeat(125)) });
		stream.destroy();
	});

	it('a large message up to the limit', async () => {
		const stream = await open();
		const call = JSON.stringify({ t: 'call', id: 1, op: 'instance.get' });
		stream.send(frame(OP.TEXT, `${call.slice(0, -1).padEnd(262_143)}}`));
		const { payload } = await stream.next();
		expect(JSON.parse(payload.toString())).toMatchObject({ t: 'reply', id: 1, status: 200 });
		stream.destroy();
	});

	it('closing, which is answered in kind', async () => {
		for (const code of [1000, 1001, 1011, 3000, 4999])
			expect(await closeCode(frame(OP.CLOSE, closePayload(code, '再见')))).toBe(code);
		expect(await closeCode(frame(OP.CLOSE))).toBe(1005);
	});

	it('nothing after the close', async () => {
		const stream = await open();
		stream.send(frame(OP.CLOSE, closePayload(1000)), stream.call(1, 'instance.get'));
		expect((await stream.next()).opcode).toBe(OP.CLOSE);
		expect(await stream.connection.rest()).toEqual(Buffer.alloc(0));
	});
});

describe('what is not', () => {
	it.each<[string, number, Uint8Array[]]>([
		['a frame that is not masked', 1002, [frame(OP.TEXT, CALL, { isMasked: false })]],
		['a reserved bit', 1002, [frame(OP.TEXT, CALL, { reserved: 4 })]],
		['an unknown kind of data', 1002, [frame(3, CALL)]],
		['an unknown kind of control', 1002, [frame(11, '')]],
		['a ping in parts', 1002, [frame(OP.PING, 'x', { isFinal: false })]],
		['a ping of 126 bytes', 1002, [frame(OP.PING, 'x'.repeat(126))]],
		['a continuation of nothing', 1002, [frame(OP.CONTINUATION, 'x')]],
		['a text inside a text', 1002, [frame(OP.TEXT, 'x', { isFinal: false }), frame(OP.TEXT, 'y')]],
		['a length longer than needed', 1002, [frame(OP.TEXT, CALL, { lengthBytes: 2 })]],
		['a length with its highest bit', 1002, [Buffer.from('81ffffffffffffffffff', 'hex')]],
		['a close of one byte', 1002, [frame(OP.CLOSE, 'x')]],
		['a close with a code for nobody', 1002, [frame(OP.CLOSE, closePayload(1005))]],
		['a close with a code too low', 1002, [frame(OP.CLOSE, closePayload(999))]],
		['a close with a code too high', 1002, [frame(OP.CLOSE, closePayload(5000))]],
		['a close whose reason is not UTF-8', 1007, [frame(OP.CLOSE, closePayload(1000, Buffer.from([0xff])))]],
		['a binary frame', 1003, [frame(OP.BINARY, CALL)]],
		['text that is not UTF-8', 1007, [frame(OP.TEXT, Buffer.from('{"t":"\xff"}', 'latin1'))]],
		['a surrogate in UTF-8', 1007, [frame(OP.TEXT, Buffer.from('22eda08022', 'hex'))]],
		['a character cut by the end', 1007, [frame(OP.TEXT, Buffer.from([0xe4, 0xbd]))]],
		['a bad byte in the second part', 1007, [frame(OP.TEXT, '{"', { isFinal: false }), frame(OP.CONTINUATION, Buffer.from([0xc0]))]],
		['a message over the limit, by its header', 1009, [frame(OP.TEXT, '', { length: 262_145 })]],
		['an endless message, by its header', 1009, [frame(OP.TEXT, '', { length: 2 ** 40 })]],
		['a message over the limit, in parts', 1009, [
			frame(OP.TEXT, 'x'.repeat(200_000), { isFinal: false }), frame(OP.CONTINUATION, 'x'.repeat(62_145)),
		]],
	])('%s closes with %d', async (_, code, frames) => {
		expect(await closeCode(...frames)).toBe(code);
	});

	it.each<[string, string, number[]]>([
		['no JSON', 'hello', [1007, 1008]],
		['nothing', '', [1007, 1008]],
		['no object', '[1]', [1008]],
		['no t', '{}', [1008]],
		['an unknown t', '{"t":"shout"}', [1008]],
		['a call without an op', '{"t":"call","id":1}', [1008]],
		['a call without an id', '{"t":"call","op":"me.get"}', [1008]],
		['a call whose id is text', '{"t":"call","id":"1","op":"me.get"}', [1008]],
		['a key twice', '{"t":"call","t":"call","id":1,"op":"me.get"}', [1007, 1008]],
		['typing nowhere', '{"t":"typing"}', [1008]],
	])('a frame with %s', async (_, text, codes) => {
		expect(codes).toContain(await closeCode(frame(OP.TEXT, text)));
	});
});

describe('calls', () => {
	it('that are refused leave the connection as it is', async () => {
		const stream = await open();
		stream.send(
			stream.call(1, 'no.such.op'), stream.call(2, 'media.upload'), stream.call(3, 'sync.stream'),
			stream.call(4, 'accounts.get'), stream.call(5, 'accounts.get', { account_id: '1', x: 1 }),
			stream.call(6, 'me.get', []), stream.call(7, 'me.get'),
		);
		const codes = new Map<unknown, unknown>();
		for (let i = 0; i < 7; i++) {
			const { id, problem } = (await stream.json()) as { id: number; problem?: { code: string } };
			codes.set(id, problem?.code);
		}
		expect(Object.fromEntries(codes)).toEqual({
			1: 'core.unknown_op', 2: 'core.unknown_op', 3: 'core.unknown_op', 4: 'core.missing_field',
			5: 'core.unknown_field', 6: 'core.invalid_field', 7: undefined,
		});
		stream.destroy();
	});

	it('of writes are answered in their order', async () => {
		const one = await person(house.server);
		const own = await one.selfConversation();
		const stream = await RawStream.open(house.server, one.token);
		const calls: Buffer[] = [];
		for (let i = 0; i < 200; i++) {
			const input = { conversation_id: own, client_id: `c${i}`, kind: 'text', body: { text: `t${i}` } };
			calls.push(stream.call(i, 'messages.send', input));
		}
		stream.send(...calls);
		for (let i = 0; i < 200; i++) expect(await stream.json()).toMatchObject({ id: i, status: 201, out: { message: { seq: i + 1 } } });
		stream.destroy();
	});
});
