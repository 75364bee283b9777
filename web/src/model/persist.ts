// SPDX-License-Identifier: Apache-2.0
/*
 * persist.ts - what a step of the state means for the local store. Pure.
 *
 * All writes of one step belong into one transaction: a cursor must never be there without the
 * effects of the events before it.
 */
import type { Message } from '../api/types.ts';
import type { Action } from './actions.ts';
import { recalled } from './reduce_chat.ts';
import type { State } from './state.ts';

export const slices = [
	'accounts',
	'ties',
	'requests',
	'blocked',
	'chats',
	'coverage',
	'mentioned',
	'drafts',
	'outbox',
	'groups',
	'members',
] as const;

export const scalars = ['me', 'role', 'cursor', 'seen_requests_at', 'has_lists', 'notice', 'is_notice_away'] as const;

export type Slice = (typeof slices)[number];

export type Write =
	| { kind: 'put'; slice: Slice; key: string; value: unknown }
	| { kind: 'delete'; slice: Slice; key: string }
	| { kind: 'scalar'; key: (typeof scalars)[number]; value: unknown }
	| { kind: 'message'; message: Message }
	| { kind: 'message.change'; conversation_id: string; seq: number; change: (known: Message) => Message }
	| { kind: 'message.delete'; conversation_id: string; seq: number }
	| { kind: 'messages.delete'; conversation_id: string | null }
	| { kind: 'file.delete'; key: string }
	| { kind: 'wipe' };

function sliceWrites(slice: Slice, before: State, after: State, writes: Write[]): void {
	const old = before[slice] as Readonly<Record<string, unknown>>;
	const now = after[slice] as Readonly<Record<string, unknown>>;
	if (old === now) return;
	for (const [key, value] of Object.entries(now)) {
		if (old[key] !== value) writes.push({ kind: 'put', slice, key, value });
	}
	for (const key of Object.keys(old)) {
		if (!(key in now)) writes.push({ kind: 'delete', slice, key });
	}
}

function messageWrites(action: Action): Write[] {
	switch (action.type) {
		case 'events.came':
			return action.events.flatMap((event): Write[] => {
				if (event.type === 'message') return [{ kind: 'message', message: event.message }];
				if (event.type !== 'message_recalled') return [];
				const { conversation_id, seq, by, at } = event;
				return [{ kind: 'message.change', conversation_id, seq, change: (known) => recalled(known, at, by) }];
			});
		case 'timeline.loaded':
			return action.coverage ? action.messages.map((message) => ({ kind: 'message', message })) : [];
		case 'outgoing.sent':
		case 'message.changed':
			return [{ kind: 'message', message: action.message }];
		case 'message.removed':
			return [{ kind: 'message.delete', conversation_id: action.conversation_id, seq: action.seq }];
		case 'conversation.cleared':
			return [{ kind: 'messages.delete', conversation_id: action.conversation_id }];
		case 'copy.outdated':
			return [{ kind: 'messages.delete', conversation_id: null }];
		default:
			return [];
	}
}

export function writesOf(action: Action, before: State, after: State): Write[] {
	if (action.type === 'disk.loaded') return [];
	if (action.type === 'signed_out') return [{ kind: 'wipe' }];
	const writes = messageWrites(action);
	for (const slice of slices) sliceWrites(slice, before, after, writes);
	for (const client_id of Object.keys(before.outbox)) {
		if (!(client_id in after.outbox)) writes.push({ kind: 'file.delete', key: client_id });
	}
	for (const key of scalars) {
		if (before[key] !== after[key]) writes.push({ kind: 'scalar', key, value: after[key] });
	}
	return writes;
}
