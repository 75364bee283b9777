// SPDX-License-Identifier: Apache-2.0
/* ListPane.tsx - the list beside the content; its width can be dragged, or set by arrow keys. */
import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { t } from '../text/text.ts';

const STORED = 'guanxi.list_px';
const MIN_PX = 240;
const MAX_PX = 400;
const STEP_PX = 16;

function within(px: number): number {
	return Math.min(MAX_PX, Math.max(MIN_PX, Math.round(px)));
}

function stored(): number {
	try {
		return within(Number(localStorage.getItem(STORED) ?? '300') || 300);
	} catch {
		return 300;
	}
}

export function ListPane({ children }: { children: ComponentChildren }) {
	const [width, setWidth] = useState(stored);
	const pane = useRef<HTMLDivElement>(null);
	const set = (px: number) => {
		const next = within(px);
		setWidth(next);
		try {
			localStorage.setItem(STORED, String(next));
		} catch {
			// Kept for this visit.
		}
	};
	const drag = (event: PointerEvent) => {
		if (!(event.currentTarget instanceof HTMLElement) || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
		set(event.clientX - (pane.current?.getBoundingClientRect().left ?? 0));
	};
	return (
		<div class="list-pane" ref={pane} style={{ width: `${width}px` }}>
			{children}
			<div
				class="list-edge"
				role="separator"
				aria-orientation="vertical"
				aria-label={t('ui.resize_list')}
				aria-valuenow={width}
				aria-valuemin={MIN_PX}
				aria-valuemax={MAX_PX}
				tabIndex={0}
				onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
				onPointerMove={drag}
				onKeyDown={(event) => {
					if (event.key === 'ArrowLeft') set(width - STEP_PX);
					else if (event.key === 'ArrowRight') set(width + STEP_PX);
				}}
			/>
		</div>
	);
}
