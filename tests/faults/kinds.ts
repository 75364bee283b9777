// SPDX-License-Identifier: Apache-2.0
// The kinds of faults. Each happens while the workload runs, and is over when its function ends.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { DAY_MS, MINUTE_MS } from '../support/clock.ts';
import { pause, type Stage } from './stage.ts';

/** Undefined, or why it can't be done here. */
export type Skip = string | undefined;
export interface Kind {
	name: string;
	about: string;
	/** How many of a hundred rounds. */
	weight: number;
	happen: (stage: Stage) => Promise<Skip>;
}

async function killCore({ server, random }: Stage): Promise<Skip> {
	for (let left = 1 + Math.floor(random() * 3); left > 0; left--) {
		// Between two cores there is a moment without one.
		while (!server.killCore()) await pause(5);
		await pause(random() * 300);
	}
	return undefined;
}

async function killEdge({ server, random }: Stage): Promise<Skip> {
	for (let left = 1 + Math.floor(random() * 3); left > 0; left--) {
		server.killEdge();
		await pause(random() * 200);
	}
	return undefined;
}

async function killAll({ server, random }: Stage): Promise<Skip> {
	await server.kill();
	await pause(random() * 100);
	await server.begin();
	return undefined;
}

/** The server takes room, too: what was free a moment ago may not be. */
function allocate(path: string, leave: number): void {
	for (let spare = leave; ; spare += 65_536) {
		const { bavail, bsize } = statfsSync(path.slice(0, path.lastIndexOf('/')));
		try {
			execFileSync('fallocate', ['-l', String(Math.max(1, bavail * bsize - spare)), path], { stdio: 'ignore' });
			return;
		} catch (error) {
			if (spare > leave + 4_000_000) throw error;
		}
	}
}

/** Leaves room for some hundred kilobytes at most, kills now and then, and gives the room back. */
async function fillDisk({ server, random, isMounted }: Stage): Promise<Skip> {
	if (!isMounted) return 'no file system of its own';
	const filler = `${server.dataFolder}/filler`;
	allocate(filler, Math.floor(random() * 200_000));
	await pause(300 + random() * 500);
	const dice = random();
	if (dice < 0.25) server.killCore();
	if (dice > 0.75) await server.kill();
	await pause(random() * 300);
	const isUp = dice <= 0.75 || (await begins(server));
	rmSync(filler);
	if (!isUp) await server.begin();
	return undefined;
}

/** Whether it starts: with a full or a read-only disk it may well refuse. */
async function begins(server: Stage['server']): Promise<boolean> {
	try {
		await server.begin();
		return true;
	} catch {
		return false;
	}
}

/** What is open stays open; nothing new is opened for writing. A server that restarts gives up. */
async function makeReadOnly({ server, random, isMounted }: Stage): Promise<Skip> {
	if (!isMounted) return 'no file system of its own';
	const folder = server.dataFolder;
	const aside = `${server.folder}/aside`;
	mkdirSync(aside, { recursive: true });
	execFileSync('mount', ['--bind', folder, aside]);
	execFileSync('mount', ['-o', 'remount,bind,ro', aside]);
	// It comes over the folder when it is read-only already: nothing may be opened in between.
	execFileSync('mount', ['--bind', aside, folder]);
	let isUp = true;
	try {
		await pause(random() * 400);
		const dice = random();
		if (dice < 0.4) {
			await server.kill();
			isUp = await begins(server);
			if (isUp) throw new Error('a server started on a read-only disk');
		} else if (dice < 0.7) {
			server.killCore();
			await server.ended();
			isUp = false;
		}
	} finally {
		execFileSync('umount', [folder]);
		execFileSync('umount', [aside]);
	}
	if (!isUp) await server.begin();
	return undefined;
}

/** Back by up to a week, or forth by some minutes. */
async function jump({ server, random }: Stage): Promise<Skip> {
	for (let left = 1 + Math.floor(random() * 3); left > 0; left--) {
		const ms = random() < 0.7 ? -7 * DAY_MS * random() ** 3 : random() * 5 * MINUTE_MS;
		server.clock.advance(Math.round(ms));
		await pause(random() * 300);
	}
	return undefined;
}

