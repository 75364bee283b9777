// SPDX-License-Identifier: Apache-2.0
/* TimelineParts.tsx - what stands between and around the messages. */
import { ArrowUp } from 'lucide';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Message } from '../../api/types.ts';
import { nameOf } from '../../model/select.ts';
import { useSelect } from '../../model/services.ts';
import type { Chat } from '../../model/state.ts';
import { lineTime } from '../../model/time.ts';
import { language, t } from '../../text/text.ts';
import { Button, Spinner, Waiting } from '../../ui/controls.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { useNow } from '../../ui/use_now.ts';
import { editableText } from './chat_actions.ts';
import { messagePreview, recallText } from './preview.ts';

export function TimeLine({ at }: { at: number }) {
	const now = useNow();
	return <time class="time-line">{lineTime(at, now, language())}</time>;
}

export function SystemLine({ message, onEditAgain }: { message: Message; onEditAgain: (text: string) => void }) {
	const text = useSelect((state) => (message.recalled_at === undefined ? messagePreview(state, message) : recallText(state, message)));
	const editable = message.recalled_at === undefined ? null : editableText(message);
	return (
		<p class="system-line" data-seq={message.seq} tabIndex={-1}>
			{text}
			{editable !== null && (
				<button type="button" class="link" onClick={() => onEditAgain(editable)}>
					{t('chat.edit_again')}
				</button>
			)}
		</p>
	);
}

interface TopProps {
	chat: Chat;
	canGoUp: boolean;
	isLoading: boolean;
	error: string | null;
	isEmpty: boolean;
	onRetry: () => void;
}

export function Top({ chat, canGoUp, isLoading, error, isEmpty, onRetry }: TopProps) {
	if (error !== null) {
		return (
			<div class="timeline-top" role="alert">
				<span>{t('chat.older_failed')}</span>
				<Button kind="plain" onClick={onRetry}>
					{t('ui.retry')}
				</Button>
			</div>
		);
	}
	if (isLoading && isEmpty) return <Waiting />;
	if (canGoUp) {
		return (
			<div class="timeline-top" aria-label={t('chat.loading_older')}>
				{isLoading && <Spinner size={18} />}
			</div>
		);
	}
	if (!isEmpty) return <div class="timeline-top" />;
	return <p class="system-line">{t(chat.kind === 'self' ? 'chat.self_hint' : 'chat.first_words')}</p>;
}

/* Says what comes in while the chat is open, for who listens to the page. */
export function Announcer({ chat }: { chat: Chat }) {
	const since = useRef(chat.last_seq);
	const text = useSelect((state) => {
		const message = state.chats[chat.id]?.last_message;
		if (!message || message.seq <= since.current || message.sender_id === state.me?.id) return '';
		const text = messagePreview(state, message);
		if (message.kind === 'notice' || message.recalled_at !== undefined) return text;
		return t('chat.new_message_from', { name: nameOf(state, message.sender_id, chat.id), text });
	});
	return (
		<div class="unseen" aria-live="polite">
			{text}
		</div>
	);
}

interface UnreadPillProps {
	firstUnread: number | null;
	unreadCount: number;
	scroller: { current: HTMLDivElement | null };
	isOpened: boolean;
	newest: number;
	onJump: () => void;
}

/* Shown when the first unread message is above what one sees; gone once it was seen. */
export function UnreadPill({ firstUnread, scroller, isOpened, newest, onJump }: UnreadPillProps) {
	const [count, setCount] = useState(0);
	const isDecided = useRef(false);
	useLayoutEffect(() => {
		if (isDecided.current || !isOpened || firstUnread === null) return;
		isDecided.current = true;
		const line = scroller.current?.querySelector('[data-row="unread"]');
		const top = scroller.current?.getBoundingClientRect().top ?? 0;
		const isSeen = line !== null && line !== undefined && line.getBoundingClientRect().top >= top;
		if (!isSeen) setCount(newest - firstUnread + 1);
	}, [firstUnread, isOpened, newest, scroller]);
	if (count <= 0) return null;
	return (
		<button
			type="button"
			class="pill above"
			onClick={() => {
				setCount(0);
				onJump();
			}}
		>
			<Icon icon={ArrowUp} size={16} />
			<span>{t('chat.new_above', { count })}</span>
		</button>
	);
}
