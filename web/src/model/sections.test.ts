// SPDX-License-Identifier: Apache-2.0
/* Goal: names stand under the letter that people look for them at. */
import { expect, test } from 'vitest';
import { letterOf, sectionsOf } from './sections.ts';

test.each([
	['张三', 'Z'],
	['欧阳', 'O'],
	['阿宝', 'A'],
	['曾国', 'Z'],
	['区文', 'O'],
	['李雷', 'L'],
	['刘洋', 'L'],
	['罗兰', 'L'],
	['马可', 'M'],
	['阮清', 'R'],
	['任真', 'R'],
	['孙悦', 'S'],
	['他山', 'T'],
	['alice', 'A'],
	['Émile', 'E'],
	['  王五', 'W'],
	['3M', '#'],
	['🐼', '#'],
	['', '#'],
	['가나', '#'],
])('%s', (name, letter) => {
	expect(letterOf(name)).toBe(letter);
});

test('sections go by letter, # last, names by pinyin inside', () => {
	const sections = sectionsOf(['张三', '李四', '赵一', 'bob', '#x', '白'], (name) => name);
	expect(sections.map((section) => section.letter)).toEqual(['B', 'L', 'Z', '#']);
	expect(sections[2]?.items).toEqual(['张三', '赵一']);
});
