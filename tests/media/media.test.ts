// SPDX-License-Identifier: Apache-2.0
// Goal: a file is kept as it came, seen by those who may, and by nobody else.
import { createHash } from 'node:crypto';
import { newClientId, type Media } from '@guanxi/sdk';
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../support/clock.ts';
import { checkedFetch } from '../support/checked.ts';
import { useServer } from '../support/house.ts';
import { befriend, nobody, people, person, refused, type Person } from '../support/people.ts';
import { gif, mp4, png, wav } from '../support/pictures.ts';

const house = useServer({ settings: {
	'limits.media_upload_bytes': 4_000_000, 'limits.media_bytes_per_account': 10_000_000, 'limits.media_uploads_per_hour': 20,
} });

type Bytes = Uint8Array<ArrayBuffer>;

function some(size: number, seed = 7): Bytes {
	const bytes = new Uint8Array(size);
	for (let i = 0; i < size; i++) bytes[i] = (i * seed + (i >> 8)) & 255;
	return bytes;
}

function sha256(bytes: Uint8Array): string {
	return createHash('sha256').update(bytes).digest('hex');
}

async function show(from: Person, conversation_id: string, media: Media): Promise<number> {
	const body = { media_id: media.id, name: 'x', size: media.size };
	const input = { conversation_id, client_id: newClientId(), kind: 'file', body } as const;
	return (await from.call('messages.send', input)).message.seq;
}

describe('uploading', () => {
	it.each([
		['a PNG', png(40, 30), 'image/png', { kind: 'image', mime: 'image/png', width: 40, height: 30 }],
		['a GIF', gif(), 'image/gif', { kind: 'image', mime: 'image/gif', width: 1, height: 1 }],
		['a WAV', wav(), 'audio/wav', { kind: 'voice' }],
		['an MP4', mp4(), 'video/mp4', { kind: 'video', mime: 'video/mp4' }],
		['text', new TextEncoder().encode('hello 你好\n'), 'text/plain', { kind: 'file', mime: 'text/plain' }],
		['anything', some(3000), 'application/octet-stream', { kind: 'file' }],
		['one byte', some(1), 'application/octet-stream', { kind: 'file' }],
	])('keeps %s as it came', async (_, bytes, mime, want) => {
		const a = await person(house.server);
		const media = await a.client.upload(bytes, { mime, filename: '文件 1' });
		expect(media).toMatchObject({ ...want, size: bytes.length, sha256: sha256(bytes) });
		const answer = await a.client.download('media.get', media.id);
		expect(answer.headers.get('content-type')).toContain(media.mime);
		expect(sha256(new Uint8Array(await answer.arrayBuffer()))).toBe(media.sha256);
	});

	it('gives an id to each upload, also of the same bytes', async () => {
		const [a, b] = await people(house.server, 2);
		const bytes = some(5000);
		const all = [await a.client.upload(bytes, {}), await a.client.upload(bytes, {}), await b.client.upload(bytes, {})];
		expect(new Set(all.map(({ id }) => id)).size).toBe(3);
		const [, , theirs] = all;
		await refused(a.client.download('media.get', theirs?.id ?? ''), 'media.no_media');
	});

	it('refuses what is not what it says', async () => {
		const a = await person(house.server);
		await refused(a.client.upload(some(500), { mime: 'image/png' }), 'media.type_mismatch');
		await refused(a.client.upload(new TextEncoder().encode('<script>alert(1)</script>'), { mime: 'image/gif' }), 'media.type_mismatch');
	});

	it('refuses what is too large, announced or not', async () => {
		const a = await person(house.server);
		await refused(a.client.upload(some(4_000_001), {}), 'media.too_large');
		const chunked = await fetch(`${house.server.url}/api/v1/media`, {
			method: 'POST', duplex: 'half', headers: { ...Object.fromEntries(a.client.headers()), 'content-type': 'x/y' },
			body: new Blob([some(4_000_001)]).stream(),
		} as RequestInit).then((r) => r.status, () => 0);
		expect([413, 0]).toContain(chunked); // 0: the connection was closed before all was sent
		await a.client.upload(some(4_000_000), {});
	});

	it('keeps to the quota of each account', async () => {
		const a = await person(house.server);
		await a.client.upload(some(4_000_000), {});
		await a.client.upload(some(4_000_000), {});
		await refused(a.client.upload(some(4_000_000), {}), 'media.quota_exceeded');
	});

	it('bounds how many one sends in an hour', async () => {
		const a = await person(house.server);
		for (let i = 0; i < 20; i++) await a.client.upload(some(10, i + 1), {});
		await refused(a.client.upload(some(10), {}), 'media.too_often');
	});

	it('takes a session and a name without a path', async () => {
		await refused(nobody(house.server).upload(some(10), {}), 'core.unauthenticated');
		const a = await person(house.server);
		await a.client.upload(some(10), { filename: '../../etc/passwd' });
	});
});

