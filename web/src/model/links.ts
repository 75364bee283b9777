// SPDX-License-Identifier: Apache-2.0
/* links.ts - finds addresses and mentions in a text. Pure; what it finds is drawn by components. */
export type Piece = { kind: 'text' | 'mention'; text: string } | { kind: 'link'; text: string; href: string };

const ADDRESS = /\bhttps?:\/\/[^\s<>"'`，。；、（）《》【】「」“”！？]+/giu;
const TRAILING = /[.,;:!?)\]}]+$/u;

function mentionsIn(text: string, names: readonly string[]): Piece[] {
	const pieces: Piece[] = [];
	let rest = text;
	while (rest !== '') {
		const found = names
			.map((name) => ({ name: `@${name}`, at: rest.indexOf(`@${name}`) }))
			.filter((one) => one.at >= 0)
			.sort((a, b) => a.at - b.at || b.name.length - a.name.length)[0];
		if (!found) break;
		if (found.at > 0) pieces.push({ kind: 'text', text: rest.slice(0, found.at) });
		pieces.push({ kind: 'mention', text: found.name });
		rest = rest.slice(found.at + found.name.length);
	}
	if (rest !== '') pieces.push({ kind: 'text', text: rest });
	return pieces;
}

export function piecesOf(text: string, mentionNames: readonly string[] = []): readonly Piece[] {
	const pieces: Piece[] = [];
	let end = 0;
	for (const match of text.matchAll(ADDRESS)) {
		const address = match[0].replace(TRAILING, '');
		pieces.push(...mentionsIn(text.slice(end, match.index), mentionNames));
		pieces.push({ kind: 'link', text: address, href: address });
		end = match.index + address.length;
	}
	pieces.push(...mentionsIn(text.slice(end), mentionNames));
	return pieces;
}
