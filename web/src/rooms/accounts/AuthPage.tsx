// SPDX-License-Identifier: Apache-2.0
/* AuthPage.tsx - the frame of all pages before one is signed in. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { textOf } from '../../api/problem.ts';
import { language, languages, t } from '../../text/text.ts';
import { Logo } from '../../ui/Logo.tsx';
import './AuthPage.css';
import { useLanguageSwitch } from './language.ts';

interface Props {
	title: string;
	note?: string;
	children: ComponentChildren;
}

export function AuthPage({ title, note, children }: Props) {
	const change = useLanguageSwitch();
	return (
		<main class="auth scroll">
			<div class="auth-card">
				<div class="auth-head">
					<Logo size={56} />
					<h1 class="auth-title">{title}</h1>
					{note !== undefined && <p class="auth-note">{note}</p>}
				</div>
				{children}
			</div>
			<div class="auth-languages" role="group" aria-label={t('accounts.language')}>
				{languages.map((one) => (
					<button key={one} type="button" class="auth-language" lang={one} aria-pressed={language() === one} onClick={() => change(one)}>
						{t(one === 'en' ? 'accounts.language_en' : 'accounts.language_zh')}
					</button>
				))}
			</div>
		</main>
	);
}

/* A form that is sent once at a time; what goes wrong stands under it. */
export function useForm(): {
	isBusy: boolean;
	error: string | null;
	submit: (event: Event, action: () => Promise<void>) => void;
} {
	const [isBusy, setBusy] = useState(false);
	const [error, setError] = useState<string | null>(null);
	const submit = (event: Event, action: () => Promise<void>) => {
		event.preventDefault();
		setBusy(true);
		setError(null);
		action()
			.catch((cause: unknown) => setError(textOf(cause)))
			.finally(() => setBusy(false));
	};
	return { isBusy, error, submit };
}
