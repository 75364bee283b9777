// SPDX-License-Identifier: Apache-2.0
/* Cell.tsx - rows of settings and profiles: a label, a value, maybe a way onwards. */
import type { IconNode } from 'lucide';
import { ChevronRight } from 'lucide';
import type { ComponentChildren } from 'preact';
import { Icon } from './Icon.tsx';
import { Link, usePlace } from './router.tsx';

interface CellsProps {
	title?: string | undefined;
	note?: ComponentChildren;
	children: ComponentChildren;
}

export function Cells({ title, note, children }: CellsProps) {
	return (
		<>
			{title !== undefined && <h2 class="cells-title">{title}</h2>}
			<div class="cells">{children}</div>
			{note !== undefined && <p class="cells-note">{note}</p>}
		</>
	);
}

interface CellProps {
	label: ComponentChildren;
	note?: ComponentChildren;
	value?: ComponentChildren;
	icon?: IconNode | undefined;
	lead?: ComponentChildren;
	href?: string;
	onClick?: () => void;
	tone?: 'plain' | 'accent' | 'danger';
	isCentred?: boolean;
	disabled?: boolean;
}

export function Cell({ label, note, value, icon, lead, href, onClick, tone = 'plain', isCentred = false, disabled }: CellProps) {
	const { path } = usePlace();
	const name = `cell ${tone}${isCentred ? ' centred' : ''}${icon ? ' has-icon' : ''}`;
	const inside = (
		<>
			{icon && <Icon icon={icon} size={22} class="cell-icon" />}
			{lead}
			<span class="cell-label">
				{label}
				{note !== undefined && note !== '' && <span class="cell-note">{note}</span>}
			</span>
			{value !== undefined && <span class="cell-value">{value}</span>}
			{!isCentred && (href !== undefined || onClick) && <Icon icon={ChevronRight} size={18} class="cell-arrow" />}
		</>
	);
	if (href !== undefined) {
		return (
			<Link class={name} href={href} aria-current={path === href ? 'page' : undefined}>
				{inside}
			</Link>
		);
	}
	if (onClick) {
		return (
			<button type="button" class={name} onClick={onClick} disabled={disabled}>
				{inside}
			</button>
		);
	}
	return <div class={name}>{inside}</div>;
}

interface SwitchCellProps {
	label: string;
	note?: string;
	isOn: boolean;
	onChange: (isOn: boolean) => void;
}

export function SwitchCell({ label, note, isOn, onChange }: SwitchCellProps) {
	return (
		<button type="button" role="switch" aria-checked={isOn} class="cell" onClick={() => onChange(!isOn)}>
			<span class="cell-label">
				{label}
				{note !== undefined && <span class="cell-note">{note}</span>}
			</span>
			<span class={isOn ? 'switch on' : 'switch'} aria-hidden="true" />
		</button>
	);
}
