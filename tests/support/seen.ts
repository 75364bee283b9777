// SPDX-License-Identifier: Apache-2.0
// What the tests of one run have met: operations with their statuses, error codes, event types.
// Each process appends to a file of its own; the coverage test reads them all.
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { root } from './paths.ts';

export const seenFolder = `${root}test-results/seen`;

export type Seen = { op: string; status: number } | { code: string } | { event: string } | { frame: string };

const known = new Set<string>();

export function saw(what: Seen): void {
	const line = JSON.stringify(what);
	if (known.has(line)) return;
	known.add(line);
	mkdirSync(seenFolder, { recursive: true });
	appendFileSync(`${seenFolder}/${process.pid}.jsonl`, `${line}\n`);
}

export function allSeen(): Seen[] {
	if (!existsSync(seenFolder)) return [];
	return readdirSync(seenFolder)
		.flatMap((name) => readFileSync(`${seenFolder}/${name}`, 'utf8').split('\n'))
		.filter((line) => line !== '')
		.map((line) => JSON.parse(line) as Seen);
}
