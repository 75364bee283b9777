// SPDX-License-Identifier: Apache-2.0
// A server of one's own: on a free port, with a temporary data folder, killed by its process ids.
// Whatever it logs as an error, or prints without being a log line, is a fault unless expected.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { Clock } from './clock.ts';
import { findBinary } from './paths.ts';

export interface ServerOptions {
	/** Settings as in the file, "section.key": "limits.friends". */
	settings?: Record<string, string | number>;
	workers?: number;
	/** The limit of open files of each process (ulimit -n). */
	descriptors?: number;
	arguments?: string[];
	/** Called with the path of the data folder before the first start. */
	prepare?: (dataFolder: string) => void;
}

/** Cheap password hashes: these tests sign up hundreds of people. */
const TEST_SETTINGS = {
	'accounts.argon2_memory_kib': 64, 'accounts.argon2_passes': 1, 'accounts.refuse_common_passwords': 'true',
};

const LOG_LINE = /^\d{4}-\d\d-\d\dT\S+Z (debug|info|warn|error) (\S+) (\S+)/;
const START_MS = 30_000;
const STOP_MS = 20_000;
const LOG_MS = 10_000;

function environment(clock: Clock, settings: Record<string, string | number>): NodeJS.ProcessEnv {
	const env: NodeJS.ProcessEnv = { ...process.env, GUANXI_DEBUG_CLOCK_FILE: clock.path };
	for (const [name, value] of Object.entries({ ...TEST_SETTINGS, ...settings }))
		env[`GUANXI_${name.replace('.', '_').toUpperCase()}`] = String(value);
	return env;
}

/** Direct children of a process, by id and name. */
function childrenOf(pid: number): { pid: number; name: string }[] {
	return readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name))
		.flatMap((name) => {
			try {
				const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
				const [, comm = '', parent] = /^\d+ \((.*)\) \S (\d+)/.exec(stat) ?? [];
				return Number(parent) === pid ? [{ pid: Number(name), name: comm }] : [];
			} catch {
				return []; // ended meanwhile
			}
		});
}

type Child = ChildProcessByStdio<null, Readable, Readable>;
/** Exit status or signal. */
type Exit = [code: number | null, signal: string | null];

function hasEnded(child: Child): boolean {
	return child.exitCode !== null || child.signalCode !== null;
}

export class Server {
	readonly folder: string;
	readonly clock: Clock;
	readonly log: string[] = [];
	url = '';
	/** Empty without TLS. */
	tlsUrl = '';
	#options: ServerOptions;
	#process: Child | undefined;
	#exited: Promise<Exit> = Promise.resolve([0, null]);
	#expected: RegExp[] = [];
	#faults: string[] = [];

	private constructor(options: ServerOptions) {
		this.#options = options;
		this.folder = mkdtempSync(`${tmpdir()}/guanxi-`);
		this.clock = new Clock(`${this.folder}/clock`);
	}

	static async start(options: ServerOptions = {}): Promise<Server> {
		const server = new Server(options);
		options.prepare?.(server.dataFolder);
		await server.begin();
		return server;
	}

	get dataFolder(): string {
		return `${this.folder}/data`;
	}

	get pid(): number {
		return this.#process?.pid ?? 0;
	}

	get port(): number {
		return Number(new URL(this.url).port);
	}

	get tlsPort(): number {
		return Number(new URL(this.tlsUrl).port);
	}

	/** SIGHUP: reads its certificate anew. */
	reload(): void {
		this.#process?.kill('SIGHUP');
	}

	/** Waits for a line of the log that matches. */
	async logs(pattern: RegExp, count = 1): Promise<void> {
		const has = (): boolean => this.log.filter((line) => pattern.test(line)).length >= count;
		const deadline = Date.now() + LOG_MS;
		while (!has()) {
			if (Date.now() > deadline) throw new Error(`never logged ${pattern.source}\n${this.log.slice(-20).join('\n')}`);
			await new Promise((resolve) => setTimeout(resolve, 10));
		}
	}

	/** Lines of the log that match are no faults. */
	expectLog(pattern: RegExp): void {
		this.#expected.push(pattern);
	}

