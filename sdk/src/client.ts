// SPDX-License-Identifier: Apache-2.0
// The typed client over HTTP: one function for all operations with JSON, and those for media.
import { ConnectionError, GuanxiError, problemFrom } from './errors.ts';
import { makeRequest } from './request.ts';
import { openStream, type Stream, type StreamOptions } from './stream.ts';
import type { In, JsonOp, Media, Op, Out } from './types.ts';
import { upload, type UploadOptions } from './upload.ts';

export interface ClientOptions {
	/** `http://host:port`; in a browser the page's own origin by default. */
	baseUrl?: string;
	token?: string | undefined;
	/** For answers in the reader's language; browsers send their own. */
	language?: string;
	timeoutMs?: number;
	fetch?: typeof fetch;
}

export interface CallOptions {
	signal?: AbortSignal | undefined;
	timeoutMs?: number | undefined;
}

/** The input may be left out where no field of it is required. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export type CallArguments<O extends JsonOp> = {} extends In<O>
	? [input?: In<O>, options?: CallOptions]
	: [input: In<O>, options?: CallOptions];

const TIMEOUT_MS = 30_000;

export class Client {
	readonly baseUrl: string;
	token: string | undefined;
	readonly #language: string | undefined;
	readonly #timeoutMs: number;
	readonly #fetch: typeof fetch;

	constructor(options: ClientOptions = {}) {
		this.baseUrl = (options.baseUrl ?? globalThis.location.origin).replace(/\/$/, '');
		this.token = options.token;
		this.#language = options.language;
		this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
		this.#fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
	}

	/** The same server as somebody else, or as nobody. */
	as(token: string | undefined): Client {
		return new Client({
			baseUrl: this.baseUrl,
			token,
			timeoutMs: this.#timeoutMs,
			fetch: this.#fetch,
			...(this.#language === undefined ? {} : { language: this.#language }),
		});
	}

	/** Throws GuanxiError when the server refuses and ConnectionError when it doesn't answer. */
	async call<O extends JsonOp>(op: O, ...[input, options]: CallArguments<O>): Promise<Out<O>> {
		const answer = await this.#send(op, input ?? {}, options ?? {});
		const text = await this.#read(answer.text());
		const body: unknown = parseJson(answer, text);
		if (!answer.ok) throw new GuanxiError(problemFrom(answer.status, body), retryAfterMs(answer));
		return body as Out<O>;
	}

	/** Uploads a file; in browsers with progress. */
	async upload(bytes: Blob | Uint8Array<ArrayBuffer>, options: UploadOptions): Promise<Media> {
		return upload(this.baseUrl, this.headers(), this.#fetch, bytes, options);
	}

	/** A medium's bytes, or its small picture's. The caller reads the body. */
	async download(
		op: 'media.get' | 'media.thumb',
		mediaId: string,
		options: CallOptions & { range?: string } = {},
	): Promise<Response> {
		const answer = await this.#send(op, { media_id: mediaId }, options);
		if (answer.ok) return answer;
		const body = parseJson(answer, await this.#read(answer.text()));
		throw new GuanxiError(problemFrom(answer.status, body), retryAfterMs(answer));
	}

	/** For `src` and `href` in a browser, which sends the media cookie. */
	mediaUrl(mediaId: string): string {
		return this.baseUrl + makeRequest('media.get', { media_id: mediaId }).target;
	}

	thumbUrl(mediaId: string): string {
		return this.baseUrl + makeRequest('media.thumb', { media_id: mediaId }).target;
	}

	/** Opens the stream as the present session. */
	stream(options: StreamOptions = {}): Stream {
		return openStream(this, options);
	}

	headers(): Headers {
		const headers = new Headers();
		if (this.token !== undefined) headers.set('authorization', `Bearer ${this.token}`);
		if (this.#language !== undefined) headers.set('accept-language', this.#language);
		return headers;
	}

	async #send(op: Op, input: object, options: CallOptions & { range?: string }): Promise<Response> {
		const { method, target, body } = makeRequest(op, input as Record<string, unknown>);
		const headers = this.headers();
		if (body !== undefined) headers.set('content-type', 'application/json');
		if (options.range !== undefined) headers.set('range', options.range);
		// A long poll may take its own time on top.
		const waitMs = 'wait_ms' in input && typeof input.wait_ms === 'number' ? input.wait_ms : 0;
		const timeout = AbortSignal.timeout(options.timeoutMs ?? this.#timeoutMs + waitMs);
		const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
		const request = { method, headers, signal, ...(body === undefined ? {} : { body }) };
		return this.#read(this.#fetch(this.baseUrl + target, request));
	}

	/** Turns what fetch throws into our own error; an abort by the caller stays what it is. */
	async #read<T>(promise: Promise<T>): Promise<T> {
		try {
			return await promise;
		} catch (cause) {
			if (cause instanceof Error && cause.name === 'AbortError') throw cause;
			const isTimeout = cause instanceof Error && cause.name === 'TimeoutError';
			throw new ConnectionError(isTimeout ? 'timeout' : 'lost', { cause });
		}
	}
}

function parseJson(answer: Response, text: string): unknown {
	if (text === '') return undefined;
	try {
		return JSON.parse(text);
	} catch (cause) {
		throw new GuanxiError({ ...problemFrom(answer.status, undefined), detail: String(cause) });
	}
}

export function retryAfterMs(answer: Response): number {
	const seconds = Number(answer.headers.get('retry-after') ?? '0');
	return Number.isFinite(seconds) ? seconds * 1000 : 0;
}
