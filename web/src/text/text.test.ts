// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: no reader meets a hole: every text has both languages with the same fillings, every code of
 * the API file and every notice of the server has words. Method: the tables, and the files as text.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { isTextKey, setLanguage, t, texts, type TextKey } from './text.ts';

const keys = Object.keys(texts) as TextKey[];

function fillings(text: string): string[] {
	return [...new Set([...text.matchAll(/\{(\w+)/g)].map((match) => match[1] ?? ''))].sort();
}

function codesOfApi(): string[] {
	const yaml = readFileSync(new URL('../../../api/openapi.yaml', import.meta.url), 'utf8');
	const table = /^x-codes:\n((?: {2}\S.*\n|\s*#.*\n|\n)+)/m.exec(yaml)?.[1] ?? '';
	return [...table.matchAll(/^ {2}([a-z_]+\.[a-z_]+): \d+/gm)].map((match) => match[1] ?? '');
}

/* A person can't do anything about these, or never sees them. */
const silent = /^(core|edge|sync)\.|\.client_id_reused$/;

describe('texts', () => {
	test('each has both languages, with the same fillings', () => {
		const holes = keys.filter((key) => {
			const [chinese, english]: readonly [string, string] = texts[key];
			return chinese === '' || english === '' || fillings(english).join() !== fillings(chinese).join();
		});
		expect(holes).toEqual([]);
	});

	test('every text is used somewhere', () => {
		const used = sources().join('\n');
		const built = /^(problem|notice|contacts\.source|contacts\.state|moderation\.(reason|action|audit|none|open|closed)|accounts\.(role|registration)|groups\.(owner|admin))/;
		expect(keys.filter((key) => !built.test(key) && !used.includes(`'${key}'`))).toEqual([]);
	});

	test('every code of the API has words', () => {
		const codes = codesOfApi();
		expect(codes.length).toBeGreaterThan(50);
		expect(codes.filter((code) => !silent.test(code) && !isTextKey(`problem.${code}`))).toEqual([]);
	});
});

describe('t', () => {
	afterEach(() => setLanguage('zh-CN', false));

	test('fills in, and counts by the language’s rule', () => {
		setLanguage('en', false);
		expect(t('chat.new_below', { count: 1 })).toBe('1 new message');
		expect(t('chat.new_below', { count: 2 })).toBe('2 new messages');
		setLanguage('zh-CN', false);
		expect(t('chat.new_below', { count: 1 })).toBe('1 条新消息');
	});
});

function sources(): string[] {
	const root = new URL('../', import.meta.url);
	return readdirSync(root, { recursive: true, encoding: 'utf8' })
		.filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.test.ts') && !name.startsWith('text/'))
		.map((name) => readFileSync(new URL(name, root), 'utf8'));
}
