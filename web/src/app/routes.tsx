// SPDX-License-Identifier: Apache-2.0
/* routes.tsx - which page stands behind which path. */
import type { ComponentChildren } from 'preact';
import { Devices, SecurityPage } from '../rooms/accounts/SecurityPage.tsx';
import { AccountsPage, InvitesPage, OperatorPage } from '../rooms/accounts/OperatorPage.tsx';
import { InvitePeoplePage } from '../rooms/accounts/WelcomePage.tsx';
import { ProfilePage } from '../rooms/accounts/ProfilePage.tsx';
import { SettingsPage } from '../rooms/accounts/SettingsPage.tsx';
import { ChatInfoPage } from '../rooms/chat/ChatInfoPage.tsx';
import { ChatPage } from '../rooms/chat/ChatPage.tsx';
import { AddFriendPage } from '../rooms/contacts/AddFriendPage.tsx';
import { BlockedPage } from '../rooms/contacts/BlockedPage.tsx';
import { ContactPage } from '../rooms/contacts/ContactPage.tsx';
import { GroupsListPage, TagPage, TagsPage } from '../rooms/contacts/ContactLists.tsx';
import { RequestsPage } from '../rooms/contacts/RequestsPage.tsx';
import { AddMembersPage, NewGroupPage, RemoveMembersPage } from '../rooms/groups/MembersPages.tsx';
import { AdminsPage, HandOverPage, MembersPage } from '../rooms/groups/RolesPages.tsx';
import { AuditPage } from '../rooms/moderation/AuditPage.tsx';
import { MyReportsPage } from '../rooms/moderation/MyReportsPage.tsx';
import { NoticesPage } from '../rooms/notices/NoticesPage.tsx';
import { ReportsPage } from '../rooms/moderation/ReportsPage.tsx';
import { matchPath } from '../ui/router.tsx';

export type Tab = 'chat' | 'contacts' | 'discover' | 'me';

interface Route {
	pattern: string;
	tab: Tab;
	/* Null: only the tab's list. */
	page: ((params: Readonly<Record<string, string>>) => ComponentChildren) | null;
}

/* The first that fits counts. */
const routes: readonly Route[] = [
	{ pattern: '/', tab: 'chat', page: null },
	{ pattern: '/chat', tab: 'chat', page: null },
	{ pattern: '/chat/new', tab: 'chat', page: () => <NewGroupPage /> },
	{ pattern: '/chat/:id', tab: 'chat', page: ({ id = '' }) => <ChatPage id={id} /> },
	{ pattern: '/chat/:id/info', tab: 'chat', page: ({ id = '' }) => <ChatInfoPage id={id} /> },
	{ pattern: '/chat/:id/members', tab: 'chat', page: ({ id = '' }) => <MembersPage id={id} /> },
	{ pattern: '/chat/:id/add', tab: 'chat', page: ({ id = '' }) => <AddMembersPage id={id} /> },
	{ pattern: '/chat/:id/remove', tab: 'chat', page: ({ id = '' }) => <RemoveMembersPage id={id} /> },
	{ pattern: '/chat/:id/admins', tab: 'chat', page: ({ id = '' }) => <AdminsPage id={id} /> },
	{ pattern: '/chat/:id/hand-over', tab: 'chat', page: ({ id = '' }) => <HandOverPage id={id} /> },
	{ pattern: '/contacts', tab: 'contacts', page: null },
	{ pattern: '/contacts/new', tab: 'contacts', page: () => <RequestsPage /> },
	{ pattern: '/contacts/add', tab: 'contacts', page: () => <AddFriendPage /> },
	{ pattern: '/contacts/groups', tab: 'contacts', page: () => <GroupsListPage /> },
	{ pattern: '/contacts/tags', tab: 'contacts', page: () => <TagsPage /> },
	{ pattern: '/contacts/tags/:tag', tab: 'contacts', page: ({ tag = '' }) => <TagPage tag={tag} /> },
	{ pattern: '/contacts/:id', tab: 'contacts', page: ({ id = '' }) => <ContactPage key={id} id={id} /> },
	{
		pattern: '/contacts/card/:chat/:seq/:id',
		tab: 'contacts',
		page: ({ id = '', chat = '', seq = '' }) => <ContactPage key={id} id={id} source={{ kind: 'card', ref: `${chat}:${seq}` }} />,
	},
	{
		pattern: '/contacts/group/:chat/:id',
		tab: 'contacts',
		page: ({ id = '', chat = '' }) => <ContactPage key={id} id={id} source={{ kind: 'group', ref: chat }} />,
	},
	{ pattern: '/discover', tab: 'discover', page: null },
	{ pattern: '/me', tab: 'me', page: null },
	{ pattern: '/me/profile', tab: 'me', page: () => <ProfilePage /> },
	{ pattern: '/me/security', tab: 'me', page: () => <SecurityPage /> },
	{ pattern: '/me/devices', tab: 'me', page: () => <Devices /> },
	{ pattern: '/me/settings', tab: 'me', page: () => <SettingsPage /> },
	{ pattern: '/me/reports', tab: 'me', page: () => <MyReportsPage /> },
	{ pattern: '/me/notices', tab: 'me', page: () => <NoticesPage /> },
	{ pattern: '/me/blocked', tab: 'me', page: () => <BlockedPage /> },
	{ pattern: '/me/invite', tab: 'me', page: () => <InvitePeoplePage /> },
	{ pattern: '/operator', tab: 'me', page: () => <OperatorPage /> },
	{ pattern: '/operator/accounts', tab: 'me', page: () => <AccountsPage /> },
	{ pattern: '/operator/invites', tab: 'me', page: () => <InvitesPage /> },
	{ pattern: '/operator/audit', tab: 'me', page: () => <AuditPage /> },
	{ pattern: '/operator/reports', tab: 'me', page: () => <ReportsPage /> },
];

export interface Matched {
	tab: Tab;
	page: ComponentChildren | null;
	isFound: boolean;
}

export function matchRoute(path: string): Matched {
	for (const { pattern, tab, page } of routes) {
		const params = pattern === '/' ? (path === '/' ? {} : null) : matchPath(pattern, path);
		if (params) return { tab, page: page ? page(params) : null, isFound: true };
	}
	return { tab: 'chat', page: null, isFound: false };
}
