// SPDX-License-Identifier: Apache-2.0
// The stream: one WebSocket that brings events and carries calls, and comes back by itself.
//
// Life: starting → (asks for a cursor if there is none) → connecting → open → waiting → connecting …
//       until closed, by close() or because the session ended.
// No gap: events are delivered in order with the cursor behind each; after a loss the stream goes on
// from the last cursor. When the server no longer knows that cursor (410) the stream takes a fresh
// one, tells "resync" and goes on from it: the listener reads its lists again.
// Calls:  see calls.ts.
import { Calls } from './calls.ts';
import type { CallArguments, Client } from './client.ts';
import { Emitter } from './emitter.ts';
import { ConnectionError, GuanxiError } from './errors.ts';
import { OPS } from './ops.gen.ts';
import type { Event, JsonOp, Out, ServerFrame } from './types.ts';

export type StreamState = 'starting' | 'connecting' | 'open' | 'waiting' | 'closed';

/** What is used of a WebSocket: the browser's, Node's and ws' all have it. */
export interface SocketLike {
	send(data: string): void;
	close(code?: number, reason?: string): void;
	onopen: ((event: never) => void) | null;
	onmessage: ((event: never) => void) | null;
	onclose: ((event: never) => void) | null;
	onerror: ((event: never) => void) | null;
}
export type SocketFactory = (url: string, protocols: string[]) => SocketLike;

export interface StreamOptions {
	/** The last cursor seen; without it the stream begins with what happens from now on. */
	since?: string | undefined;
	/** Whether calls made while there is no connection wait for one (default) or fail at once. */
	queueOffline?: boolean;
	timeoutMs?: number;
	/** First wait after a failure, doubled by each further one up to the maximum. */
	backoffMs?: number;
	backoffMaxMs?: number;
	socket?: SocketFactory;
}

export interface StreamEvents {
	state: [state: StreamState];
	event: [event: Event, cursor: string];
	typing: [conversationId: string, accountId: string];
	/** Something was missed: read the lists again. Events from now on follow. */
	resync: [cursor: string];
	signed_out: [];
}

const CLOSE_SIGNED_OUT = 4001;
/** The account has too many streams and this was the oldest: coming back would close another. */
const CLOSE_TOO_MANY = 4008;
/** A connection that lived this long was a good one: the next failure starts from the first wait. */
const GOOD_AFTER_MS = 5_000;
const PROBE_TIMEOUT_MS = 5_000;

const browserSocket: SocketFactory = (url, protocols) => new WebSocket(url, protocols);

export class Stream extends Emitter<StreamEvents> {
	readonly #client: Client;
	readonly #options: Required<Omit<StreamOptions, 'since'>>;
	readonly #calls = new Calls();
	readonly #stopListening: () => void;
	#state: StreamState = 'starting';
	#cursor: string | undefined;
	#socket: SocketLike | undefined;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#failures = 0;
	#openedAt = 0;

