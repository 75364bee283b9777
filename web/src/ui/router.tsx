// SPDX-License-Identifier: Apache-2.0
/*
 * router.tsx - plain paths over the history API.
 *
 * Each entry carries its depth, so that "back" leaves a page for the one it was opened from, and for
 * its parent when the page was opened directly.
 */
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

export interface Place {
	path: string;
	depth: number;
	/* Which way the last step went: pages slide accordingly. */
	way: 'forward' | 'back' | 'none';
}

interface EntryState {
	depth: number;
}

function depthOf(state: unknown): number {
	return (state as EntryState | null)?.depth ?? 0;
}

let place: Place = { path: location.pathname, depth: depthOf(history.state), way: 'none' };
const listeners = new Set<() => void>();

function move(next: Place): void {
	place = next;
	for (const listener of [...listeners]) listener();
}

addEventListener('popstate', (event) => {
	const depth = depthOf(event.state);
	move({ path: location.pathname, depth, way: depth < place.depth ? 'back' : 'forward' });
});

export function currentPath(): string {
	return place.path;
}

export function navigate(path: string, options: { replace?: boolean } = {}): void {
	if (path === place.path) return;
	const depth = options.replace ? place.depth : place.depth + 1;
	const state: EntryState = { depth };
	if (options.replace) history.replaceState(state, '', path);
	else history.pushState(state, '', path);
	move({ path, depth, way: options.replace ? 'none' : 'forward' });
}

export function goBack(fallback: string): void {
	if (place.depth > 0) history.back();
	else navigate(fallback, { replace: true });
}

export function usePlace(): Place {
	const [known, setKnown] = useState(place);
	useLayoutEffect(() => {
		const update = () => setKnown(place);
		update();
		listeners.add(update);
		return () => {
			listeners.delete(update);
		};
	}, []);
	return known;
}

/* "/chat/:id" on "/chat/12" gives { id: "12" }; null when it does not fit. */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
	const wanted = pattern.split('/');
	const given = path.replace(/\/+$/, '').split('/');
	if (wanted.length !== given.length) return null;
	const found: Record<string, string> = {};
	for (const [index, part] of wanted.entries()) {
		const value = given[index] ?? '';
		if (part.startsWith(':') && value !== '') found[part.slice(1)] = decodePart(value);
		else if (part !== value) return null;
	}
	return found;
}

function decodePart(value: string): string {
	try {
		return decodeURIComponent(value);
	} catch {
		return value;
	}
}

interface LinkProps {
	href: string;
	/* The page takes the present one's place in the history. */
	replace?: boolean;
	class?: string;
	title?: string | undefined;
	tabIndex?: number;
	'aria-label'?: string;
	'aria-hidden'?: boolean | 'true';
	'aria-current'?: 'page' | undefined;
	onContextMenu?: (event: MouseEvent) => void;
	children?: ComponentChildren;
}

export function Link({ href, replace = false, ...rest }: LinkProps) {
	const follow = (event: MouseEvent) => {
		if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
		event.preventDefault();
		navigate(href, { replace });
	};
	return <a {...rest} href={href} onClick={follow} />;
}
