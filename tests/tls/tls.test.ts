// SPDX-License-Identifier: Apache-2.0
// Goal: over TLS the server is the same as without, with nothing old or weak; tickets are good at
// every edge; a new certificate is taken over while the server runs, a bad one never.
// Method: Node's TLS client against a server with three edges.
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { checkedFetch } from '../support/checked.ts';
import { Ear } from '../support/ear.ts';
import { useServer } from '../support/house.ts';
import { findBinary } from '../support/paths.ts';
import { befriend, newUsername, PASSWORD, people, person } from '../support/people.ts';
import { exchange, RawConnection, request } from '../support/raw.ts';
import { Certificates, openTls, overTls, shakeHands, shown, ticket } from './kit.ts';

const certificates = new Certificates();
const house = useServer(certificates.serverOptions);

const GET = request('GET', '/healthz');

async function isWell(connection: RawConnection): Promise<void> {
	connection.send(GET);
	const answer = await connection.answer();
	expect([answer.status, answer.body.toString()]).toEqual([200, '{"status":"ok"}']);
}

describe('handshakes', () => {
	it.each(['TLSv1.2', 'TLSv1.3'] as const)('%s', async (version) => {
		const socket = await shakeHands(house.server, { minVersion: version, maxVersion: version });
		expect(socket.getProtocol()).toBe(version);
		expect(socket.alpnProtocol).toBe('http/1.1');
		expect(socket.getCipher().standardName).toMatch(/^TLS_(ECDHE_ECDSA_WITH_)?(AES_\d+_GCM|CHACHA20_POLY1305)_/);
		await isWell(RawConnection.on(socket));
		socket.destroy();
	});

	it.each(['TLSv1', 'TLSv1.1'] as const)('not %s', async (version) => {
		const old = { minVersion: version, maxVersion: version, ciphers: 'ALL:@SECLEVEL=0' } as const;
		await expect(shakeHands(house.server, old)).rejects.toThrow(/protocol version|alert/i);
	});

	it('not without forward secrecy, nor for another protocol', async () => {
		const rsa = { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256:AES256-SHA:@SECLEVEL=0' } as const;
		await expect(shakeHands(house.server, rsa)).rejects.toThrow();
		await expect(shakeHands(house.server, { ALPNProtocols: ['h2'] })).rejects.toThrow();
	});

	it('a name that is not ours changes nothing', async () => {
		const other = { servername: 'somewhere.else.example', rejectUnauthorized: false };
		const socket = await shakeHands(house.server, other);
		expect(shown(socket)).toBe('one');
		await isWell(RawConnection.on(socket));
		socket.destroy();
	});

	it('nonsense is closed, and hurts nobody', async () => {
		const bytes = ['\0'.repeat(100), 'ssh-2.0\r\n', '\x16\x03\x01\x40\x00', `\x16\x03\x01\x02\x00${'\xff'.repeat(512)}`];
		for (const text of bytes) {
			const socket = connect({ port: house.server.tlsPort, host: '127.0.0.1' });
			const connection = RawConnection.on(socket);
			connection.send(text);
			connection.finish();
			await connection.rest();
		}
		const plain = RawConnection.on(connect({ port: house.server.tlsPort, host: '127.0.0.1' }));
		plain.send(GET);
		const answer = await plain.answer();
		expect([answer.status, answer.body.toString()]).toEqual([400, 'This port speaks TLS: the address begins with https.\r\n']);
		await isWell(await openTls(house.server));
	});

	it('who breaks off in the middle leaves nothing behind', async () => {
		for (let i = 0; i < 20; i++) {
			const socket = connect({ port: house.server.tlsPort, host: '127.0.0.1' });
			socket.on('error', () => undefined);
			socket.write(Buffer.from('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'.slice(0, i), 'latin1'));
			socket.destroy();
		}
		await isWell(await openTls(house.server));
	});
});

describe('what goes through', () => {
	it('a hundred messages on a stream, and their answers', async () => {
		const [a, b] = await people(overTls(house.server), 2);
		const conversation = await befriend(a, b);
		const ear = await Ear.open(b);
		for (let i = 0; i < 100; i++) await a.say(conversation, `消息 ${i}`);
		for (let i = 0; i < 100; i++) expect((await ear.message()).body).toEqual({ text: `消息 ${i}` });
		ear.close();
	});

	it('a large file up, down, and in part', async () => {
		const a = await person(overTls(house.server));
		const bytes = new Uint8Array(9_000_000);
		for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 7 + (i >> 9)) & 255;
		const hash = createHash('sha256').update(bytes).digest('hex');
		const media = await a.client.upload(bytes, {});
		expect(media.sha256).toBe(hash);
		const whole = new Uint8Array(await (await a.client.download('media.get', media.id)).arrayBuffer());
		expect(createHash('sha256').update(whole).digest('hex')).toBe(hash);
		const part = await checkedFetch(`${house.server.tlsUrl}/api/v1/media/${media.id}`, {
			headers: { ...Object.fromEntries(a.client.headers()), range: 'bytes=1000000-8999998' },
		});
		expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 1000000-8999998/9000000']);
		expect(Buffer.compare(Buffer.from(await part.arrayBuffer()), bytes.subarray(1_000_000, 8_999_999))).toBe(0);
	});

	/** All that a connection answers, without what may differ. */
	async function answersTo(connection: RawConnection, bytes: string): Promise<string> {
		connection.send(bytes);
		connection.finish();
		const text = (await connection.rest()).toString('latin1');
		connection.destroy();
		return text.replace(/^(Date|Strict-Transport-Security): .*\r\n/gm, '');
	}

	it.each([
		['pipelined requests', GET + request('HEAD', '/healthz') + request('GET', '/nothing.js')],
		['no Host', 'GET /healthz HTTP/1.1\r\n\r\n'],
		['both lengths', 'POST /api/v1/sessions HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
		['a folded header', 'GET /healthz HTTP/1.1\r\nhost: x\r\nx: a\r\n b\r\n\r\n'],
		['bare line ends', 'GET /healthz HTTP/1.1\nhost: x\n\n'],
		['a long target', `GET /${'a'.repeat(9000)} HTTP/1.1\r\nhost: x\r\n\r\n`],
		['many headers', request('GET', '/healthz', Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`x-${i}`, 'y'])))],
		['chunks', `${request('POST', '/api/v1/sessions', { 'transfer-encoding': 'chunked', 'content-type': 'application/json' })}2\r\n{}\r\n0\r\n\r\n`],
		['a body that is too large', request('POST', '/api/v1/sessions', { 'content-length': '1048577' })],
		['half a request', 'GET /healthz HTT'],
		['an upgrade without a key', request('GET', '/api/v1/stream', { upgrade: 'websocket', connection: 'upgrade' })],
	])('%s: the same answer as without TLS', async (_, bytes) => {
		const plain = await answersTo(await RawConnection.open(house.server), bytes);
		expect(plain).toMatch(bytes.includes('\n') ? /^HTTP\/1\.1 \d{3} / : /^$/);
		expect(await answersTo(await openTls(house.server), bytes)).toBe(plain);
	});

	it('an answer that closes ends with a goodbye, and idle connections stay', async () => {
		const connection = await openTls(house.server);
		await isWell(connection);
		connection.send(request('GET', '/healthz', { connection: 'close' }));
		expect((await connection.answer()).status).toBe(200);
		expect(await connection.rest()).toEqual(Buffer.alloc(0));
		expect(connection.isReset).toBe(false);
	});
});

