// SPDX-License-Identifier: Apache-2.0
/* Icon.tsx - line icons, all from one set and with one stroke. Decoration only: the label is text. */
import type { IconNode } from 'lucide';
import { h } from 'preact';

interface Props {
	icon: IconNode;
	size?: number;
	class?: string;
}

export function Icon({ icon, size = 24, class: name }: Props) {
	const rem = `${size / 16}rem`;
	return (
		<svg
			class={name}
			width={rem}
			height={rem}
			viewBox="0 0 24 24"
			fill="none"
			stroke="currentColor"
			stroke-width={1.6}
			stroke-linecap="round"
			stroke-linejoin="round"
			aria-hidden="true"
			focusable="false"
		>
			{icon.map(([tag, attributes], index) => h(tag, { ...attributes, key: index }))}
		</svg>
	);
}
