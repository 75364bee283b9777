// SPDX-License-Identifier: Apache-2.0
/* OperatorPage.tsx - the operator's pages: the server, its accounts, its invitations. */
import { Flag, Megaphone, ScrollText, Ticket, Users } from 'lucide';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { textOf } from '../../api/problem.ts';
import type { Invite, OperatorAccount } from '../../api/types.ts';
import { useSelect, useServices, type Services } from '../../model/services.ts';
import { fullTime } from '../../model/time.ts';
import { language, t } from '../../text/text.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Cell, Cells } from '../../ui/Cell.tsx';
import { copyText } from '../../ui/clipboard.ts';
import { Button, Empty, Failed, SearchField, Waiting } from '../../ui/controls.tsx';
import { ask, askText, openDialog, openMenuAt, showNote, type MenuItem } from '../../ui/overlays.tsx';
import { Page } from '../../ui/Page.tsx';
import { askNotice } from '../notices/ask_notice.ts';
import { useLoaded } from './use_loaded.ts';
import { addressFor } from './WelcomePage.tsx';

export function OperatorPage() {
	const services = useServices();
	const { api } = services;
	const { value, error, reload } = useLoaded('instance', () => api.call('operator.get_instance'));
	return (
		<Page title={t('accounts.operator')} back="/me">
			<Cells>
				<Cell icon={Flag} label={t('moderation.reports')} href="/operator/reports" />
				<Cell icon={Users} label={t('accounts.accounts')} value={value?.accounts_count ?? ''} href="/operator/accounts" />
				<Cell icon={Ticket} label={t('accounts.invites')} href="/operator/invites" />
				<Cell icon={Megaphone} label={t('platform.publish')} onClick={() => askNotice(services)} />
				<Cell icon={ScrollText} label={t('moderation.audit')} href="/operator/audit" />
			</Cells>
			{error !== null && <Failed text={error} onRetry={reload} />}
			{value && (
				<Cells title={t('accounts.instance')}>
					<Cell label={t('accounts.listen')} value={value.listen} />
					<Cell label={t('accounts.addresses')} value={value.addresses.join('\n') || '–'} />
					<Cell label={t('accounts.encrypted')} value={t(value.is_secure ? 'accounts.yes' : 'accounts.no')} />
					<Cell label={t('accounts.registration')} value={t(`accounts.registration_${value.registration}`)} />
				</Cells>
			)}
		</Page>
	);
}

const SEARCH_DELAY_MS = 250;

export function AccountsPage() {
	const { api } = useServices();
	const [typed, setTyped] = useState('');
	const [query, setQuery] = useState('');
	const [more, setMore] = useState<{ accounts: readonly OperatorAccount[]; next: string | null } | null>(null);
	useEffect(() => {
		const timer = setTimeout(() => setQuery(typed.trim()), SEARCH_DELAY_MS);
		return () => clearTimeout(timer);
	}, [typed]);
	const wanted = query === '' ? {} : { q: query };
	const first = useLoaded(`accounts ${query}`, async () => {
		const page = await api.call('operator.list_accounts', wanted);
		setMore(null);
		return page;
	});
	const accounts = [...(first.value?.accounts ?? []), ...(more?.accounts ?? [])];
	const next = more ? more.next : (first.value?.next ?? null);
	const readMore = useCallback(async () => {
		if (next === null) return;
		try {
			const page = await api.call('operator.list_accounts', { ...wanted, cursor: next });
			setMore((known) => ({ accounts: [...(known?.accounts ?? []), ...page.accounts], next: page.next }));
		} catch (error) {
			showNote(textOf(error));
		}
	}, [api, next, wanted]);
	return (
		<Page title={t('accounts.accounts')} back="/operator">
			<div class="page-search">
				<SearchField label={t('accounts.search_accounts')} value={typed} onValue={setTyped} />
			</div>
			{first.error !== null && <Failed text={first.error} onRetry={first.reload} />}
			{!first.value && first.error === null && <Waiting />}
			{first.value && accounts.length === 0 && <Empty icon={Users} title={t('accounts.none_found')} />}
			{accounts.length > 0 && (
				<div class="cells">
					{accounts.map((one) => (
						<AccountCell key={one.account.id} one={one} onChange={first.reload} />
					))}
				</div>
			)}
			{next !== null && (
				<div class="padded">
					<Button kind="plain" isWide onClick={() => void readMore()}>
						{t('ui.load_more')}
					</Button>
				</div>
			)}
		</Page>
	);
}

function AccountCell({ one, onChange }: { one: OperatorAccount; onChange: () => void }) {
	const services = useServices();
	const myRole = useSelect((state) => state.role);
	const { account, role, is_suspended, suspended_reason } = one;
	const note = [`@${account.username}`, is_suspended && t('accounts.suspended_because', { reason: suspended_reason })].filter(Boolean).join(' · ');
	const items = accountMenu(services, one, myRole === 'owner', onChange);
	const open = (event: MouseEvent) => openMenuAt(event.currentTarget as Element, items);
	return (
		<button type="button" class="cell" onClick={open} disabled={items.length === 0} aria-haspopup="menu">
			<Avatar id={account.id} name={account.nickname} src={account.avatar ? services.api.thumbUrl(account.avatar) : null} size={40} />
			<span class="cell-label">
				{account.nickname}
				<span class={is_suspended ? 'cell-note danger-text' : 'cell-note'}>{note}</span>
			</span>
			{role !== 'member' && <span class="cell-value">{t(`accounts.role_${role}`)}</span>}
		</button>
	);
}

