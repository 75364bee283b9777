// SPDX-License-Identifier: Apache-2.0
/*
 * types.ts - the API's objects as the client uses them. Most are the SDK's own; a message is looser
 * here, because what a newer server or an older local copy holds must be shown all the same.
 */
import type { Conversation as ApiConversation, EventOf } from '@guanxi/sdk';

export type {
	Account,
	Contact,
	ContactRequest,
	Group,
	Instance,
	Invite,
	Media,
	Member,
	OperatorAccount,
	Report,
	SessionInfo,
} from '@guanxi/sdk';

export type Id = string;

export interface Body {
	text?: string;
	media_id?: Id;
	width?: number;
	height?: number;
	duration_ms?: number;
	name?: string;
	size?: number;
	latitude?: number;
	longitude?: number;
	title?: string;
	address?: string;
	account_id?: Id;
	nickname?: string;
	avatar?: Id | null;
	url?: string;
	summary?: string;
	image?: Id | null;
	items?: readonly HistoryItem[];
	code?: string;
	params?: Readonly<Record<string, unknown>>;
}

export interface HistoryItem {
	nickname: string;
	kind: string;
	body: Body;
	sent_at: number;
}

export interface Message {
	conversation_id: Id;
	seq: number;
	sender_id: Id;
	kind: string;
	body: Body;
	sent_at: number;
	client_id: string;
	reply_to?: number;
	mentions?: readonly string[];
	recalled_at?: number;
	/* Who recalled it; only known to who saw it happen. */
	recalled_by?: Id;
}

export type Conversation = Omit<ApiConversation, 'last_message'> & { last_message: Message | null };

export type SyncEvent =
	| { type: 'message'; at: number; message: Message }
	| { type: 'conversation'; at: number; conversation: Conversation }
	| EventOf<'message_recalled' | 'read' | 'members' | 'contact_request' | 'contact' | 'contact_removed' | 'account' | 'notice'>;

/* What the platform said to everybody. */
export type Notice = EventOf<'notice'>['notice'];

