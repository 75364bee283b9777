// SPDX-License-Identifier: Apache-2.0
/*
 * outbox.ts - what to do next with the messages that are on their way out. Pure.
 *
 * Messages of a conversation leave in the order in which they were written, except that nobody waits
 * for an upload. A failed one waits for the person.
 */
import type { Outgoing } from './state.ts';

export const UPLOADS_MAX = 2;

function byAge(a: Outgoing, b: Outgoing): number {
	return a.created_at - b.created_at || (a.client_id < b.client_id ? -1 : 1);
}

function needsUpload(outgoing: Outgoing): boolean {
	return outgoing.file !== null && outgoing.body.media_id === undefined;
}

/* Which uploads to start now, oldest first. */
export function uploadsToStart(outbox: Readonly<Record<string, Outgoing>>): readonly Outgoing[] {
	const all = Object.values(outbox);
	const free = UPLOADS_MAX - all.filter((outgoing) => outgoing.state === 'uploading').length;
	return all
		.filter((outgoing) => outgoing.state === 'waiting' && needsUpload(outgoing))
		.sort(byAge)
		.slice(0, Math.max(0, free));
}

export function messagesToSend(outbox: Readonly<Record<string, Outgoing>>): readonly Outgoing[] {
	return Object.values(outbox)
		.filter((outgoing) => outgoing.state === 'waiting' && !needsUpload(outgoing))
		.sort(byAge);
}

/* After a start nothing is in progress: what was begun is done again, under the same client_id. */
export function afterRestart(outbox: Readonly<Record<string, Outgoing>>): Readonly<Record<string, Outgoing>> {
	return Object.fromEntries(
		Object.entries(outbox).map(([id, outgoing]) => [
			id,
			outgoing.state === 'failed' ? outgoing : { ...outgoing, state: 'waiting' as const, progress: 0 },
		]),
	);
}
