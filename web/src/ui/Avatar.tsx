// SPDX-License-Identifier: Apache-2.0
/*
 * Avatar.tsx - someone's picture, or a coloured tile with the name's first character; a group shows
 * up to nine of its members. Decoration: the name always stands beside it.
 */
import { useState } from 'preact/hooks';
import './Avatar.css';

const HUES_COUNT = 10;

export function tileHue(id: string): number {
	let sum = 7;
	for (const character of id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 100_003;
	return sum % HUES_COUNT;
}

/* One Chinese character, or the first letter; emoji and other clusters stay whole. */
export function initialOf(name: string): string {
	const [first] = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(name.trim());
	return (first?.segment ?? '').toUpperCase();
}

export interface Face {
	id: string;
	name: string;
	src: string | null;
}

interface Props extends Face {
	size?: number;
	/* A group's members, in the order in which they are drawn. */
	faces?: readonly Face[] | undefined;
	class?: string;
}

export function Avatar({ id, name, src, size = 48, faces, class: extra = '' }: Props) {
	const style = { '--avatar': `${size / 16}rem` };
	if (!src && faces && faces.length > 1) {
		const shown = faces.slice(0, 9);
		const columns = shown.length <= 4 ? 2 : 3;
		return (
			<span class={`avatar mosaic columns-${columns} ${extra}`} style={style} aria-hidden="true">
				{shown.map((face) => (
					<Tile key={face.id} {...face} />
				))}
			</span>
		);
	}
	return (
		<span class={`avatar ${extra}`} style={style} aria-hidden="true">
			<Tile id={id} name={name} src={src} />
		</span>
	);
}

function Tile({ id, name, src }: Face) {
	const [failed, setFailed] = useState<string | null>(null);
	if (src && failed !== src) {
		return <img class="tile" src={src} alt="" decoding="async" draggable={false} onError={() => setFailed(src)} />;
	}
	return <span class={`tile hue-${tileHue(id)}`}>{initialOf(name)}</span>;
}
