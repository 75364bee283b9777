// SPDX-License-Identifier: Apache-2.0
// Goal: the client's files are served with the headers that keep people safe and copies fresh.
// Method: a folder of files made here stands for the built client.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { useServer } from '../support/house.ts';
import { exchange, request } from '../support/raw.ts';

const web = mkdtempSync(`${tmpdir()}/guanxi-web-`);
const script = `${'// words\n'.repeat(500)}export {};\n`;
mkdirSync(`${web}/assets`);
writeFileSync(`${web}/index.html`, '<!doctype html><html lang="zh-CN"><title>Guanxi</title></html>\n');
writeFileSync(`${web}/assets/app-12345678.js`, script);
writeFileSync(`${web}/manifest.webmanifest`, '{}');
writeFileSync(`${tmpdir()}/guanxi-secret.txt`, 'secret');
afterAll(() => rmSync(web, { recursive: true, force: true }));

const house = useServer({ settings: { 'server.web': web } });

describe('the page', () => {
	it('comes with all its headers', async () => {
		const { status, headers, body } = await exchange(house.server, request('GET', '/'));
		expect(status).toBe(200);
		expect(body.toString()).toContain('<title>Guanxi</title>');
		expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
		expect(headers.get('x-content-type-options')).toBe('nosniff');
		expect(headers.get('referrer-policy')).toBe('no-referrer');
		const policy = new Map((headers.get('content-security-policy') ?? '').split('; ').map((part) => {
			const [name = '', ...values] = part.split(' ');
			return [name, values.join(' ')];
		}));
		expect(policy.get('default-src')).toBe("'none'");
		for (const name of ['script-src', 'style-src', 'connect-src', 'worker-src', 'font-src', 'manifest-src'])
			expect(policy.get(name), name).toBe("'self'");
		for (const name of ['frame-ancestors', 'base-uri']) expect(policy.get(name), name).toBe("'none'");
		expect([...policy.values()].join(' ')).not.toMatch(/unsafe|\*|http/);
		expect(headers.get('permissions-policy')).toMatch(/^camera=\(self\), .*usb=\(\)$/);
		expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
		expect(headers.get('x-frame-options')).toBe('DENY');
		expect(headers.get('cache-control')).toMatch(/no-cache|max-age=0/);
	});

	it('shares its rules with scripts, which may become workers', async () => {
		const page = await exchange(house.server, request('GET', '/'));
		const worker = await exchange(house.server, request('GET', '/assets/app-12345678.js'));
		for (const name of ['content-security-policy', 'cross-origin-resource-policy', 'referrer-policy'])
			expect(worker.headers.get(name) ?? name).toBe(page.headers.get(name));
	});

	it('ignores a query and is found under each of its names', async () => {
		expect((await exchange(house.server, request('GET', '/?x=1'))).status).toBe(200);
		expect((await exchange(house.server, request('GET', '/index.html'))).status).toBe(200);
	});
});

describe('files', () => {
	it('are typed, compressed where wanted, and kept for long where their name has a hash', async () => {
		const path = '/assets/app-12345678.js';
		const plain = await exchange(house.server, request('GET', path));
		expect(plain.body.toString()).toBe(script);
		expect(plain.headers.get('content-type')).toMatch(/^(text|application)\/javascript/);
		expect(plain.headers.get('cache-control')).toMatch(/immutable/);
		const packed = await exchange(house.server, request('GET', path, { 'accept-encoding': 'gzip' }));
		if (packed.headers.get('content-encoding') === 'gzip') expect(gunzipSync(packed.body).toString()).toBe(script);
		else expect(packed.body.toString()).toBe(script);
	});

	it('have ETags and ranges', async () => {
		const path = '/assets/app-12345678.js';
		const whole = await exchange(house.server, request('GET', path));
		const etag = whole.headers.get('etag') ?? '';
		expect(etag).toMatch(/^(W\/)?".+"$/);
		const same = await exchange(house.server, request('GET', path, { 'if-none-match': etag }));
		expect([same.status, same.body.length]).toEqual([304, 0]);
		const other = await exchange(house.server, request('GET', path, { 'if-none-match': '"x", "y"' }));
		expect(other.status).toBe(200);
		const part = await exchange(house.server, request('GET', path, { range: 'bytes=0-7' }));
		expect([part.status, part.body.toString(), part.headers.get('content-range')]).toEqual([206, '// words', `bytes 0-7/${script.length}`]);
		const beyond = await exchange(house.server, request('GET', path, { range: 'bytes=999999-' }));
		expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${script.length}`]);
		const nonsense = await exchange(house.server, request('GET', path, { range: 'bytes=7-0' }));
		expect(nonsense.status).toBe(200);
	});

	it.each([
		'/../guanxi-secret.txt', '/%2e%2e/guanxi-secret.txt', '/assets/..%2f..%2fguanxi-secret.txt', '/assets/../../guanxi-secret.txt',
		'/.%00./x', '//etc/passwd', '/assets/', '/assets', '/nothing.js', '/assets/app-12345678.js/', '/%', '/%zz',
	])('nothing else is served: %s', async (path) => {
		const { status, body } = await exchange(house.server, request('GET', path));
		expect(body.toString()).not.toContain('secret');
		expect([200, 400, 404]).toContain(status);
		if (status === 200) expect(body.toString()).toContain('<title>Guanxi</title>');
	});

	it('can only be read', async () => {
		for (const method of ['POST', 'PUT', 'DELETE']) {
			const answer = await exchange(house.server, request(method, '/index.html'));
			expect([404, 405], method).toContain(answer.status);
			if (answer.status === 405) expect(answer.headers.get('allow')).toContain('GET');
		}
	});
});
