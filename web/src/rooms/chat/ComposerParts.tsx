// SPDX-License-Identifier: Apache-2.0
/* ComposerParts.tsx - what belongs to the input: emoji, the quote, its height, the typing sign. */
import { X } from 'lucide';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Id, Message } from '../../api/types.ts';
import { nameOf } from '../../model/select.ts';
import { useSelect, useServices } from '../../model/services.ts';
import type { Chat } from '../../model/state.ts';
import { t } from '../../text/text.ts';
import { Icon } from '../../ui/Icon.tsx';
import { emoji } from './emoji.ts';
import { findMessage } from './history.ts';
import { messagePreview } from './preview.ts';

const TYPING_EVERY_MS = 3000;

export function useGrowing(field: { current: HTMLTextAreaElement | null }, text: string): void {
	useLayoutEffect(() => {
		const element = field.current;
		if (!element) return;
		element.style.height = 'auto';
		element.style.height = `${element.scrollHeight}px`;
	}, [field, text]);
}

/* Tells the other side, at most every few seconds; in groups nobody wants to know. */
export function useTyping(chat: Chat): () => void {
	const { api } = useServices();
	const last = useRef(0);
	useEffect(() => {
		last.current = 0;
	}, [chat.id, chat.last_seq]);
	return () => {
		if (chat.kind !== 'direct' || Date.now() - last.current < TYPING_EVERY_MS) return;
		last.current = Date.now();
		api.stream?.typing(chat.id);
	};
}

export function QuoteBar({ conversationId, seq, onCancel }: { conversationId: Id; seq: number; onCancel: () => void }) {
	const services = useServices();
	const shown = useSelect((state) => state.timelines[conversationId]?.items.find((one) => one.seq === seq) ?? null);
	const [found, setFound] = useState<Message | null>(null);
	useEffect(() => {
		if (!shown) void findMessage(services, conversationId, seq).then(setFound);
	}, [services, conversationId, seq, shown]);
	const message = shown ?? found;
	const line = useSelect((state) =>
		message
			? t('chat.quoting', {
					name: message.sender_id === state.me?.id ? t('chat.you') : nameOf(state, message.sender_id, conversationId),
					text: messagePreview(state, message),
				})
			: '',
	);
	return (
		<div class="quote-bar">
			<span class="one-line" dir="auto">
				{line}
			</span>
			<button type="button" class="quote-cancel" aria-label={t('chat.cancel_quote')} onClick={onCancel}>
				<Icon icon={X} size={16} />
			</button>
		</div>
	);
}

export function EmojiPanel({ onPick }: { onPick: (text: string) => void }) {
	return (
		<div class="emoji-panel scroll" role="group" aria-label={t('chat.emoji')}>
			{emoji.map((one) => (
				<button key={one} type="button" class="emoji" onPointerDown={(event) => event.preventDefault()} onClick={() => onPick(one)}>
					{one}
				</button>
			))}
		</div>
	);
}
