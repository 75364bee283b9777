// SPDX-License-Identifier: Apache-2.0
/* ChatPage.tsx - one conversation: its messages, its input, and files dropped anywhere on it. */
import { BellOff, Ellipsis } from 'lucide';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Id } from '../../api/types.ts';
import { useSelect, useServices } from '../../model/services.ts';
import { memberOf } from '../../model/select.ts';
import { t } from '../../text/text.ts';
import { Empty, Waiting } from '../../ui/controls.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { hasTouchOnly } from '../../ui/keys.ts';
import { showNote } from '../../ui/overlays.tsx';
import { Page } from '../../ui/Page.tsx';
import { Link } from '../../ui/router.tsx';
import { confirmFiles } from '../media/FilesForm.tsx';
import { prepareFile } from '../media/files.ts';
import { fetchMembers } from './chat_actions.ts';
import { chooseCard } from './CardPicker.tsx';
import './ChatPage.css';
import { Composer, type ComposerHandle } from './Composer.tsx';
import { openTimeline } from './history.ts';
import { useSender } from './room.ts';
import { Timeline } from './Timeline.tsx';
import { useChat, useChatTitle } from './use_chat.ts';

export function ChatPage({ id }: { id: Id }) {
	const chat = useChat(id);
	const isKnown = useSelect((state) => state.has_lists && state.link === 'online');
	if (chat) return <OpenChat key={id} id={id} />;
	return (
		<Page title={t('ui.chats')} back="/chat" ground="chat">
			{isKnown ? <Empty title={t('chat.missing')} /> : <Waiting />}
		</Page>
	);
}

function OpenChat({ id }: { id: Id }) {
	const services = useServices();
	const sender = useSender();
	const chat = useChat(id);
	const title = useChatTitle(id);
	const composer = useRef<ComposerHandle>(null);
	const [firstUnread] = useState(() => (chat && chat.unread > 0 ? chat.read_seq + 1 : null));
	const isGroup = chat?.kind === 'group';
	const members = useSelect((state) => (isGroup ? (state.members[id] ?? null) : null));
	const isOnline = useSelect((state) => state.link === 'online');
	const isOut = useSelect((state) => isGroup && state.members[id] !== undefined && state.me !== null && !memberOf(state, id, state.me.id));
	const isBlocked = useSelect((state) => Boolean(chat?.peer_id && state.blocked[chat.peer_id]));

	// Opened again when the copy was dropped because it had become too old.
	const isClosed = useSelect((state) => state.timelines[id] === undefined);
	useEffect(() => {
		if (isClosed) void openTimeline(services, id);
	}, [services, id, isClosed]);
	useEffect(() => () => services.store.dispatch({ type: 'timeline.closed', conversation_id: id }), [services, id]);
	useEffect(() => {
		if (!hasTouchOnly()) composer.current?.focus();
	}, [id]);
	useEffect(() => {
		if (isGroup && !members && isOnline) void fetchMembers(services, id);
	}, [services, id, isGroup, members, isOnline]);

	const sendFiles = useCallback(
		async (files: readonly File[], isAsked: boolean) => {
			const real = files.filter((file) => {
				if (file.size === 0) showNote(t('media.empty_file', { name: file.name }));
				return file.size > 0;
			});
			if (real.length === 0) return;
			const prepared = await Promise.all(real.map(prepareFile));
			if (isAsked && !(await confirmFiles(prepared, title))) return;
			for (const { kind, body, file } of prepared) await sender.sendFile(id, kind, body, file);
			composer.current?.focus();
		},
		[id, sender, title],
	);
	const menuHooks = useMemo(
		() => ({
			quote: (message: Parameters<ComposerHandle['quote']>[0]) => composer.current?.quote(message),
			mention: (accountId: Id) => composer.current?.mention(accountId),
		}),
		[],
	);
	const editAgain = useCallback((text: string) => composer.current?.insert(text), []);
	if (!chat) return null;
	const heading = isGroup && members && members.length > 0 ? t('chat.group_title', { name: title, count: members.length }) : title;
	return (
		<Page
			title={title}
			back="/chat"
			ground="chat"
			isFixed
			heading={
				<span class="chat-heading">
					<span class="one-line" dir="auto">
						<Typing id={id} otherwise={heading} />
					</span>
					{chat.muted && <Icon icon={BellOff} size={14} class="row-muted" />}
				</span>
			}
			actions={
				<Link class="bar-button" href={`/chat/${id}/info`} aria-label={t('chat.info')}>
					<Icon icon={Ellipsis} />
				</Link>
			}
		>
			<DropArea onFiles={(files) => void sendFiles(files, true)}>
				<Timeline chat={chat} firstUnread={firstUnread} menuHooks={menuHooks} onEditAgain={editAgain} />
				{isOut ? (
					<p class="composer composer-off">{t('chat.not_member')}</p>
				) : (
					<>
						{isBlocked && <p class="chat-hint">{t('chat.blocked_hint')}</p>}
						<Composer chat={chat} title={title} handle={composer} onFiles={(files, isAsked) => void sendFiles(files, isAsked)} onCard={() => chooseCard(services, sender, id)} />
					</>
				)}
			</DropArea>
		</Page>
	);
}

function Typing({ id, otherwise }: { id: Id; otherwise: string }) {
	const isTyping = useSelect((state) => state.typing[id] !== undefined);
	return <>{isTyping ? t('chat.typing') : otherwise}</>;
}

function DropArea({ onFiles, children }: { onFiles: (files: readonly File[]) => void; children: preact.ComponentChildren }) {
	const [depth, setDepth] = useState(0);
	const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
	return (
		<div
			class="drop-area"
			onDragEnter={(event) => hasFiles(event) && setDepth((known) => known + 1)}
			onDragLeave={(event) => hasFiles(event) && setDepth((known) => Math.max(0, known - 1))}
			onDragOver={(event) => hasFiles(event) && event.preventDefault()}
			onDrop={(event) => {
				if (!hasFiles(event)) return;
				event.preventDefault();
				setDepth(0);
				onFiles([...(event.dataTransfer?.files ?? [])]);
			}}
		>
			{children}
			{depth > 0 && <div class="drop-hint">{t('media.drop_here')}</div>}
		</div>
	);
}
