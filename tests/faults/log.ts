// SPDX-License-Identifier: Apache-2.0
// The workload's log: one JSON object a line, written before something is sent and after its answer.
// It is all that the checker knows of what was done.
//
// A *call* is something that somebody wants; it takes one or more *tries* until the answer says for
// sure whether it was done. `over` is the connection of a try: 0 is a request of its own over HTTP.
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

export interface CastEntry {
	t: 'cast';
	who: string;
	id: string;
	username: string;
	password: string;
	token: string;
}
export interface TryEntry {
	t: 'try';
	call: number;
	try: number;
	who: string;
	over: number;
	op: string;
	in: Record<string, unknown>;
}
/** `code` of a refusal; neither `out` nor `code` when no answer came. */
export interface AnswerEntry {
	t: 'answer';
	call: number;
	try: number;
	status: number;
	out?: unknown;
	code?: string;
}
export interface HeardEntry {
	t: 'heard';
	who: string;
	cursor: string;
	event: HeardEvent;
}
/** The listener was told to read its lists again: it may have missed something. */
export interface ResyncEntry {
	t: 'resync';
	who: string;
}
/** The server was restored from a backup at rest: cursors from before are answered 410. */
export interface RestoredEntry {
	t: 'restored';
}
export type HeardEvent = { type: string } & Record<string, unknown>;
export type Entry = CastEntry | TryEntry | AnswerEntry | HeardEntry | ResyncEntry | RestoredEntry;

export class Log {
	readonly path: string;
	readonly #fd: number;
	#calls = 0;

	constructor(path: string) {
		this.path = path;
		this.#fd = openSync(path, 'a');
	}

	write(entry: Entry): void {
		writeSync(this.#fd, `${JSON.stringify(entry)}\n`);
	}

	newCall(): number {
		return ++this.#calls;
	}

	get callsCount(): number {
		return this.#calls;
	}

	close(): void {
		closeSync(this.#fd);
	}
}

export function readLog(path: string): Entry[] {
	return readFileSync(path, 'utf8')
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => JSON.parse(line) as Entry);
}
