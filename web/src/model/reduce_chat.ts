// SPDX-License-Identifier: Apache-2.0
/*
 * reduce_chat.ts - conversations, messages, drafts and what is on its way out.
 *
 * Applying the same message, recall or read twice changes nothing: the stream may repeat itself.
 */
import type { Conversation, Id, Message } from '../api/types.ts';
import type { Action } from './actions.ts';
import { addRange } from './ranges.ts';
import { drop, put, type Chat, type State, type Timeline } from './state.ts';
import { emptyCoverage, isShown, mergeMessages } from './timeline.ts';

export function toChat(conversation: Conversation): Chat {
	const { peer, ...rest } = conversation;
	return { ...rest, peer_id: peer?.id ?? null };
}

export function withConversation(state: State, conversation: Conversation): State {
	const { peer } = conversation;
	const known = state.chats[conversation.id];
	let chat = toChat(conversation);
	// An event that was made before the newest message came must not take it back.
	if (known && known.last_seq > chat.last_seq) {
		chat = {
			...chat,
			last_message: known.last_message,
			last_seq: known.last_seq,
			unread: Math.min(known.unread, Math.max(0, known.last_seq - chat.read_seq)),
			read_seq: Math.max(known.read_seq, chat.read_seq),
		};
	}
	return {
		...state,
		accounts: peer ? put(state.accounts, peer.id, peer) : state.accounts,
		chats: put(state.chats, conversation.id, chat),
	};
}

export function withMessage(state: State, message: Message): State {
	const id = message.conversation_id;
	const chat = state.chats[id];
	const isOwn = message.sender_id === state.me?.id;
	const coverage = state.coverage[id] ?? emptyCoverage;
	const ranges = addRange(coverage.ranges, message.seq, message.seq);
	let next: State = {
		...state,
		coverage: ranges === coverage.ranges ? state.coverage : put(state.coverage, id, { ...coverage, ranges }),
	};
	if (chat && message.seq > chat.last_seq) {
		// Who writes has read. What came before one joined is never unread, so it is counted on.
		next.chats = put(state.chats, id, {
			...chat,
			last_message: message,
			last_seq: message.seq,
			read_seq: isOwn ? message.seq : chat.read_seq,
			unread: isOwn ? 0 : chat.unread + (message.seq - chat.last_seq),
		});
		if (!isOwn && message.mentions?.some((who) => who === state.me?.id || who === 'all')) {
			next.mentioned = put(state.mentioned, id, message.seq);
		}
	}
	const timeline = state.timelines[id];
	if (timeline && isShown(timeline, message.seq)) {
		next = withTimeline(next, id, { items: mergeMessages(timeline.items, [message]) });
	}
	if (isOwn && message.client_id) next.outbox = drop(next.outbox, message.client_id);
	if (state.typing[id]?.account_id === message.sender_id) next.typing = drop(state.typing, id);
	return next;
}

function withTimeline(state: State, id: Id, change: Partial<Timeline>): State {
	const timeline = state.timelines[id];
	if (!timeline) return state;
	return { ...state, timelines: put(state.timelines, id, { ...timeline, ...change }) };
}

/* Changes a known message wherever it stands: on screen and as the last line. */
function changeMessage(state: State, id: Id, seq: number, change: (message: Message) => Message): State {
	let next = state;
	const chat = state.chats[id];
	if (chat?.last_message?.seq === seq) {
		next = { ...next, chats: put(state.chats, id, { ...chat, last_message: change(chat.last_message) }) };
	}
	const timeline = state.timelines[id];
	if (timeline?.items.some((message) => message.seq === seq)) {
		const items = timeline.items.map((message) => (message.seq === seq ? change(message) : message));
		next = withTimeline(next, id, { items });
	}
	return next;
}

export function recalled(message: Message, at: number, by: Id): Message {
	return { ...message, body: {}, recalled_at: message.recalled_at ?? at, recalled_by: by };
}

export function withRecall(state: State, id: Id, seq: number, by: Id, at: number): State {
	return changeMessage(state, id, seq, (message) => recalled(message, at, by));
}

