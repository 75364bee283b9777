// SPDX-License-Identifier: Apache-2.0
/*
 * timeline.ts - the loaded stretch of one conversation, and what to fetch to make it longer.
 */
import type { Message } from '../api/types.ts';
import { addRange, rangeAt, type Range } from './ranges.ts';
import type { Coverage, Timeline } from './state.ts';

export const PAGE_COUNT = 40;
export const emptyCoverage: Coverage = { ranges: [], first: null };

/* Puts messages among others, ascending by seq; one that is known is replaced. */
export function mergeMessages(known: readonly Message[], added: readonly Message[]): readonly Message[] {
	if (added.length === 0) return known;
	const last = known.at(-1);
	const first = added[0];
	if (isAscending(added) && (!last || (first && first.seq > last.seq))) return [...known, ...added];
	const bySeq = new Map(known.map((message) => [message.seq, message]));
	for (const message of added) bySeq.set(message.seq, message);
	return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}

function isAscending(messages: readonly Message[]): boolean {
	return messages.every((message, index) => index === 0 || message.seq > (messages[index - 1]?.seq ?? 0));
}

export function isShown(timeline: Timeline, seq: number): boolean {
	return seq >= timeline.from && (timeline.to === null || seq <= timeline.to);
}

/*
 * The messages on screen: without a gap. Beyond a gap (news that came while the history between is
 * not here yet) nothing is shown until it is filled.
 */
export function shownMessages(timeline: Timeline, ranges: readonly Range[]): readonly Message[] {
	const range = rangeAt(ranges, timeline.from);
	const high = Math.min(timeline.to ?? Infinity, range?.[1] ?? Infinity);
	const { items } = timeline;
	if (items.length === 0 || ((items[0]?.seq ?? 0) >= timeline.from && (items.at(-1)?.seq ?? 0) <= high)) return items;
	return items.filter((message) => message.seq >= timeline.from && message.seq <= high);
}

export function hasOlder(timeline: Timeline, coverage: Coverage): boolean {
	return timeline.from > (coverage.first ?? 1);
}

/* What one more page upwards needs: from the local copy if it is whole there, else from the server. */
export interface PagePlan {
	source: 'local' | 'server';
	from: number;
	to: number;
}

export function planOlder(before: number, coverage: Coverage): PagePlan | null {
	const to = before - 1;
	if (to < (coverage.first ?? 1)) return null;
	const range = rangeAt(coverage.ranges, to);
	if (!range) return { source: 'server', from: Math.max(1, to - PAGE_COUNT + 1), to };
	return { source: 'local', from: Math.max(range[0], to - PAGE_COUNT + 1), to };
}

/*
 * What the answer to "messages before `before`" proves to be whole: from its first message (from the
 * beginning, when it was the last page) up to `before - 1`.
 */
export function coverOlder(coverage: Coverage, before: number, messages: readonly Message[], isLastPage: boolean): Coverage {
	const lowest = messages[0]?.seq ?? before;
	const first = isLastPage ? lowest : coverage.first;
	const from = isLastPage ? 1 : lowest;
	return { ranges: addRange(coverage.ranges, from, before - 1), first };
}