function accountMenu(services: Services, one: OperatorAccount, isOwner: boolean, onChange: () => void): readonly MenuItem[] {
	const { api, store } = services;
	const account_id = one.account.id;
	const isOwn = account_id === store.state.me?.id;
	const attempt = (action: () => Promise<unknown>) => void action().then(onChange, (error: unknown) => showNote(textOf(error)));
	const items: (MenuItem | false)[] = [
		(one.role !== 'owner' || isOwn) && { label: t('accounts.reset_for'), onPick: () => void showResetCode(services, one) },
		isOwner &&
			one.role === 'member' && {
				label: t('accounts.make_operator'),
				onPick: () => attempt(() => api.call('operator.set_role', { account_id, role: 'operator' })),
			},
		isOwner &&
			one.role === 'operator' && {
				label: t('accounts.unmake_operator'),
				onPick: () => attempt(() => api.call('operator.set_role', { account_id, role: 'member' })),
			},
		one.is_suspended && {
			label: t('accounts.unsuspend'),
			onPick: () => attempt(() => api.call('operator.unsuspend', { account_id })),
		},
		!one.is_suspended &&
			one.role !== 'owner' &&
			!isOwn && { label: t('accounts.suspend'), isDanger: true, onPick: () => askSuspension(services, one, onChange) },
	];
	return items.filter((item) => item !== false);
}

function askSuspension({ api }: Services, one: OperatorAccount, onChange: () => void): void {
	askText({
		title: t('accounts.suspend_title', { name: one.account.nickname }),
		label: t('accounts.suspend_reason'),
		maxLength: 500,
		rows: 3,
		isRequired: true,
		action: t('accounts.suspend'),
		onSubmit: async (reason) => {
			await api.call('operator.suspend', { account_id: one.account.id, reason });
			onChange();
		},
		describeError: textOf,
	});
}

async function showResetCode({ api }: Services, one: OperatorAccount): Promise<void> {
	try {
		const { code, expires_at } = await api.call('operator.reset_password', { account_id: one.account.id });
		openDialog(t('accounts.reset_for_title', { name: one.account.nickname }), (close) => (
			<>
				<p class="dialog-text">{t('accounts.reset_for_note', { time: fullTime(expires_at, language()) })}</p>
				<code class="command">{code}</code>
				<div class="dialog-actions">
					<Button kind="plain" onClick={() => void copyText(code)}>
						{t('ui.copy')}
					</Button>
					<Button onClick={close}>{t('ui.done')}</Button>
				</div>
			</>
		));
	} catch (error) {
		showNote(textOf(error));
	}
}

export function InvitesPage() {
	const { api } = useServices();
	const { value, error, reload } = useLoaded('invites', async () => {
		const [{ invites }, instance] = await Promise.all([api.call('invites.list'), api.call('operator.get_instance')]);
		return { invites, base: addressFor(location.origin, instance) };
	});
	const make = () =>
		askText({
			title: t('accounts.invite_make'),
			label: t('accounts.uses_field'),
			value: '1',
			type: 'number',
			maxLength: 4,
			action: t('accounts.invite_make'),
			onSubmit: async (text) => {
				await api.call('invites.create', { uses: Math.min(1000, Math.max(1, Math.trunc(Number(text)) || 1)) });
				reload();
			},
			describeError: textOf,
		});
	const revoke = async (invite: Invite) => {
		if (!(await ask({ title: t('accounts.invite_delete_title'), action: t('accounts.invite_delete'), isDanger: true }))) return;
		await api.call('invites.delete', { code: invite.code }).catch((cause: unknown) => showNote(textOf(cause)));
		reload();
	};
	const open = (event: MouseEvent, invite: Invite) =>
		openMenuAt(event.currentTarget as Element, [
			{ label: t('accounts.invite_copy'), onPick: () => void copyText(`${value?.base ?? location.origin}/join/${invite.code}`) },
			{ label: t('accounts.invite_delete'), isDanger: true, onPick: () => void revoke(invite) },
		]);
	return (
		<Page
			title={t('accounts.invites')}
			back="/operator"
			actions={
				<button type="button" class="bar-button text" onClick={make}>
					{t('accounts.invite_make')}
				</button>
			}
		>
			{error !== null && <Failed text={error} onRetry={reload} />}
			{!value && error === null && <Waiting />}
			{value?.invites.length === 0 && <Empty icon={Ticket} title={t('accounts.invites_none')} />}
			{value && value.invites.length > 0 && (
				<div class="cells">
					{value.invites.map((invite) => (
						<button key={invite.code} type="button" class="cell" aria-haspopup="menu" onClick={(event) => open(event, invite)}>
							<span class="cell-label">
								<code>{invite.code}</code>
								<span class="cell-note">
									{t('accounts.invite_uses', { count: invite.uses_left })} ·{' '}
									{invite.expires_at === null ? t('accounts.invite_forever') : t('accounts.invite_until', { time: fullTime(invite.expires_at, language()) })}
								</span>
							</span>
						</button>
					))}
				</div>
			)}
		</Page>
	);
}
