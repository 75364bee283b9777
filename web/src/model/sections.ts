// SPDX-License-Identifier: Apache-2.0
/*
 * sections.ts - sorts names by pinyin and puts them under their letters.
 *
 * The browser's own pinyin order does the work: a Chinese character belongs to the last letter whose
 * first character stands at or before it.
 */
const collator = new Intl.Collator('zh-u-co-pinyin', { numeric: true });
const letters = 'ABCDEFGHJKLMNOPQRSTWXYZ';
const firstCharacters = '吖八嚓咑妸发旮哈丌咔垃妈拏喔妑七呥仨他穵夕丫帀';
/** Characters that are read differently as family names than the order takes them. */
const familyNames: Readonly<Record<string, string>> = { 区: 'O', 曾: 'Z', 翟: 'Z', 单: 'S', 解: 'X', 仇: 'Q', 查: 'Z' };

export function letterOf(name: string): string {
	const first = name.trim().normalize('NFKD').charAt(0).toUpperCase();
	if (/[A-Z]/.test(first)) return first;
	const original = name.trim().charAt(0);
	if (!/\p{Script=Han}/u.test(original)) return '#';
	const asFamilyName = familyNames[original];
	if (asFamilyName !== undefined) return asFamilyName;
	for (let index = letters.length - 1; index >= 0; index--) {
		if (collator.compare(original, firstCharacters.charAt(index)) >= 0) return letters.charAt(index);
	}
	return '#';
}

export interface Section<T> {
	letter: string;
	items: readonly T[];
}

export function sectionsOf<T>(items: readonly T[], nameOf: (item: T) => string): readonly Section<T>[] {
	const byLetter = new Map<string, { name: string; item: T }[]>();
	for (const item of items) {
		const name = nameOf(item);
		const letter = letterOf(name);
		const known = byLetter.get(letter);
		if (known) known.push({ name, item });
		else byLetter.set(letter, [{ name, item }]);
	}
	const rank = (letter: string) => (letter === '#' ? '~' : letter);
	return [...byLetter]
		.sort(([a], [b]) => (rank(a) < rank(b) ? -1 : 1))
		.map(([letter, entries]) => ({
			letter,
			items: entries.sort((a, b) => collator.compare(a.name, b.name)).map((entry) => entry.item),
		}));
}
