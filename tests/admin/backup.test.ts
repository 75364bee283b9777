// SPDX-License-Identifier: Apache-2.0
// Goal: a backup made beside a busy server is whole; restored, it has everything that was there when
// it began, and no client is led astray; damage is told; what fails leaves nothing behind.
// Method: the command line on real data; two servers, the old one and the restored one, are asked for
// everything and compared.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gather, type Seen } from '../faults/gather.ts';
import type { CastEntry } from '../faults/log.ts';
import { takeFaults } from '../support/checked.ts';
import { useServer } from '../support/house.ts';
import { findBinary } from '../support/paths.ts';
import { befriend, group, people, PASSWORD, type Person } from '../support/people.ts';
import { Server } from '../support/server.ts';

const house = useServer();
let folder = '';

beforeAll(() => {
	folder = mkdtempSync(`${tmpdir()}/guanxi-backup-`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function adminOn(data: string, ...words: string[]): { status: number; text: string } {
	const done = spawnSync(findBinary(), ['admin', ...words, '--data', data], { encoding: 'utf8' });
	return { status: done.status ?? -1, text: done.stdout + done.stderr };
}

function admin(...words: string[]): { status: number; text: string } {
	return adminOn(house.server.dataFolder, ...words);
}

/** Turns one bit of a file over. */
function flip(path: string, at: number): void {
	const fd = openSync(path, 'r+');
	const byte = Buffer.alloc(1);
	readSync(fd, byte, 0, 1, at);
	byte.writeUInt8(byte.readUInt8(0) ^ 0x10);
	writeSync(fd, byte, 0, 1, at);
	closeSync(fd);
}

function blobsOf(data: string): string[] {
	return readdirSync(`${data}/blobs`, { recursive: true, withFileTypes: true }).flatMap((e) => (e.isFile() ? [`${e.parentPath}/${e.name}`] : []));
}

function castOf(person: Person): CastEntry {
	return { t: 'cast', who: person.account.username, id: person.id, username: person.account.username, password: PASSWORD, token: person.token };
}

interface World {
	persons: Person[];
	media: Map<string, CastEntry>;
	hashes: Map<string, string>;
	conversation: string;
}

async function makeWorld(server: Server): Promise<World> {
	const persons = await people(server, 4);
	const [a, b, c, d] = persons;
	const conversation = await befriend(a, b);
	await befriend(a, c);
	await befriend(c, d);
	const everybody = await group(a, [b, c]);
	const media = new Map<string, CastEntry>();
	const hashes = new Map<string, string>();
	for (const size of [1, 5_000, 700_000]) {
		const bytes = new Uint8Array(randomBytes(size));
		const { id } = await b.client.upload(bytes, { mime: 'application/octet-stream' });
		media.set(id, castOf(b));
		hashes.set(id, createHash('sha256').update(bytes).digest('hex'));
		const body = { media_id: id, name: 'x.bin', size };
		await b.call('messages.send', { conversation_id: everybody, client_id: `f${size}`, kind: 'file', body });
	}
	for (let i = 0; i < 120; i++) await a.say(conversation, `before ${i}`);
	await b.call('conversations.read', { conversation_id: conversation, seq: 50 });
	return { persons, media, hashes, conversation };
}

function everything(url: string, { persons, media }: World): Promise<Seen> {
	return gather(url, { people: persons.map(castOf), cursors: new Map(), media });
}

/** What was there before must be there after, exactly; what came meanwhile may be there, in its order. */
function expectWithin(before: Seen, after: Seen, busy: string): void {
	expect(after.media).toEqual(before.media);
	for (const [who, person] of before.people) {
		const restored = after.people.get(who);
		expect(restored?.contacts).toEqual(person.contacts);
		expect(restored?.requests).toEqual(person.requests);
		expect(restored?.conversations.map((v) => v.conversation.id).sort()).toEqual(person.conversations.map((v) => v.conversation.id).sort());
		for (const view of person.conversations) {
			const again = restored?.conversations.find(({ conversation }) => conversation.id === view.conversation.id);
			if (view.conversation.id !== busy) expect(again).toEqual(view);
			expect(again?.history.slice(0, view.history.length)).toEqual(view.history);
		}
	}
}

async function onRestored<T>(file: string, work: (server: Server) => Promise<T>): Promise<T> {
	const server = await Server.start({ prepare: (data) => expect(adminOn(data, 'restore', file)).toMatchObject({ status: 0 }) });
	try {
		return await work(server);
	} finally {
		await server.stop();
		const faults = [...server.takeFaults(), ...takeFaults()];
		server.remove();
		expect(faults).toEqual([]);
	}
}

describe('a backup beside a busy server', () => {
	it('has everything that was there, and nothing half', async () => {
		const world = await makeWorld(house.server);
		const [a, b] = world.persons;
		if (!a || !b) throw new Error('nobody');
		const before = await everything(house.server.url, world);
		expect(before.media).toEqual(world.hashes);
		let said = 0;
		const busy = new AbortController();
		const talking = (async () => {
			while (!busy.signal.aborted) await a.say(world.conversation, `while ${said++}`);
		})();
		const child = spawn(findBinary(), ['admin', 'backup', `${folder}/busy`, '--data', house.server.dataFolder], { stdio: 'ignore' });
		const [done] = (await once(child, 'exit')) as [number | null];
		busy.abort();
		await talking;
		expect(done).toBe(0);
		expect(said).toBeGreaterThan(0);
		expect(statSync(`${folder}/busy`).mode & 0o777).toBe(0o600);
		expect(admin('check', `${folder}/busy`)).toMatchObject({ status: 0, text: expect.stringMatching(/^sound: .* 3 media/) as string });
		await a.say(world.conversation, 'after');
		const { cursor } = await b.call('sync.get');
		const all = await everything(house.server.url, world);
		await onRestored(`${folder}/busy`, async (server) => {
			const after = await everything(server.url, world);
			expectWithin(before, after, world.conversation);
			const whole = all.people.get(a.account.username)?.conversations.find((v) => v.conversation.id === world.conversation)?.history ?? [];
			const part = after.people.get(a.account.username)?.conversations.find((v) => v.conversation.id === world.conversation)?.history ?? [];
			expect(part).toEqual(whole.slice(0, part.length));
			expect(part.length).toBeLessThan(whole.length);
			const later = b.client.as(b.token);
			const url = `${server.url}/api/v1/sync?since=${cursor}`;
			const answer = await fetch(url, { headers: { authorization: `Bearer ${later.token ?? ''}` } });
			expect(answer.status).toBe(410);
			expect(adminOn(server.dataFolder, 'check')).toMatchObject({ status: 0 });
		});
	});

	it('is read by tar and sha256sum, too', () => {
		mkdirSync(`${folder}/tar`);
		execFileSync('tar', ['xf', `${folder}/busy`, '-C', `${folder}/tar`]);
		expect(execFileSync('sha256sum', ['-c', 'guanxi.db.sha256'], { cwd: `${folder}/tar`, encoding: 'utf8' })).toContain('OK');
		expect(blobsOf(`${folder}/tar`).length).toBe(blobsOf(house.server.dataFolder).length);
	});

	it('overwrites nothing', () => {
		expect(admin('backup', `${folder}/busy`)).toMatchObject({ status: 1, text: expect.stringMatching(/File exists/) as string });
		writeFileSync(`${folder}/other`, 'other');
		expect(adminOn(folder, 'restore', `${folder}/busy`)).toMatchObject({ status: 1, text: expect.stringMatching(/not empty/) as string });
		expect(existsSync(`${folder}/other`)).toBe(true);
	});
});

describe('damage', () => {
	it('of a backup is told by check, and refused by restore, which leaves nothing', () => {
		const size = statSync(`${folder}/busy`).size;
		const copy = `${folder}/spoilt`;
		for (const at of [512 + 20_000, Math.floor(size / 2), 100]) {
			execFileSync('cp', [`${folder}/busy`, copy]);
			flip(copy, at);
			expect(admin('check', copy).status, `at ${at}`).toBe(1);
		}
		execFileSync('cp', [`${folder}/busy`, copy]);
		flip(copy, 512 + 20_000);
		const data = `${folder}/never`;
		expect(adminOn(data, 'restore', copy)).toMatchObject({ status: 1, text: expect.stringMatching(/damaged/) as string });
		expect(readdirSync(data)).toEqual([]);
		execFileSync('cp', [`${folder}/busy`, copy]);
		truncateSync(copy, size - 2000);
		expect(adminOn(data, 'restore', copy)).toMatchObject({ status: 1, text: expect.stringMatching(/not a whole backup/) as string });
		expect(readdirSync(data)).toEqual([]);
	});

	it('of media is told by check', () => {
		const [blob = ''] = blobsOf(house.server.dataFolder);
		flip(blob, 0);
		const told = admin('check');
		expect(told.status).toBe(1);
		expect(told.text).toMatch(/blobs\/.*: damaged/);
		flip(blob, 0);
		expect(admin('check')).toMatchObject({ status: 0, text: expect.stringMatching(/^sound/) as string });
		execFileSync('mv', [blob, `${folder}/aside`]);
		expect(admin('check').text).toMatch(/missing, though the database names it/);
		execFileSync('mv', [`${folder}/aside`, blob]);
	});
});

describe('a full disk', () => {
	it('leaves no half backup', ({ skip }) => {
		const disk = `${folder}/disk`;
		mkdirSync(disk);
		const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'guanxi-backup', disk]);
		if (status !== 0) skip();
		try {
			expect(admin('backup', `${disk}/file`)).toMatchObject({ status: 1, text: expect.stringMatching(/disk is full|No space left/) as string });
			expect(readdirSync(disk)).toEqual([]);
		} finally {
			execFileSync('umount', [disk]);
		}
	});
});

describe('a restore that was cut short', () => {
	it('is no data for a server', () => {
		const data = `${folder}/cut`;
		mkdirSync(data, { mode: 0o700 });
		writeFileSync(`${data}/restoring`, '');
		const { status, stderr } = spawnSync(findBinary(), ['serve', '--data', data, '--listen', '127.0.0.1:0'], { encoding: 'utf8' });
		expect([status, stderr]).toEqual([1, expect.stringMatching(/did not come to its end/)]);
	});
});