describe('what says that it was TLS', () => {
	it('Strict-Transport-Security, here only', async () => {
		const secure = await openTls(house.server);
		for (const target of ['/healthz', '/', '/nothing.js', '/api/v1/me']) {
			secure.send(request('GET', target));
			const answer = await secure.answer();
			expect(answer.headers.get('strict-transport-security'), target).toBe('max-age=15552000');
		}
		expect((await exchange(house.server, GET)).headers.has('strict-transport-security')).toBe(false);
	});

	it('the cookie is Secure, here only', async () => {
		const account = { username: newUsername(), password: PASSWORD, nickname: 'x' };
		const signUp = request('POST', '/api/v1/accounts', { 'content-type': 'application/json' }, JSON.stringify(account));
		const secure = await openTls(house.server);
		secure.send(signUp);
		expect((await secure.answer()).headers.get('set-cookie')).toMatch(/; Secure(;|$)/);
		const { username, password } = account;
		const signIn = JSON.stringify({ username, password });
		// A header that anyone can send makes nothing secure.
		const headers = { 'content-type': 'application/json', 'x-forwarded-proto': 'https' };
		const plain = await exchange(house.server, request('POST', '/api/v1/sessions', headers, signIn));
		expect([plain.status, plain.headers.get('set-cookie')]).toEqual([201, expect.not.stringContaining('Secure')]);
	});

	it('the instance says so', async () => {
		const ask = async (url: string): Promise<unknown> => (await checkedFetch(`${url}/api/v1/instance`)).json();
		expect(await ask(house.server.tlsUrl)).toMatchObject({ is_secure: true });
		expect(await ask(house.server.url)).toMatchObject({ is_secure: false });
	});
});

