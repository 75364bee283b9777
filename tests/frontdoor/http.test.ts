// SPDX-License-Identifier: Apache-2.0
// Goal: HTTP/1.1 to the letter. Whatever is ambiguous about where a message ends is refused and the
// connection closed; whatever is allowed works, however oddly it is cut.
import { describe, expect, it } from 'vitest';
import { checkedFetch } from '../support/checked.ts';
import { useServer } from '../support/house.ts';
import { nobody, person } from '../support/people.ts';
import { exchange, RawConnection, request, type RawAnswer } from '../support/raw.ts';

const house = useServer();

/** A request that must be refused: one answer, then the end. */
async function refusedWith(bytes: string | Uint8Array): Promise<RawAnswer> {
	const connection = await RawConnection.open(house.server);
	connection.send(bytes);
	const answer = await connection.answer();
	expect(answer.headers.get('connection')?.toLowerCase()).toBe('close');
	expect(await connection.rest()).toEqual(Buffer.alloc(0));
	expect(connection.isReset).toBe(false);
	connection.destroy();
	expect(answer.headers.get('content-type')).toBe('application/problem+json');
	return answer;
}

const GET = request('GET', '/healthz');
const OK = JSON.stringify({ status: 'ok' });
/** The head of a POST, to which the cases add what is wrong. */
function post(headers: string, body: string): string {
	return `POST /api/v1/sessions HTTP/1.1\r\nhost: x\r\n${headers}\r\n\r\n${body}`;
}

describe('where a message ends', () => {
	it.each([
		['both lengths', post('content-length: 5\r\ntransfer-encoding: chunked', '0\r\n\r\n')],
		['two lengths', post('content-length: 2\r\ncontent-length: 3', '{}')],
		['two equal lengths', post('content-length: 2\r\ncontent-length: 2', '{}')],
		['a list of lengths', post('content-length: 2, 2', '{}')],
		['a signed length', post('content-length: +2', '{}')],
		['a negative length', post('content-length: -1', '')],
		['a length in hex', post('content-length: 0x2', '{}')],
		['an empty length', post('content-length:', '')],
		['a length with a space inside', post('content-length: 1 2', '{}')],
		['an endless length', post(`content-length: ${'9'.repeat(30)}`, '')],
		['a coding before chunked', post('transfer-encoding: gzip, chunked', '0\r\n\r\n')],
		['chunked twice', post('transfer-encoding: chunked\r\ntransfer-encoding: chunked', '0\r\n\r\n')],
		['chunked not last', post('transfer-encoding: chunked, identity', '0\r\n\r\n')],
		['an unknown coding', post('transfer-encoding: xchunked', '0\r\n\r\n')],
		['a coding with a tab', post('transfer-encoding:\x0bchunked', '0\r\n\r\n')],
		['a space before the colon', post('content-length : 2', '{}')],
		['a folded header', post('x: a\r\n b\r\ncontent-length: 2', '{}')],
		['a first header that begins with a space', 'GET /healthz HTTP/1.1\r\n host: x\r\n\r\n'],
		['a header without a colon', post('nonsense', '')],
		['a header without a name', post(': x', '')],
		['a bad character in a name', post('x(y): z', '')],
		['a NUL in a value', post('x: a\0b', '')],
		['a bare CR in a value', post('x: a\rcontent-length: 2', '{}')],
		['bare LF line ends', 'GET /healthz HTTP/1.1\nhost: x\n\n'],
		['a bare LF at the end', 'GET /healthz HTTP/1.1\r\nhost: x\r\n\n'],
		['a chunk without a size', post('transfer-encoding: chunked', '\r\n\r\n')],
		['a chunk size in nonsense', post('transfer-encoding: chunked', 'g\r\n')],
		['a signed chunk size', post('transfer-encoding: chunked', '+2\r\n{}\r\n0\r\n\r\n')],
		['a chunk size with 0x', post('transfer-encoding: chunked', '0x2\r\n{}\r\n0\r\n\r\n')],
		['an endless chunk size', post('transfer-encoding: chunked', `${'f'.repeat(20)}\r\n`)],
		['a chunk longer than it says', post('transfer-encoding: chunked', '1\r\n{}\r\n0\r\n\r\n')],
		['a chunk ended by LF', post('transfer-encoding: chunked', '2\n{}\n0\n\n')],
		['a space behind the chunk size', post('transfer-encoding: chunked', '2 \r\n{}\r\n0\r\n\r\n')],
	])('%s: refused and closed', async (_, bytes) => {
		expect([400, 413, 501]).toContain((await refusedWith(bytes)).status);
	});

	it('nothing behind a refused request is answered', async () => {
		const connection = await RawConnection.open(house.server);
		connection.send(post('content-length: 0\r\ntransfer-encoding: chunked', `0\r\n\r\n${GET}`));
		expect((await connection.answer()).status).toBe(400);
		expect(await connection.rest()).toEqual(Buffer.alloc(0));
	});
});

