// SPDX-License-Identifier: Apache-2.0
/* Goal: times read as people say them. Method: one fixed "now" (a Friday), both languages. */
import { beforeAll, describe, expect, test } from 'vitest';
import { durationText, lineTime, needsTimeLine, shortTime, sizeText } from './time.ts';

let now = 0;
const at = (day: number, hour = 14, minute = 5) => new Date(2026, 2, day, hour, minute).getTime();

beforeAll(() => {
	now = at(20, 18, 0);
});

describe('shortTime', () => {
	test.each<[string, number, number, string, string]>([
		['today', 20, 14, '14:05', '14:05'],
		['just after midnight', 20, 0, '00:05', '00:05'],
		['yesterday', 19, 23, '昨天', 'yesterday'],
		['this week', 17, 14, '星期二', 'Tue'],
		['this year', 3, 14, '3月3日', 'Mar 3'],
	])('%s', (_name, day, hour, chinese, english) => {
		expect(shortTime(at(day, hour), now, 'zh-CN')).toBe(chinese);
		expect(shortTime(at(day, hour), now, 'en')).toBe(english);
	});

	test('another year', () => {
		const old = new Date(2024, 11, 31, 9, 0).getTime();
		expect(shortTime(old, now, 'zh-CN')).toBe('2024/12/31');
	});

	test('a clock that is ahead shows the time of day', () => {
		expect(shortTime(at(21, 9), now, 'zh-CN')).toBe('09:05');
	});
});

test('between messages the time of day is always said', () => {
	expect(lineTime(at(20), now, 'zh-CN')).toBe('14:05');
	expect(lineTime(at(19), now, 'zh-CN')).toBe('昨天 14:05');
	expect(lineTime(at(3), now, 'zh-CN')).toBe('3月3日 14:05');
	expect(lineTime(new Date(2024, 11, 31, 9, 0).getTime(), now, 'en')).toBe('December 31, 2024 09:00');
});

test('a time line stands after five minutes, not before', () => {
	expect(needsTimeLine(300_000, 0)).toBe(true);
	expect(needsTimeLine(299_999, 0)).toBe(false);
	expect(needsTimeLine(0, null)).toBe(true);
});

test('sizes and durations', () => {
	expect(sizeText(1_234_567, 'en')).toBe('1.2 MB');
	expect(sizeText(999, 'en')).toBe('999 bytes');
	expect(durationText(400)).toBe('1″');
	expect(durationText(65_000)).toBe('1:05');
});
