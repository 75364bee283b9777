// SPDX-License-Identifier: Apache-2.0
// Bytes on a socket: what a well-behaved client can't send.
import { connect, type Socket } from 'node:net';
import { checkAnyProblem } from './checked.ts';
import type { Server } from './server.ts';

const WAIT_MS = 10_000;

export interface RawAnswer {
	status: number;
	/** Names in lower case; repeated ones are joined. */
	headers: Map<string, string>;
	body: Buffer;
}

/** Reads from a socket piece by piece, with a deadline on each wait. */
export class RawConnection {
	readonly socket: Socket;
	#bytes = Buffer.alloc(0);
	#isEnded = false;
	#isReset = false;
	#wake: (() => void) | undefined;

	private constructor(socket: Socket) {
		this.socket = socket;
		const wake = (): void => this.#wake?.();
		socket.on('data', (data) => {
			this.#bytes = Buffer.concat([this.#bytes, data]);
			wake();
		});
		socket.on('end', () => {
			this.#isEnded = true;
			wake();
		});
		socket.on('error', () => {
			this.#isReset = true;
			wake();
		});
		socket.on('close', () => {
			this.#isEnded = true;
			wake();
		});
	}

	static async open(server: Server): Promise<RawConnection> {
		const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
		await new Promise((resolve, reject) => {
			socket.once('connect', resolve);
			socket.once('error', reject);
		});
		return new RawConnection(socket);
	}

	/** On a socket that is open already, perhaps with TLS. */
	static on(socket: Socket): RawConnection {
		return new RawConnection(socket);
	}

	send(bytes: string | Uint8Array): void {
		this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
	}

	/** Says that nothing more will be sent. */
	finish(): void {
		this.socket.end();
	}

	destroy(): void {
		this.socket.destroy();
	}

	/** Whether the other side is gone, in whatever way. */
	get isOver(): boolean {
		return this.#isEnded || this.#isReset;
	}

	/** Whether the connection broke instead of ending. */
	get isReset(): boolean {
		return this.#isReset;
	}

	async take(count: number): Promise<Buffer> {
		await this.#until(() => this.#bytes.length >= count, `${count} bytes`);
		return this.#cut(count);
	}

	/** Waits for the other side's end; answers what came before it. */
	async rest(): Promise<Buffer> {
		await this.#until(() => this.#isEnded || this.#isReset, 'the end');
		return this.#cut(this.#bytes.length);
	}

	/** The next response; `hasBody` false after HEAD. */
	async answer(hasBody = true): Promise<RawAnswer> {
		const end = '\r\n\r\n';
		await this.#until(() => this.#bytes.includes(end), 'a response');
		const [first = '', ...lines] = this.#cut(this.#bytes.indexOf(end) + 4).toString('latin1').trimEnd().split('\r\n');
		const headers = new Map<string, string>();
		for (const line of lines) {
			const colon = line.indexOf(':');
			const name = line.slice(0, colon).toLowerCase();
			const value = line.slice(colon + 1).trim();
			const before = headers.get(name);
			headers.set(name, before === undefined ? value : `${before}, ${value}`);
		}
		const status = Number(/^HTTP\/1\.1 (\d{3}) ?/.exec(first)?.[1]);
		if (status === 100) return { status, headers, body: Buffer.alloc(0) };
		if (status !== 101 && headers.get('x-content-type-options') !== 'nosniff') throw new Error('an answer without nosniff');
		const length = hasBody && status >= 200 && status !== 204 && status !== 304 ? Number(headers.get('content-length') ?? 0) : 0;
		const body = await this.take(length);
		if (headers.get('content-type') === 'application/problem+json' && length > 0) checkAnyProblem(status, body.toString());
		return { status, headers, body };
	}

	/** True when nothing arrives for that long and the connection stays open. */
	async isQuiet(ms: number): Promise<boolean> {
		await new Promise((resolve) => setTimeout(resolve, ms));
		return this.#bytes.length === 0 && !this.#isEnded;
	}

	#cut(count: number): Buffer {
		const cut = this.#bytes.subarray(0, count);
		this.#bytes = this.#bytes.subarray(count);
		return cut;
	}

	async #until(isDone: () => boolean, what: string): Promise<void> {
		const deadline = Date.now() + WAIT_MS;
		while (!isDone()) {
			const leftMs = deadline - Date.now();
			const has = (): string => JSON.stringify(this.#bytes.toString('latin1').slice(0, 500));
			if (leftMs <= 0) throw new Error(`${what} never came; there is ${has()}`);
			if (this.#isEnded || this.#isReset) throw new Error(`ended before ${what}; there was ${has()}`);
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, leftMs);
				this.#wake = () => {
					clearTimeout(timer);
					resolve();
				};
			});
		}
	}
}

/** Sends these bytes on a new connection and reads one response. */
export async function exchange(server: Server, bytes: string | Uint8Array): Promise<RawAnswer> {
	const connection = await RawConnection.open(server);
	connection.send(bytes);
	const answer = await connection.answer();
	connection.destroy();
	return answer;
}

/** A request's head and body with the headers that every request needs. */
export function request(method: string, target: string, headers: Record<string, string> = {}, body = ''): string {
	const lines = Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
	if (body !== '') lines.push(`content-length: ${Buffer.byteLength(body, 'latin1')}\r\n`);
	return `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}
