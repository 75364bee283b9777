// SPDX-License-Identifier: Apache-2.0
/* select.ts - answers that are computed from the state. */
import type { Account, Id, Member } from '../api/types.ts';
import type { Chat, Outgoing, State } from './state.ts';

const memberIndexes = new WeakMap<readonly Member[], ReadonlyMap<Id, Member>>();

/* Members by account; the list is the key, so that each is indexed once. */
function memberIndex(members: readonly Member[]): ReadonlyMap<Id, Member> {
	let index = memberIndexes.get(members);
	if (!index) {
		index = new Map(members.map((member) => [member.account.id, member]));
		memberIndexes.set(members, index);
	}
	return index;
}

export function memberOf(state: State, conversationId: Id, accountId: Id): Member | null {
	const members = state.members[conversationId];
	return (members && memberIndex(members).get(accountId)) ?? null;
}

/* What this reader calls someone: remark, else the nickname in the group, else the nickname. */
export function nameOf(state: State, accountId: Id, conversationId?: Id): string {
	const remark = state.ties[accountId]?.remark;
	if (remark) return remark;
	const member = conversationId === undefined ? null : memberOf(state, conversationId, accountId);
	return member?.nickname || (state.accounts[accountId]?.nickname ?? '');
}

export function chatName(state: State, chat: Chat): string {
	if (chat.kind === 'direct' && chat.peer_id) return nameOf(state, chat.peer_id) || chat.name;
	return chat.name;
}

/* A group without a name is called by its first members, as everybody sees it: without oneself. */
export function groupTitle(state: State, chat: Chat, separator: string): string {
	if (chat.name) return chat.name;
	const others = (state.members[chat.id] ?? []).filter((member) => member.account.id !== state.me?.id);
	return others
		.slice(0, 4)
		.map((member) => nameOf(state, member.account.id, chat.id))
		.join(separator);
}

export function chatTime(chat: Chat): number {
	return chat.last_message?.sent_at ?? 0;
}

/* Pinned first, then newest; what has no line yet stands by its id, the younger one higher. */
export function sortedChats(state: State): readonly Chat[] {
	const newestOut = new Map<Id, number>();
	for (const outgoing of Object.values(state.outbox)) {
		const known = newestOut.get(outgoing.conversation_id) ?? 0;
		newestOut.set(outgoing.conversation_id, Math.max(known, outgoing.created_at));
	}
	const time = (chat: Chat) => Math.max(chatTime(chat), newestOut.get(chat.id) ?? 0);
	return Object.values(state.chats).sort((a, b) => {
		if (a.pinned !== b.pinned) return a.pinned ? -1 : 1;
		return time(b) - time(a) || Number(b.id) - Number(a.id);
	});
}

export function outgoingOf(state: State, conversationId: Id): readonly Outgoing[] {
	return Object.values(state.outbox)
		.filter((outgoing) => outgoing.conversation_id === conversationId)
		.sort((a, b) => a.created_at - b.created_at);
}

/* Muted conversations don't count: they only show a dot. */
export function unreadTotal(state: State): number {
	let total = 0;
	for (const chat of Object.values(state.chats)) if (!chat.muted) total += chat.unread;
	return total;
}

export function directChatWith(state: State, accountId: Id): Chat | null {
	return Object.values(state.chats).find((chat) => chat.kind === 'direct' && chat.peer_id === accountId) ?? null;
}

export function newRequestsCount(state: State): number {
	const myId = state.me?.id;
	return Object.values(state.requests).filter(
		(request) => request.to.id === myId && request.state === 'pending' && request.created_at > state.seen_requests_at,
	).length;
}

export function accountOf(state: State, id: Id): Account | null {
	return state.accounts[id] ?? (state.me?.id === id ? state.me : null);
}
