// SPDX-License-Identifier: Apache-2.0
/* WelcomePage.tsx - how others join: the link, its QR code, and what stands in the way. */
import type { Out } from '@guanxi/sdk';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { textOf } from '../../api/problem.ts';
import { useServices } from '../../model/services.ts';
import { t } from '../../text/text.ts';
import { copyText } from '../../ui/clipboard.ts';
import { Button, Failed, Waiting } from '../../ui/controls.tsx';
import { Page } from '../../ui/Page.tsx';
import { Qr } from '../../ui/Qr.tsx';
import { navigate } from '../../ui/router.tsx';
import { AuthPage } from './AuthPage.tsx';

type InstanceInside = Out<'operator.get_instance'>;

const INVITE_USES = 20;

interface Join {
	instance: InstanceInside;
	link: string;
}

function isLoopback(host: string): boolean {
	return host === 'localhost' || host === '[::1]' || host.startsWith('127.');
}

/* The address that others can use: the one in the address bar, unless only this machine has it. */
export function addressFor(origin: string, instance: InstanceInside): string {
	if (!isLoopback(new URL(origin).hostname)) return origin;
	const found = instance.addresses.find((address) => !isLoopback(hostOf(address)));
	if (found === undefined) return origin;
	return found.includes('://') ? found : `${instance.is_secure ? 'https' : 'http'}://${found}`;
}

function hostOf(address: string): string {
	try {
		return new URL(address.includes('://') ? address : `http://${address}`).hostname;
	} catch {
		return address;
	}
}

function useJoin(): { join: Join | null; error: string | null; retry: () => void } {
	const { api } = useServices();
	const [join, setJoin] = useState<Join | null>(null);
	const [error, setError] = useState<string | null>(null);
	const load = useCallback(async () => {
		setError(null);
		try {
			const instance = await api.call('operator.get_instance');
			const base = addressFor(location.origin, instance);
			let path = '/sign-up';
			if (instance.registration === 'invite') {
				const { invites } = await api.call('invites.list');
				const usable = invites.find((invite) => invite.uses_left > 0) ?? (await api.call('invites.create', { uses: INVITE_USES })).invite;
				path = `/join/${usable.code}`;
			}
			setJoin({ instance, link: base + path });
		} catch (cause) {
			setError(textOf(cause));
		}
	}, [api]);
	useEffect(() => void load(), [load]);
	return { join, error, retry: () => void load() };
}

function JoinCard({ join: { instance, link } }: { join: Join }) {
	const port = /:(\d+)$/.exec(instance.listen)?.[1] ?? '8848';
	if (instance.registration === 'closed') return <p class="hint">{t('accounts.registration_is_closed')}</p>;
	return (
		<>
			<div class="join-card">
				<Qr text={link} label={t('accounts.welcome_qr')} />
				<p class="join-link">{link}</p>
				<Button kind="plain" onClick={() => void copyText(link)}>
					{t('accounts.welcome_copy')}
				</Button>
			</div>
			{instance.registration === 'invite' && <p class="auth-note">{t('accounts.invite_needed')}</p>}
			{instance.is_loopback_only && (
				<div class="hint">
					<p class="hint-title">{t('accounts.loopback_title')}</p>
					<p>{t('accounts.loopback_note', { listen: instance.listen })}</p>
					<code class="command">./run --listen 0.0.0.0:{port}</code>
				</div>
			)}
			{!instance.is_secure && !instance.is_loopback_only && <p class="hint">{t('accounts.insecure_note')}</p>}
		</>
	);
}

export function WelcomePage() {
	const { join, error, retry } = useJoin();
	return (
		<AuthPage title={t('accounts.welcome_title')} note={t('accounts.welcome_note')}>
			{error !== null ? <Failed text={error} onRetry={retry} /> : join ? <JoinCard join={join} /> : <Waiting />}
			<div class="auth-action">
				<Button isWide onClick={() => navigate('/chat', { replace: true })}>
					{t('accounts.welcome_done')}
				</Button>
			</div>
		</AuthPage>
	);
}

/* The same inside the operator's pages. */
export function InvitePeoplePage() {
	const { join, error, retry } = useJoin();
	return (
		<Page title={t('accounts.invite_friends')} back="/me">
			<div class="padded">{error !== null ? <Failed text={error} onRetry={retry} /> : join ? <JoinCard join={join} /> : <Waiting />}</div>
		</Page>
	);
}
