// SPDX-License-Identifier: Apache-2.0
/* mentions.ts - "@name" while it is being written, and who is meant in the end. Pure. */
import type { Id } from '../api/types.ts';

export interface Mentionable {
	/* An account's id, or "all". */
	id: Id;
	name: string;
}

/* What stands between the last "@" before the caret and the caret, when a name can be begun there. */
export function mentionQuery(text: string, caret: number): { start: number; query: string } | null {
	const before = text.slice(0, caret);
	const start = before.lastIndexOf('@');
	if (start < 0) return null;
	const previous = before.charAt(start - 1);
	if (/[A-Za-z0-9._-]/.test(previous)) return null; // a mail address
	const query = before.slice(start + 1);
	return /\s/.test(query) || query.length > 20 ? null : { start, query };
}

export function insertMention(text: string, start: number, caret: number, name: string): { text: string; caret: number } {
	const inserted = `@${name} `;
	return { text: text.slice(0, start) + inserted + text.slice(caret), caret: start + inserted.length };
}

/* Of those who were picked, the ones whose "@name" still stands in the text. */
export function mentionsLeft(text: string, picked: readonly Mentionable[]): readonly Id[] {
	const left = picked.filter(({ name }) => text.includes(`@${name}`)).map(({ id }) => id);
	return left.includes('all') ? ['all'] : [...new Set(left)];
}