describe('the first line and Host', () => {
	it.each<[string, string, number[]]>([
		['no version', 'GET /healthz\r\n\r\n', [400]],
		['HTTP/1.0 without host', 'GET /healthz HTTP/1.0\r\n\r\n', [200, 400, 505]],
		['HTTP/2.0', 'GET /healthz HTTP/2.0\r\nhost: x\r\n\r\n', [505, 400]],
		['http/1.1 in small letters', 'GET /healthz http/1.1\r\nhost: x\r\n\r\n', [400]],
		['two spaces', 'GET  /healthz HTTP/1.1\r\nhost: x\r\n\r\n', [400]],
		['a space at the end', 'GET /healthz HTTP/1.1 \r\nhost: x\r\n\r\n', [400]],
		['a tab', 'GET\t/healthz\tHTTP/1.1\r\nhost: x\r\n\r\n', [400]],
		['a target without a slash', 'GET healthz HTTP/1.1\r\nhost: x\r\n\r\n', [400]],
		['a fragment', 'GET /healthz#x HTTP/1.1\r\nhost: x\r\n\r\n', [400]],
		['a raw byte above ASCII', 'GET /\xe4\xbd\xa0 HTTP/1.1\r\nhost: x\r\n\r\n', [400]],
		['a NUL', 'GET /heal\0thz HTTP/1.1\r\nhost: x\r\n\r\n', [400]],
		['no Host', 'GET /healthz HTTP/1.1\r\n\r\n', [400]],
		['two Hosts', 'GET /healthz HTTP/1.1\r\nhost: x\r\nhost: x\r\n\r\n', [400]],
		['a Host with a space', 'GET /healthz HTTP/1.1\r\nhost: x y\r\n\r\n', [400]],
		['a bad character in the method', 'G(T /healthz HTTP/1.1\r\nhost: x\r\n\r\n', [400]],
		['an unknown method', 'BREW /healthz HTTP/1.1\r\nhost: x\r\n\r\n', [405, 501]],
		['CONNECT', 'CONNECT x:80 HTTP/1.1\r\nhost: x\r\n\r\n', [400, 405, 501]],
		['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', [400]],
	])('%s', async (_, bytes, statuses) => {
		const connection = await RawConnection.open(house.server);
		connection.send(bytes);
		const answer = await connection.answer();
		expect(statuses).toContain(answer.status);
		connection.destroy();
	});

	it('an absolute target is that of its path', async () => {
		const answer = await exchange(house.server, 'GET http://elsewhere/healthz HTTP/1.1\r\nhost: elsewhere\r\n\r\n');
		expect([answer.status, answer.body.toString()]).toEqual([200, OK]);
	});

	it('an empty line before a request is passed over', async () => {
		expect((await exchange(house.server, `\r\n${GET}`)).status).toBe(200);
	});
});

