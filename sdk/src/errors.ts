// SPDX-License-Identifier: Apache-2.0
import type { Problem } from './types.ts';

/** The server refused: `code` says why, `message` says it to a person. */
export class GuanxiError extends Error {
	override readonly name = 'GuanxiError';
	readonly problem: Problem;
	/** From Retry-After, or from the problem in a stream's reply; 0 when there was none. */
	readonly retryAfterMs: number;

	constructor(problem: Problem, retryAfterMs = 0) {
		super(problem.detail ?? problem.title);
		this.problem = problem;
		this.retryAfterMs = retryAfterMs || (problem.retry_after ?? 0) * 1000;
	}

	get status(): number {
		return this.problem.status;
	}

	get code(): string {
		return this.problem.code;
	}

	/** Whether the same call may succeed later. */
	get isRetryable(): boolean {
		return this.status === 429 || this.status === 503;
	}
}

export type ConnectionReason =
	/** Nothing was sent. */
	| 'offline'
	/** It was sent, and no answer came: whether it was done is not known. */
	| 'lost'
	| 'timeout'
	/** The stream was closed from this side. */
	| 'closed'
	/** The session is over: signed out here or on another device. */
	| 'signed_out'
	/** The frame would be larger than the server reads. */
	| 'too_large';

/** The server was not reached, or its answer did not arrive. */
export class ConnectionError extends Error {
	override readonly name = 'ConnectionError';
	readonly reason: ConnectionReason;

	constructor(reason: ConnectionReason, options?: ErrorOptions) {
		super(`no answer: ${reason}`, options);
		this.reason = reason;
	}
}

/** A problem for an answer that should be one and is not: a proxy's page, say. */
export function problemFrom(status: number, body: unknown): Problem {
	if (typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string')
		return body as Problem;
	return { type: 'about:blank', title: `HTTP ${status}`, status, code: 'core.internal' };
}