/** As the user whom the process runs as: edges give root up, and then not even root may, everywhere. */
function limit(pid: number, word: string): void {
	const status = readFileSync(`/proc/${pid}/status`, 'utf8');
	const [, uid = '0'] = /^Uid:\s+(\d+)/m.exec(status) ?? [];
	const [, gid = '0'] = /^Gid:\s+(\d+)/m.exec(status) ?? [];
	const who = process.getuid?.() === Number(uid) ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--'];
	const words = [...who, 'prlimit', '--pid', String(pid), word];
	execFileSync('env', words, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function pick<T>(list: T[], random: () => number): T | undefined {
	return list[Math.floor(random() * list.length)];
}

/** No more descriptors than it has, for a while. */
async function takeDescriptors({ server, random }: Stage): Promise<Skip> {
	const victim = pick(server.processes().filter(({ name }) => /core|edge/.test(name)), random);
	if (!victim) return 'no process to limit';
	const { pid } = victim;
	const [, soft = '', hard = ''] = /Max open files\s+(\d+)\s+(\d+)/.exec(readFileSync(`/proc/${pid}/limits`, 'utf8')) ?? [];
	limit(pid, `--nofile=${readdirSync(`/proc/${pid}/fd`).length + Math.floor(random() * 4)}:${hard}`);
	await pause(300 + random() * 700);
	try {
		limit(pid, `--nofile=${soft}:${hard}`);
	} catch {
		// It has ended: that is one way to deal with it.
	}
	return undefined;
}

/** No more memory than it has, or hardly more: who gets none ends, and is started anew. */
async function takeMemory({ server, random }: Stage): Promise<Skip> {
	const victim = pick(server.processes().filter(({ name }) => /core|edge/.test(name)), random);
	if (!victim) return 'no process to limit';
	const [, kib = '0'] = /VmSize:\s+(\d+) kB/.exec(readFileSync(`/proc/${victim.pid}/status`, 'utf8')) ?? [];
	limit(victim.pid, `--as=${(Number(kib) + Math.floor(random() ** 2 * 4096)) * 1024}:unlimited`);
	await pause(300 + random() * 700);
	try {
		limit(victim.pid, '--as=unlimited:unlimited');
	} catch {
		// It has ended.
	}
	return undefined;
}

const PAGE = 4096;
/** The first byte of a page of a b-tree; the first page begins with the file's own header. */
const TREE_PAGES = new Set([2, 5, 10, 13]);

/** Breaks some page of the database that is in use. */
function breakPage(path: string, random: () => number): void {
	const bytes = readFileSync(path);
	const pages = Array.from({ length: bytes.length / PAGE - 1 }, (_, i) => (i + 1) * PAGE).filter((at) => TREE_PAGES.has(bytes[at] ?? 0));
	const at = pick(pages, random);
	if (at === undefined) throw new Error('no page to break');
	bytes.writeUInt8((bytes[at] ?? 0) ^ 0x40, at);
	writeFileSync(path, bytes);
}

/** A byte of the database turns over: it is told, and a backup puts everything right. */
async function flipByte(stage: Stage): Promise<Skip> {
	const { server, random } = stage;
	const backup = `${server.folder}/backup`;
	await stage.quiet();
	expectStatus(stage.admin('backup', backup), 0);
	await server.stop();
	breakPage(`${server.dataFolder}/guanxi.db`, random);
	expectStatus(stage.admin('check'), 1);
	// It may start, and meet the damage later or never; it may not go on as if nothing were.
	if (await begins(server)) await server.stop();
	for (const name of readdirSync(server.dataFolder)) rmSync(`${server.dataFolder}/${name}`, { recursive: true });
	expectStatus(stage.admin('restore', backup), 0);
	expectStatus(stage.admin('check'), 0);
	rmSync(backup);
	await stage.beginRestored();
	stage.go();
	await pause(200);
	return undefined;
}

function expectStatus({ status, text }: { status: number; text: string }, wanted: number): void {
	if (status !== wanted) throw new Error(`admin ended with ${status} instead of ${wanted}: ${text}`);
}

export const KINDS: Kind[] = [
	{ name: 'core', about: 'kill -9 of the core, up to three times', weight: 20, happen: killCore },
	{ name: 'edge', about: 'kill -9 of an edge, up to three times', weight: 10, happen: killEdge },
	{ name: 'all', about: 'kill -9 of everything, and a new start', weight: 20, happen: killAll },
	{ name: 'full', about: 'the disk is full for a moment, with kills and starts meanwhile', weight: 14, happen: fillDisk },
	{ name: 'readonly', about: 'the data folder is read-only for a moment', weight: 8, happen: makeReadOnly },
	{ name: 'flip', about: 'a byte of the database turns over; check tells, a backup is restored', weight: 8, happen: flipByte },
	{ name: 'clock', about: 'the time of day jumps back by up to a week, or forth', weight: 8, happen: jump },
	{ name: 'files', about: 'the core or an edge has no descriptor left', weight: 6, happen: takeDescriptors },
	{ name: 'memory', about: 'the core or an edge gets no more memory', weight: 6, happen: takeMemory },
];
