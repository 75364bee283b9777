// SPDX-License-Identifier: Apache-2.0
// Goal: what a proxy says about its client counts when the proxy is trusted, and never otherwise;
// who comes plain from elsewhere is sent to TLS when the operator wants it.
import { describe, expect, it } from 'vitest';
import { useServer } from '../support/house.ts';
import { newUsername, PASSWORD, person } from '../support/people.ts';
import { exchange, request, type RawAnswer } from '../support/raw.ts';
import type { Server } from '../support/server.ts';
import { Certificates, openTls } from './kit.ts';

/** The addresses of one person's sessions, each opened with these headers. */
async function addressesSeen(server: Server, ...all: Record<string, string>[]): Promise<string[]> {
	const username = newUsername();
	const account = JSON.stringify({ username, password: PASSWORD, nickname: 'x' });
	const json = { 'content-type': 'application/json' };
	await exchange(server, request('POST', '/api/v1/accounts', { ...json, 'x-forwarded-proto': 'https' }, account));
	const signIn = JSON.stringify({ username, password: PASSWORD });
	let token = '';
	for (const headers of all) {
		const answer = await exchange(server, request('POST', '/api/v1/sessions', { ...json, 'x-forwarded-proto': 'https', ...headers }, signIn));
		expect(answer.status).toBe(201);
		token = (JSON.parse(answer.body.toString()) as { session: { token: string } }).session.token;
	}
	const list = await exchange(server, request('GET', '/api/v1/sessions', { authorization: `Bearer ${token}`, 'x-forwarded-proto': 'https' }));
	const { sessions } = JSON.parse(list.body.toString()) as { sessions: { address: string; created_at: number }[] };
	return sessions.map(({ address }) => address);
}

const hostile: Record<string, string>[] = [
	{ 'x-forwarded-for': '203.0.113.5' },
	{ 'forwarded': 'for=203.0.113.5' },
	{ 'x-forwarded-for': '203.0.113.5', 'forwarded': 'for=203.0.113.5' },
	{ 'x-real-ip': '203.0.113.5' },
];

describe('without trusted proxies', () => {
	const house = useServer();

	it('no header changes an address', async () => {
		expect(new Set(await addressesSeen(house.server, ...hostile))).toEqual(new Set(['127.0.0.1']));
	});

	it('but takes away what only this machine may', async () => {
		for (const headers of [...hostile, { 'x-forwarded-proto': 'https' }])
			expect((await exchange(house.server, request('GET', '/metrics', headers))).status).toBe(404);
		expect((await exchange(house.server, request('GET', '/metrics'))).status).toBe(200);
	});
});

describe('behind a trusted proxy, with redirection', () => {
	const certificates = new Certificates();
	const house = useServer({
		...certificates.serverOptions,
		settings: { ...certificates.serverOptions.settings, 'server.trusted_proxies': '127.0.0.0/8, ::1, 10.0.0.0/8', 'tls.redirect_port': 443 },
	});

	it('the last hop that is not trusted is the client', async () => {
		const seen = await addressesSeen(house.server,
			{ 'x-forwarded-for': '203.0.113.1' },
			{ 'x-forwarded-for': '198.51.100.9, 203.0.113.2, 10.0.0.4' },
			{ 'forwarded': 'for="[2001:db8::3]:4711";proto=https' },
			{ 'x-forwarded-for': '198.51.100.9, unknown' },
			{ 'x-forwarded-for': '198.51.100.9', 'forwarded': 'for=203.0.113.5' },
			{ 'x-forwarded-for': `${'198.51.100.9, '.repeat(900)}203.0.113.6` },
		);
		expect(seen.sort()).toEqual(['127.0.0.1', '127.0.0.1', '127.0.0.1', '2001:db8::3', '203.0.113.1', '203.0.113.2', '203.0.113.6'].sort());
	});

	async function plain(method: string, target: string, headers: Record<string, string>): Promise<RawAnswer> {
		return exchange(house.server, request(method, target, { host: 'chat.example:8080', ...headers }));
	}

	it('plain pages are sent to TLS, plain calls refused', async () => {
		const page = await plain('GET', '/chats?x=1', { 'x-forwarded-proto': 'http' });
		expect([page.status, page.headers.get('location')]).toEqual([308, 'https://chat.example/chats?x=1']);
		const call = await plain('GET', '/api/v1/me', { 'x-forwarded-for': '203.0.113.1' });
		expect([call.status, JSON.parse(call.body.toString())]).toMatchObject([426, { code: 'edge.upgrade_required' }]);
		expect((await plain('POST', '/', { 'x-forwarded-proto': 'http' })).status).toBe(426);
	});

	it('this machine, and what the proxy got over TLS, are not', async () => {
		expect((await plain('GET', '/', {})).status).toBe(200);
		expect((await plain('GET', '/healthz', {})).status).toBe(200);
		expect((await plain('GET', '/', { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.1' })).status).toBe(200);
		const secure = await openTls(house.server);
		secure.send(request('GET', '/healthz', { 'x-forwarded-for': '203.0.113.1' }));
		expect((await secure.answer()).status).toBe(200);
		secure.destroy();
	});

	it('a plain client of a proxy that itself comes over TLS is', async () => {
		const secure = await openTls(house.server);
		secure.send(request('GET', '/', { host: 'chat.example', 'x-forwarded-proto': 'http' }));
		expect((await secure.answer()).status).toBe(308);
		secure.destroy();
		await person(house.server); // plain, from this machine
	});
});
