// SPDX-License-Identifier: Apache-2.0
// From an operation and its input to method, URL and body, by the table made from the API file.
import { OPS } from './ops.gen.ts';
import type { Op } from './types.ts';

export interface Request {
	method: string;
	/** Path and query, with the leading slash. */
	target: string;
	/** Undefined when the input has no fields for a body. */
	body: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** As part of a path or query: what the API has there is strings, numbers and booleans. */
function asText(value: unknown): string {
	if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
		return encodeURIComponent(value);
	throw new TypeError(`not a value for a path or query: ${typeof value}`);
}

function fillPath(path: string, rest: Map<string, unknown>): string {
	return path.replace(/\{(\w+)\}/g, (_, name: string) => {
		const text = asText(rest.get(name));
		rest.delete(name);
		return text;
	});
}

export function makeRequest(op: Op, input: Fields): Request {
	const { method, path, query } = OPS[op];
	const rest = new Map(Object.entries(input).filter(([, value]) => value !== undefined));
	let target = fillPath(path, rest);
	let separator = '?';
	for (const name of query) {
		if (!rest.has(name)) continue;
		target += `${separator}${name}=${asText(rest.get(name))}`;
		separator = '&';
		rest.delete(name);
	}
	const body = rest.size > 0 ? JSON.stringify(Object.fromEntries(rest)) : undefined;
	return { method, target, body };
}
