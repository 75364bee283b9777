// SPDX-License-Identifier: Apache-2.0
/*
 * state.ts - everything the client knows, normalised: one record per thing, by id.
 *
 * The state is replaced, never changed in place, so that a slice that is the same object has not
 * changed. What is marked "memory only" does not go to the local store.
 */
import type { Account, Body, Contact, ContactRequest, Conversation, Group, Id, Member, Message, Notice } from '../api/types.ts';
import type { Range } from './ranges.ts';

/* A contact without the person: that one stands in `accounts`. */
export type Tie = Omit<Contact, 'account'> & { account_id: Id };

export type Chat = Omit<Conversation, 'peer'> & { peer_id: Id | null };

export interface Coverage {
	ranges: readonly Range[];
	/* The lowest seq this reader can have; null until the beginning was reached. */
	first: number | null;
}

/* The part of a conversation that is shown: from `from` up to `to`, or up to the newest. */
export interface Timeline {
	items: readonly Message[];
	from: number;
	to: number | null;
	is_loading: boolean;
	error: string | null;
}

export interface OutgoingFile {
	name: string;
	type: string;
	size: number;
}

export interface Outgoing {
	client_id: string;
	conversation_id: Id;
	kind: string;
	body: Body;
	reply_to: number | null;
	mentions: readonly string[];
	created_at: number;
	state: 'waiting' | 'uploading' | 'sending' | 'failed';
	/* The bytes lie in the local store under the client_id until they are uploaded. */
	file: OutgoingFile | null;
	progress: number;
	error: string | null;
}

export interface Draft {
	text: string;
	reply_to: number | null;
	mentions: readonly Id[];
}

export interface State {
	phase: 'starting' | 'signed_out' | 'ready';
	me: Account | null;
	role: 'owner' | 'operator' | 'member';
	accounts: Readonly<Record<Id, Account>>;
	ties: Readonly<Record<Id, Tie>>;
	requests: Readonly<Record<Id, ContactRequest>>;
	seen_requests_at: number;
	blocked: Readonly<Record<Id, true>>;
	chats: Readonly<Record<Id, Chat>>;
	coverage: Readonly<Record<Id, Coverage>>;
	mentioned: Readonly<Record<Id, number>>;
	drafts: Readonly<Record<Id, Draft>>;
	outbox: Readonly<Record<string, Outgoing>>;
	groups: Readonly<Record<Id, Group>>;
	members: Readonly<Record<Id, readonly Member[]>>;
	/* The newest one, and whether it was put away. */
	notice: Notice | null;
	is_notice_away: boolean;
	cursor: string | null;
	/* Memory only. */
	timelines: Readonly<Record<Id, Timeline>>;
	typing: Readonly<Record<Id, { account_id: Id; until: number }>>;
	link: 'connecting' | 'online' | 'offline';
	has_lists: boolean;
}

export const emptyState: State = {
	phase: 'starting',
	me: null,
	role: 'member',
	accounts: {},
	ties: {},
	requests: {},
	seen_requests_at: 0,
	blocked: {},
	chats: {},
	coverage: {},
	mentioned: {},
	drafts: {},
	outbox: {},
	groups: {},
	members: {},
	notice: null,
	is_notice_away: false,
	cursor: null,
	timelines: {},
	typing: {},
	link: 'connecting',
	has_lists: false,
};

export function put<T>(record: Readonly<Record<string, T>>, key: string, value: T): Readonly<Record<string, T>> {
	return record[key] === value ? record : { ...record, [key]: value };
}

export function drop<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
	if (!(key in record)) return record;
	return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
}
