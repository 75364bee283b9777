// SPDX-License-Identifier: Apache-2.0
/* fixtures.ts - small things for tests: people, conversations, messages. */
import type { Account, Conversation, Message } from '../api/types.ts';
import { emptyState, type Outgoing, type State } from './state.ts';

export function account(id: string, nickname = `n${id}`): Account {
	return { id, username: `user_${id}`, nickname, signature: '', region: '', avatar: null };
}

export function message(seq: number, change: Partial<Message> = {}): Message {
	return {
		conversation_id: '9',
		seq,
		sender_id: '2',
		kind: 'text',
		body: { text: `m${seq}` },
		sent_at: seq * 1000,
		client_id: `c${seq}`,
		...change,
	};
}

export function conversation(change: Partial<Conversation> = {}): Conversation {
	return {
		id: '9',
		kind: 'direct',
		name: 'n2',
		peer: account('2'),
		avatar: null,
		last_message: null,
		last_seq: 0,
		read_seq: 0,
		unread: 0,
		muted: false,
		pinned: false,
		...change,
	};
}

export function outgoing(client_id: string, change: Partial<Outgoing> = {}): Outgoing {
	return {
		client_id,
		conversation_id: '9',
		kind: 'text',
		body: { text: client_id },
		reply_to: null,
		mentions: [],
		created_at: 1,
		state: 'waiting',
		file: null,
		progress: 0,
		error: null,
		...change,
	};
}

export const signedIn: State = { ...emptyState, phase: 'ready', me: account('1', 'me'), accounts: { '1': account('1', 'me') } };
