// SPDX-License-Identifier: Apache-2.0
/* notice.ts - a line of the system in the reader's words. An unknown code gets a neutral line. */
import type { Body, Id, Message } from '../../api/types.ts';
import { nameOf } from '../../model/select.ts';
import type { State } from '../../model/state.ts';
import { isTextKey, t, type TextKey } from '../../text/text.ts';

interface Person {
	account_id: Id;
	nickname: string;
}

function isPerson(value: unknown): value is Person {
	return typeof value === 'object' && value !== null && 'account_id' in value && typeof value.account_id === 'string';
}

function membersIn(params: Readonly<Record<string, unknown>>): readonly Person[] {
	return Array.isArray(params.members) ? params.members.filter(isPerson) : [];
}

export function noticeText(state: State, message: Message): string {
	const body: Body = message.body;
	const params = body.params ?? {};
	const code = body.code ?? '';
	const called = (id: Id, nickname = '') => {
		if (id === state.me?.id) return t('chat.you');
		return nameOf(state, id, message.conversation_id) || nickname || t('chat.someone');
	};
	const members = membersIn(params);
	const others = typeof params.count === 'number' ? params.count - members.length : 0;
	const people = members.map((member) => called(member.account_id, member.nickname)).join(t('ui.separator'));
	const name = typeof params.name === 'string' ? params.name : '';
	const peerId = state.chats[message.conversation_id]?.peer_id;
	const values = {
		actor: isPerson(params.by) ? called(params.by.account_id, params.by.nickname) : called(message.sender_id),
		people: others > 0 ? t('notice.people_and_more', { people, count: others }) : people,
		name,
		you: peerId ? called(peerId) : '',
	};
	const isBySelf = members.length === 1 && members[0]?.account_id === message.sender_id;
	return t(keyOf(code, { hasPeople: members.length > 0, hasName: name !== '', isBySelf }), values);
}

function keyOf(code: string, found: { hasPeople: boolean; hasName: boolean; isBySelf: boolean }): TextKey {
	if (code === 'group.created' && found.hasPeople) return 'notice.group.created_with';
	if (code === 'group.joined' && found.hasPeople && !found.isBySelf) return 'notice.group.joined_by';
	if (code === 'group.renamed' && !found.hasName) return 'notice.group.unnamed';
	if (code === 'group.admins_changed' && found.hasPeople) return 'notice.group.admins_now';
	const key = `notice.${code}`;
	return isTextKey(key) ? key : 'notice.unknown';
}