describe('downloading', () => {
	it('honours ranges and ETags', async () => {
		const a = await person(house.server);
		const bytes = some(10_000);
		const { id } = await a.client.upload(bytes, {});
		const url = `${house.server.url}/api/v1/media/${id}`;
		const get = (headers: Record<string, string>): Promise<Response> =>
			checkedFetch(url, { headers: { authorization: `Bearer ${a.token}`, ...headers } });
		const part = await get({ range: 'bytes=100-199' });
		expect(part.status).toBe(206);
		expect(part.headers.get('content-range')).toBe('bytes 100-199/10000');
		expect(new Uint8Array(await part.arrayBuffer())).toEqual(bytes.slice(100, 200));
		const tail = await get({ range: 'bytes=-10' });
		expect(new Uint8Array(await tail.arrayBuffer())).toEqual(bytes.slice(-10));
		const rest = await get({ range: 'bytes=9990-' });
		expect(new Uint8Array(await rest.arrayBuffer())).toEqual(bytes.slice(-10));
		const beyond = await get({ range: 'bytes=10000-' });
		expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */10000']);
		const whole = await get({});
		const etag = whole.headers.get('etag') ?? '';
		expect(etag).toMatch(/^"[^"]+"$/);
		await whole.arrayBuffer();
		expect((await get({ 'if-none-match': etag })).status).toBe(304);
		expect((await get({ 'if-match': '"other"' })).status).toBe(412);
		expect((await get({ range: 'bytes=0-9', 'if-range': etag })).status).toBe(206);
		expect((await get({ range: 'bytes=0-9', 'if-range': '"other"' })).status).toBe(200);
		const head = await fetch(url, { method: 'HEAD', headers: { authorization: `Bearer ${a.token}` } });
		expect([head.status, head.headers.get('content-length')]).toEqual([200, '10000']);
	});

	it('works by the cookie, which is good for nothing else', async () => {
		const a = await person(house.server);
		const { id } = await a.client.upload(gif(), { mime: 'image/gif' });
		const headers = { cookie: `gx_media=${a.token}` };
		expect((await fetch(`${house.server.url}/api/v1/media/${id}`, { headers })).status).toBe(200);
		expect((await fetch(`${house.server.url}/api/v1/me`, { headers })).status).toBe(401);
		expect((await fetch(`${house.server.url}/api/v1/media`, { method: 'POST', headers, body: 'x' })).status).toBe(401);
	});

	it('can never run as a page of this site', async () => {
		const a = await person(house.server);
		const page = new TextEncoder().encode('<!doctype html><html><script>alert(1)</script></html>');
		const { id } = await a.client.upload(page, { mime: 'text/html' });
		const answer = await a.client.download('media.get', id);
		expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
		const isHarmless = !(answer.headers.get('content-type') ?? '').includes('html')
			|| (answer.headers.get('content-disposition') ?? '').startsWith('attachment')
			|| (answer.headers.get('content-security-policy') ?? '').includes('sandbox');
		expect(isHarmless).toBe(true);
	});
});

describe('who may see it', () => {
	it('the uploader, then the members of a conversation that has it, as long as it is there', async () => {
		const [a, b, c] = await people(house.server, 3);
		const conversation_id = await befriend(a, b);
		const media = await a.client.upload(some(100), {});
		await a.client.download('media.get', media.id);
		for (const who of [b, c]) await refused(who.client.download('media.get', media.id), 'media.no_media');
		await refused(nobody(house.server).download('media.get', media.id), 'core.unauthenticated');
		const seq = await show(a, conversation_id, media);
		await b.client.download('media.get', media.id);
		const real = await refused(c.client.download('media.get', media.id), 'media.no_media');
		const none = await refused(c.client.download('media.get', '999999'), 'media.no_media');
		expect(real.problem).toEqual(none.problem);
		await a.call('messages.recall', { conversation_id, seq });
		await refused(b.client.download('media.get', media.id), 'media.no_media');
	});
});

describe('thumbnails', () => {
	it('are small pictures of pictures', async () => {
		const a = await person(house.server);
		const { id } = await a.client.upload(png(1200, 800), { mime: 'image/png' });
		const answer = await a.client.download('media.thumb', id);
		expect(answer.headers.get('content-type')).toMatch(/^image\/(jpeg|webp|png)$/);
		expect((await answer.arrayBuffer()).byteLength).toBeLessThan(100_000);
		const again = await a.client.download('media.thumb', id);
		expect(again.status).toBe(200);
	});

	it('are for those who may see the picture', async () => {
		const [a, b] = await people(house.server, 2);
		const { id } = await a.client.upload(png(300, 300), { mime: 'image/png' });
		await refused(b.client.download('media.thumb', id), 'media.no_media');
		const text = await a.client.upload(some(100), {});
		await refused(a.client.download('media.thumb', text.id), 'media.no_thumb');
	});

	it('of a broken picture are none, and hurt nobody', async () => {
		const a = await person(house.server);
		const bytes = png(500, 500);
		bytes.fill(0, 60);
		await refused(a.client.upload(bytes, { mime: 'image/png' }), 'media.unreadable');
		const as_file = await a.client.upload(bytes, {});
		expect(as_file).toMatchObject({ kind: 'file', mime: 'image/png' });
		await refused(a.client.download('media.thumb', as_file.id), 'media.no_thumb');
		const good = await a.client.upload(png(50, 50, 9), { mime: 'image/png' });
		expect((await a.client.download('media.thumb', good.id)).status).toBe(200);
	});
});

it('what was never sent goes away', async () => {
	const [a, b] = await people(house.server, 2);
	const conversation_id = await befriend(a, b);
	const kept = await a.client.upload(some(100, 3), {});
	const lost = await a.client.upload(some(100, 5), {});
	await show(a, conversation_id, kept);
	house.server.clock.advance(30 * DAY_MS);
	// The cleaning runs at intervals by the steady clock; a start runs it at once.
	await house.server.stop();
	await house.server.begin();
	await expect.poll(
		() => a.client.download('media.get', lost.id).then(() => 'there', (e: unknown) => (e as { code: string }).code),
		{ timeout: 20_000 },
	).toBe('media.no_media');
	await b.client.download('media.get', kept.id);
});
