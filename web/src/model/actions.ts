// SPDX-License-Identifier: Apache-2.0
/* actions.ts - everything that can happen to the state. */
import type { Account, Contact, ContactRequest, Conversation, Group, Id, Member, Message, SyncEvent } from '../api/types.ts';
import type { Coverage, Draft, Outgoing, State } from './state.ts';

export type Action =
	/* sync */
	| { type: 'disk.loaded'; state: Partial<State> }
	| { type: 'signed_in'; account: Account; role: State['role'] }
	| { type: 'signed_out' }
	| { type: 'link.changed'; link: State['link'] }
	| { type: 'lists.read'; lists: Lists }
	| { type: 'events.came'; events: readonly SyncEvent[]; cursor: string | null }
	| { type: 'copy.outdated' }
	| { type: 'notice.put_away' }
	/* accounts */
	| { type: 'me.changed'; account: Account }
	| { type: 'account.read'; account: Account }
	/* contacts */
	| { type: 'contact.changed'; contact: Contact }
	| { type: 'contact.removed'; account_id: Id }
	| { type: 'requests.read'; requests: readonly ContactRequest[] }
	| { type: 'request.changed'; request: ContactRequest }
	| { type: 'requests.seen'; at: number }
	| { type: 'block.changed'; account_id: Id; is_blocked: boolean }
	/* chat */
	| { type: 'conversation.changed'; conversation: Conversation }
	| { type: 'conversation.read'; conversation_id: Id; seq: number }
	| { type: 'conversation.cleared'; conversation_id: Id }
	| { type: 'message.removed'; conversation_id: Id; seq: number }
	| { type: 'message.changed'; message: Message }
	| { type: 'timeline.opened'; conversation_id: Id; from: number; to: number | null }
	| { type: 'timeline.closed'; conversation_id: Id }
	| { type: 'timeline.loading'; conversation_id: Id }
	| { type: 'timeline.failed'; conversation_id: Id; error: string }
	| {
			type: 'timeline.loaded';
			conversation_id: Id;
			messages: readonly Message[];
			from: number;
			to?: number | null;
			/* Set when the answer came from the server and so proves something. */
			coverage?: Coverage;
	  }
	| { type: 'draft.changed'; conversation_id: Id; draft: Draft | null }
	| { type: 'typing.came'; conversation_id: Id; account_id: Id; until: number }
	| { type: 'typing.ended'; conversation_id: Id }
	| { type: 'outgoing.added'; outgoing: Outgoing }
	| { type: 'outgoing.changed'; client_id: string; change: Partial<Outgoing> }
	| { type: 'outgoing.dropped'; client_id: string }
	| { type: 'outgoing.sent'; client_id: string; message: Message }
	/* groups */
	| { type: 'group.read'; group: Group }
	| { type: 'members.read'; conversation_id: Id; members: readonly Member[] };

export interface Lists {
	conversations: readonly Conversation[];
	contacts: readonly Contact[];
	requests: readonly ContactRequest[];
	blocked: readonly Account[];
}

export type Dispatch = (action: Action) => void;
