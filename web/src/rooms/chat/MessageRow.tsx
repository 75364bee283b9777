// SPDX-License-Identifier: Apache-2.0
/* MessageRow.tsx - one message with its face, name, quote and state. */
import { Ellipsis } from 'lucide';
import { useRef } from 'preact/hooks';
import type { Body, Id, Message } from '../../api/types.ts';
import { isSameList, useSelect, useServices } from '../../model/services.ts';
import { memberOf, nameOf } from '../../model/select.ts';
import type { Chat, Outgoing, State } from '../../model/state.ts';
import { clockTime } from '../../model/time.ts';
import { language, t } from '../../text/text.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { memo } from '../../ui/memo.ts';
import { openMenu, type MenuItem } from '../../ui/overlays.tsx';
import { Link } from '../../ui/router.tsx';
import { useAccount, useFace, useName } from '../accounts/use_account.ts';
import { usePreview } from '../media/previews.ts';
import { isBare, MessageBody } from './MessageBody.tsx';
import { messageMenu, outgoingMenu, type MenuHooks } from './message_menu.ts';
import { Quoted } from './Quoted.tsx';
import { useSender } from './room.ts';
import { FailedLine, Progress, SendingState } from './SendingState.tsx';

export interface RowHooks extends MenuHooks {
	jump: (seq: number) => void;
}

interface MessageProps {
	message: Message;
	isOwn: boolean;
	isRunStart: boolean;
	chatKind: Chat['kind'];
	isMarked: boolean;
	hooks: RowHooks;
}

export const MessageRow = memo(function MessageRow(props: MessageProps) {
	const { message, isOwn, isRunStart, chatKind, isMarked, hooks } = props;
	const services = useServices();
	const preview = usePreview(message.client_id, false);
	return (
		<Frame
			senderId={message.sender_id}
			conversationId={message.conversation_id}
			isOwn={isOwn}
			isRunStart={isRunStart}
			showsName={chatKind === 'group' && !isOwn}
			at={message.sent_at}
			seq={message.seq}
			kind={message.kind}
			body={message.body}
			preview={isOwn ? preview : null}
			mentions={message.mentions ?? []}
			replyTo={message.reply_to ?? null}
			isMarked={isMarked}
			hooks={hooks}
			menu={() => messageMenu(services, message, hooks)}
		/>
	);
});

interface OutgoingProps {
	outgoing: Outgoing;
	isRunStart: boolean;
	hooks: RowHooks;
}

export const OutgoingRow = memo(function OutgoingRow({ outgoing, isRunStart, hooks }: OutgoingProps) {
	const sender = useSender();
	const myId = useSelect((state) => state.me?.id ?? '');
	const preview = usePreview(outgoing.client_id, outgoing.file !== null && outgoing.kind !== 'file');
	return (
		<Frame
			senderId={myId}
			conversationId={outgoing.conversation_id}
			isOwn
			isRunStart={isRunStart}
			showsName={false}
			at={outgoing.created_at}
			seq={0}
			kind={outgoing.kind}
			body={outgoing.body}
			preview={preview}
			mentions={outgoing.mentions}
			replyTo={outgoing.reply_to}
			isMarked={false}
			hooks={hooks}
			menu={() => outgoingMenu(sender, outgoing)}
			outgoing={outgoing}
		/>
	);
});

interface FrameProps {
	senderId: Id;
	conversationId: Id;
	isOwn: boolean;
	isRunStart: boolean;
	showsName: boolean;
	at: number;
	seq: number;
	kind: string;
	body: Body;
	preview: string | null;
	mentions: readonly string[];
	replyTo: number | null;
	isMarked: boolean;
	hooks: RowHooks;
	menu: () => readonly MenuItem[];
	outgoing?: Outgoing;
}

const LONG_PRESS_MS = 450;

