// SPDX-License-Identifier: Apache-2.0
/*
 * text.ts - all words of the client, in Chinese and English.
 *
 * Each key stands once with both languages beside each other, so that none can be missing. In a text
 * `{name}` is replaced, and `{count|one|many}` picks by the language's own rule for numbers.
 */
import { accounts } from './accounts.ts';
import { chat } from './chat.ts';
import { contacts } from './contacts.ts';
import { groups } from './groups.ts';
import { media } from './media.ts';
import { moderation } from './moderation.ts';
import { notices } from './notices.ts';
import { platform } from './platform.ts';
import { problems } from './problems.ts';
import { sync } from './sync.ts';
import { ui } from './ui.ts';

export const texts = { ...accounts, ...chat, ...contacts, ...groups, ...media, ...moderation, ...notices, ...platform, ...problems, ...sync, ...ui };

export type TextKey = keyof typeof texts;
export type Language = 'zh-CN' | 'en';
export type Params = Readonly<Record<string, string | number>>;

const STORED = 'guanxi.language';
export const languages: readonly Language[] = ['zh-CN', 'en'];

function initialLanguage(): Language {
	try {
		const stored = localStorage.getItem(STORED);
		if (stored === 'zh-CN' || stored === 'en') return stored;
		return navigator.languages.some((one) => one.startsWith('zh')) ? 'zh-CN' : 'en';
	} catch {
		return 'zh-CN';
	}
}

let current: Language = initialLanguage();

export function language(): Language {
	return current;
}

/* Takes effect with the next drawing of the whole page. */
export function setLanguage(next: Language, isKept = true): void {
	current = next;
	if (typeof document !== 'undefined') document.documentElement.lang = next;
	if (!isKept) return;
	try {
		localStorage.setItem(STORED, next);
	} catch {
		// Without storage it holds for this visit.
	}
}

function fill(text: string, params: Params): string {
	return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (_whole, name: string, one?: string, many?: string) => {
		const value = params[name];
		if (one === undefined || many === undefined) return String(value ?? '');
		return new Intl.PluralRules(current).select(Number(value)) === 'one' ? one : many;
	});
}

export function t(key: TextKey, params: Params = {}): string {
	const [chinese, english] = texts[key];
	return fill(current === 'en' ? english : chinese, params);
}

export function isTextKey(key: string): key is TextKey {
	return Object.hasOwn(texts, key);
}
