// SPDX-License-Identifier: Apache-2.0
/* notice.ts - a line of the system in the reader's words. An unknown code gets a neutral line. */
import type { Body, Id, Message } from '../../api/types.ts';
import { nameOf } from '../../model/select.ts';
import type { State } from '../../model/state.ts';
import { isTextKey, t, type TextKey } from '../../text/text.ts';

function idsIn(params: Readonly<Record<string, unknown>>, keys: readonly string[]): Id[] {
	return keys.flatMap((key) => {
		const value = params[key];
		if (typeof value === 'string' || typeof value === 'number') return [String(value)];
		return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
	});
}

const PEOPLE_KEYS = ['members', 'account_ids', 'accounts', 'joined', 'left', 'account_id', 'member', 'owner', 'owner_id', 'admins'];

export function noticeText(state: State, message: Message): string {
	const body: Body = message.body;
	const params = body.params ?? {};
	const code = body.code ?? '';
	const called = (id: Id) =>
		id === state.me?.id ? t('chat.you') : nameOf(state, id, message.conversation_id) || t('chat.someone');
	const people = [...new Set(idsIn(params, PEOPLE_KEYS))].filter((id) => id !== message.sender_id || code !== 'group.created');
	const name = typeof params.name === 'string' ? params.name : '';
	const peerId = state.chats[message.conversation_id]?.peer_id;
	const values = {
		actor: called(message.sender_id),
		people: people.map(called).join(t('ui.separator')),
		name,
		you: peerId ? called(peerId) : '',
	};
	return t(keyOf(code, { hasPeople: people.length > 0, hasName: name !== '', isBySelf: people[0] === message.sender_id }), values);
}

function keyOf(code: string, found: { hasPeople: boolean; hasName: boolean; isBySelf: boolean }): TextKey {
	if (code === 'group.created' && found.hasPeople) return 'notice.group.created_with';
	if (code === 'group.joined' && found.hasPeople && !found.isBySelf) return 'notice.group.joined_by';
	if (code === 'group.renamed' && !found.hasName) return 'notice.group.unnamed';
	if (code === 'group.admins_changed' && found.hasPeople) return 'notice.group.admins_now';
	const key = `notice.${code}`;
	return isTextKey(key) ? key : 'notice.unknown';
}
