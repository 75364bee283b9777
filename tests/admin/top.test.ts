// SPDX-License-Identifier: Apache-2.0
// Goal: `guanxi admin top` shows what a running server does, to people and to scripts, and says
// clearly when there is none.
// Method: the command beside a real server, while messages are sent.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { useServer } from '../support/house.ts';
import { findBinary } from '../support/paths.ts';
import { befriend, people } from '../support/people.ts';

interface Figures {
	version: string;
	messages_per_second: number;
	commit_p50_seconds: number | null;
	connections: number;
	edges: { worker: string; accepts_per_second: number }[];
	processes: Record<'supervisor' | 'core' | 'media' | 'edge', { resident_memory_bytes: number }>;
	operations: { op: string; per_second: number; p99_seconds: number }[];
}

interface Answer {
	status: number | null;
	out: string;
	err: string;
}

function begin(folder: string, words: string[]): { child: ChildProcess; answer: Promise<Answer> } {
	const child = spawn(findBinary(), ['admin', 'top', '--data', folder, ...words]);
	const got = { out: '', err: '' };
	child.stdout.on('data', (part) => (got.out += String(part)));
	child.stderr.on('data', (part) => (got.err += String(part)));
	return { child, answer: once(child, 'close').then(() => ({ status: child.exitCode, ...got })) };
}

function top(folder: string, words: string[]): Promise<Answer> {
	return begin(folder, words).answer;
}

describe('beside a running server', () => {
	const house = useServer({ workers: 2 });

	it('--once --json has rates, times and processes', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		const asked = begin(house.server.dataFolder, ['--once', '--json']);
		while (asked.child.exitCode === null) await a.say(conversation, 'secret words');
		const answer = await asked.answer;
		expect([answer.status, answer.err]).toEqual([0, '']);
		const figures = JSON.parse(answer.out) as Figures;
		expect(figures.version).toMatch(/^\d/);
		expect(figures.messages_per_second).toBeGreaterThan(0);
		expect(figures.commit_p50_seconds).toBeGreaterThan(0);
		expect(figures.edges.map(({ worker }) => worker)).toEqual(['0', '1']);
		expect(figures.processes.core.resident_memory_bytes).toBeGreaterThan(1 << 20);
		const send = figures.operations.find(({ op }) => op === 'messages.send');
		expect(send?.per_second).toBe(figures.messages_per_second);
		expect(answer.out).not.toContain('secret');
	});

	it('--once has lines for people, without control characters', async () => {
		const { status, out } = await top(house.server.dataFolder, ['--once']);
		expect(status).toBe(0);
		expect(out).toMatch(/^guanxi \S+ {3}up \d\d:\d\d:\d\d$/m);
		expect(out).toMatch(/^ {2}edge 0 +\d+ connections/m);
		expect(out).toMatch(/^operation +per second +p50 +p99$/m);
		expect(out).not.toContain('\x1b');
	});

	it('goes on until it is told to stop', async () => {
		const child = spawn(findBinary(), ['admin', 'top', '--json', '--data', house.server.dataFolder]);
		let out = '';
		child.stdout.on('data', (part) => (out += String(part)));
		await expect.poll(() => out.split('\n').length, { timeout: 20_000 }).toBeGreaterThan(2);
		child.kill('SIGINT');
		const [code] = (await once(child, 'exit')) as [number];
		expect(code).toBe(0);
		for (const line of out.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('commands_per_second');
	});

	it('works with a core that came anew', async () => {
		house.server.expectLog(/child_died role=core/);
		house.server.killCore();
		await expect.poll(async () => (await top(house.server.dataFolder, ['--once'])).status, { timeout: 25_000 }).toBe(0);
	});

	it('its socket is the owner\'s alone, and goes with the server', async () => {
		const socket = `${house.server.dataFolder}/console.sock`;
		expect(statSync(socket).mode & 0o777).toBe(0o600);
		await house.server.stop();
		expect(existsSync(socket)).toBe(false);
		const { status, err } = await top(house.server.dataFolder, ['--once']);
		expect([status, err]).toEqual([1, expect.stringMatching(/no server runs on it/)]);
		await house.server.begin();
	});
});

describe('without a server', () => {
	it('says so, for a folder that is empty, missing, or named at length', () => {
		const folder = mkdtempSync(`${tmpdir()}/guanxi-top-`);
		const run = (...words: string[]): [number | null, string] => {
			const { status, stderr } = spawnSync(findBinary(), ['admin', 'top', ...words], { encoding: 'utf8' });
			return [status, stderr];
		};
		expect(run('--data', folder)).toEqual([1, `guanxi admin: data folder ${folder}: no server runs on it\n`]);
		expect(run('--data', `${folder}/${'x'.repeat(200)}`)).toEqual([1, expect.stringMatching(/No such file/)]);
		expect(run('--to', folder)[0]).toBe(2);
		expect(run('--data', folder, 'word')[0]).toBe(2);
		rmSync(folder, { recursive: true });
	});
});
