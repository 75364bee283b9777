// SPDX-License-Identifier: Apache-2.0
/*
 * Shell.tsx - the frame around the rooms. Wide: rail, list, content beside each other. Narrow: one
 * page at a time, the list below it with tabs; the list stays in place, so that going back finds it
 * as it was.
 */
import { Compass, ContactRound, MessageCircle, UserRound } from 'lucide';
import type { IconNode } from 'lucide';
import { useEffect } from 'preact/hooks';
import { newRequestsCount, unreadTotal } from '../model/select.ts';
import { useSelect } from '../model/services.ts';
import { useFace } from '../rooms/accounts/use_account.ts';
import { MePage } from '../rooms/accounts/MePage.tsx';
import { ConversationList } from '../rooms/chat/ConversationList.tsx';
import { ContactList } from '../rooms/contacts/ContactList.tsx';
import { OfflineBar } from '../rooms/sync/LinkState.tsx';
import { t } from '../text/text.ts';
import { Avatar } from '../ui/Avatar.tsx';
import { Badge, Empty } from '../ui/controls.tsx';
import { Icon } from '../ui/Icon.tsx';
import { Page } from '../ui/Page.tsx';
import { Link, usePlace } from '../ui/router.tsx';
import { useWide } from '../ui/use_wide.ts';
import { matchRoute, type Matched, type Tab } from './routes.tsx';
import { ListPane } from './ListPane.tsx';
import { useShortcuts } from './shortcuts.ts';

interface TabLook {
	tab: Tab;
	href: string;
	icon: IconNode;
	label: () => string;
}

const tabs: readonly TabLook[] = [
	{ tab: 'chat', href: '/chat', icon: MessageCircle, label: () => t('ui.chats') },
	{ tab: 'contacts', href: '/contacts', icon: ContactRound, label: () => t('ui.contacts') },
	{ tab: 'discover', href: '/discover', icon: Compass, label: () => t('ui.discover') },
	{ tab: 'me', href: '/me', icon: UserRound, label: () => t('ui.me') },
];

export function Shell() {
	const { path } = usePlace();
	const isWide = useWide();
	const matched = matchRoute(path);
	useTitle();
	useShortcuts();
	return isWide ? <WideShell matched={matched} /> : <NarrowShell matched={matched} />;
}

function useTitle(): void {
	const unread = useSelect(unreadTotal);
	useEffect(() => {
		document.title = unread > 0 ? `(${unread > 99 ? '99+' : unread}) ${t('ui.name')}` : t('ui.name');
	}, [unread]);
}

function ListOf({ tab }: { tab: Tab }) {
	switch (tab) {
		case 'chat':
			return <ConversationList />;
		case 'contacts':
			return <ContactList />;
		case 'discover':
			return <DiscoverList />;
		case 'me':
			return <MePage />;
	}
}

function DiscoverList() {
	return (
		<Page title={t('ui.discover')} ground="list">
			<Empty icon={Compass} title={t('ui.discover_title')} note={t('ui.discover_note')} />
		</Page>
	);
}

function NothingOpen({ matched }: { matched: Matched }) {
	if (!matched.isFound) {
		return (
			<Empty title={t('ui.not_found')} note={t('ui.not_found_note')}>
				<Link class="button plain" href="/chat" replace>
					{t('ui.home')}
				</Link>
			</Empty>
		);
	}
	if (matched.tab === 'chat') return <Empty title={t('ui.pick_chat')} note={t('ui.pick_chat_note')} />;
	if (matched.tab === 'contacts') return <Empty title={t('ui.pick_contact')} />;
	return <Empty title={t('ui.name')} />;
}

function WideShell({ matched }: { matched: Matched }) {
	return (
		<div class="shell wide">
			<Rail tab={matched.tab} />
			<ListPane>
				<ListOf tab={matched.tab} />
			</ListPane>
			<main class="content">
				<OfflineBar />
				<div class="content-page">{matched.page ?? <NothingOpen matched={matched} />}</div>
			</main>
		</div>
	);
}

function Rail({ tab }: { tab: Tab }) {
	const myId = useSelect((state) => state.me?.id ?? '');
	const face = useFace(myId);
	return (
		<nav class="rail" aria-label={t('ui.navigation')}>
			<Link class="rail-me" href="/me/profile" aria-label={t('accounts.profile')}>
				<Avatar {...face} size={36} />
			</Link>
			{tabs.map((look) => (
				<TabLink key={look.tab} look={look} isOpen={look.tab === tab} name="rail-tab" />
			))}
		</nav>
	);
}

function useTabCount(tab: Tab): number {
	return useSelect((state) => (tab === 'chat' ? unreadTotal(state) : tab === 'contacts' ? newRequestsCount(state) : 0));
}

function TabLink({ look, isOpen, name }: { look: TabLook; isOpen: boolean; name: string }) {
	const count = useTabCount(look.tab);
	return (
		<Link class={isOpen ? `${name} open` : name} href={look.href} replace={name === 'tab'} aria-current={isOpen ? 'page' : undefined} title={name === 'rail-tab' ? look.label() : undefined}>
			<span class="tab-icon">
				<Icon icon={look.icon} size={name === 'tab' ? 26 : 24} />
				<Badge count={count} />
			</span>
			<span class={name === 'tab' ? 'tab-label' : 'unseen'}>
				{look.label()}
				{count > 0 && <span class="unseen">{t('ui.unread', { count })}</span>}
			</span>
		</Link>
	);
}

function NarrowShell({ matched }: { matched: Matched }) {
	const hasPage = matched.page !== null || !matched.isFound;
	return (
		<div class="shell narrow">
			<OfflineBar />
			<div class="stack">
				<div class="stack-list" inert={hasPage}>
					<main class="stack-main">
						<ListOf tab={matched.tab} />
					</main>
					<nav class="tabs" aria-label={t('ui.navigation')}>
						{tabs.map((look) => (
							<TabLink key={look.tab} look={look} isOpen={look.tab === matched.tab} name="tab" />
						))}
					</nav>
				</div>
				{hasPage && <main class="stack-page">{matched.page ?? <NothingOpen matched={matched} />}</main>}
			</div>
		</div>
	);
}
