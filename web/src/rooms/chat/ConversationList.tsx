// SPDX-License-Identifier: Apache-2.0
/* ConversationList.tsx - all conversations, pinned first, then newest; searching filters them. */
import { BellOff, CirclePlus, MessageSquarePlus, UserPlus } from 'lucide';
import { useEffect, useState } from 'preact/hooks';
import type { Id } from '../../api/types.ts';
import { chatTime, nameOf, sortedChats } from '../../model/select.ts';
import { isSameList, useSelect, useServices, type Services } from '../../model/services.ts';
import type { State } from '../../model/state.ts';
import { shortTime } from '../../model/time.ts';
import { language, t } from '../../text/text.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Badge, Empty, SearchField, Waiting } from '../../ui/controls.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { moveInList } from '../../ui/keys.ts';
import { openMenu, openMenuAt } from '../../ui/overlays.tsx';
import { Page } from '../../ui/Page.tsx';
import { currentPath, Link, matchPath, navigate, usePlace } from '../../ui/router.tsx';
import { useNow } from '../../ui/use_now.ts';
import { NoticeBanner } from '../notices/NoticeBanner.tsx';
import { LinkState } from '../sync/LinkState.tsx';
import { fetchMembers, markRead, openDirectChat, setMuted, setPinned } from './chat_actions.ts';
import './ConversationList.css';
import { chatTitle, lastLine } from './preview.ts';
import { useChatFace } from './use_chat.ts';

export function ConversationList() {
	const [query, setQuery] = useState('');
	const services = useServices();
	const ids = useSelect((state) => sortedChats(state).map((chat) => chat.id), isSameList);
	const isKnown = useSelect((state) => state.has_lists);
	const groupsWithoutFaces = useSelect(
		(state) => sortedChats(state).slice(0, 40).filter((chat) => chat.kind === 'group' && !state.members[chat.id]).map((chat) => chat.id),
		isSameList,
	);
	const isOnline = useSelect((state) => state.link === 'online');
	useEffect(() => {
		if (isOnline) for (const id of groupsWithoutFaces) void fetchMembers(services, id);
	}, [services, groupsWithoutFaces, isOnline]);
	const add = (event: MouseEvent) =>
		openMenuAt(event.currentTarget as Element, [
			{ label: t('chat.start_group'), icon: MessageSquarePlus, onPick: () => navigate('/chat/new') },
			{ label: t('chat.add_friend'), icon: UserPlus, onPick: () => navigate('/contacts/add') },
		]);
	return (
		<Page
			title={t('ui.chats')}
			heading={<LinkState title={t('ui.chats')} />}
			ground="list"
			isFixed
			actions={
				<button type="button" class="bar-button" aria-label={t('chat.add')} aria-haspopup="menu" onClick={add}>
					<Icon icon={CirclePlus} size={22} />
				</button>
			}
		>
			<div class="list-search">
				<SearchField label={t('chat.search_hint')} value={query} onValue={setQuery} id="search" onKeyDown={focusList} />
			</div>
			<NoticeBanner />
			<div class="scroll list-scroll" id="chats">
				{query.trim() !== '' ? (
					<Found query={query.trim()} onDone={() => setQuery('')} />
				) : ids.length > 0 ? (
					<ul class="rows" aria-label={t('chat.list')} onKeyDown={moveInList}>
						{ids.map((id) => (
							<ConversationRow key={id} id={id} />
						))}
					</ul>
				) : isKnown ? (
					<Empty title={t('chat.empty')} note={t('chat.empty_note')}>
						<Link class="button main" href="/contacts/add">
							{t('chat.add_friend')}
						</Link>
					</Empty>
				) : (
					<Waiting />
				)}
			</div>
		</Page>
	);
}

function focusList(event: KeyboardEvent): void {
	if (event.key !== 'ArrowDown' && event.key !== 'Enter') return;
	const first = document.querySelector<HTMLElement>('#chats .row');
	if (event.key === 'Enter') first?.click();
	else first?.focus();
	event.preventDefault();
}

interface Summary {
	title: string;
	line: string;
	mark: 'draft' | 'mention' | 'sending' | 'failed' | null;
	at: number;
	unread: number;
	muted: boolean;
	pinned: boolean;
}

function summaryOf(state: State, id: Id): Summary | null {
	const chat = state.chats[id];
	if (!chat) return null;
	const own = Object.values(state.outbox)
		.filter((outgoing) => outgoing.conversation_id === id)
		.sort((a, b) => b.created_at - a.created_at)[0];
	const draft = state.drafts[id]?.text.trim();
	const isOpen = matchPath('/chat/:id', currentPath())?.id === id;
	const base = { title: chatTitle(state, chat), unread: chat.unread, muted: chat.muted, pinned: chat.pinned };
	if (state.mentioned[id] !== undefined && chat.unread > 0) {
		return { ...base, line: lastLine(state, chat), mark: 'mention', at: chatTime(chat) };
	}
	if (draft && !isOpen) return { ...base, line: draft, mark: 'draft', at: chatTime(chat) };
	if (own) {
		const line = lastLine(state, { ...chat, kind: 'direct', last_message: asMessage(state, own) });
		return { ...base, line, mark: own.state === 'failed' ? 'failed' : 'sending', at: own.created_at };
	}
	return { ...base, line: lastLine(state, chat), mark: null, at: chatTime(chat) };
}

