// SPDX-License-Identifier: Apache-2.0
/* reduce.ts - the state after an action: sync's own actions here, the rest room by room. */
import type { Notice, SyncEvent } from '../api/types.ts';
import type { Action, Lists } from './actions.ts';
import { reduceChat, toChat, withConversation, withMessage, withRead, withRecall } from './reduce_chat.ts';
import { reducePeople, withAccount, withContact, withRequest } from './reduce_people.ts';
import { drop, emptyState, type Chat, type State } from './state.ts';

/* The same or an older one again changes nothing. */
function withNotice(state: State, notice: Notice): State {
	if (state.notice && BigInt(notice.id) <= BigInt(state.notice.id)) return state;
	return { ...state, notice, is_notice_away: false };
}

function withEvent(state: State, event: SyncEvent): State {
	switch (event.type) {
		case 'message':
			return withMessage(state, event.message);
		case 'message_recalled':
			return withRecall(state, event.conversation_id, event.seq, event.by, event.at);
		case 'read':
			return withRead(state, event.conversation_id, event.seq);
		case 'conversation':
			return withConversation(state, event.conversation);
		case 'members': {
			const left = new Set(event.left);
			const known = state.members[event.conversation_id];
			if (!known) return state;
			// Who joined is not known by name: the list is asked for again when it is looked at.
			const members = event.joined.length > 0 ? drop(state.members, event.conversation_id) : state.members;
			if (event.joined.length > 0) return { ...state, members };
			const stayed = known.filter((member) => !left.has(member.account.id));
			return { ...state, members: { ...state.members, [event.conversation_id]: stayed } };
		}
		case 'contact_request':
			return withRequest(state, event.request);
		case 'contact':
			return withContact(state, event.contact);
		case 'contact_removed':
			return { ...state, ties: drop(state.ties, event.account_id) };
		case 'account':
			return withAccount(state, event.account);
		case 'notice':
			return withNotice(state, event.notice);
		default:
			return state; // an event of a newer server
	}
}

/* The server's lists replace ours; messages and what is on its way out stay. */
function withLists(state: State, lists: Lists): State {
	let next: State = { ...state, ties: {}, requests: {}, has_lists: true };
	next = lists.contacts.reduce(withContact, next);
	next = lists.requests.reduce(withRequest, next);
	const accounts = { ...next.accounts };
	for (const account of lists.blocked) accounts[account.id] = account;
	const chats: Record<string, Chat> = {};
	for (const conversation of lists.conversations) {
		if (conversation.peer) accounts[conversation.peer.id] = conversation.peer;
		chats[conversation.id] = toChat(conversation);
	}
	const blocked = Object.fromEntries(lists.blocked.map((account) => [account.id, true as const]));
	return { ...next, accounts, chats, blocked };
}

export function reduce(state: State, action: Action): State {
	switch (action.type) {
		case 'disk.loaded':
			return { ...state, ...action.state };
		case 'signed_in':
			return { ...withAccount(state, action.account), me: action.account, role: action.role, phase: 'ready' };
		case 'signed_out':
			return { ...emptyState, phase: 'signed_out' };
		case 'link.changed':
			return state.link === action.link ? state : { ...state, link: action.link };
		case 'lists.read':
			return withLists(state, action.lists);
		case 'events.came': {
			const next = action.events.reduce(withEvent, state);
			return action.cursor === null ? next : { ...next, cursor: action.cursor };
		}
		case 'notice.put_away':
			return { ...state, is_notice_away: true };
		case 'copy.outdated':
			return { ...state, cursor: null, coverage: {}, timelines: {}, members: {}, groups: {}, has_lists: false };
		default:
			return reducePeople(reduceChat(state, action), action);
	}
}
