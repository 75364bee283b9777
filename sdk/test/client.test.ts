// SPDX-License-Identifier: Apache-2.0
// Goal: each operation becomes the right request, and each kind of answer the right value or error.
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Client, ConnectionError, GuanxiError, newClientId, solveProof } from '../src/index.ts';
import { sha256 } from '../src/proof.ts';
import { House } from './house.ts';

let house: House;
let client: Client;

beforeEach(async () => {
	house = await House.open();
	client = new Client({ baseUrl: house.url, token: 'tok', language: 'zh-CN' });
});
afterEach(() => house.close());

describe('call', () => {
	it('puts fields into path, query and body', async () => {
		await client.call('messages.send', {
			conversation_id: '12', client_id: 'a1', kind: 'text', body: { text: '你好' },
		});
		await client.call('messages.list', { conversation_id: '12', before: 9, limit: 2 });
		await client.call('accounts.search', { q: 'a&b=c 你' });
		const [send, list, search] = house.requests;
		expect(send).toMatchObject({ method: 'POST', target: '/api/v1/conversations/12/messages' });
		expect(JSON.parse(send?.body ?? '')).toEqual({ client_id: 'a1', kind: 'text', body: { text: '你好' } });
		expect(send?.headers).toMatchObject({
			authorization: 'Bearer tok', 'content-type': 'application/json', 'accept-language': 'zh-CN',
		});
		expect(list).toMatchObject({ method: 'GET', body: '' });
		expect(list?.target).toBe('/api/v1/conversations/12/messages?before=9&limit=2');
		expect(new URL(search?.target ?? '', house.url).searchParams.get('q')).toBe('a&b=c 你');
	});

	it('sends no body and no Content-Type without fields', async () => {
		await client.call('contact_requests.accept', { request_id: '3' });
		expect(house.requests[0]).toMatchObject({ target: '/api/v1/contact-requests/3/accept', body: '' });
		expect(house.requests[0]?.headers['content-type']).toBeUndefined();
	});

	it('keeps a path field from reaching another path', async () => {
		await client.call('conversations.get', { conversation_id: '../me?x=1' });
		expect(house.requests[0]?.target).toBe('/api/v1/conversations/..%2Fme%3Fx%3D1');
	});

	it('answers undefined for 204', async () => {
		house.onRequest = (_, answer) => {
			answer.writeHead(204).end();
		};
		expect(await client.call('sessions.delete_current')).toBeUndefined();
	});

	it('throws the problem', async () => {
		house.onRequest = (_, answer) =>
			House.json(answer, 429, House.problem(429, 'accounts.throttled'), { 'retry-after': '7' });
		const error: unknown = await client.call('me.get').catch((e: unknown) => e);
		expect(error).toBeInstanceOf(GuanxiError);
		expect(error).toMatchObject({ code: 'accounts.throttled', status: 429, retryAfterMs: 7000, isRetryable: true });
		expect((error as Error).message).toBe('detail of accounts.throttled');
	});

	it('makes a problem of what is none', async () => {
		house.onRequest = (_, answer) => answer.writeHead(502).end('<html>');
		await expect(client.call('me.get')).rejects.toMatchObject({ status: 502 });
	});

	it('tells timeout, loss and abort apart', async () => {
		house.onRequest = () => undefined;
		await expect(client.call('me.get', {}, { timeoutMs: 20 })).rejects.toMatchObject({ reason: 'timeout' });
		house.onRequest = (_, answer) => answer.destroy();
		await expect(client.call('me.get')).rejects.toBeInstanceOf(ConnectionError);
		house.onRequest = () => controller.abort();
		const controller = new AbortController();
		const aborted = client.call('me.get', {}, { signal: controller.signal });
		await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
	});

	it('gives a long poll its time on top of the timeout', async () => {
		const patient = new Client({ baseUrl: house.url, timeoutMs: 30 });
		house.onRequest = (_, answer) => {
			setTimeout(() => House.json(answer, 200, { cursor: 'c1', events: [], more: false }), 60);
		};
		expect(await patient.call('sync.get', { since: 'c0', wait_ms: 5000 })).toMatchObject({ cursor: 'c1' });
	});

	it('becomes somebody else with as()', async () => {
		await client.as('other').call('me.get');
		await client.as(undefined).call('instance.get');
		expect(house.requests.map((r) => r.headers.authorization)).toEqual(['Bearer other', undefined]);
	});
});

describe('media', () => {
	const media = { id: '5', kind: 'file', mime: 'text/plain', size: 3, sha256: '0'.repeat(64) };

	it('uploads bytes with name and type', async () => {
		house.onRequest = (_, answer) => House.json(answer, 201, { media });
		const progress: number[][] = [];
		const got = await client.upload(new Blob(['abc'], { type: 'text/plain' }), {
			filename: '图 1.txt', onProgress: (...p) => progress.push(p),
		});
		expect(got).toEqual(media);
		expect(house.requests[0]).toMatchObject({ method: 'POST', target: '/api/v1/media', body: 'abc' });
		expect(house.requests[0]?.headers).toMatchObject({
			'content-type': 'text/plain', 'x-filename': '%E5%9B%BE%201.txt', authorization: 'Bearer tok',
		});
		expect(progress.at(-1)).toEqual([3, 3]);
	});

	it('throws the problem of a refused upload, and an abort', async () => {
		house.onRequest = (_, answer) => House.json(answer, 413, House.problem(413, 'media.too_large'));
		const bytes = new Uint8Array(3);
		await expect(client.upload(bytes, {})).rejects.toMatchObject({ code: 'media.too_large' });
		const aborted = client.upload(bytes, { signal: AbortSignal.abort() });
		await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
	});

	it('downloads, whole and in part', async () => {
		house.onRequest = (request, answer) => answer.writeHead(request.headers.range ? 206 : 200).end('abc');
		const whole = await client.download('media.get', '5');
		expect([whole.status, await whole.text()]).toEqual([200, 'abc']);
		const part = await client.download('media.thumb', '5', { range: 'bytes=0-1' });
		expect(part.status).toBe(206);
		expect(house.requests[1]).toMatchObject({ target: '/api/v1/media/5/thumb', headers: { range: 'bytes=0-1' } });
		expect(client.mediaUrl('5')).toBe(`${house.url}/api/v1/media/5`);
		expect(client.thumbUrl('5')).toBe(`${house.url}/api/v1/media/5/thumb`);
		house.onRequest = (_, answer) => House.json(answer, 404, House.problem(404, 'media.no_media'));
		await expect(client.download('media.get', '6')).rejects.toMatchObject({ code: 'media.no_media' });
	});
});

describe('proof of work', () => {
	it('hashes like everybody else', () => {
		for (const length of [0, 1, 54, 55, 56, 63, 64, 65, 119, 120, 300]) {
			const text = 'x'.repeat(length);
			const hex = [...sha256(text)].map((word) => word.toString(16).padStart(8, '0')).join('');
			expect(hex, `${length} bytes`).toBe(createHash('sha256').update(text).digest('hex'));
		}
	});

	it('finds a nonce, or stops when told to', async () => {
		const { nonce } = await solveProof({ challenge: 'abc', bits: 12 });
		const digest = createHash('sha256').update(`abc:${nonce}`).digest();
		expect(digest.readUInt16BE(0) >> 4).toBe(0);
		await expect(solveProof({ challenge: 'abc', bits: 256 }, AbortSignal.abort())).rejects.toThrow();
	});
});

it('makes client ids that differ and fit', () => {
	const ids = Array.from({ length: 1000 }, newClientId);
	expect(new Set(ids).size).toBe(1000);
	for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{22}$/);
});
