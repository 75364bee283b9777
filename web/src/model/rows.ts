// SPDX-License-Identifier: Apache-2.0
/* rows.ts - a conversation as a list of lines: times, the unread line, messages, what is going out. */
import type { Id, Message } from '../api/types.ts';
import type { Outgoing } from './state.ts';
import { needsTimeLine } from './time.ts';

export type Row =
	| { type: 'time'; key: string; at: number }
	| { type: 'unread'; key: string }
	| { type: 'line'; key: string; message: Message }
	| { type: 'message'; key: string; message: Message; isOwn: boolean; isRunStart: boolean }
	| { type: 'outgoing'; key: string; outgoing: Outgoing; isRunStart: boolean };

/* Own messages keep one key from the first echo on, so that nothing is drawn anew when they arrive. */
function keyOf(message: Message, isOwn: boolean): string {
	return isOwn && message.client_id ? `own-${message.client_id}` : `seq-${message.seq}`;
}

function isLine(message: Message): boolean {
	return message.kind === 'notice' || message.recalled_at !== undefined;
}

export function rowsOf(
	messages: readonly Message[],
	outgoing: readonly Outgoing[],
	myId: Id,
	firstUnread: number | null,
): readonly Row[] {
	const rows: Row[] = [];
	let previousAt: number | null = null;
	let previousSender: Id | null = null;
	let wantsUnread = firstUnread;
	for (const message of messages) {
		if (wantsUnread !== null && message.seq >= wantsUnread) {
			rows.push({ type: 'unread', key: 'unread' });
			wantsUnread = null;
			previousSender = null;
		}
		if (needsTimeLine(message.sent_at, previousAt)) {
			rows.push({ type: 'time', key: `time-${message.seq}`, at: message.sent_at });
			previousSender = null;
		}
		previousAt = message.sent_at;
		const isOwn = message.sender_id === myId;
		if (isLine(message)) {
			rows.push({ type: 'line', key: keyOf(message, isOwn), message });
			previousSender = null;
		} else {
			rows.push({ type: 'message', key: keyOf(message, isOwn), message, isOwn, isRunStart: previousSender !== message.sender_id });
			previousSender = message.sender_id;
		}
	}
	for (const one of outgoing) {
		if (needsTimeLine(one.created_at, previousAt)) {
			rows.push({ type: 'time', key: `time-${one.client_id}`, at: one.created_at });
			previousSender = null;
		}
		previousAt = one.created_at;
		rows.push({ type: 'outgoing', key: `own-${one.client_id}`, outgoing: one, isRunStart: previousSender !== myId });
		previousSender = myId;
	}
	return rows;
}
