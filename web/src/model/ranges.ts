// SPDX-License-Identifier: Apache-2.0
/*
 * ranges.ts - which stretches of a conversation the local copy has completely.
 *
 * A list of inclusive [from, to] pairs of seq, ascending, disjoint and never touching. A seq inside a
 * range that has no message was deleted for this reader; one outside has yet to be fetched.
 */
export type Range = readonly [from: number, to: number];

export function addRange(ranges: readonly Range[], from: number, to: number): readonly Range[] {
	if (from > to) return ranges;
	const result: Range[] = [];
	let [low, high] = [from, to];
	for (const range of ranges) {
		if (range[1] + 1 < low || range[0] - 1 > high) {
			result.push(range);
		} else if (range[0] <= from && range[1] >= to) {
			return ranges;
		} else {
			low = Math.min(low, range[0]);
			high = Math.max(high, range[1]);
		}
	}
	result.push([low, high]);
	return result.sort((a, b) => a[0] - b[0]);
}

export function rangeAt(ranges: readonly Range[], seq: number): Range | null {
	return ranges.find((range) => range[0] <= seq && seq <= range[1]) ?? null;
}
