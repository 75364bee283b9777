// SPDX-License-Identifier: Apache-2.0
/* reduce_people.ts - accounts, contacts, requests and groups. */
import type { Account, Contact, ContactRequest, Member } from '../api/types.ts';
import type { Action } from './actions.ts';
import { drop, put, type State } from './state.ts';

export function withAccount(state: State, account: Account): State {
	return {
		...state,
		accounts: put(state.accounts, account.id, account),
		me: state.me?.id === account.id ? account : state.me,
	};
}

export function withContact(state: State, contact: Contact): State {
	const { account, ...tie } = contact;
	const next = withAccount(state, account);
	return { ...next, ties: put(next.ties, account.id, { ...tie, account_id: account.id }) };
}

export function withRequest(state: State, request: ContactRequest): State {
	const other = request.from.id === state.me?.id ? request.to : request.from;
	const next = withAccount(state, other);
	return { ...next, requests: put(next.requests, request.id, request) };
}

function withMembers(state: State, conversationId: string, members: readonly Member[]): State {
	const accounts = { ...state.accounts };
	for (const member of members) accounts[member.account.id] = member.account;
	return { ...state, accounts, members: put(state.members, conversationId, members) };
}

export function reducePeople(state: State, action: Action): State {
	switch (action.type) {
		case 'me.changed':
			return withAccount({ ...state, me: action.account }, action.account);
		case 'account.read':
			return withAccount(state, action.account);
		case 'contact.changed':
			return withContact(state, action.contact);
		case 'contact.removed':
			return { ...state, ties: drop(state.ties, action.account_id) };
		case 'requests.read': {
			const requests = Object.fromEntries(action.requests.map((request) => [request.id, request]));
			return action.requests.reduce(withRequest, { ...state, requests });
		}
		case 'request.changed':
			return withRequest(state, action.request);
		case 'requests.seen':
			return { ...state, seen_requests_at: action.at };
		case 'block.changed':
			return {
				...state,
				blocked: action.is_blocked ? put(state.blocked, action.account_id, true) : drop(state.blocked, action.account_id),
			};
		case 'group.read':
			return { ...state, groups: put(state.groups, action.group.id, action.group) };
		case 'members.read':
			return withMembers(state, action.conversation_id, action.members);
		default:
			return state;
	}
}
