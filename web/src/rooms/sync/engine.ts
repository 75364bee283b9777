// SPDX-License-Identifier: Apache-2.0
/*
 * engine.ts - keeps the state in step with the server.
 *
 * Works from the local copy first; then the stream brings what was missed and what happens. Events
 * are gathered for a moment and applied as one step, so that a week of news is a few steps, each
 * written down together with its cursor. When the server no longer knows the cursor, the lists are
 * read again and the copied messages are dropped.
 */
import type { Event, Stream, StreamState } from '@guanxi/sdk';
import { isRefusal } from '../../api/problem.ts';
import type { Account, Contact, ContactRequest, Conversation, Id, SyncEvent } from '../../api/types.ts';
import type { Lists } from '../../model/actions.ts';
import type { Services } from '../../model/services.ts';

const GATHER_MS = 12;
const GATHERED_MAX = 500;
const TYPING_MS = 6000;
const RETRY_MS = 3000;

export interface EngineHooks {
	/* The link came up: what waits can go out. */
	onOnline: () => void;
	onSignedOut: () => void;
	/* After a step of news: conversations that got messages. */
	onNews: (conversationIds: ReadonlySet<Id>) => void;
}

async function readAll<T>(page: (cursor: string | undefined) => Promise<{ items: readonly T[]; next: string | null }>): Promise<T[]> {
	const all: T[] = [];
	let cursor: string | undefined;
	for (;;) {
		const { items, next } = await page(cursor);
		all.push(...items);
		if (next === null) return all;
		cursor = next;
	}
}

async function readLists({ api }: Services): Promise<Lists> {
	const at = (cursor: string | undefined) => (cursor === undefined ? {} : { cursor });
	const [conversations, contacts, requests, blocked] = await Promise.all([
		readAll<Conversation>(async (cursor) => {
			const out = await api.call('conversations.list', { limit: 100, ...at(cursor) });
			return { items: out.conversations, next: out.next };
		}),
		readAll<Contact>(async (cursor) => {
			const out = await api.call('contacts.list', { limit: 1000, ...at(cursor) });
			return { items: out.contacts, next: out.next };
		}),
		readAll<ContactRequest>(async (cursor) => {
			const out = await api.call('contact_requests.list', { limit: 100, ...at(cursor) });
			return { items: out.requests, next: out.next };
		}),
		readAll<Account>(async (cursor) => {
			const out = await api.call('blocks.list', { limit: 100, ...at(cursor) });
			return { items: out.accounts, next: out.next };
		}),
	]);
	return { conversations, contacts, requests, blocked };
}

export class Engine {
	private readonly services: Services;
	private readonly hooks: EngineHooks;
	private stream: Stream | null = null;
	private gathered: SyncEvent[] = [];
	private cursor: string | null = null;
	private timer: ReturnType<typeof setTimeout> | undefined;
	private retryTimer: ReturnType<typeof setTimeout> | undefined;
	private readonly typingTimers = new Map<Id, ReturnType<typeof setTimeout>>();
	private isStopped = false;

	constructor(services: Services, hooks: EngineHooks) {
		this.services = services;
		this.hooks = hooks;
	}

	start(): void {
		const { api, store } = this.services;
		const since = store.state.has_lists ? (store.state.cursor ?? undefined) : undefined;
		const stream = api.client.stream({ since, backoffMaxMs: 10_000 });
		this.stream = stream;
		api.stream = stream;
		stream.on('state', (state) => this.onState(state));
		stream.on('event', (event, cursor) => this.onEvent(event, cursor));
		stream.on('typing', (conversationId, accountId) => this.onTyping(conversationId, accountId));
		stream.on('resync', () => {
			this.gathered = [];
			this.cursor = null;
			store.dispatch({ type: 'copy.outdated' });
		});
		stream.on('signed_out', () => this.hooks.onSignedOut());
		addEventListener('offline', this.onNetwork);
		addEventListener('online', this.onNetwork);
	}

	/* The machine lost or found its network: said at once, the stream notices later. */
	private readonly onNetwork = (): void => {
		const { store } = this.services;
		if (!navigator.onLine) store.dispatch({ type: 'link.changed', link: 'offline' });
		else if (this.stream) this.onState(this.stream.state);
	};

	stop(): void {
		this.isStopped = true;
		removeEventListener('offline', this.onNetwork);
		removeEventListener('online', this.onNetwork);
		clearTimeout(this.timer);
		clearTimeout(this.retryTimer);
		for (const timer of this.typingTimers.values()) clearTimeout(timer);
		this.stream?.close();
		this.services.api.stream = null;
	}

	private onState(state: StreamState): void {
		const { store } = this.services;
		if (state === 'open') {
			store.dispatch({ type: 'link.changed', link: 'online' });
			void this.opened();
		} else if (state === 'waiting') {
			store.dispatch({ type: 'link.changed', link: 'offline' });
		} else if (store.state.link === 'online') {
			store.dispatch({ type: 'link.changed', link: 'connecting' });
		}
	}

	/* The stream stands: its events wait here until the lists before them are known. */
	private async opened(): Promise<void> {
		const { api, store } = this.services;
		clearTimeout(this.retryTimer);
		try {
			const { account, role } = await api.call('me.get');
			store.dispatch({ type: 'signed_in', account, role: role ?? 'member' });
			if (!store.state.has_lists) {
				const before = this.stream?.cursor ?? null;
				store.dispatch({ type: 'lists.read', lists: await readLists(this.services) });
				this.cursor ??= before;
				this.flush();
			}
			this.hooks.onOnline();
		} catch (error) {
			if (this.isStopped) return;
			if (isRefusal(error) && error.status === 401) this.hooks.onSignedOut();
			else this.retryTimer = setTimeout(() => void (this.stream?.state === 'open' && this.opened()), RETRY_MS);
		}
	}

	private onEvent(event: Event, cursor: string): void {
		this.gathered.push(event);
		this.cursor = cursor;
		if (!this.services.store.state.has_lists) return;
		if (this.gathered.length >= GATHERED_MAX) this.flush();
		else this.timer ??= setTimeout(() => this.flush(), GATHER_MS);
	}

	private flush(): void {
		clearTimeout(this.timer);
		this.timer = undefined;
		const { store } = this.services;
		const events = this.gathered;
		this.gathered = [];
		if (events.length === 0 && this.cursor === store.state.cursor) return;
		store.dispatch({ type: 'events.came', events, cursor: this.cursor });
		const touched = new Set<Id>();
		for (const event of events) if (event.type === 'message') touched.add(event.message.conversation_id);
		for (const id of touched) if (!store.state.chats[id]) void this.fetchConversation(id);
		if (touched.size > 0) this.hooks.onNews(touched);
	}

	private async fetchConversation(id: Id): Promise<void> {
		try {
			const { conversation } = await this.services.api.call('conversations.get', { conversation_id: id });
			this.services.store.dispatch({ type: 'conversation.changed', conversation });
		} catch {
			// It comes with the next list.
		}
	}

	private onTyping(conversationId: Id, accountId: Id): void {
		const { store } = this.services;
		clearTimeout(this.typingTimers.get(conversationId));
		store.dispatch({ type: 'typing.came', conversation_id: conversationId, account_id: accountId, until: Date.now() + TYPING_MS });
		this.typingTimers.set(
			conversationId,
			setTimeout(() => store.dispatch({ type: 'typing.ended', conversation_id: conversationId }), TYPING_MS),
		);
	}
}
