// SPDX-License-Identifier: Apache-2.0
/* chat_actions.ts - what a person does with conversations and messages. */
import { codeOf, isRefusal, textOf } from '../../api/problem.ts';
import type { Id, Message } from '../../api/types.ts';
import { directChatWith } from '../../model/select.ts';
import type { Services } from '../../model/services.ts';
import { t } from '../../text/text.ts';
import { ask, showNote } from '../../ui/overlays.tsx';
import { matchPath, currentPath, navigate } from '../../ui/router.tsx';
import type { Sender } from './sending.ts';

/* Runs something a person asked for; what goes wrong is told in a note. */
export async function attempt(action: () => Promise<void>): Promise<boolean> {
	try {
		await action();
		return true;
	} catch (error) {
		showNote(textOf(error));
		return false;
	}
}

export function setPinned({ api, store }: Services, id: Id, pinned: boolean): Promise<boolean> {
	return attempt(async () => {
		const { conversation } = await api.call('conversations.update', { conversation_id: id, pinned });
		store.dispatch({ type: 'conversation.changed', conversation });
	});
}

export function setMuted({ api, store }: Services, id: Id, muted: boolean): Promise<boolean> {
	return attempt(async () => {
		const { conversation } = await api.call('conversations.update', { conversation_id: id, muted });
		store.dispatch({ type: 'conversation.changed', conversation });
	});
}

const READ_DELAY_MS = 250;
const pendingReads = new Map<Id, number>();
let readTimer: ReturnType<typeof setTimeout> | undefined;

/* Here at once; the server is told a moment later, once for many messages. */
export function markRead({ api, store }: Services, id: Id, seq: number): void {
	if (seq <= 0 || (store.state.chats[id]?.read_seq ?? seq) >= seq) return;
	store.dispatch({ type: 'conversation.read', conversation_id: id, seq });
	pendingReads.set(id, seq);
	clearTimeout(readTimer);
	readTimer = setTimeout(() => {
		for (const [conversation_id, last] of pendingReads) {
			// A lost one is made good by the next: the cursor only grows.
			api.call('conversations.read', { conversation_id, seq: last }).catch(() => undefined);
		}
		pendingReads.clear();
	}, READ_DELAY_MS);
}

const EDIT_AGAIN_MS = 5 * 60_000;
const recalledTexts = new Map<string, { text: string; at: number }>();

/* The text of what one has just recalled, for a few minutes and only here. */
export function editableText(message: Message): string | null {
	const known = recalledTexts.get(`${message.conversation_id}/${message.seq}`);
	return known && Date.now() - known.at < EDIT_AGAIN_MS ? known.text : null;
}

export function recallMessage({ api, store }: Services, message: Message): Promise<boolean> {
	return attempt(async () => {
		const { conversation_id, seq } = message;
		const { text } = message.body;
		if (text !== undefined && message.sender_id === store.state.me?.id) {
			recalledTexts.set(`${conversation_id}/${seq}`, { text, at: Date.now() });
		}
		const { message: recalled } = await api.call('messages.recall', { conversation_id, seq });
		const by = store.state.me?.id;
		store.dispatch({ type: 'message.changed', message: by ? { ...recalled, recalled_by: by } : recalled });
	});
}

export async function deleteMessage({ api, store }: Services, message: Message): Promise<void> {
	const isSure = await ask({
		title: t('chat.delete_title'),
		text: t('chat.delete_text'),
		action: t('chat.delete'),
		isDanger: true,
	});
	if (!isSure) return;
	await attempt(async () => {
		const { conversation_id, seq } = message;
		try {
			await api.call('messages.delete', { conversation_id, seq });
		} catch (error) {
			if (!isRefusal(error) || codeOf(error) !== 'chat.no_message') throw error;
		}
		store.dispatch({ type: 'message.removed', conversation_id, seq });
	});
}

export async function clearConversation({ api, store }: Services, id: Id): Promise<void> {
	const isSure = await ask({ title: t('chat.clear_title'), text: t('chat.clear_text'), action: t('chat.clear'), isDanger: true });
	if (!isSure) return;
	const isDone = await attempt(async () => {
		await api.call('messages.clear', { conversation_id: id });
		store.dispatch({ type: 'conversation.cleared', conversation_id: id });
	});
	if (isDone) showNote(t('chat.cleared'));
}

export async function retrySending(sender: Sender, clientId: string): Promise<void> {
	if (await ask({ title: t('chat.resend_title'), action: t('chat.resend') })) sender.retry(clientId);
}

/* The conversation with a contact; it is there as long as the two ever were contacts. */
export function openDirectChat({ store }: Services, accountId: Id): void {
	const chat = directChatWith(store.state, accountId);
	if (chat) openChat(chat.id);
	else navigate(`/contacts/${accountId}`);
}

/* From one chat to another the way back stays the list. */
export function openChat(id: Id): void {
	navigate(`/chat/${id}`, { replace: matchPath('/chat/:id', currentPath()) !== null });
}

const fetching = new Set<Id>();

export async function fetchMembers({ api, store }: Services, id: Id): Promise<void> {
	if (fetching.has(id)) return;
	fetching.add(id);
	try {
		const { members } = await api.call('group_members.list', { group_id: id });
		store.dispatch({ type: 'members.read', conversation_id: id, members });
	} catch (error) {
		// Not a member any more: an empty list says so.
		if (isRefusal(error) && (error.status === 404 || error.status === 403)) {
			store.dispatch({ type: 'members.read', conversation_id: id, members: [] });
		}
	} finally {
		fetching.delete(id);
	}
}