describe('limits', () => {
	it('a request line up to 8 KiB', async () => {
		const line = (length: number): string => {
			const frame = 'GET /healthz? HTTP/1.1\r\n'.length;
			return `GET /healthz?${'a'.repeat(length - frame)} HTTP/1.1\r\nhost: x\r\n\r\n`;
		};
		expect((await exchange(house.server, line(8000))).status).toBe(200);
		expect([400, 414]).toContain((await refusedWith(line(8300))).status);
	});

	it('a header section up to 16 KiB', async () => {
		const head = (length: number): string => request('GET', '/healthz', { x: 'a'.repeat(length) });
		expect((await exchange(house.server, head(15_000))).status).toBe(200);
		expect([400, 431]).toContain((await refusedWith(head(17_000))).status);
		const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`x-${i}`, 'y']));
		expect([400, 431]).toContain((await refusedWith(request('GET', '/healthz', many))).status);
	});

	it('a JSON body up to 1 MiB, by its length or while it comes', async () => {
		const type = { 'content-type': 'application/json' };
		const padded = (length: number): string => `{"username":"x"${' '.repeat(length - 16)}}`;
		expect((await exchange(house.server, request('POST', '/api/v1/sessions', type, padded(1_048_576)))).status).toBe(400);
		const announced = { ...type, 'content-length': '1048577' };
		expect((await refusedWith(request('POST', '/api/v1/sessions', announced))).status).toBe(413);
		const connection = await RawConnection.open(house.server);
		connection.send(request('POST', '/api/v1/sessions', { ...type, 'transfer-encoding': 'chunked' }));
		connection.send(`100001\r\n${padded(0x100001)}\r\n0\r\n\r\n`);
		const answer = await connection.answer();
		expect([answer.status, answer.headers.get('connection')]).toEqual([413, 'close']);
		connection.destroy();
	});

	it('a refusal while the body is still coming arrives before the end', async () => {
		const connection = await RawConnection.open(house.server);
		connection.send(request('POST', '/api/v1/sessions', { 'content-type': 'application/json', 'content-length': '50000000' }));
		const piece = Buffer.alloc(65536, 0x20);
		for (let i = 0; i < 100; i++) connection.send(piece);
		const answer = await connection.answer();
		expect(answer.status).toBe(413);
		connection.finish();
		await connection.rest();
		expect(connection.isReset).toBe(false);
	});
});

