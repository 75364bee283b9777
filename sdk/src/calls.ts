// SPDX-License-Identifier: Apache-2.0
// The calls of a stream that have no reply yet, in the order in which they were made.
//
// A call survives the loss of its connection if repeating it does no harm: a query, or a write with
// a client_id, which the server answers with the first result. Others end with ConnectionError
// "lost" once they were sent, because nobody can tell whether they were carried out.
import { ConnectionError, GuanxiError } from './errors.ts';
import { OPS } from './ops.gen.ts';
import type { JsonOp, Problem } from './types.ts';

/** What the server reads at most; a larger frame would only close the connection. */
export const FRAME_BYTES_MAX = 262_144;

export interface Reply {
	id: number;
	status: number;
	out?: unknown;
	problem?: Problem | undefined;
}

interface Call {
	readonly frame: string;
	readonly isRepeatable: boolean;
	readonly resolve: (out: unknown) => void;
	readonly reject: (error: Error) => void;
	readonly dispose: () => void;
	isSent: boolean;
}

export interface CallSettings {
	timeoutMs: number;
	signal?: AbortSignal | undefined;
	/** Called after a call was given up for its time. */
	onTimeout: () => void;
}

export class Calls {
	readonly #calls = new Map<number, Call>();
	#lastId = 0;

	get count(): number {
		return this.#calls.size;
	}

	/** Adds a call that is not sent yet; send it with sendAll(). */
	add(op: JsonOp, input: Record<string, unknown>, settings: CallSettings): Promise<unknown> {
		const id = ++this.#lastId;
		const frame = JSON.stringify({ t: 'call', id, op, in: input });
		if (new TextEncoder().encode(frame).length > FRAME_BYTES_MAX)
			return Promise.reject(new ConnectionError('too_large'));
		if (settings.signal?.aborted === true) return Promise.reject(abortReason(settings.signal));
		return new Promise((resolve, reject) => {
			const abort = (): void => this.#finish(id)?.reject(abortReason(settings.signal));
			const timer = setTimeout(() => {
				this.#finish(id)?.reject(new ConnectionError('timeout'));
				settings.onTimeout();
			}, settings.timeoutMs);
			settings.signal?.addEventListener('abort', abort);
			const dispose = (): void => {
				clearTimeout(timer);
				settings.signal?.removeEventListener('abort', abort);
			};
			const isRepeatable = OPS[op].method === 'GET' || typeof input.client_id === 'string';
			this.#calls.set(id, { frame, isRepeatable, resolve, reject, dispose, isSent: false });
		});
	}

	/** Sends what this connection has not seen, in order. */
	sendAll(send: (frame: string) => void): void {
		for (const call of this.#calls.values()) {
			if (call.isSent) continue;
			send(call.frame);
			call.isSent = true;
		}
	}

	answer(reply: Reply): void {
		const call = this.#finish(reply.id);
		if (reply.problem) call?.reject(new GuanxiError(reply.problem));
		else call?.resolve(reply.out);
	}

	/** The connection is gone: what can't be repeated ends, the rest waits to be sent again. */
	connectionLost(): void {
		for (const [id, call] of [...this.#calls]) {
			if (call.isSent && !call.isRepeatable) this.#finish(id)?.reject(new ConnectionError('lost'));
			else call.isSent = false;
		}
	}

	rejectAll(error: Error): void {
		for (const id of [...this.#calls.keys()]) this.#finish(id)?.reject(error);
	}

	#finish(id: number): Call | undefined {
		const call = this.#calls.get(id);
		this.#calls.delete(id);
		call?.dispose();
		return call;
	}
}

function abortReason(signal: AbortSignal | undefined): Error {
	const reason: unknown = signal?.reason;
	return reason instanceof Error ? reason : new DOMException('The call was aborted.', 'AbortError');
}
