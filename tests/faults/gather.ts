// SPDX-License-Identifier: Apache-2.0
// What the checker sees: everything that each person can read through the API.
import { createHash } from 'node:crypto';
import { Client, ConnectionError, GuanxiError, type ContactRequest, type Conversation, type Event, type Message } from '@guanxi/sdk';
import type { CastEntry } from './log.ts';

export interface SeenConversation {
	conversation: Conversation;
	history: Message[];
	/** Of a group: its members by role, or the code of the refusal. */
	group?: { owner: string; members: string[] } | { code: string };
}
export interface SeenPerson {
	conversations: SeenConversation[];
	/** Account ids. */
	contacts: string[];
	requests: ContactRequest[];
	/** What /sync answers from each of the cursors asked for: events, or the code of the refusal. */
	since: { cursor: string; events: Event[]; code?: string }[];
}
export interface Seen {
	people: Map<string, SeenPerson>;
	/** SHA-256 of the bytes behind each media id, or the code of the refusal. */
	media: Map<string, string>;
}

/** Repeats a query while the server is coming back. */
async function patiently<T>(query: () => Promise<T>): Promise<T> {
	for (let tries = 0; ; tries++) {
		try {
			return await query();
		} catch (error) {
			const isPassing = error instanceof ConnectionError || (error instanceof GuanxiError && error.isRetryable);
			if (!isPassing || tries === 200) throw error;
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
	}
}

async function historyOf(client: Client, conversationId: string): Promise<Message[]> {
	const all: Message[] = [];
	for (let after: number | null = 0; after !== null;) {
		const input: { conversation_id: string; after: number; limit: number } = { conversation_id: conversationId, after, limit: 100 };
		const page = await patiently(() => client.call('messages.list', input));
		all.push(...page.messages);
		after = page.next;
	}
	return all;
}

async function groupOf(client: Client, groupId: string): Promise<SeenConversation['group']> {
	try {
		const { group } = await patiently(() => client.call('groups.get', { group_id: groupId }));
		const { members } = await patiently(() => client.call('group_members.list', { group_id: groupId }));
		const owners = members.filter(({ role }) => role === 'owner').map(({ account }) => account.id);
		// One owner, and both answers say the same one: else what is told is no one's id.
		const owner = owners.length === 1 && owners[0] === group.owner_id ? group.owner_id : `${owners.join('+')}/${group.owner_id}`;
		return { owner, members: members.map(({ account }) => account.id) };
	} catch (error) {
		if (error instanceof GuanxiError) return { code: error.code };
		throw error;
	}
}

interface PageInput {
	limit: number;
	cursor?: string;
}

/** All pages of a list. */
async function listAll<T>(page: (input: PageInput) => Promise<{ items: T[]; next: string | null }>): Promise<T[]> {
	const all: T[] = [];
	for (let cursor: string | null | undefined; cursor !== null;) {
		const input: PageInput = { limit: 100, ...(cursor === undefined ? {} : { cursor }) };
		const { items, next } = await patiently(() => page(input));
		all.push(...items);
		cursor = next;
	}
	return all;
}

async function conversationsOf(client: Client): Promise<SeenConversation[]> {
	const list = await listAll(async (input) => {
		const { conversations, next } = await client.call('conversations.list', input);
		return { items: conversations, next };
	});
	return Promise.all(list.map(async (conversation) => {
		const history = await historyOf(client, conversation.id);
		const group = conversation.kind === 'group' ? await groupOf(client, conversation.id) : undefined;
		return { conversation, history, ...(group ? { group } : {}) };
	}));
}

async function eventsSince(client: Client, cursor: string): Promise<SeenPerson['since'][number]> {
	const all: Event[] = [];
	try {
		for (let since = cursor, more = true; more;) {
			const page = await patiently(() => client.call('sync.get', { since, limit: 100 }));
			all.push(...page.events);
			({ cursor: since, more } = page);
		}
		return { cursor, events: all };
	} catch (error) {
		if (error instanceof GuanxiError) return { cursor, events: all, code: error.code };
		throw error;
	}
}

async function seePerson(url: string, person: CastEntry, cursors: string[]): Promise<SeenPerson> {
	const client = new Client({ baseUrl: url, token: person.token });
	const conversations = await conversationsOf(client);
	const { contacts } = await patiently(() => client.call('contacts.list', { limit: 1000 }));
	const requests = await listAll(async (input) => {
		const { requests: items, next } = await client.call('contact_requests.list', input);
		return { items, next };
	});
	const since = [];
	for (const cursor of cursors) since.push(await eventsSince(client, cursor));
	return { conversations, contacts: contacts.map(({ account }) => account.id), requests, since };
}

async function hashOf(client: Client, mediaId: string): Promise<string> {
	try {
		const answer = await patiently(() => client.download('media.get', mediaId));
		return createHash('sha256').update(new Uint8Array(await answer.arrayBuffer())).digest('hex');
	} catch (error) {
		if (error instanceof GuanxiError) return error.code;
		throw error;
	}
}

export interface Wanted {
	people: CastEntry[];
	/** By name: cursors from which /sync is asked. */
	cursors: Map<string, string[]>;
	/** By media id: who may look at it. */
	media: Map<string, CastEntry>;
}

export async function gather(url: string, wanted: Wanted): Promise<Seen> {
	const people = new Map<string, SeenPerson>();
	for (const person of wanted.people) people.set(person.who, await seePerson(url, person, wanted.cursors.get(person.who) ?? []));
	const media = new Map<string, string>();
	for (const [id, { token }] of wanted.media) media.set(id, await hashOf(new Client({ baseUrl: url, token }), id));
	return { people, media };
}