describe('connections', () => {
	it('carry many requests, answered in order', async () => {
		const connection = await RawConnection.open(house.server);
		const wanted: number[] = [];
		let bytes = '';
		for (let i = 0; i < 100; i++) {
			bytes += i % 3 ? GET : request('GET', `/api/v1/nothing-${i}`);
			wanted.push(i % 3 ? 200 : 404);
		}
		connection.send(bytes);
		const statuses: number[] = [];
		for (let i = 0; i < 100; i++) statuses.push((await connection.answer()).status);
		expect(statuses).toEqual(wanted);
		connection.destroy();
	});

	it('carry commands and queries in order, too', async () => {
		const one = await person(house.server);
		const own = await one.selfConversation();
		const headers = { authorization: `Bearer ${one.token}`, 'content-type': 'application/json' };
		const connection = await RawConnection.open(house.server);
		for (let i = 0; i < 20; i++) {
			const body = JSON.stringify({ client_id: `c${i}`, kind: 'text', body: { text: `t${i}` } });
			connection.send(request('POST', `/api/v1/conversations/${own}/messages`, headers, body));
			connection.send(request('GET', `/api/v1/conversations/${own}`, { authorization: `Bearer ${one.token}` }));
		}
		for (let i = 0; i < 20; i++) {
			const sent = await connection.answer();
			expect([sent.status, (JSON.parse(sent.body.toString()) as { message: { seq: number } }).message.seq]).toEqual([201, i + 1]);
			const seen = JSON.parse((await connection.answer()).body.toString()) as { conversation: { last_seq: number } };
			expect(seen.conversation.last_seq).toBe(i + 1);
		}
		connection.destroy();
	});

	it('take a request byte by byte', async () => {
		const connection = await RawConnection.open(house.server);
		for (const byte of GET) {
			connection.send(byte);
			await new Promise((resolve) => setImmediate(resolve));
		}
		expect((await connection.answer()).body.toString()).toBe(OK);
		connection.destroy();
	});

	it('with Connection: close are answered, whatever follows, and end', async () => {
		const connection = await RawConnection.open(house.server);
		connection.send(request('GET', '/healthz', { connection: 'close' }) + GET + 'nonsense');
		expect((await connection.answer()).status).toBe(200);
		expect(await connection.rest()).toEqual(Buffer.alloc(0));
		expect(connection.isReset).toBe(false);
	});

	it('half-closed by the client still get their answers', async () => {
		const connection = await RawConnection.open(house.server);
		connection.send(GET + request('GET', '/api/v1/instance'));
		connection.finish();
		expect((await connection.answer()).status).toBe(200);
		expect((await connection.answer()).status).toBe(200);
		expect(await connection.rest()).toEqual(Buffer.alloc(0));
	});

	it('take a body in chunks, with extensions and trailers', async () => {
		const connection = await RawConnection.open(house.server);
		connection.send(request('POST', '/api/v1/sessions', { 'content-type': 'application/json', 'transfer-encoding': 'Chunked' }));
		connection.send('5;a="b"\r\n{"use\r\n00e\r\nrname":"none12\r\n16\r\n","password":"xxxxxx"}\r\n0\r\nx-trailer: y\r\n\r\n');
		connection.send(GET);
		const answer = await connection.answer();
		expect(JSON.parse(answer.body.toString())).toMatchObject({ code: 'accounts.bad_credentials' });
		expect((await connection.answer()).status).toBe(200);
		connection.destroy();
	});

	it('wait with 100 Continue for who asks', async () => {
		const connection = await RawConnection.open(house.server);
		const body = JSON.stringify({ username: 'none12', password: 'xxxxxxxx' });
		const headers = { 'content-type': 'application/json', 'content-length': String(body.length), expect: '100-continue' };
		connection.send(request('POST', '/api/v1/sessions', headers));
		expect((await connection.answer()).status).toBe(100);
		connection.send(body);
		expect((await connection.answer()).status).toBe(401);
		connection.destroy();
		const other = request('POST', '/api/v1/sessions', { ...headers, expect: '200-maybe' });
		expect((await exchange(house.server, other)).status).toBe(417);
	});

	it('may be broken off anywhere', async () => {
		for (let i = 0; i < GET.length; i += 3) {
			const connection = await RawConnection.open(house.server);
			connection.send(GET.slice(0, i));
			connection.destroy();
		}
		expect((await exchange(house.server, GET)).status).toBe(200);
	});
});

