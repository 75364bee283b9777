// SPDX-License-Identifier: Apache-2.0
/* Goal: paging takes what is here from the copy, and asks the server only for the rest. */
import { describe, expect, test } from 'vitest';
import { message } from './fixtures.ts';
import { coverOlder, emptyCoverage, mergeMessages, PAGE_COUNT, planOlder } from './timeline.ts';

describe('planOlder', () => {
	test('asks the server where nothing is known', () => {
		expect(planOlder(100, emptyCoverage)).toMatchObject({ source: 'server', to: 99 });
	});

	test('takes a page from the copy, at most as far as it is whole', () => {
		expect(planOlder(100, { ranges: [[1, 200]], first: null })).toEqual({ source: 'local', from: 100 - PAGE_COUNT, to: 99 });
		expect(planOlder(100, { ranges: [[90, 200]], first: null })).toEqual({ source: 'local', from: 90, to: 99 });
	});

	test('ends at the beginning', () => {
		expect(planOlder(1, emptyCoverage)).toBeNull();
		expect(planOlder(40, { ranges: [[1, 60]], first: 40 })).toBeNull();
	});
});

describe('coverOlder', () => {
	test('an answer proves what lies between its first message and the one asked about', () => {
		const coverage = coverOlder(emptyCoverage, 50, [message(20), message(44)], false);
		expect(coverage).toEqual({ ranges: [[20, 49]], first: null });
	});

	test('the last page proves that there is nothing below', () => {
		expect(coverOlder(emptyCoverage, 50, [message(20)], true)).toEqual({ ranges: [[1, 49]], first: 20 });
		expect(coverOlder(emptyCoverage, 1, [], true)).toEqual({ ranges: [], first: 1 });
	});
});

describe('mergeMessages', () => {
	test('keeps order, drops doubles, takes the later state', () => {
		const merged = mergeMessages([message(1), message(3)], [message(2), message(3, { body: {} })]);
		expect(merged.map((one) => one.seq)).toEqual([1, 2, 3]);
		expect(merged[2]?.body).toEqual({});
	});

	test('sorts what arrives out of order', () => {
		expect(mergeMessages([], [message(5), message(4)]).map((one) => one.seq)).toEqual([4, 5]);
	});

	test('nothing added is the same list', () => {
		const known = [message(1)];
		expect(mergeMessages(known, [])).toBe(known);
	});
});