/** Opens 24 connections with a ticket; with three edges nobody believes that all came to one. */
async function resumeEverywhere(session: Buffer, maxVersion: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3'): Promise<void> {
	const sockets: TLSSocket[] = [];
	for (let i = 0; i < 24; i++) sockets.push(await shakeHands(house.server, { session, maxVersion }));
	expect(sockets.filter((socket) => !socket.isSessionReused())).toEqual([]);
	for (const socket of sockets) {
		await isWell(RawConnection.on(socket));
		socket.destroy();
	}
}

describe('tickets', () => {
	it.each(['TLSv1.2', 'TLSv1.3'] as const)('are good at every edge, %s', async (maxVersion) => {
		await resumeEverywhere(await ticket(house.server, { maxVersion }), maxVersion);
	});

	it('and at one that was started anew', async () => {
		const session = await ticket(house.server);
		house.server.expectLog(/supervisor\.child_died/);
		expect(house.server.killEdge()).toBe(true);
		await house.server.logs(/supervisor\.child_died/);
		await house.server.logs(/edge\.started/, 4);
		await resumeEverywhere(session);
	});
});

/** Waits until every edge shows this certificate. */
async function allShow(name: string): Promise<void> {
	const deadline = Date.now() + 10_000;
	for (let inARow = 0; inARow < 24; ) {
		const socket = await shakeHands(house.server);
		inARow = shown(socket) === name ? inARow + 1 : 0;
		socket.destroy();
		if (Date.now() > deadline) throw new Error(`${name} is not shown`);
	}
}

describe('another certificate', () => {
	it('is shown to new connections; old ones and tickets live on', async () => {
		const before = await openTls(house.server);
		await isWell(before);
		const session = await ticket(house.server);
		certificates.use('two');
		house.server.reload();
		await house.server.logs(/tls\.certificate name=localhost/, 2);
		await allShow('two');
		await isWell(before);
		await resumeEverywhere(session);
		before.destroy();
	});

	it.each<[string, () => void]>([
		['with a foreign key', () => certificates.use('one', 'two')],
		['cut in half', () => writeFileSync(certificates.certificatePath, certificates.read('one.pem').slice(0, 300))],
		['empty', () => writeFileSync(certificates.certificatePath, '')],
		['of no sensible size', () => writeFileSync(certificates.certificatePath, 'x'.repeat(1_000_000))],
	])('%s is not taken, and said so', async (_, spoil) => {
		const refused = /error supervisor tls\.old_certificate_kept error=/;
		const count = house.server.log.filter((line) => line.includes(' tls.old_certificate_kept ')).length;
		house.server.expectLog(refused);
		spoil();
		house.server.reload();
		await house.server.logs(refused, count + 1);
		await allShow('two');
		expect(house.server.log.join('\n')).not.toContain('BEGIN');
	});

	it('comes back after that', async () => {
		certificates.use('one');
		house.server.reload();
		await allShow('one');
	});
});

describe('a start', () => {
	const good = certificates.serverOptions.settings ?? {};

	it.each<[string, Record<string, string | number>, RegExp]>([
		['without a certificate', { ...good, 'tls.certificate': '' }, /\[tls\] listen, certificate and key belong together/],
		['with a certificate alone', { ...good, 'tls.listen': '' }, /belong together/],
		['with a file that is not there', { ...good, 'tls.key': '/nowhere/key.pem' }, /\/nowhere\/key\.pem: No such file/],
		['with a key of another one', { ...good, 'tls.key': `${certificates.folder}/two.key` }, /the key: key values mismatch/],
		['on no address', { ...good, 'tls.listen': 'nonsense' }, /cannot listen on "nonsense"/],
	])('%s is refused, with the reason', (_, settings, reason) => {
		const env: NodeJS.ProcessEnv = { ...process.env };
		for (const [name, value] of Object.entries(settings)) env[`GUANXI_${name.replace('.', '_').toUpperCase()}`] = String(value);
		const words = ['serve', '--data', `${certificates.folder}/data`, '--listen', '127.0.0.1:0'];
		const { status, stderr } = spawnSync(findBinary(), words, { env, encoding: 'utf8' });
		expect([status, stderr]).toEqual([1, expect.stringMatching(reason)]);
	});
});
