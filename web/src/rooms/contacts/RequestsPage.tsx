// SPDX-License-Identifier: Apache-2.0
/* RequestsPage.tsx - who wants to be a contact, and whom one asked. */
import { UserPlus } from 'lucide';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { ContactRequest } from '../../api/types.ts';
import { useSelect, useServices } from '../../model/services.ts';
import { t } from '../../text/text.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Button, Empty } from '../../ui/controls.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Page } from '../../ui/Page.tsx';
import { Link, navigate } from '../../ui/router.tsx';
import { useFace, useName } from '../accounts/use_account.ts';
import { acceptRequest, declineRequest } from './contact_actions.ts';
import './ContactList.css';
import { sourceText } from './source.ts';

export function RequestsPage() {
	const { store } = useServices();
	const requests = useSelect((state) => state.requests);
	const sorted = useMemo(() => Object.values(requests).sort((a, b) => b.created_at - a.created_at), [requests]);
	const newest = sorted[0]?.created_at ?? 0;
	useEffect(() => {
		if (newest > store.state.seen_requests_at) store.dispatch({ type: 'requests.seen', at: newest });
	}, [store, newest]);
	return (
		<Page
			title={t('contacts.new')}
			back="/contacts"
			actions={
				<Link class="bar-button" href="/contacts/add" aria-label={t('contacts.add')}>
					<Icon icon={UserPlus} size={22} />
				</Link>
			}
		>
			{sorted.length === 0 ? (
				<Empty icon={UserPlus} title={t('contacts.requests_none')} note={t('contacts.requests_note')} />
			) : (
				<ul class="cells">
					{sorted.map((request) => (
						<RequestRow key={request.id} request={request} />
					))}
				</ul>
			)}
		</Page>
	);
}

function RequestRow({ request }: { request: ContactRequest }) {
	const services = useServices();
	const myId = useSelect((state) => state.me?.id);
	const isOwn = request.from.id === myId;
	const other = isOwn ? request.to : request.from;
	const face = useFace(other.id);
	const name = useName(other.id) || other.nickname;
	const [isBusy, setBusy] = useState(false);
	const isOpen = request.state === 'pending' && !isOwn && request.expires_at > Date.now();
	const state = request.state === 'pending' && request.expires_at <= Date.now() ? 'expired' : request.state;
	const run = async (action: () => Promise<unknown>) => {
		setBusy(true);
		await action();
		setBusy(false);
	};
	const accept = async () => {
		const id = await acceptRequest(services, request);
		if (id !== null) navigate(`/chat/${id}`);
	};
	return (
		<li class="request">
			<Link href={`/contacts/${other.id}`} tabIndex={-1} aria-hidden="true">
				<Avatar {...face} size={44} />
			</Link>
			<span class="request-text">
				<Link class="request-name one-line" href={`/contacts/${other.id}`}>
					{name}
				</Link>
				{request.greeting !== '' && (
					<span class="request-greeting" dir="auto">
						{isOwn ? t('contacts.you_asked', { greeting: request.greeting }) : request.greeting}
					</span>
				)}
				<span class="request-source">{sourceText(request.source)}</span>
			</span>
			{isOpen ? (
				<span class="request-actions">
					<Button kind="plain" disabled={isBusy} onClick={() => void run(() => declineRequest(services, request))}>
						{t('contacts.decline')}
					</Button>
					<Button disabled={isBusy} onClick={() => void run(accept)}>
						{t('contacts.accept')}
					</Button>
				</span>
			) : (
				<span class="request-state">{t(`contacts.state.${state}`)}</span>
			)}
		</li>
	);
}
