// SPDX-License-Identifier: Apache-2.0
/* SecurityPage.tsx - password, recovery codes, devices, signing out. */
import { useState } from 'preact/hooks';
import { textOf } from '../../api/problem.ts';
import type { SessionInfo } from '../../api/types.ts';
import { useSelect, useServices, type Services } from '../../model/services.ts';
import { fullTime } from '../../model/time.ts';
import { language, t } from '../../text/text.ts';
import { Cell, Cells } from '../../ui/Cell.tsx';
import { copyText } from '../../ui/clipboard.ts';
import { Button, Failed, Waiting } from '../../ui/controls.tsx';
import { ask, openDialog, showNote } from '../../ui/overlays.tsx';
import { Page } from '../../ui/Page.tsx';
import { navigate } from '../../ui/router.tsx';
import { PASSWORD_MIN, PasswordField } from './fields.tsx';
import { useForm } from './AuthPage.tsx';
import { signOut } from './session_actions.ts';
import { useLoaded } from './use_loaded.ts';

export function SecurityPage() {
	const services = useServices();
	const unsent = useSelect((state) => Object.keys(state.outbox).length);
	const leave = async () => {
		const text = [t('accounts.sign_out_text'), unsent > 0 && t('accounts.sign_out_unsent', { count: unsent })].filter(Boolean).join('\n');
		if (!(await ask({ title: t('accounts.sign_out_title'), text, action: t('accounts.sign_out'), isDanger: true }))) return;
		await signOut(services, true);
		navigate('/sign-in', { replace: true });
	};
	return (
		<Page title={t('accounts.security')} back="/me">
			<Cells>
				<Cell label={t('accounts.change_password')} onClick={() => openPasswordForm(services)} />
				<Cell label={t('accounts.recovery')} onClick={() => openRecoveryForm(services)} />
				<Cell label={t('accounts.devices')} href="/me/devices" />
			</Cells>
			<Cells>
				<Cell label={t('accounts.sign_out')} tone="danger" isCentred onClick={() => void leave()} />
			</Cells>
		</Page>
	);
}

function openPasswordForm(services: Services): void {
	openDialog(t('accounts.change_password'), (close) => <PasswordForm services={services} close={close} />);
}

function PasswordForm({ services, close }: { services: Services; close: () => void }) {
	const [old, setOld] = useState('');
	const [next, setNext] = useState('');
	const form = useForm();
	const submit = (event: Event) =>
		form.submit(event, async () => {
			await services.api.call('me.set_password', { old, new: next });
			close();
			showNote(t('accounts.password_changed'));
		});
	return (
		<form onSubmit={submit}>
			<PasswordField label={t('accounts.old_password')} value={old} onValue={setOld} />
			<PasswordField label={t('accounts.new_password')} value={next} onValue={setNext} isNew error={form.error} />
			<div class="dialog-actions">
				<Button kind="plain" onClick={close}>
					{t('ui.cancel')}
				</Button>
				<Button type="submit" isBusy={form.isBusy} disabled={old === '' || next.length < PASSWORD_MIN}>
					{t('accounts.change_password')}
				</Button>
			</div>
		</form>
	);
}

function openRecoveryForm(services: Services): void {
	openDialog(t('accounts.recovery'), (close) => <RecoveryForm services={services} close={close} />);
}

function RecoveryForm({ services, close }: { services: Services; close: () => void }) {
	const [password, setPassword] = useState('');
	const [codes, setCodes] = useState<readonly string[] | null>(null);
	const form = useForm();
	const submit = (event: Event) =>
		form.submit(event, async () => setCodes((await services.api.call('recovery_codes.create', { password })).codes));
	if (codes) {
		return (
			<>
				<p>{t('accounts.recovery_title')}</p>
				<p class="dialog-text">{t('accounts.recovery_once')}</p>
				<ul class="codes">
					{codes.map((code) => (
						<li key={code}>{code}</li>
					))}
				</ul>
				<div class="dialog-actions">
					<Button kind="plain" onClick={() => void copyText(codes.join('\n'))}>
						{t('ui.copy')}
					</Button>
					<Button onClick={close}>{t('ui.done')}</Button>
				</div>
			</>
		);
	}
	return (
		<form onSubmit={submit}>
			<p class="dialog-text">{t('accounts.recovery_note')}</p>
			<PasswordField label={t('accounts.old_password')} value={password} onValue={setPassword} error={form.error} />
			<div class="dialog-actions">
				<Button kind="plain" onClick={close}>
					{t('ui.cancel')}
				</Button>
				<Button type="submit" isBusy={form.isBusy} disabled={password === ''}>
					{t('accounts.recovery_make')}
				</Button>
			</div>
		</form>
	);
}

export function Devices() {
	const { api } = useServices();
	const { value, error, reload } = useLoaded('devices', async () => (await api.call('sessions.list')).sessions);
	const end = async (session: SessionInfo) => {
		const isSure = await ask({ title: t('accounts.device_out_title', { name: session.name }), action: t('accounts.device_out'), isDanger: true });
		if (!isSure) return;
		try {
			await api.call('sessions.delete', { device_id: session.device_id });
		} catch (cause) {
			showNote(textOf(cause));
		}
		reload();
	};
	return (
		<Page title={t('accounts.devices')} back="/me/security">
			{error !== null && <Failed text={error} onRetry={reload} />}
			{!value && error === null && <Waiting />}
			{value && (
				<Cells>
					{value.map((session) => {
						const seen = `${t('accounts.device_seen', { time: fullTime(session.seen_at, language()) })} · ${session.address}`;
						return session.is_current ? (
							<Cell key={session.device_id} label={session.name} note={seen} value={t('accounts.this_device')} />
						) : (
							<Cell key={session.device_id} label={session.name} note={seen} onClick={() => void end(session)} />
						);
					})}
				</Cells>
			)}
		</Page>
	);
}
