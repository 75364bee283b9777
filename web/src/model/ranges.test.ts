// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: ranges stay sorted, disjoint and never touching, and contain exactly what was added.
 * Method: examples, then all small random additions against a plain set.
 */
import { expect, test } from 'vitest';
import { addRange, rangeAt, type Range } from './ranges.ts';

test.each<[string, readonly Range[], [number, number], readonly Range[]]>([
	['into nothing', [], [3, 5], [[3, 5]]],
	['next to one', [[1, 2]], [3, 3], [[1, 3]]],
	['apart', [[1, 2]], [4, 4], [[1, 2], [4, 4]]],
	['between two', [[1, 2], [5, 6]], [3, 4], [[1, 6]]],
	['over all', [[2, 3], [5, 6]], [1, 9], [[1, 9]]],
	['backwards is nothing', [[1, 2]], [5, 4], [[1, 2]]],
])('%s', (_name, before, [from, to], after) => {
	expect(addRange(before, from, to)).toEqual(after);
});

test('what is inside already leaves the same object', () => {
	const ranges: readonly Range[] = [[1, 9]];
	expect(addRange(ranges, 2, 5)).toBe(ranges);
});

test('agrees with a set of numbers', () => {
	let seed = 7;
	const random = (below: number) => {
		seed = (seed * 48271) % 2147483647;
		return seed % below;
	};
	for (let round = 0; round < 200; round++) {
		const known = new Set<number>();
		let ranges: readonly Range[] = [];
		for (let step = 0; step < 8; step++) {
			const from = 1 + random(30);
			const to = from + random(6);
			for (let seq = from; seq <= to; seq++) known.add(seq);
			ranges = addRange(ranges, from, to);
		}
		for (let seq = 0; seq < 40; seq++) expect(rangeAt(ranges, seq) !== null).toBe(known.has(seq));
		ranges.forEach((range, index) => {
			expect(range[0]).toBeGreaterThan((ranges[index - 1]?.[1] ?? -1) + 1);
		});
	}
});
