// SPDX-License-Identifier: Apache-2.0
/* controls.tsx - buttons, fields, badges, and what stands where nothing is. */
import type { IconNode } from 'lucide';
import { LoaderCircle, Search, X } from 'lucide';
import type { ComponentChildren, InputHTMLAttributes } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import { t } from '../text/text.ts';
import './controls.css';
import { Icon } from './Icon.tsx';
import { Logo } from './Logo.tsx';

interface ButtonProps {
	children: ComponentChildren;
	kind?: 'main' | 'plain' | 'danger';
	type?: 'button' | 'submit';
	isBusy?: boolean;
	isWide?: boolean;
	disabled?: boolean;
	onClick?: () => void;
}

export function Button({ children, kind = 'main', type = 'button', isBusy = false, isWide = false, disabled = false, onClick }: ButtonProps) {
	return (
		<button
			type={type}
			class={`button ${kind}${isWide ? ' wide' : ''}`}
			disabled={disabled || isBusy}
			aria-busy={isBusy}
			onClick={onClick}
		>
			{isBusy && <Spinner size={18} />}
			{children}
		</button>
	);
}

interface FieldProps {
	label: string;
	value: string;
	onValue: (value: string) => void;
	note?: ComponentChildren;
	error?: string | null | undefined;
	/* More than one line. */
	rows?: number;
	isLabelHidden?: boolean;
	type?: 'text' | 'password' | 'number';
	placeholder?: string;
	maxLength?: number;
	autofocus?: boolean;
	autocomplete?: string;
	autocapitalize?: string;
	spellcheck?: boolean;
	enterkeyhint?: 'search' | 'send' | 'next' | 'done';
}

export function Field({ label, value, onValue, note, error, rows, isLabelHidden = false, ...rest }: FieldProps) {
	const id = useId();
	const noteId = `${id}-note`;
	const describe = note !== undefined || error ? { 'aria-describedby': noteId } : {};
	const inputProps = rest as InputHTMLAttributes;
	const shared = { id, value, 'aria-invalid': Boolean(error), ...describe };
	return (
		<div class={error ? 'field at-fault' : 'field'}>
			<label for={id} class={isLabelHidden ? 'unseen' : 'field-label'}>
				{label}
			</label>
			{rows === undefined ? (
				<input {...inputProps} {...shared} class="input" dir="auto" onInput={(event) => onValue(event.currentTarget.value)} />
			) : (
				<textarea
					{...shared}
					class="input"
					dir="auto"
					rows={rows}
					{...(rest.maxLength === undefined ? {} : { maxLength: rest.maxLength })}
					placeholder={rest.placeholder ?? ''}
					autofocus={rest.autofocus ?? false}
					onInput={(event) => onValue(event.currentTarget.value)}
				/>
			)}
			{(error || note !== undefined) && (
				<p id={noteId} class={error ? 'field-note error' : 'field-note'} role={error ? 'alert' : undefined}>
					{error || note}
				</p>
			)}
		</div>
	);
}

interface SearchFieldProps {
	label: string;
	value: string;
	onValue: (value: string) => void;
	id?: string;
	onKeyDown?: (event: KeyboardEvent) => void;
}

export function SearchField({ label, value, onValue, id, onKeyDown }: SearchFieldProps) {
	return (
		<div class="search" role="search">
			<Icon icon={Search} size={16} class="search-icon" />
			<input
				id={id}
				type="search"
				class="search-input"
				aria-label={label}
				placeholder={label}
				value={value}
				dir="auto"
				autocomplete="off"
				spellcheck={false}
				onInput={(event) => onValue(event.currentTarget.value)}
				onKeyDown={(event) => {
					if (event.key === 'Escape' && value !== '') {
						event.stopPropagation();
						onValue('');
					} else onKeyDown?.(event);
				}}
			/>
			{value !== '' && (
				<button type="button" class="search-clear" aria-label={t('ui.clear')} onClick={() => onValue('')}>
					<Icon icon={X} size={14} />
				</button>
			)}
		</div>
	);
}

export function Spinner({ size = 20 }: { size?: number }) {
	return <Icon icon={LoaderCircle} size={size} class="spinner" />;
}

/* Red with a number; only a dot for what is muted. Its meaning is said by the row's label. */
export function Badge({ count, isDot = false }: { count: number; isDot?: boolean }) {
	if (count <= 0) return null;
	return (
		<span class={isDot ? 'badge dot' : 'badge'} aria-hidden="true">
			{isDot ? '' : count > 99 ? '99+' : count}
		</span>
	);
}

interface EmptyProps {
	icon?: IconNode;
	title: string;
	note?: ComponentChildren;
	children?: ComponentChildren;
}

export function Empty({ icon, title, note, children }: EmptyProps) {
	return (
		<div class="empty">
			{icon ? <Icon icon={icon} size={44} class="empty-icon" /> : <Logo size={64} />}
			<p class="empty-title">{title}</p>
			{note !== undefined && <p class="empty-note">{note}</p>}
			{children}
		</div>
	);
}

/* Says that something is coming, but only when it takes longer than one notices. */
export function Waiting() {
	const [isLate, setLate] = useState(false);
	useEffect(() => {
		const timer = setTimeout(() => setLate(true), 300);
		return () => clearTimeout(timer);
	}, []);
	return (
		<div class="waiting" role="status">
			{isLate && (
				<>
					<Spinner size={24} />
					<span class="unseen">{t('ui.loading')}</span>
				</>
			)}
		</div>
	);
}

interface FailedProps {
	text: string;
	onRetry?: () => void;
}

export function Failed({ text, onRetry }: FailedProps) {
	return (
		<div class="failed" role="alert">
			<p>{text}</p>
			{onRetry && (
				<Button kind="plain" onClick={onRetry}>
					{t('ui.retry')}
				</Button>
			)}
		</div>
	);
}