export function withRead(state: State, id: Id, seq: number): State {
	const chat = state.chats[id];
	if (!chat || chat.read_seq >= seq) return state;
	const next = { ...chat, read_seq: seq, unread: Math.min(chat.unread, Math.max(0, chat.last_seq - seq)) };
	const isMentionRead = (state.mentioned[id] ?? Infinity) <= seq;
	return {
		...state,
		chats: put(state.chats, id, next),
		mentioned: isMentionRead ? drop(state.mentioned, id) : state.mentioned,
	};
}

function withoutMessage(state: State, id: Id, seq: number): State {
	const timeline = state.timelines[id];
	const chat = state.chats[id];
	let next = state;
	if (timeline) {
		next = withTimeline(next, id, { items: timeline.items.filter((message) => message.seq !== seq) });
	}
	if (chat?.last_message?.seq === seq) {
		const last = next.timelines[id]?.items.at(-1) ?? null;
		next = { ...next, chats: put(next.chats, id, { ...chat, last_message: last }) };
	}
	return next;
}

function cleared(state: State, id: Id): State {
	const chat = state.chats[id];
	if (!chat) return state;
	const first = chat.last_seq + 1;
	return {
		...withTimeline(state, id, { items: [], from: first, to: null }),
		chats: put(state.chats, id, { ...chat, last_message: null, unread: 0, read_seq: chat.last_seq }),
		coverage: put(state.coverage, id, { ranges: [[1, chat.last_seq]], first }),
	};
}

function loaded(state: State, action: Extract<Action, { type: 'timeline.loaded' }>): State {
	const id = action.conversation_id;
	const timeline = state.timelines[id];
	const coverage = action.coverage ? put(state.coverage, id, action.coverage) : state.coverage;
	if (!timeline) return { ...state, coverage };
	return withTimeline({ ...state, coverage }, id, {
		items: mergeMessages(timeline.items, action.messages),
		from: Math.min(timeline.from, action.from),
		to: action.to === undefined ? timeline.to : action.to,
		is_loading: false,
		error: null,
	});
}

export function reduceChat(state: State, action: Action): State {
	switch (action.type) {
		case 'conversation.changed':
			return withConversation(state, action.conversation);
		case 'conversation.read':
			return withRead(state, action.conversation_id, action.seq);
		case 'conversation.cleared':
			return cleared(state, action.conversation_id);
		case 'message.removed':
			return withoutMessage(state, action.conversation_id, action.seq);
		case 'message.changed':
			return changeMessage(state, action.message.conversation_id, action.message.seq, () => action.message);
		case 'timeline.opened':
			return {
				...state,
				timelines: put(state.timelines, action.conversation_id, {
					items: [],
					from: action.from,
					to: action.to,
					is_loading: true,
					error: null,
				}),
			};
		case 'timeline.closed':
			return { ...state, timelines: drop(state.timelines, action.conversation_id) };
		case 'timeline.loading':
			return withTimeline(state, action.conversation_id, { is_loading: true, error: null });
		case 'timeline.failed':
			return withTimeline(state, action.conversation_id, { is_loading: false, error: action.error });
		case 'timeline.loaded':
			return loaded(state, action);
		case 'draft.changed':
			return {
				...state,
				drafts: action.draft
					? put(state.drafts, action.conversation_id, action.draft)
					: drop(state.drafts, action.conversation_id),
			};
		case 'typing.came': {
			const { account_id, until } = action;
			return { ...state, typing: put(state.typing, action.conversation_id, { account_id, until }) };
		}
		case 'typing.ended':
			return { ...state, typing: drop(state.typing, action.conversation_id) };
		case 'outgoing.added':
			return { ...state, outbox: put(state.outbox, action.outgoing.client_id, action.outgoing) };
		case 'outgoing.changed': {
			const known = state.outbox[action.client_id];
			if (!known) return state;
			return { ...state, outbox: put(state.outbox, action.client_id, { ...known, ...action.change }) };
		}
		case 'outgoing.dropped':
			return { ...state, outbox: drop(state.outbox, action.client_id) };
		case 'outgoing.sent':
			return withMessage({ ...state, outbox: drop(state.outbox, action.client_id) }, action.message);
		default:
			return state;
	}
}