describe('answers', () => {
	it('405 says what is allowed', async () => {
		const answer = await exchange(house.server, request('DELETE', '/api/v1/me'));
		expect([answer.status, JSON.parse(answer.body.toString())]).toMatchObject([405, { code: 'core.method_not_allowed' }]);
		const allow = (answer.headers.get('allow') ?? '').split(', ');
		expect(allow).toEqual(expect.arrayContaining(['GET', 'PATCH']));
		expect(allow).not.toContain('DELETE');
	});

	it('401 says how', async () => {
		const answer = await exchange(house.server, request('GET', '/api/v1/me'));
		expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
		for (const authorization of ['Basic eDp5', 'Bearer', 'Bearer  ', 'bearer x y', `Bearer ${'a'.repeat(300)}`])
			expect((await exchange(house.server, request('GET', '/api/v1/me', { authorization }))).status, authorization).toBe(401);
	});

	it('404 for an unknown path', async () => {
		for (const path of ['/api/v1/nothing', '/api/v1/', '/api/v2/me', '/api/v1/me/', '/api/v1//me', '/api']) {
			const answer = await exchange(house.server, request('GET', path));
			expect(answer.status, path).toBe(404);
		}
	});

	it('HEAD is GET without a body', async () => {
		for (const path of ['/healthz', '/api/v1/instance', '/api/v1/me']) {
			const got = await exchange(house.server, request('GET', path));
			const connection = await RawConnection.open(house.server);
			connection.send(request('HEAD', path) + GET);
			const head = await connection.answer(false);
			expect([head.status, head.headers.get('content-length')]).toEqual([got.status, got.headers.get('content-length')]);
			expect((await connection.answer()).body.toString()).toBe(OK);
			connection.destroy();
		}
	});

	it('a GET\'s body is read and ignored', async () => {
		const connection = await RawConnection.open(house.server);
		connection.send(request('GET', '/healthz', { 'content-type': 'text/plain' }, 'whatever') + GET);
		expect((await connection.answer()).status).toBe(200);
		expect((await connection.answer()).status).toBe(200);
		connection.destroy();
	});

	it('a body must be JSON and say so', async () => {
		const ask = async (type: string, body: string): Promise<unknown> => {
			const headers = type === '' ? {} : { 'content-type': type };
			const answer = await exchange(house.server, request('POST', '/api/v1/sessions', headers, body));
			return (JSON.parse(answer.body.toString()) as { code: string }).code;
		};
		const good = JSON.stringify({ username: 'none12', password: 'xxxxxxxx' });
		expect(await ask('application/json; charset=utf-8', good)).toBe('accounts.bad_credentials');
		expect(await ask('Application/JSON', good)).toBe('accounts.bad_credentials');
		expect(await ask('text/plain', good)).toBe('core.unsupported_media_type');
		expect(await ask('application/x-www-form-urlencoded', 'username=x')).toBe('core.unsupported_media_type');
		expect(await ask('application/json', '{')).toBe('core.invalid_json');
		expect(await ask('application/json', '{"username":"a","username":"b","password":"c"}')).toBe('core.invalid_json');
		expect(await ask('application/json', '{"username":"\\ud800","password":"c"}')).toBe('core.invalid_json');
		expect(await ask('application/json', '{"username":"\xff","password":"c"}')).toBe('core.invalid_json');
		expect(await ask('application/json', '['.repeat(100_000))).toBe('core.invalid_json');
		expect(await ask('application/json', '[]')).toMatch(/^core\.invalid_/);
		expect(await ask('application/json', '')).toBe('core.missing_field');
	});

	it('an operation without required input takes no body, or an empty object', async () => {
		const { token } = await person(house.server);
		const bearer = { authorization: `Bearer ${token}` };
		const json = { ...bearer, 'content-type': 'application/json' };
		for (const bytes of [
			request('PATCH', '/api/v1/me', bearer), request('PATCH', '/api/v1/me', { ...bearer, 'content-length': '0' }),
			request('PATCH', '/api/v1/me', json, '{}'), request('PATCH', '/api/v1/me', { ...json, 'content-length': '0' }),
		])
			expect((await exchange(house.server, bytes)).status).toBe(200);
	});

	it('an unknown field in a query is refused, but not where a query means nothing', async () => {
		const { token } = await person(house.server);
		const answer = await exchange(house.server, request('GET', '/api/v1/contacts?x=1', { authorization: `Bearer ${token}` }));
		expect([answer.status, JSON.parse(answer.body.toString())]).toMatchObject([400, { code: 'core.unknown_field' }]);
		const twice = await exchange(house.server, request('GET', '/api/v1/contacts?limit=1&limit=2', { authorization: `Bearer ${token}` }));
		expect(twice.status).toBe(400);
		expect((await exchange(house.server, request('GET', '/healthz?x=1'))).status).toBe(200);
	});

	it('the server says that it is well', async () => {
		expect(await nobody(house.server).call('health.get')).toEqual({ status: 'ok' });
	});

	it('an address for WebSockets or uploads is for nothing else', async () => {
		const { token } = await person(house.server);
		const bearer = { authorization: `Bearer ${token}` };
		const answer = await exchange(house.server, request('GET', '/api/v1/stream', bearer));
		expect([answer.status, JSON.parse(answer.body.toString())]).toMatchObject([400, { code: 'core.upgrade_required' }]);
	});

	it('metrics are Prometheus\' text, for this machine', async () => {
		expect((await checkedFetch(`${house.server.url}/metrics`)).status).toBe(200);
		const answer = await exchange(house.server, request('GET', '/metrics'));
		expect([answer.status, answer.headers.get('content-type')]).toMatchObject([200, expect.stringContaining('text/plain')]);
		expect(answer.body.toString()).toMatch(/^# HELP guanxi_/m);
		const foreign = await exchange(house.server, request('GET', '/metrics', { 'x-forwarded-for': '203.0.113.9' }));
		expect(foreign.status).toBe(404);
	});
});