	/** Use openStream(): it also starts. */
	constructor(client: Client, options: StreamOptions) {
		super();
		this.#client = client;
		this.#cursor = options.since;
		this.#options = {
			queueOffline: options.queueOffline ?? true,
			timeoutMs: options.timeoutMs ?? 30_000,
			backoffMs: options.backoffMs ?? 500,
			backoffMaxMs: options.backoffMaxMs ?? 30_000,
			socket: options.socket ?? browserSocket,
		};
		this.#stopListening = this.#listenToPage();
	}

	get state(): StreamState {
		return this.#state;
	}

	/** The place behind the last event delivered; keep it to go on from there another day. */
	get cursor(): string | undefined {
		return this.#cursor;
	}

	/** Like Client.call(), over the stream. Writes are carried out in the order of the calls. */
	async call<O extends JsonOp>(op: O, ...[input, options]: CallArguments<O>): Promise<Out<O>> {
		if (this.#state === 'closed') throw new ConnectionError('closed');
		if (this.#state !== 'open' && !this.#options.queueOffline) throw new ConnectionError('offline');
		const socket = this.#socket;
		const reply = this.#calls.add(op, (input ?? {}), {
			timeoutMs: options?.timeoutMs ?? this.#options.timeoutMs,
			signal: options?.signal,
			// An open connection that doesn't answer is taken for dead.
			onTimeout: () => this.#state === 'open' && socket === this.#socket && this.#drop(),
		});
		this.#flush();
		return (await reply) as Out<O>;
	}

	/** Tells the others that one is writing; lost without harm. */
	typing(conversationId: string): void {
		if (this.#state === 'open')
			this.#socket?.send(JSON.stringify({ t: 'typing', conversation_id: conversationId }));
	}

	/** Connects at once if it is waiting; if it seems open, asks whether it still is. */
	wake(): void {
		if (this.#state === 'waiting') void this.start();
		else if (this.#state === 'open') void this.#probe();
	}

	close(): void {
		this.#end(new ConnectionError('closed'));
	}

	/** Makes sure that there is a cursor, then connects. */
	async start(): Promise<void> {
		clearTimeout(this.#timer);
		this.#setState(this.#cursor === undefined ? 'starting' : 'connecting');
		try {
			this.#cursor ??= (await this.#client.call('sync.get')).cursor;
		} catch (error) {
			this.#failed(error);
			return;
		}
		if (this.#isClosed()) return;
		this.#setState('connecting');
		this.#connect(this.#cursor);
	}

	#connect(cursor: string): void {
		const url = `${this.#client.baseUrl.replace(/^http/, 'ws')}${OPS['sync.stream'].path}?since=${cursor}`;
		const socket = this.#options.socket(url, ['guanxi.v1', `bearer.${this.#client.token ?? ''}`]);
		this.#socket = socket;
		socket.onopen = () => socket === this.#socket && this.#opened();
		socket.onmessage = (event: { data: unknown }) => socket === this.#socket && this.#received(event.data);
		socket.onclose = (event: { code: number }) => socket === this.#socket && this.#closed(event.code);
		socket.onerror = () => undefined; // onclose follows
	}

	#opened(): void {
		this.#openedAt = Date.now();
		this.#setState('open');
		this.#flush();
	}

	#received(data: unknown): void {
		const frame = JSON.parse(String(data)) as ServerFrame;
		if (frame.t === 'event') {
			this.#cursor = frame.cursor;
			this.emit('event', frame.event, frame.cursor);
		} else if (frame.t === 'reply') {
			this.#calls.answer(frame);
		} else {
			this.emit('typing', frame.conversation_id, frame.account_id);
		}
	}

	#closed(code: number): void {
		const wasOpen = this.#state === 'open';
		this.#socket = undefined;
		this.#calls.connectionLost();
		if (code === CLOSE_SIGNED_OUT) {
			this.#signedOut();
		} else if (code === CLOSE_TOO_MANY) {
			this.#setState('waiting'); // until wake(): somebody looks at it again
		} else if (wasOpen) {
			if (Date.now() - this.#openedAt >= GOOD_AFTER_MS) this.#failures = 0;
			this.#wait();
		} else {
			// A refused upgrade doesn't show its status in a browser: ask for it.
			this.#setState('waiting');
			void this.#askWhy();
		}
	}

	async #askWhy(): Promise<void> {
		try {
			if (this.#cursor !== undefined)
				await this.#client.call('sync.get', { since: this.#cursor, limit: 1 });
			this.#wait();
		} catch (error) {
			this.#failed(error);
		}
	}

	#failed(error: unknown): void {
		if (this.#isClosed()) return;
		const code = error instanceof GuanxiError ? error.code : '';
		if (code === 'core.unauthenticated') this.#signedOut();
		else if (code === 'sync.too_old' || code === 'sync.invalid_cursor') void this.#resync();
		else this.#wait();
	}

	async #resync(): Promise<void> {
		try {
			const { cursor } = await this.#client.call('sync.get');
			if (this.#isClosed()) return;
			this.#cursor = cursor;
			this.emit('resync', cursor);
			await this.start();
		} catch {
			this.#wait();
		}
	}

	/** Waits longer after each failure, and never as long as everybody else. */
	#wait(): void {
		if (this.#isClosed()) return;
		const { backoffMs, backoffMaxMs } = this.#options;
		const ms = Math.min(backoffMaxMs, backoffMs * 2 ** this.#failures++) * (0.5 + Math.random() / 2);
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => void this.start(), ms);
		this.#setState('waiting');
	}

	/** Asks something small; no answer means that the connection is dead though nobody said so. */
	async #probe(): Promise<void> {
		const socket = this.#socket;
		try {
			await this.call('instance.get', {}, { timeoutMs: PROBE_TIMEOUT_MS });
		} catch (error) {
			const isDead = error instanceof ConnectionError && error.reason === 'timeout';
			if (isDead && socket === this.#socket) this.#drop();
		}
	}

	/** Gives the connection up without waiting for the other side's close. */
	#drop(): void {
		const socket = this.#socket;
		if (!socket) return;
		this.#closed(1006);
		socket.close();
	}

	#flush(): void {
		const socket = this.#socket;
		if (this.#state === 'open' && socket) this.#calls.sendAll((frame) => socket.send(frame));
	}

	#signedOut(): void {
		this.#end(new ConnectionError('signed_out'));
		this.emit('signed_out');
	}

	#end(error: ConnectionError): void {
		if (this.#state === 'closed') return;
		const socket = this.#socket;
		this.#socket = undefined;
		clearTimeout(this.#timer);
		this.#stopListening();
		this.#setState('closed');
		this.#calls.rejectAll(error);
		socket?.close(1000);
	}

	/** A function, because the state changes while something is awaited. */
	#isClosed(): boolean {
		return this.#state === 'closed';
	}

	#setState(state: StreamState): void {
		if (this.#state === state) return;
		this.#state = state;
		this.emit('state', state);
	}

	#listenToPage(): () => void {
		if (typeof document === 'undefined') return () => undefined;
		const wake = (): void => {
			if (document.visibilityState === 'visible') this.wake();
		};
		globalThis.addEventListener('online', wake);
		document.addEventListener('visibilitychange', wake);
		return () => {
			globalThis.removeEventListener('online', wake);
			document.removeEventListener('visibilitychange', wake);
		};
	}
}

export function openStream(client: Client, options: StreamOptions): Stream {
	const stream = new Stream(client, options);
	void stream.start();
	return stream;
}
