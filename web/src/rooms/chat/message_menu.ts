// SPDX-License-Identifier: Apache-2.0
/* message_menu.ts - what can be done with a message, by whose it is and how old. */
import { AtSign, Copy, Download, Flag, Quote, RotateCcw, Trash2, Undo2 } from 'lucide';
import type { Message } from '../../api/types.ts';
import { memberOf } from '../../model/select.ts';
import type { Services } from '../../model/services.ts';
import type { Outgoing, State } from '../../model/state.ts';
import { t } from '../../text/text.ts';
import { copyText } from '../../ui/clipboard.ts';
import type { MenuItem } from '../../ui/overlays.tsx';
import { openReport } from '../moderation/ReportForm.tsx';
import { deleteMessage, recallMessage } from './chat_actions.ts';
import type { Sender } from './sending.ts';

const RECALL_MS = 2 * 60_000;
const RECALL_FILE_MS = 3 * 3_600_000;

export function canRecall(state: State, message: Message, now: number): boolean {
	const chat = state.chats[message.conversation_id];
	if (message.sender_id === state.me?.id) {
		if (now - message.sent_at < (message.kind === 'file' ? RECALL_FILE_MS : RECALL_MS)) return true;
	}
	if (chat?.kind !== 'group' || !state.me) return false;
	const role = memberOf(state, chat.id, state.me.id)?.role;
	return role === 'owner' || role === 'admin';
}

export interface MenuHooks {
	quote: (message: Message) => void;
	mention: (accountId: string) => void;
}

function selectedOr(text: string): string {
	const selected = getSelection()?.toString() ?? '';
	return selected !== '' && text.includes(selected) ? selected : text;
}

export function messageMenu(services: Services, message: Message, hooks: MenuHooks): readonly MenuItem[] {
	const { state } = services.store;
	const isOwn = message.sender_id === state.me?.id;
	const { text, media_id, name } = message.body;
	const items: (MenuItem | false)[] = [
		text !== undefined && { label: t('ui.copy'), icon: Copy, onPick: () => void copyText(selectedOr(text)) },
		{ label: t('chat.quote'), icon: Quote, onPick: () => hooks.quote(message) },
		!isOwn &&
			state.chats[message.conversation_id]?.kind === 'group' && {
				label: t('chat.mention_action'),
				icon: AtSign,
				onPick: () => hooks.mention(message.sender_id),
			},
		media_id !== undefined && {
			label: t('media.download'),
			icon: Download,
			onPick: () => download(services.api.mediaUrl(media_id), name ?? ''),
		},
		canRecall(state, message, Date.now()) && {
			label: t('chat.recall'),
			icon: Undo2,
			onPick: () => void recallMessage(services, message),
		},
		!isOwn && {
			label: t('chat.report'),
			icon: Flag,
			onPick: () => openReport(services, { conversation_id: message.conversation_id, seq: message.seq }),
		},
		{ label: t('chat.delete'), icon: Trash2, isDanger: true, onPick: () => void deleteMessage(services, message) },
	];
	return items.filter((item) => item !== false);
}

export function outgoingMenu(sender: Sender, outgoing: Outgoing): readonly MenuItem[] {
	const { text } = outgoing.body;
	const items: (MenuItem | false)[] = [
		text !== undefined && { label: t('ui.copy'), icon: Copy, onPick: () => void copyText(text) },
		outgoing.state === 'failed' && {
			label: t('chat.resend'),
			icon: RotateCcw,
			onPick: () => sender.retry(outgoing.client_id),
		},
		{ label: t('chat.discard'), icon: Trash2, isDanger: true, onPick: () => sender.drop(outgoing.client_id) },
	];
	return items.filter((item) => item !== false);
}

function download(url: string, name: string): void {
	const link = document.createElement('a');
	link.href = url;
	link.download = name;
	link.click();
}
