// SPDX-License-Identifier: Apache-2.0
/* use_scroll.ts - keeps one's place in a list that counts from its bottom. */
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Id } from '../../api/types.ts';
import type { Row } from '../../model/rows.ts';

const NEAR_BOTTOM_PX = 48;
const PRELOAD_PX = 800;

export function useVisible(): boolean {
	const isNow = () => document.visibilityState === 'visible' && document.hasFocus();
	const [isVisible, setVisible] = useState(isNow);
	useEffect(() => {
		const update = () => setVisible(isNow());
		document.addEventListener('visibilitychange', update);
		addEventListener('focus', update);
		addEventListener('blur', update);
		return () => {
			document.removeEventListener('visibilitychange', update);
			removeEventListener('focus', update);
			removeEventListener('blur', update);
		};
	}, []);
	return isVisible;
}

interface Anchor {
	element: Element;
	top: number;
}

export function useScroll(rows: readonly Row[], id: Id) {
	const scroller = useRef<HTMLDivElement>(null);
	const anchor = useRef<Anchor | null>(null);
	const [isAtBottom, setAtBottom] = useState(true);
	const [seenSeq, setSeenSeq] = useState(0);
	const bottom = useRef(true);

	const note = useCallback(() => {
		const element = scroller.current;
		if (!element) return;
		bottom.current = element.scrollTop > -NEAR_BOTTOM_PX;
		setAtBottom(bottom.current);
		const { top } = element.getBoundingClientRect();
		const inside = element.firstElementChild;
		anchor.current = null;
		for (const child of inside?.children ?? []) {
			const box = child.getBoundingClientRect();
			if (box.bottom <= top + 1 || child.classList.contains('timeline-top')) continue;
			anchor.current = { element: child, top: box.top };
			break;
		}
	}, []);
	useEffect(() => {
		const element = scroller.current;
		if (!element) return;
		element.addEventListener('scroll', note, { passive: true });
		return () => element.removeEventListener('scroll', note);
	}, [note, id]);
	useLayoutEffect(() => {
		const element = scroller.current;
		if (!element) return;
		if (bottom.current) element.scrollTop = 0;
		else if (anchor.current?.element.isConnected) {
			const moved = anchor.current.element.getBoundingClientRect().top - anchor.current.top;
			if (Math.abs(moved) >= 1) element.scrollTop += moved;
		}
		note();
	}, [rows, note]);
	const last = rows.at(-1);
	const lastType = last?.type;
	const newest = rows.reduce((most, row) => ('message' in row ? Math.max(most, row.message.seq) : most), 0);
	useEffect(() => {
		if (isAtBottom) setSeenSeq((seen) => Math.max(seen, newest));
	}, [isAtBottom, newest]);
	// What one sends oneself is always seen.
	const outgoingCount = rows.filter((row) => row.type === 'outgoing').length;
	const knownCount = useRef(outgoingCount);
	useLayoutEffect(() => {
		if (outgoingCount > knownCount.current && lastType === 'outgoing') toBottom();
		knownCount.current = outgoingCount;
	});
	const toBottom = () => {
		bottom.current = true;
		if (scroller.current) scroller.current.scrollTop = 0;
		note();
	};
	const goTo = useCallback((selector: string) => {
		const target = scroller.current?.querySelector(selector);
		target?.scrollIntoView({ block: 'center' });
		if (target instanceof HTMLElement) target.focus({ preventScroll: true });
	}, []);
	return { scroller, isAtBottom, seenSeq, toBottom, goTo };
}

/* Calls load() whenever the top is near; `length` makes it look again after each page. */
export function useNearTop(scroller: { current: HTMLDivElement | null }, isWanted: boolean, load: () => void, length: number): void {
	useEffect(() => {
		const element = scroller.current;
		if (!element || !isWanted) return;
		const check = () => {
			const above = element.scrollHeight - element.clientHeight + element.scrollTop;
			if (above < PRELOAD_PX) load();
		};
		check();
		element.addEventListener('scroll', check, { passive: true });
		return () => element.removeEventListener('scroll', check);
	}, [scroller, isWanted, load, length]);
}