function asMessage(state: State, own: State['outbox'][string]) {
	const { client_id, conversation_id, kind, body, created_at } = own;
	return { client_id, conversation_id, kind, body, seq: 0, sender_id: state.me?.id ?? '', sent_at: created_at };
}

function isSameSummary(a: Summary | null, b: Summary | null): boolean {
	if (a === null || b === null) return a === b;
	return (Object.keys(a) as (keyof Summary)[]).every((key) => a[key] === b[key]);
}

const markTexts = {
	draft: 'chat.draft',
	mention: 'chat.mentioned_you',
	failed: 'chat.failed_mark',
	sending: 'chat.sending_mark',
} as const;

function ConversationRow({ id }: { id: Id }) {
	const services = useServices();
	const now = useNow();
	const place = usePlace();
	const summary = useSelect((state) => summaryOf(state, id), isSameSummary);
	const face = useChatFace(id);
	if (!summary) return null;
	const isOpen = place.path === `/chat/${id}` || place.path.startsWith(`/chat/${id}/`);
	const { title, line, mark, at, unread, muted, pinned } = summary;
	const menu = (event: MouseEvent) => {
		event.preventDefault();
		openRowMenu(services, id, event.clientX, event.clientY);
	};
	return (
		<li class={`row-place${pinned ? ' pinned' : ''}${isOpen ? ' open' : ''}`}>
			<Link class="row" href={`/chat/${id}`} replace={matchPath('/chat/:id', place.path) !== null} onContextMenu={menu} aria-current={isOpen ? 'page' : undefined}>
				<span class="row-face">
					<Avatar {...face} />
					<Badge count={unread} isDot={muted} />
				</span>
				<span class="row-text">
					<span class="row-top">
						<span class="row-title one-line" dir="auto">
							{title}
						</span>
						{at > 0 && <time class="row-time">{shortTime(at, now, language())}</time>}
					</span>
					<span class="row-bottom">
						<span class="row-line one-line" dir="auto">
							{mark && <span class={`row-mark ${mark}`}>{t(markTexts[mark])} </span>}
							{muted && unread > 0 && !mark && <span>{t('chat.unread_count', { count: unread })} </span>}
							{line}
						</span>
						{muted && <Icon icon={BellOff} size={14} class="row-muted" />}
					</span>
				</span>
				<span class="unseen">
					{[unread > 0 && t('ui.unread', { count: unread }), muted && t('chat.muted'), pinned && t('chat.pinned')].filter(Boolean).join(t('ui.separator'))}
				</span>
			</Link>
		</li>
	);
}

function openRowMenu(services: Services, id: Id, x: number, y: number): void {
	const chat = services.store.state.chats[id];
	if (!chat) return;
	openMenu(x, y, [
		...(chat.unread > 0 ? [{ label: t('chat.mark_read'), onPick: () => markRead(services, id, chat.last_seq) }] : []),
		{ label: t(chat.pinned ? 'chat.unpin' : 'chat.pin'), onPick: () => void setPinned(services, id, !chat.pinned) },
		{ label: t(chat.muted ? 'chat.unmute' : 'chat.mute'), onPick: () => void setMuted(services, id, !chat.muted) },
	]);
}

const FOUND_MAX = 30;

function Found({ query, onDone }: { query: string; onDone: () => void }) {
	const services = useServices();
	const wanted = query.toLocaleLowerCase();
	const fits = (text: string) => text.toLocaleLowerCase().includes(wanted);
	const chats = useSelect(
		(state) => sortedChats(state).filter((chat) => fits(chatTitle(state, chat))).slice(0, FOUND_MAX).map((chat) => chat.id),
		isSameList,
	);
	const people = useSelect(
		(state) =>
			Object.keys(state.ties)
				.filter((id) => fits(nameOf(state, id)) || fits(state.accounts[id]?.nickname ?? '') || fits(state.accounts[id]?.username ?? ''))
				.slice(0, FOUND_MAX),
		isSameList,
	);
	if (chats.length + people.length === 0) return <Empty title={t('chat.no_match', { query })} />;
	return (
		<div onKeyDown={moveInList}>
			{people.length > 0 && <h2 class="cells-title">{t('chat.found_contacts')}</h2>}
			<ul class="rows">
				{people.map((id) => (
					<FoundPerson
						key={id}
						id={id}
						onPick={() => {
							onDone();
							openDirectChat(services, id);
						}}
					/>
				))}
			</ul>
			{chats.length > 0 && <h2 class="cells-title">{t('chat.found_chats')}</h2>}
			<ul class="rows" onClick={onDone}>
				{chats.map((id) => (
					<ConversationRow key={id} id={id} />
				))}
			</ul>
		</div>
	);
}

function FoundPerson({ id, onPick }: { id: Id; onPick: () => void }) {
	const { api } = useServices();
	const name = useSelect((state) => nameOf(state, id));
	const account = useSelect((state) => state.accounts[id] ?? null);
	return (
		<li class="row-place">
			<button type="button" class="row" onClick={onPick}>
				<Avatar id={id} name={account?.nickname ?? ''} src={account?.avatar ? api.thumbUrl(account.avatar) : null} size={40} />
				<span class="row-text">
					<span class="row-title one-line">{name}</span>
					{account && name !== account.nickname && <span class="row-line one-line">{account.nickname}</span>}
				</span>
			</button>
		</li>
	);
}
