// SPDX-License-Identifier: Apache-2.0
/* SignInPage.tsx - signing in, and setting a new password by a code. */
import { useState } from 'preact/hooks';
import { useServices } from '../../model/services.ts';
import { t } from '../../text/text.ts';
import { Button, Field } from '../../ui/controls.tsx';
import { Link, navigate } from '../../ui/router.tsx';
import { AuthPage, useForm } from './AuthPage.tsx';
import { PASSWORD_MIN, PasswordField, UsernameField } from './fields.tsx';
import { enter, resetPassword, signIn } from './session_actions.ts';

export function SignInPage() {
	const services = useServices();
	const [username, setUsername] = useState('');
	const [password, setPassword] = useState('');
	const form = useForm();
	const submit = (event: Event) =>
		form.submit(event, async () => {
			const signedIn = await signIn(services, username.trim(), password);
			navigate('/chat', { replace: true });
			enter(services, signedIn);
		});
	return (
		<AuthPage title={t('accounts.sign_in')} note={t('accounts.tagline')}>
			<form onSubmit={submit}>
				<UsernameField value={username} onValue={setUsername} />
				<PasswordField label={t('accounts.password')} value={password} onValue={setPassword} />
				{form.error !== null && (
					<p class="auth-error" role="alert">
						{form.error}
					</p>
				)}
				<div class="auth-action">
					<Button type="submit" isWide isBusy={form.isBusy} disabled={username.trim() === '' || password === ''}>
						{t('accounts.sign_in')}
					</Button>
				</div>
			</form>
			<p class="auth-links">
				<span>
					{t('accounts.no_account_yet')} <Link href="/sign-up">{t('accounts.sign_up')}</Link>
				</span>
				<Link href="/reset">{t('accounts.forgot')}</Link>
			</p>
		</AuthPage>
	);
}

export function ResetPage() {
	const services = useServices();
	const [username, setUsername] = useState('');
	const [code, setCode] = useState('');
	const [password, setPassword] = useState('');
	const form = useForm();
	const submit = (event: Event) =>
		form.submit(event, async () => {
			const signedIn = await resetPassword(services, username.trim(), code.trim(), password);
			navigate('/chat', { replace: true });
			enter(services, signedIn);
		});
	const isComplete = username.trim() !== '' && code.trim() !== '' && password.length >= PASSWORD_MIN;
	return (
		<AuthPage title={t('accounts.reset_title')} note={t('accounts.reset_note')}>
			<form onSubmit={submit}>
				<UsernameField value={username} onValue={setUsername} />
				<Field label={t('accounts.reset_code')} value={code} onValue={setCode} autocomplete="one-time-code" autocapitalize="none" spellcheck={false} maxLength={200} />
				<PasswordField label={t('accounts.new_password')} value={password} onValue={setPassword} isNew />
				{form.error !== null && (
					<p class="auth-error" role="alert">
						{form.error}
					</p>
				)}
				<div class="auth-action">
					<Button type="submit" isWide isBusy={form.isBusy} disabled={!isComplete}>
						{t('accounts.reset_action')}
					</Button>
				</div>
			</form>
			<p class="auth-links">
				<Link href="/sign-in">{t('accounts.sign_in')}</Link>
			</p>
		</AuthPage>
	);
}
