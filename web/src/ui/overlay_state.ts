// SPDX-License-Identifier: Apache-2.0
/*
 * overlay_state.ts - which dialogs, menus and short notes float above the pages. Asked for by these
 * functions, drawn by one host near the root.
 */
import type { IconNode } from 'lucide';
import type { ComponentChildren } from 'preact';

export interface Note {
	id: number;
	text: string;
}

export interface MenuItem {
	label: string;
	icon?: IconNode;
	isDanger?: boolean;
	onPick: () => void;
}

export interface OpenMenu {
	items: readonly MenuItem[];
	x: number;
	y: number;
	look: 'list' | 'grid';
}

export interface OpenDialog {
	id: number;
	title: string;
	render: (close: () => void) => ComponentChildren;
	onClose: () => void;
}

interface Overlays {
	notes: readonly Note[];
	menu: OpenMenu | null;
	dialogs: readonly OpenDialog[];
}

let overlays: Overlays = { notes: [], menu: null, dialogs: [] };
let lastId = 0;
let changed: () => void = () => undefined;

export function currentOverlays(): Overlays {
	return overlays;
}

/* Calls `listener` after each change, instead of the one before. */
export function watchOverlays(listener: () => void): void {
	changed = listener;
}

export function closeMenu(): void {
	set({ menu: null });
}

function set(change: Partial<Overlays>): void {
	overlays = { ...overlays, ...change };
	changed();
}

const NOTE_MS = 3500;

export function showNote(text: string): void {
	const note = { id: ++lastId, text };
	set({ notes: [...overlays.notes.slice(-1), note] });
	setTimeout(() => set({ notes: overlays.notes.filter((one) => one.id !== note.id) }), NOTE_MS);
}

export function openMenu(x: number, y: number, items: readonly MenuItem[], look: OpenMenu['look'] = 'list'): void {
	set({ menu: { items, x, y, look } });
}

/* A menu below a button. */
export function openMenuAt(element: Element, items: readonly MenuItem[]): void {
	const box = element.getBoundingClientRect();
	openMenu(box.right, box.bottom + 4, items);
}

export function openDialog(title: string, render: OpenDialog['render'], onClose: () => void = () => undefined): void {
	const id = ++lastId;
	const close = () => {
		if (!overlays.dialogs.some((dialog) => dialog.id === id)) return;
		set({ dialogs: overlays.dialogs.filter((dialog) => dialog.id !== id) });
		onClose();
	};
	set({ dialogs: [...overlays.dialogs, { id, title, render: () => render(close), onClose: close }] });
}
