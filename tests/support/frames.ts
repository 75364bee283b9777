// SPDX-License-Identifier: Apache-2.0
// A WebSocket by hand: frames as no library would send them, and each frame as it came.
import { createHash, randomBytes } from 'node:crypto';
import { checkFrame } from './checked.ts';
import { RawConnection, request, type RawAnswer } from './raw.ts';
import type { Server } from './server.ts';

export const OP = { CONTINUATION: 0, TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const;

export interface FrameOptions {
	isFinal?: boolean;
	isMasked?: boolean;
	/** Reserved bits, 0 to 7. */
	reserved?: number;
	/** Bytes of the length field: 0, 2 or 8; by default the shortest that will do. */
	lengthBytes?: 0 | 2 | 8;
	/** What the length field says instead of the truth. */
	length?: number;
}

function lengthField(length: number, bytes: 0 | 2 | 8): Buffer {
	const field = Buffer.alloc(1 + bytes);
	field[0] = bytes === 0 ? length : bytes === 2 ? 126 : 127;
	if (bytes === 2) field.writeUInt16BE(length, 1);
	if (bytes === 8) field.writeBigUInt64BE(BigInt(length), 1);
	return field;
}

export function frame(opcode: number, payload: string | Uint8Array = '', options: FrameOptions = {}): Buffer {
	const data = Buffer.from(payload as string);
	const length = options.length ?? data.length;
	const head = lengthField(length, options.lengthBytes ?? (length < 126 ? 0 : length < 65536 ? 2 : 8));
	const first = Buffer.from([(options.isFinal === false ? 0 : 0x80) | ((options.reserved ?? 0) << 4) | opcode]);
	if (options.isMasked === false) return Buffer.concat([first, head, data]);
	head[0] = (head[0] ?? 0) | 0x80;
	const mask = randomBytes(4);
	const masked = data.map((byte, i) => byte ^ (mask[i & 3] ?? 0));
	return Buffer.concat([first, head, mask, masked]);
}

export interface GotFrame {
	opcode: number;
	payload: Buffer;
}

export class RawStream {
	readonly connection: RawConnection;
	readonly answer: RawAnswer;
	readonly #calls = new Map<number, string>();

	private constructor(connection: RawConnection, answer: RawAnswer) {
		this.connection = connection;
		this.answer = answer;
	}

	static async open(server: Server, token: string, since?: string, headers: Record<string, string> = {}): Promise<RawStream> {
		const connection = await RawConnection.open(server);
		const key = randomBytes(16).toString('base64');
		const target = `/api/v1/stream${since === undefined ? '' : `?since=${since}`}`;
		connection.send(request('GET', target, {
			connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': key, 'sec-websocket-version': '13',
			authorization: `Bearer ${token}`, ...headers,
		}));
		const answer = await connection.answer();
		const proof = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
		if (answer.status === 101 && answer.headers.get('sec-websocket-accept') !== proof) throw new Error('a wrong Sec-WebSocket-Accept');
		return new RawStream(connection, answer);
	}

	send(...frames: Uint8Array[]): void {
		this.connection.send(Buffer.concat(frames));
	}

	call(id: number, op: string, input: unknown = {}): Buffer {
		this.#calls.set(id, op);
		return frame(OP.TEXT, JSON.stringify({ t: 'call', id, op, in: input }));
	}

	/** The next frame; the server's are whole and not masked. */
	async next(): Promise<GotFrame> {
		const [first = 0, second = 0] = await this.connection.take(2);
		if ((first & 0xf0) !== 0x80) throw new Error(`not a whole frame without reserved bits: ${first.toString(16)}`);
		if (second & 0x80) throw new Error('the server masked a frame');
		let length = second;
		if (second === 126) length = (await this.connection.take(2)).readUInt16BE();
		if (second === 127) length = Number((await this.connection.take(8)).readBigUInt64BE());
		return { opcode: first & 15, payload: await this.connection.take(length) };
	}

	/** The next text frame as JSON, compared with the API file; pings are passed over. */
	async json(): Promise<Record<string, unknown>> {
		for (;;) {
			const { opcode, payload } = await this.next();
			if (opcode === OP.PING) continue;
			if (opcode !== OP.TEXT) throw new Error(`a frame of kind ${opcode}: ${payload.toString('hex')}`);
			checkFrame(this.#calls, payload.toString());
			return JSON.parse(payload.toString()) as Record<string, unknown>;
		}
	}

	/** Reads up to the close frame, then to the end of the connection; answers the close code. */
	async closed(): Promise<number> {
		for (;;) {
			const { opcode, payload } = await this.next();
			if (opcode !== OP.CLOSE) continue;
			await this.connection.rest();
			return payload.length >= 2 ? payload.readUInt16BE() : 1005;
		}
	}

	destroy(): void {
		this.connection.destroy();
	}
}
