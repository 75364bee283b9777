// SPDX-License-Identifier: Apache-2.0
// Somebody who wants things done and tries until the answer is sure. Each try and each answer goes
// to the log.
import { Client, ConnectionError, GuanxiError, type JsonOp } from '@guanxi/sdk';
import { Line, Lost, type Reply } from './line.ts';
import type { Log } from './log.ts';

const TRY_MS = 10_000;
const CALL_MS = 90_000;
/** These say that nothing was done; every other 5xx, and silence, leave it open. */
const SURELY_NOT_DONE = new Set(['core.overloaded', 'core.storage_full']);

export interface Outcome {
	/** 0: given up without knowing more than that the last try was not carried out. */
	status: number;
	out: unknown;
	code: string | undefined;
	/** Some try got no sure answer: a later refusal may mean that it had been carried out. */
	wasUnsure: boolean;
}

export interface Wish {
	/** Goes over this person's WebSocket. */
	isOverLine?: boolean;
	/** How likely he is to want it no more after a refusal for want of resources. */
	giveUp?: number;
	/** Bytes to send instead of JSON. */
	bytes?: Uint8Array<ArrayBuffer>;
}

function pause(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

export class Caller {
	readonly who: string;
	readonly client: Client;
	id = '';
	readonly #log: Log;
	readonly #random: () => number;
	#line: Line | undefined;
	#opening: Promise<Line> | undefined;

	constructor(who: string, baseUrl: string, log: Log, random: () => number) {
		this.who = who;
		this.client = new Client({ baseUrl, timeoutMs: TRY_MS });
		this.#log = log;
		this.#random = random;
	}

	/** Tries until it is done or surely refused. */
	async want(op: string, input: Record<string, unknown>, wish: Wish = {}): Promise<Outcome> {
		const call = this.#log.newCall();
		const until = Date.now() + CALL_MS;
		let wasUnsure = false;
		for (let n = 1; ; n++) {
			const { status, out, problem } = await this.#attempt(call, n, op, input, wish);
			const code = problem?.code;
			if (status > 0 && status < 500 && status !== 429) return { status, out, code, wasUnsure };
			const isOpen = code === undefined || !SURELY_NOT_DONE.has(code);
			wasUnsure ||= isOpen && status !== 429;
			// What may have been done already is not given up, but for messages: there at most once is right.
			const mayGiveUp = !isOpen && (!wasUnsure || op === 'messages.send');
			if (mayGiveUp && this.#random() < (wish.giveUp ?? 0)) return { status: 0, out, code, wasUnsure };
			if (Date.now() > until) throw new Error(`${op} of ${this.who} has no sure answer: ${status} ${code ?? 'silence'}`);
			await pause(20 + this.#random() * 80);
		}
	}

	close(): void {
		this.#line?.close();
	}

	async #attempt(call: number, n: number, op: string, input: Record<string, unknown>, wish: Wish): Promise<Reply> {
		const line = wish.isOverLine === true ? await this.#openLine() : undefined;
		if (wish.isOverLine === true && !line) return { status: 0 };
		this.#log.write({ t: 'try', call, try: n, who: this.who, over: line?.number ?? 0, op, in: input });
		const reply = await (line ? this.#overLine(line, op, input) : this.#overHttp(op, input, wish.bytes));
		const { status, out, problem } = reply;
		this.#log.write({ t: 'answer', call, try: n, status, ...(problem ? { code: problem.code } : out === undefined ? {} : { out }) });
		return reply;
	}

	async #overLine(line: Line, op: string, input: object): Promise<Reply> {
		try {
			return await line.call(op, input, TRY_MS);
		} catch (error) {
			if (error instanceof Lost) return { status: 0 };
			throw error;
		}
	}

	async #overHttp(op: string, input: object, bytes: Uint8Array<ArrayBuffer> | undefined): Promise<Reply> {
		try {
			const out = bytes
				? await this.client.upload(bytes, { mime: 'application/octet-stream', signal: AbortSignal.timeout(TRY_MS) })
				: await this.client.call(op as JsonOp, input);
			return { status: 200, out };
		} catch (error) {
			if (error instanceof GuanxiError) return { status: error.status, problem: error.problem };
			if (error instanceof ConnectionError || (error instanceof Error && error.name === 'TimeoutError')) return { status: 0 };
			throw error;
		}
	}

	/** Several calls share one connection, and one attempt to open it. */
	async #openLine(): Promise<Line | undefined> {
		if (this.#line?.isOpen === true) return this.#line;
		this.#opening ??= Line.open(this.client.baseUrl, this.client.token ?? '', undefined, () => undefined);
		const opening = this.#opening;
		try {
			this.#line = await opening;
			return this.#line;
		} catch {
			return undefined;
		} finally {
			if (this.#opening === opening) this.#opening = undefined;
		}
	}
}
