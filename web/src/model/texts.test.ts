// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: what is found inside a text: addresses, mentions while writing and after.
 */
import { describe, expect, test } from 'vitest';
import { piecesOf } from './links.ts';
import { insertMention, mentionQuery, mentionsLeft } from './mentions.ts';

describe('piecesOf', () => {
	test('finds addresses between Chinese text and leaves the punctuation', () => {
		expect(piecesOf('看https://a.cn/b?c=1，好')).toEqual([
			{ kind: 'text', text: '看' },
			{ kind: 'link', text: 'https://a.cn/b?c=1', href: 'https://a.cn/b?c=1' },
			{ kind: 'text', text: '，好' },
		]);
		expect(piecesOf('(http://a.b.).')[1]).toEqual({ kind: 'link', text: 'http://a.b', href: 'http://a.b' });
	});

	test('nothing but http is a link', () => {
		expect(piecesOf('javascript:alert(1) file:///etc')).toEqual([{ kind: 'text', text: 'javascript:alert(1) file:///etc' }]);
	});

	test('finds mentions, the longer name first', () => {
		expect(piecesOf('@小明明 好', ['小明', '小明明'])[0]).toEqual({ kind: 'mention', text: '@小明明' });
	});

	test('loses nothing', () => {
		const text = 'a @b https://c.d/e @b f';
		expect(piecesOf(text, ['b']).map((piece) => piece.text).join('')).toBe(text);
	});
});

describe('mentions', () => {
	test.each<[string, ReturnType<typeof mentionQuery>]>([
		['@', { start: 0, query: '' }],
		['你好@小', { start: 2, query: '小' }],
		['me@mail', null],
		['@小明 好', null],
		['no', null],
	])('%s', (text, found) => {
		expect(mentionQuery(text, text.length)).toEqual(found);
	});

	test('a picked name replaces what was typed', () => {
		expect(insertMention('好@小 呀', 1, 3, '小明')).toEqual({ text: '好@小明  呀', caret: 5 });
	});

	test('only those whose name still stands are mentioned; all is all', () => {
		const picked = [{ id: '2', name: '小明' }, { id: '3', name: 'bob' }, { id: '2', name: '小明' }];
		expect(mentionsLeft('@小明 来', picked)).toEqual(['2']);
		expect(mentionsLeft('@所有人 @bob', [...picked, { id: 'all', name: '所有人' }])).toEqual(['all']);
	});
});
