// SPDX-License-Identifier: Apache-2.0
// Uploading a file. Browsers tell the progress of an upload through XMLHttpRequest only.
import { ConnectionError, GuanxiError, problemFrom } from './errors.ts';
import { OPS } from './ops.gen.ts';
import type { Media } from './types.ts';

export interface UploadOptions {
	/** Defaults to the Blob's type. */
	mime?: string;
	filename?: string;
	signal?: AbortSignal | undefined;
	onProgress?: (sentBytes: number, totalBytes: number) => void;
}

interface Answer {
	status: number;
	text: string;
	retryAfter: string | null;
}

type Bytes = Blob | Uint8Array<ArrayBuffer>;

function sizeOf(bytes: Bytes): number {
	return bytes instanceof Blob ? bytes.size : bytes.byteLength;
}

function sendByXhr(url: string, headers: Headers, bytes: Bytes, options: UploadOptions): Promise<Answer> {
	return new Promise((resolve, reject) => {
		const xhr = new XMLHttpRequest();
		const abort = (): void => xhr.abort();
		xhr.open(OPS['media.upload'].method, url);
		headers.forEach((value, name) => xhr.setRequestHeader(name, value));
		xhr.upload.onprogress = (e) => options.onProgress?.(e.loaded, e.lengthComputable ? e.total : sizeOf(bytes));
		xhr.onload = () =>
			resolve({ status: xhr.status, text: xhr.responseText, retryAfter: xhr.getResponseHeader('retry-after') });
		xhr.onerror = () => reject(new ConnectionError('lost'));
		xhr.onabort = () => reject(new DOMException('The upload was aborted.', 'AbortError'));
		xhr.onloadend = () => options.signal?.removeEventListener('abort', abort);
		options.signal?.addEventListener('abort', abort);
		xhr.send(bytes);
	});
}

async function sendByFetch(
	fetcher: typeof fetch, url: string, headers: Headers, bytes: Bytes, options: UploadOptions,
): Promise<Answer> {
	const init = { method: OPS['media.upload'].method, headers, body: bytes };
	options.onProgress?.(0, sizeOf(bytes));
	try {
		const answer = await fetcher(url, options.signal ? { ...init, signal: options.signal } : init);
		const text = await answer.text();
		options.onProgress?.(sizeOf(bytes), sizeOf(bytes));
		return { status: answer.status, text, retryAfter: answer.headers.get('retry-after') };
	} catch (cause) {
		if (cause instanceof Error && cause.name === 'AbortError') throw cause;
		throw new ConnectionError('lost', { cause });
	}
}

export async function upload(
	baseUrl: string, headers: Headers, fetcher: typeof fetch, bytes: Bytes, options: UploadOptions,
): Promise<Media> {
	const mime = options.mime ?? (bytes instanceof Blob ? bytes.type : '');
	headers.set('content-type', mime === '' ? 'application/octet-stream' : mime);
	if (options.filename !== undefined) headers.set('x-filename', encodeURIComponent(options.filename));
	options.signal?.throwIfAborted();
	const url = baseUrl + OPS['media.upload'].path;
	const answer =
		typeof XMLHttpRequest === 'undefined'
			? await sendByFetch(fetcher, url, headers, bytes, options)
			: await sendByXhr(url, headers, bytes, options);
	const body = parse(answer.text);
	if (answer.status === 201) return (body as { media: Media }).media;
	throw new GuanxiError(problemFrom(answer.status, body), Number(answer.retryAfter ?? 0) * 1000);
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined; // a proxy's page: problemFrom() makes a problem of it
	}
}
