// SPDX-License-Identifier: Apache-2.0
/* contact_actions.ts - what a person does with contacts and requests. */
import { textOf } from '../../api/problem.ts';
import type { Account, ContactRequest, Id } from '../../api/types.ts';
import { nameOf } from '../../model/select.ts';
import type { Services } from '../../model/services.ts';
import { t } from '../../text/text.ts';
import { ask, askText, showNote } from '../../ui/overlays.tsx';
import { attempt } from '../chat/chat_actions.ts';
import type { SourceHint } from './source.ts';

const GREETING_MAX = 100;

export function openRequestForm({ api, store }: Services, to: Account, source: SourceHint): void {
	askText({
		title: t('contacts.request_title'),
		label: t('contacts.greeting'),
		value: t('contacts.greeting_default', { name: store.state.me?.nickname ?? '' }),
		maxLength: GREETING_MAX,
		rows: 3,
		action: t('contacts.request_send'),
		onSubmit: async (greeting) => {
			const { request } = await api.call('contact_requests.create', { to: to.id, greeting, source });
			store.dispatch({ type: 'request.changed', request });
			showNote(t(request.state === 'accepted' ? 'contacts.request_tied' : 'contacts.request_sent'));
		},
		describeError: (error) => textOf(error),
	});
}

/* The conversation's id, to go to it. */
export async function acceptRequest({ api, store }: Services, request: ContactRequest): Promise<Id | null> {
	let conversationId: Id | null = null;
	await attempt(async () => {
		const { contact, conversation } = await api.call('contact_requests.accept', { request_id: request.id });
		store.dispatch({ type: 'contact.changed', contact });
		store.dispatch({ type: 'conversation.changed', conversation });
		store.dispatch({ type: 'request.changed', request: { ...request, state: 'accepted' } });
		conversationId = conversation.id;
	});
	return conversationId;
}

export function declineRequest({ api, store }: Services, request: ContactRequest): Promise<boolean> {
	return attempt(async () => {
		await api.call('contact_requests.decline', { request_id: request.id });
		store.dispatch({ type: 'request.changed', request: { ...request, state: 'declined' } });
	});
}

interface Change {
	remark?: string;
	tags?: string[];
	starred?: boolean;
}

export async function updateContact({ api, store }: Services, id: Id, change: Change): Promise<void> {
	const { contact } = await api.call('contacts.update', { account_id: id, ...change });
	store.dispatch({ type: 'contact.changed', contact });
}

/* True when it was done. */
export async function deleteContact({ api, store }: Services, id: Id): Promise<boolean> {
	const name = nameOf(store.state, id);
	const isSure = await ask({
		title: t('contacts.delete_title', { name }),
		text: t('contacts.delete_text'),
		action: t('contacts.delete'),
		isDanger: true,
	});
	if (!isSure) return false;
	const isDone = await attempt(async () => {
		await api.call('contacts.delete', { account_id: id });
		store.dispatch({ type: 'contact.removed', account_id: id });
	});
	if (isDone) showNote(t('contacts.deleted'));
	return isDone;
}

export async function setBlocked({ api, store }: Services, id: Id, isBlocked: boolean): Promise<void> {
	if (isBlocked) {
		const isSure = await ask({
			title: t('contacts.block_title'),
			text: t('contacts.block_text'),
			action: t('contacts.block'),
			isDanger: true,
		});
		if (!isSure) return;
	}
	await attempt(async () => {
		await api.call(isBlocked ? 'blocks.put' : 'blocks.delete', { account_id: id });
		store.dispatch({ type: 'block.changed', account_id: id, is_blocked: isBlocked });
	});
}

/* "家人, 同事 老师" → three tags. */
export function tagsOf(text: string): string[] {
	const tags = text.split(/[\s,，、;；]+/u).filter((tag) => tag !== '');
	return [...new Set(tags)].slice(0, 20);
}
