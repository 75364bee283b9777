// SPDX-License-Identifier: Apache-2.0
/* fields.tsx - the fields that several forms share. */
import { Eye, EyeOff } from 'lucide';
import { useState } from 'preact/hooks';
import { t } from '../../text/text.ts';
import { Field } from '../../ui/controls.tsx';
import { Icon } from '../../ui/Icon.tsx';

export const PASSWORD_MIN = 8;
const USERNAME = /^[A-Za-z][A-Za-z0-9_-]{5,19}$/;

export function isUsername(text: string): boolean {
	return USERNAME.test(text);
}

interface PasswordProps {
	label: string;
	value: string;
	onValue: (value: string) => void;
	isNew?: boolean;
	error?: string | null;
}

export function PasswordField({ label, value, onValue, isNew = false, error }: PasswordProps) {
	const [isShown, setShown] = useState(false);
	return (
		<div class="password-field">
			<Field
				label={label}
				type={isShown ? 'text' : 'password'}
				value={value}
				onValue={onValue}
				autocomplete={isNew ? 'new-password' : 'current-password'}
				maxLength={200}
				spellcheck={false}
				error={error}
				{...(isNew ? { note: t('accounts.password_note') } : {})}
			/>
			<button type="button" class="password-eye" aria-label={t('accounts.show_password')} aria-pressed={isShown} onClick={() => setShown(!isShown)}>
				<Icon icon={isShown ? EyeOff : Eye} size={20} />
			</button>
		</div>
	);
}

interface UsernameProps {
	value: string;
	onValue: (value: string) => void;
	isNew?: boolean;
	error?: string | null;
}

export function UsernameField({ value, onValue, isNew = false, error }: UsernameProps) {
	return (
		<Field
			label={t('accounts.username')}
			value={value}
			onValue={onValue}
			autocomplete="username"
			autocapitalize="none"
			spellcheck={false}
			maxLength={isNew ? 20 : 64}
			error={error}
			{...(isNew ? { note: t('accounts.username_note') } : {})}
		/>
	);
}
