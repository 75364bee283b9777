// SPDX-License-Identifier: Apache-2.0
// One WebSocket at a time, without the SDK's repeats: who uses it decides on each try himself and
// knows which connection it went over.
import { WebSocket } from 'ws';

export interface Problem {
	code: string;
	status: number;
}
export interface Reply {
	status: number;
	out?: unknown;
	problem?: Problem;
}
interface Frame extends Reply {
	t: 'reply' | 'event' | 'typing';
	id: number;
	cursor: string;
	event: { type: string };
}

const CONNECT_MS = 5_000;
let lastNumber = 0;

/** No answer came, or never will. */
export class Lost extends Error {}

export class Line {
	/** Unlike that of any other connection of this process. */
	readonly number = ++lastNumber;
	onEvent: (event: { type: string }, cursor: string) => void = () => undefined;
	onClose: (code: number) => void = () => undefined;
	readonly #socket: WebSocket;
	readonly #waiting = new Map<number, { resolve: (reply: Reply) => void; reject: (error: Error) => void }>();
	#lastId = 0;

	private constructor(socket: WebSocket) {
		this.#socket = socket;
	}

	/** Rejects with Lost, or with the status of the refused upgrade in `status`. */
	static async open(url: string, token: string, since: string | undefined, prepare: (line: Line) => void): Promise<Line> {
		const query = since === undefined ? '' : `?since=${since}`;
		const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/api/v1/stream${query}`, {
			headers: { authorization: `Bearer ${token}` }, handshakeTimeout: CONNECT_MS,
		});
		const line = new Line(socket);
		// Events may come right behind the 101.
		prepare(line);
		socket.on('message', (data: Buffer) => line.#received(JSON.parse(data.toString()) as Frame));
		socket.on('close', (code) => line.#closed(code));
		await new Promise<void>((resolve, reject) => {
			socket.on('open', resolve);
			socket.on('unexpected-response', (_, answer) => {
				socket.terminate();
				reject(Object.assign(new Lost('upgrade refused'), { status: answer.statusCode }));
			});
			socket.on('error', () => reject(new Lost('no connection')));
		});
		return line;
	}

	get isOpen(): boolean {
		return this.#socket.readyState === WebSocket.OPEN;
	}

	/** Rejects with Lost when the connection ends first, or after `timeoutMs`. */
	async call(op: string, input: object, timeoutMs: number): Promise<Reply> {
		if (!this.isOpen) throw new Lost('not open');
		const id = ++this.#lastId;
		const reply = new Promise<Reply>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
		this.#socket.send(JSON.stringify({ t: 'call', id, op, in: input }));
		const timer = setTimeout(() => this.#socket.terminate(), timeoutMs);
		return reply.finally(() => clearTimeout(timer));
	}

	close(): void {
		this.#socket.terminate();
	}

	#received(frame: Frame): void {
		if (frame.t === 'event') this.onEvent(frame.event, frame.cursor);
		if (frame.t !== 'reply') return;
		this.#waiting.get(frame.id)?.resolve(frame);
		this.#waiting.delete(frame.id);
	}

	#closed(code: number): void {
		for (const { reject } of this.#waiting.values()) reject(new Lost('closed'));
		this.#waiting.clear();
		this.onClose(code);
	}
}
