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

test.each(
	Object.entries({
		A: '阿艾安敖傲奥', B: '八巴白包卞不步部', C: '蔡曹岑陈程池褚崔错醋寸', D: '戴邓丁董杜段多舵朵', E: '鄂额二贰耳',
		F: '范方冯付富覆', G: '高葛龚顾郭过果', H: '哈海韩何洪胡黄霍或', J: '几纪贾简江蒋金景军君俊', K: '康柯孔匡扩阔括',
		L: '拉赖兰雷李梁林刘龙楼卢陆吕罗略洛', M: '妈马麦毛梅孟米苗莫木牧穆', N: '那倪聂宁牛诺女', O: '欧偶沤',
		P: '趴潘庞裴彭皮普铺瀑', Q: '七齐钱乔秦邱屈群裙', R: '然饶任阮若弱', S: '撒桑沙邵沈施宋苏孙索所锁',
		T: '他谭唐陶田童屠托拓唾', W: '挖万汪王韦魏温翁吴武物误', X: '夕席夏萧谢徐许薛训逊', Y: '丫严杨姚叶易殷尤于袁岳韵孕',
		Z: '扎詹张章赵郑钟周朱祝庄卓宗邹左作坐',
	}),
)('all of %s stand there, from its first syllable to its last', (letter, characters) => {
	expect(Array.from(characters).filter((character) => letterOf(character) !== letter)).toEqual([]);
});

test('sections go by letter, # last, names by pinyin inside', () => {
	const sections = sectionsOf(['张三', '李四', '赵一', 'bob', '#x', '白'], (name) => name);
	expect(sections.map((section) => section.letter)).toEqual(['B', 'L', 'Z', '#']);
	expect(sections[2]?.items).toEqual(['张三', '赵一']);
});
