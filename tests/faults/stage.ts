// SPDX-License-Identifier: Apache-2.0
// What a round happens on: a server on a file system of its own, the workload beside it, the checker.
import { execFileSync, spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { findBinary } from '../support/paths.ts';
import { Server } from '../support/server.ts';

const here = import.meta.dirname;
/** Small enough to be filled in a moment, large enough for the log between two checkpoints. */
const DISK_MIB = 96;

const SETTINGS = {
	'limits.contact_requests_per_day': 0, 'limits.groups_per_day': 0, 'limits.media_uploads_per_hour': 0,
	'limits.recall_seconds': 86_400, 'limits.recall_file_seconds': 86_400,
};

export function pause(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

type Worker = ChildProcessByStdio<Writable, Readable, null>;

export class Stage {
	readonly server: Server;
	readonly random: () => number;
	/** Whether the data folder is a file system of its own. */
	readonly isMounted: boolean;
	readonly #seed: number;
	#worker: Worker | undefined;
	#lines: AsyncIterator<string> | undefined;

	private constructor(server: Server, seed: number, random: () => number, isMounted: boolean) {
		this.server = server;
		this.#seed = seed;
		this.random = random;
		this.isMounted = isMounted;
	}

	static async open(seed: number, random: () => number): Promise<Stage> {
		let isMounted = false;
		const server = await Server.start({ workers: 2, settings: SETTINGS, prepare: (folder) => (isMounted = mountDisk(folder)) });
		// Killing is told in the log; what the log may not tell is judged round by round.
		server.expectLog(/ error | warn |^guanxi: /);
		const stage = new Stage(server, seed, random, isMounted);
		await stage.#startWork();
		return stage;
	}

	get logPath(): string {
		return `${this.server.folder}/work.jsonl`;
	}

	go(): void {
		this.#worker?.stdin.write('go\n');
	}

	/** Waits until every call under way has a sure answer and everything was heard. */
	async quiet(): Promise<string> {
		this.#worker?.stdin.write('pause\n');
		return this.#said('quiet');
	}

	/** At rest: starts a restored server, of which the workload's cursors know nothing. */
	async beginRestored(): Promise<void> {
		this.#worker?.stdin.write('restored\n');
		await pause(100);
		await this.server.begin();
		await this.#said('renewed');
	}

	admin(...words: string[]): { status: number; text: string } {
		const done = spawnSync(findBinary(), ['admin', ...words, '--data', this.server.dataFolder], { encoding: 'utf8' });
		return { status: done.status ?? -1, text: done.stdout + done.stderr };
	}

	/** What the checker finds wrong: nothing, mostly. */
	async check(): Promise<string[]> {
		const words = [`${here}/check.ts`, this.server.url, this.logPath, String(this.#seed)];
		const checker = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
		const lines: string[] = [];
		createInterface(checker.stdout).on('line', (line) => lines.push(line));
		const complaints: string[] = [];
		createInterface(checker.stderr).on('line', (line) => complaints.push(line));
		const [code] = (await once(checker, 'close')) as [number | null];
		if (code === 0 && lines.length === 0) return [];
		return lines.length > 0 ? lines : [`the checker ended with ${code ?? 'a signal'}: ${complaints.join('\n')}`];
	}

	async close(): Promise<void> {
		this.#worker?.stdin.end('end\n');
		await this.server.stop();
	}

	remove(): void {
		if (this.isMounted) execFileSync('umount', ['-l', this.server.dataFolder]);
		this.server.remove();
	}

	async #startWork(): Promise<void> {
		const words = [`${here}/work.ts`, this.server.url, this.logPath, String(this.#seed)];
		const worker = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'] });
		worker.stdin.on('error', () => undefined); // it has ended; #said() tells
		this.#worker = worker;
		const lines: Interface = createInterface(worker.stdout);
		this.#lines = lines[Symbol.asyncIterator]();
		await this.#said('ready');
	}

	async #said(word: string): Promise<string> {
		const line = await this.#lines?.next();
		if (!line || line.done === true) throw new Error('the workload has ended');
		if (!line.value.startsWith(word)) throw new Error(`the workload says ${line.value}`);
		return line.value.slice(word.length + 1);
	}
}

/** False when mounting is not allowed here. */
function mountDisk(folder: string): boolean {
	mkdirSync(folder, { mode: 0o700 });
	try {
		execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m,mode=700`, 'guanxi-faults', folder], { stdio: 'ignore' });
		return true;
	} catch {
		return false;
	}
}
