// SPDX-License-Identifier: Apache-2.0
// Goal: whatever dies, the server comes back by itself or at the next start, on the same port and
// data, and nobody loses or doubles anything.
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { newClientId } from '@guanxi/sdk';
import { describe, expect, it } from 'vitest';
import { Ear } from '../support/ear.ts';
import { RawStream } from '../support/frames.ts';
import { useServer } from '../support/house.ts';
import { findBinary } from '../support/paths.ts';
import { befriend, people, person, type Person } from '../support/people.ts';

const house = useServer({ workers: 2 });

/** Until the server answers again. */
async function awake(who: Person): Promise<void> {
	await expect.poll(() => who.call('me.get').then(() => true, () => false), { timeout: 15_000, interval: 50 }).toBe(true);
}

/** Ended processes that nobody has asked about yet don't count. */
function isRunning(pid: number): boolean {
	try {
		return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
	} catch {
		return false;
	}
}

describe('the core killed', () => {
	it('comes back; streams resume without gap, calls on their way are sent again', async () => {
		house.server.expectLog(/ error supervisor | (warn|error) edge /);
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		const [mine, theirs] = [await Ear.open(a), await Ear.open(b)];
		const before = house.server.processes().find(({ name }) => name.endsWith('core'))?.pid;
		const sent: Promise<unknown>[] = [];
		for (let i = 0; i < 60; i++) {
			const input = { conversation_id: conversation, client_id: newClientId(), kind: 'text', body: { text: `m${i}` } } as const;
			sent.push(mine.stream.call('messages.send', input));
			if (i === 30) house.server.killCore();
		}
		await Promise.all(sent);
		for (let i = 0; i < 60; i++) await theirs.message(`m${i}`);
		const said = Array.from({ length: 60 }, (_, i) => `m${i}`);
		expect(await b.texts(conversation)).toEqual(said);
		expect(house.server.processes().find(({ name }) => name.endsWith('core'))?.pid).not.toBe(before);
		for (const ear of [mine, theirs]) ear.close();
	});

	it('closes streams with 1012 and answers 503 with Retry-After meanwhile', async () => {
		const one = await person(house.server);
		const stream = await RawStream.open(house.server, one.token);
		house.server.killCore();
		expect(await stream.closed()).toBe(1012);
		// It comes back at once the first time, later with growing delays.
		let code = '';
		for (let i = 0; i < 200 && code !== 'core.overloaded'; i++) {
			house.server.killCore();
			code = await one.call('me.get').then(() => '', (e: unknown) => (e as { code?: string }).code ?? '');
		}
		expect(code).toBe('core.overloaded');
		await awake(one);
	});
});

describe('an edge killed', () => {
	it('takes only its own connections with it', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		const ears = [];
		for (let i = 0; i < 8; i++) ears.push(await Ear.open(b));
		house.server.killEdge();
		await expect.poll(() => a.say(conversation, 'still here', 'same').then(() => true, () => false), { timeout: 10_000 }).toBe(true);
		for (const ear of ears) await ear.message('still here');
		await expect.poll(() => house.server.processes().filter(({ name }) => name.endsWith('edge')).length).toBe(2);
		for (const ear of ears) ear.close();
	});
});

describe('everything killed', () => {
	it('starts again at once on the same port and data', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		await a.say(conversation, 'before');
		const ear = await Ear.open(b);
		await house.server.kill();
		await house.server.begin();
		await a.say(conversation, 'after');
		await ear.message('after');
		expect(await b.texts(conversation)).toEqual(['before', 'after']);
		ear.close();
	});

	it('leaves no process behind', async () => {
		const pids = house.server.processes().map(({ pid }) => pid);
		expect(pids.length).toBeGreaterThanOrEqual(3);
		process.kill(house.server.pid, 'SIGKILL');
		await expect.poll(() => pids.filter(isRunning)).toEqual([]);
		await house.server.begin();
	});
});

describe('a clean end', () => {
	it('finishes what is under way and closes streams with 1001', async () => {
		const one = await person(house.server);
		const own = await one.selfConversation();
		const stream = await RawStream.open(house.server, one.token);
		const sent = Array.from({ length: 20 }, (_, i) => one.say(own, `last ${i}`));
		await Promise.all(sent);
		const closed = stream.closed();
		await house.server.stop();
		expect(await closed).toBe(1001);
		await house.server.begin();
		expect((await one.texts(own)).length).toBe(20);
	});
});

describe('the data folder', () => {
	it('is for its owner only', () => {
		expect(statSync(house.server.dataFolder).mode & 0o777).toBe(0o700);
	});

	it('serves one server at a time', () => {
		const words = ['serve', '--data', house.server.dataFolder, '--listen', '127.0.0.1:0'];
		const { status, stderr } = spawnSync(findBinary(), words, { encoding: 'utf8', timeout: 10_000 });
		expect(status).toBe(1);
		expect(stderr).not.toBe('');
	});
});
