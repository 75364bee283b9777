// SPDX-License-Identifier: Apache-2.0
/* keys.ts - keyboard helpers. */

/* Up and down move the focus among a list's links and buttons. */
export function moveInList(event: KeyboardEvent): void {
	const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
	if (step === 0 || !(event.currentTarget instanceof Element)) return;
	const stops = [...event.currentTarget.querySelectorAll<HTMLElement>('a, button')];
	const at = stops.findIndex((stop) => stop === document.activeElement);
	const next = stops[at + step];
	if (!next) return;
	event.preventDefault();
	next.focus();
}

/* Enter that ends an input method's composition is not the person's Enter. */
export function isPlainEnter(event: KeyboardEvent): boolean {
	return event.key === 'Enter' && !event.shiftKey && !event.isComposing;
}

export const hasTouchOnly = (): boolean => matchMedia('(hover: none) and (pointer: coarse)').matches;
