// SPDX-License-Identifier: Apache-2.0
/* SignUpPage.tsx - a new account; the very first one is the owner's. */
import { useState } from 'preact/hooks';
import { codeOf, textOf } from '../../api/problem.ts';
import type { Instance } from '../../api/types.ts';
import { useServices } from '../../model/services.ts';
import { t } from '../../text/text.ts';
import { Button, Field } from '../../ui/controls.tsx';
import { Link, navigate } from '../../ui/router.tsx';
import { AuthPage, useForm } from './AuthPage.tsx';
import { isUsername, PASSWORD_MIN, PasswordField, UsernameField } from './fields.tsx';
import { enter, signUp } from './session_actions.ts';

interface Props {
	instance: Instance;
	/* From the link of an invitation. */
	code?: string;
}

export function SignUpPage({ instance, code = '' }: Props) {
	const isFirst = instance.needs_owner;
	if (instance.registration === 'closed' && !isFirst) {
		return (
			<AuthPage title={t('accounts.closed')} note={t('accounts.closed_note')}>
				<Button isWide onClick={() => navigate('/sign-in', { replace: true })}>
					{t('accounts.sign_in')}
				</Button>
			</AuthPage>
		);
	}
	const title = isFirst ? 'accounts.first_title' : code === '' ? 'accounts.create_account' : 'accounts.invited';
	return (
		<AuthPage title={t(title)} note={t(isFirst ? 'accounts.first_note' : 'accounts.tagline')}>
			<SignUpForm isFirst={isFirst} wantsInvite={!isFirst && (instance.registration === 'invite' || code !== '')} code={code} />
			{!isFirst && (
				<p class="auth-links">
					<span>
						{t('accounts.have_account')} <Link href="/sign-in">{t('accounts.sign_in')}</Link>
					</span>
				</p>
			)}
		</AuthPage>
	);
}

type FieldName = 'username' | 'nickname' | 'password' | 'invite';

const faults: Readonly<Record<string, FieldName>> = {
	'accounts.username_taken': 'username',
	'accounts.bad_invite': 'invite',
	'accounts.invite_required': 'invite',
};

function SignUpForm({ isFirst, wantsInvite, code }: { isFirst: boolean; wantsInvite: boolean; code: string }) {
	const services = useServices();
	const [username, setUsername] = useState('');
	const [nickname, setNickname] = useState('');
	const [password, setPassword] = useState('');
	const [invite, setInvite] = useState(code);
	const [isProving, setProving] = useState(false);
	const [fault, setFault] = useState<{ name: FieldName; text: string } | null>(null);
	const form = useForm();
	const faultOf = (name: FieldName) => (fault?.name === name ? fault.text : null);

	const check = (): { name: FieldName; text: string } | null => {
		if (nickname.trim() === '') return { name: 'nickname', text: t('accounts.nickname_missing') };
		if (!isUsername(username.trim())) return { name: 'username', text: t('accounts.username_bad') };
		if (password.length < PASSWORD_MIN) return { name: 'password', text: t('accounts.password_short') };
		return null;
	};
	const submit = (event: Event) => {
		const found = check();
		setFault(found);
		if (found) {
			event.preventDefault();
			const place = event.currentTarget;
			if (place instanceof Element) requestAnimationFrame(() => place.querySelector<HTMLElement>('[aria-invalid=true]')?.focus());
			return;
		}
		form.submit(event, async () => {
			const input = { username: username.trim(), nickname: nickname.trim(), password, ...(wantsInvite ? { invite: invite.trim() } : {}) };
			try {
				const signedIn = await signUp(services, input, () => setProving(true));
				navigate(isFirst ? '/welcome' : '/chat', { replace: true });
				enter(services, signedIn);
			} catch (error) {
				const name = faults[codeOf(error)];
				if (name === undefined) throw error;
				setFault({ name, text: textOf(error) });
			} finally {
				setProving(false);
			}
		});
	};
	return (
		<form onSubmit={submit} noValidate>
			<Field label={t('accounts.nickname')} value={nickname} onValue={setNickname} maxLength={32} autocomplete="nickname" note={t('accounts.nickname_note')} error={faultOf('nickname')} />
			<UsernameField value={username} onValue={setUsername} isNew error={faultOf('username')} />
			<PasswordField label={t('accounts.password')} value={password} onValue={setPassword} isNew error={faultOf('password')} />
			{wantsInvite && (
				<Field
					label={t('accounts.invite')}
					value={invite}
					onValue={setInvite}
					maxLength={200}
					autocomplete="off"
					autocapitalize="none"
					spellcheck={false}
					note={t('accounts.invite_note')}
					error={faultOf('invite')}
				/>
			)}
			{form.error !== null && (
				<p class="auth-error" role="alert">
					{form.error}
				</p>
			)}
			<div class="auth-action">
				<Button type="submit" isWide isBusy={form.isBusy}>
					{isProving ? t('accounts.proving') : t(isFirst ? 'accounts.first_action' : 'accounts.sign_up')}
				</Button>
			</div>
		</form>
	);
}
