// SPDX-License-Identifier: Apache-2.0
/* Menu.tsx - a small dark menu at a point; arrows move in it, leaving it closes it. */
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { Icon } from './Icon.tsx';
import { closeMenu, type OpenMenu } from './overlay_state.ts';

const MENU_MARGIN = 8;

export function Menu({ items, x, y, look }: OpenMenu) {
	const element = useRef<HTMLDivElement>(null);
	const close = closeMenu;
	useLayoutEffect(() => {
		const before = document.activeElement;
		const menu = element.current;
		if (!menu) return;
		const { width, height } = menu.getBoundingClientRect();
		const left = look === 'grid' ? x - width / 2 : x + width > innerWidth - MENU_MARGIN ? x - width : x;
		const top = look === 'grid' ? y - height - MENU_MARGIN : y;
		const isBelow = top >= MENU_MARGIN ? top : y + MENU_MARGIN;
		menu.style.left = `${Math.max(MENU_MARGIN, Math.min(left, innerWidth - width - MENU_MARGIN))}px`;
		menu.style.top = `${Math.max(MENU_MARGIN, Math.min(isBelow, innerHeight - height - MENU_MARGIN))}px`;
		menu.querySelector<HTMLElement>('button')?.focus({ preventScroll: true });
		return () => {
			if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
		};
	}, [items, x, y, look]);
	useEffect(() => {
		const leave = (event: Event) => {
			if (!(event.target instanceof Node) || !element.current?.contains(event.target)) close();
		};
		addEventListener('pointerdown', leave, true);
		addEventListener('popstate', close);
		addEventListener('resize', close);
		return () => {
			removeEventListener('pointerdown', leave, true);
			removeEventListener('popstate', close);
			removeEventListener('resize', close);
		};
	}, []);
	const step = (event: KeyboardEvent) => {
		const buttons = [...(element.current?.querySelectorAll<HTMLElement>('button') ?? [])];
		const at = buttons.findIndex((button) => button === document.activeElement);
		const moves: Partial<Record<string, number>> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
		const move = moves[event.key];
		if (move !== undefined) buttons[(at + move + buttons.length) % buttons.length]?.focus();
		else if (event.key === 'Escape' || event.key === 'Tab') close();
		else return;
		event.preventDefault();
		event.stopPropagation();
	};
	return (
		<div ref={element} class={`menu ${look}`} style={{ '--items': items.length }} role="menu" onKeyDown={step}>
			{items.map((item) => (
				<button
					key={item.label}
					type="button"
					role="menuitem"
					class={item.isDanger ? 'menu-item danger' : 'menu-item'}
					onClick={() => {
						close();
						item.onPick();
					}}
				>
					{item.icon && <Icon icon={item.icon} size={20} />}
					<span>{item.label}</span>
				</button>
			))}
		</div>
	);
}
