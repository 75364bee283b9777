// SPDX-License-Identifier: Apache-2.0
/* preview.ts - a message in one line: for the list, for quotes, for what is read aloud. */
import type { Body, Message } from '../../api/types.ts';
import { chatName, groupTitle, nameOf } from '../../model/select.ts';
import type { Chat, State } from '../../model/state.ts';
import { t } from '../../text/text.ts';
import { noticeText } from './notice.ts';

export function bodyPreview(kind: string, body: Body): string {
	switch (kind) {
		case 'text':
			return body.text ?? '';
		case 'image':
			return t('chat.kind.image');
		case 'voice':
			return t('chat.kind.voice');
		case 'video':
			return t('chat.kind.video');
		case 'file':
			return t('chat.kind.file', { name: body.name ?? '' });
		case 'location':
			return t('chat.kind.location', { title: body.title ?? '' });
		case 'card':
			return t('chat.kind.card', { name: body.nickname ?? '' });
		case 'link':
			return t('chat.kind.link', { title: body.title ?? '' });
		case 'sticker':
			return t('chat.kind.sticker');
		case 'history':
			return t('chat.kind.history', { title: body.title ?? '' });
		default:
			return t('chat.kind.unknown');
	}
}

export function recallText(state: State, message: Message): string {
	const by = message.recalled_by ?? message.sender_id;
	if (by === state.me?.id) return t('chat.recalled_own');
	const name = nameOf(state, by, message.conversation_id) || t('chat.someone');
	return t(by === message.sender_id ? 'chat.recalled_other' : 'chat.recalled_by', { name });
}

export function messagePreview(state: State, message: Message): string {
	if (message.recalled_at !== undefined) return recallText(state, message);
	if (message.kind === 'notice') return noticeText(state, message);
	return bodyPreview(message.kind, message.body);
}

/* The list's last line: in groups with the sender's name before it. */
export function lastLine(state: State, chat: Chat): string {
	const message = chat.last_message;
	if (!message) return chat.kind === 'self' ? t('chat.self_hint') : '';
	const text = messagePreview(state, message);
	const isPlain = message.kind === 'notice' || message.recalled_at !== undefined;
	if (chat.kind !== 'group' || isPlain || message.sender_id === state.me?.id) return text;
	const name = nameOf(state, message.sender_id, chat.id);
	return name ? `${name}${t('ui.colon')}${text}` : text;
}

export function chatTitle(state: State, chat: Chat): string {
	if (chat.kind === 'self') return t('chat.self');
	if (chat.kind === 'group') return groupTitle(state, chat, t('ui.separator')) || t('chat.group');
	return chatName(state, chat);
}