	/** Starts it, again on the same port if it ran before. */
	async begin(options?: ServerOptions): Promise<void> {
		this.#options = options ?? this.#options;
		const listen = this.url === '' ? '127.0.0.1:0' : new URL(this.url).host;
		const words = ['serve', '--data', this.dataFolder, '--listen', listen];
		words.push('--workers', String(this.#options.workers ?? 2), ...(this.#options.arguments ?? []));
		const env = environment(this.clock, this.#options.settings ?? {});
		const limit = this.#options.descriptors;
		const [program, ...before] = limit === undefined ? [findBinary()] : ['/bin/sh', '-c', 'ulimit -n "$0" && exec "$@"', String(limit), findBinary()];
		const child = spawn(program, [...before, ...words], { stdio: ['ignore', 'pipe', 'pipe'], env });
		this.#process = child;
		this.#exited = once(child, 'exit') as Promise<Exit>;
		createInterface(child.stderr).on('line', (line) => this.#logged(line));
		this.url = await this.#listening(child);
	}

	/** Ends it cleanly: SIGTERM, exit status 0. */
	async stop(): Promise<void> {
		const child = this.#process;
		if (!child || hasEnded(child)) return;
		child.kill('SIGTERM');
		const [code, signal] = await this.#gone();
		if (code !== 0) this.#faults.push(`ended with ${code ?? signal ?? '?'} after SIGTERM`);
	}

	/** kill -9 of all its processes, supervisor first. */
	async kill(): Promise<void> {
		const all = this.processes();
		this.#process?.kill('SIGKILL');
		for (const { pid } of all) killIfThere(pid);
		await this.#gone();
	}

	/** Waits for it to end by itself. */
	async ended(): Promise<void> {
		await this.#gone();
	}

	/** kill -9 of the core; the supervisor starts another one. False when there is none just now. */
	killCore(): boolean {
		return this.#killOne('core');
	}

	/** kill -9 of one edge. */
	killEdge(): boolean {
		return this.#killOne('edge');
	}

	processes(): { pid: number; name: string }[] {
		return this.pid === 0 ? [] : childrenOf(this.pid);
	}

	/** Faults so far; forgets them. */
	takeFaults(): string[] {
		return this.#faults.splice(0);
	}

	remove(): void {
		rmSync(this.folder, { recursive: true, force: true });
	}

	#killOne(name: string): boolean {
		const found = this.processes().find((p) => p.name.endsWith(name));
		if (found) killIfThere(found.pid);
		return found !== undefined;
	}

	async #listening(child: Child): Promise<string> {
		const lines = createInterface(child.stdout);
		return new Promise((resolve, reject) => {
			const fail = (why: string): void => reject(new Error(`${why}\n${this.log.slice(-20).join('\n')}`));
			const timer = setTimeout(() => fail('the server did not start in time'), START_MS);
			lines.on('line', (line) => {
				const [, url] = /^listening on (https?:\/\/\S+)$/.exec(line) ?? [];
				if (url?.startsWith('https:')) this.tlsUrl = url;
				if (!url?.startsWith('http:')) return; // the plain listener comes last
				clearTimeout(timer);
				resolve(url);
			});
			child.once('exit', (code) => {
				clearTimeout(timer);
				fail(`the server ended with ${code ?? 'a signal'} instead of starting`);
			});
		});
	}

	async #gone(): Promise<Exit> {
		const timer = setTimeout(() => {
			this.#faults.push('did not end in time');
			for (const { pid } of this.processes()) killIfThere(pid);
			this.#process?.kill('SIGKILL');
		}, STOP_MS);
		const exit = await this.#exited;
		clearTimeout(timer);
		return exit;
	}

	#logged(line: string): void {
		this.log.push(line);
		const [, level] = LOG_LINE.exec(line) ?? [];
		if (level !== undefined && level !== 'error') return;
		if (!this.#expected.some((pattern) => pattern.test(line))) this.#faults.push(line);
	}
}

function killIfThere(pid: number): void {
	try {
		process.kill(pid, 'SIGKILL');
	} catch {
		// ended by itself
	}
}