function namesOf(state: State, mentions: readonly string[], conversationId: Id): readonly string[] {
	return mentions.flatMap((id) => {
		if (id === 'all') return [t('chat.everyone'), '所有人', 'everyone'];
		const nickname = state.accounts[id]?.nickname ?? '';
		const inGroup = memberOf(state, conversationId, id)?.nickname ?? '';
		return [inGroup, nickname, nameOf(state, id, conversationId)].filter((name) => name !== '');
	});
}

function Frame(props: FrameProps) {
	const { senderId, conversationId, isOwn, isRunStart, showsName, at, seq, kind, body, preview, mentions, replyTo, hooks, menu, outgoing } = props;
	useAccount(senderId);
	const face = useFace(senderId);
	const name = useName(senderId, conversationId);
	const mentionNames = useSelect((state) => namesOf(state, mentions, conversationId), isSameList);
	const press = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
	const open = (x: number, y: number) => openMenu(x, y, menu(), matchMedia('(hover: none)').matches ? 'grid' : 'list');
	const openAt = (element: Element) => {
		const box = element.getBoundingClientRect();
		openMenu(isOwn ? box.left : box.right, box.top, menu());
	};
	const onContextMenu = (event: MouseEvent) => {
		if (event.target instanceof Element && event.target.closest('a') && getSelection()?.isCollapsed === false) return;
		event.preventDefault();
		open(event.clientX, event.clientY);
	};
	const onTouchStart = (event: TouchEvent) => {
		const touch = event.touches[0];
		if (touch) press.current = setTimeout(() => open(touch.clientX, touch.clientY), LONG_PRESS_MS);
	};
	const endPress = () => clearTimeout(press.current);
	const onKeyDown = (event: KeyboardEvent) => {
		if (event.target !== event.currentTarget || (event.key !== 'Enter' && event.key !== 'ContextMenu')) return;
		event.preventDefault();
		const bubble = (event.currentTarget as Element).querySelector('.bubble');
		if (bubble) openAt(bubble);
	};
	const spokenName = isOwn ? t('chat.you') : name;
	return (
		<div
			class={`message ${isOwn ? 'own' : 'other'}${isRunStart ? ' run-start' : ''}${props.isMarked ? ' marked' : ''}`}
			role="article"
			aria-label={t('chat.message_by', { name: spokenName, time: clockTime(at, language()) })}
			tabIndex={-1}
			data-seq={seq}
			onKeyDown={onKeyDown}
		>
			{isOwn ? (
				<Avatar {...face} size={40} class="message-face" />
			) : (
				<Link class="message-face" href={`/contacts/${senderId}`} tabIndex={-1} aria-label={name}>
					<Avatar {...face} size={40} />
				</Link>
			)}
			<div class="message-main">
				{showsName && isRunStart && <span class="message-name one-line">{name}</span>}
				<div class="message-line">
					<div
						class={isBare(kind) ? 'bubble bare' : `bubble kind-${kind}`}
						onContextMenu={onContextMenu}
						onTouchStart={onTouchStart}
						onTouchEnd={endPress}
						onTouchMove={endPress}
						onTouchCancel={endPress}
					>
						<MessageBody
							kind={kind}
							body={body}
							preview={preview}
							from={spokenName}
							seq={seq}
							conversationId={conversationId}
							mentionNames={mentionNames}
						/>
						{outgoing?.state === 'uploading' && <Progress outgoing={outgoing} />}
					</div>
					{outgoing ? (
						<SendingState outgoing={outgoing} />
					) : (
						<button
							type="button"
							class="message-more"
							tabIndex={-1}
							aria-label={t('ui.more')}
							aria-haspopup="menu"
							onClick={(event) => openAt(event.currentTarget)}
						>
							<Icon icon={Ellipsis} size={18} />
						</button>
					)}
				</div>
				{replyTo !== null && <Quoted conversationId={conversationId} seq={replyTo} onJump={hooks.jump} />}
				{outgoing?.state === 'failed' && <FailedLine outgoing={outgoing} />}
			</div>
		</div>
	);
}
