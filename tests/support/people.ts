// SPDX-License-Identifier: Apache-2.0
// People who use a server, and what most tests begin with: signing up, becoming contacts, talking.
import {
	Client, GuanxiError, newClientId,
	type Account, type CallArguments, type JsonOp, type Message, type Out, type SignedIn, type Stream, type StreamOptions,
} from '@guanxi/sdk';
import { expect } from 'vitest';
import { checkedFetch, checkedSocket } from './checked.ts';
import type { Server } from './server.ts';

export const PASSWORD = 'correct horse battery';

let lastNumber = 0;

/** A name that no other person of this run has. */
export function newUsername(start = 'p'): string {
	lastNumber += 1;
	return `${start}_${process.pid.toString(36)}_${lastNumber.toString(36)}`.padEnd(6, '0');
}

export function nobody(server: Server): Client {
	return new Client({ baseUrl: server.url, fetch: checkedFetch });
}

/** Somebody behind a proxy: what is counted by address counts for this one. */
export function nobodyFrom(server: Server, address: string): Client {
	const fetchFrom: typeof fetch = (input, init) => {
		const headers = new Headers(init?.headers);
		headers.set('x-forwarded-for', address);
		return checkedFetch(input, { ...init, headers });
	};
	return new Client({ baseUrl: server.url, fetch: fetchFrom });
}

export class Person {
	readonly client: Client;
	readonly account: Account;
	readonly deviceId: string;

	constructor(server: Server, { account, session }: SignedIn) {
		this.client = new Client({ baseUrl: server.url, fetch: checkedFetch, token: session.token });
		this.account = account;
		this.deviceId = session.device_id;
	}

	get id(): string {
		return this.account.id;
	}

	get token(): string {
		return this.client.token ?? '';
	}

	call<O extends JsonOp>(op: O, ...rest: CallArguments<O>): Promise<Out<O>> {
		return this.client.call(op, ...rest);
	}

	stream(options: StreamOptions = {}): Stream {
		return this.client.stream({ socket: checkedSocket, backoffMs: 50, backoffMaxMs: 500, ...options });
	}

	async say(conversationId: string, text: string, clientId = newClientId()): Promise<Message> {
		const input = { conversation_id: conversationId, client_id: clientId, kind: 'text', body: { text } } as const;
		return (await this.call('messages.send', input)).message;
	}

	/** The conversation with oneself. */
	async selfConversation(): Promise<string> {
		const { conversations } = await this.call('conversations.list');
		const own = conversations.find(({ kind }) => kind === 'self');
		if (!own) throw new Error('no conversation with oneself');
		return own.id;
	}

	/** All texts of a conversation that this person can read. */
	async texts(conversationId: string): Promise<string[]> {
		const { messages } = await this.call('messages.list', { conversation_id: conversationId, limit: 100 });
		return messages.flatMap((m) => (m.kind === 'text' && 'text' in m.body ? [m.body.text] : []));
	}
}

export async function person(server: Server, start = 'p'): Promise<Person> {
	const username = newUsername(start);
	const input = { username, password: PASSWORD, nickname: `${start} 人` };
	return new Person(server, await nobody(server).call('accounts.create', input));
}

type People<N extends number, T extends Person[] = []> = T['length'] extends N ? T : People<N, [...T, Person]>;

/** A few people, to be taken apart: `const [a, b] = await people(server, 2)`. */
export async function people<N extends 2 | 3 | 4 | 5 | 6>(server: Server, count: N): Promise<People<N>> {
	return (await crowd(server, count)) as People<N>;
}

export async function crowd(server: Server, count: number): Promise<Person[]> {
	const all: Person[] = [];
	for (let i = 0; i < count; i++) all.push(await person(server));
	return all;
}

/** Another device of the same person. */
export async function signIn(server: Server, who: Person, platform = 'test'): Promise<Person> {
	const device = { name: 'second', platform };
	const input = { username: who.account.username, password: PASSWORD, device };
	return new Person(server, await nobody(server).call('sessions.create', input));
}

export async function ask(from: Person, to: Person, greeting = 'hello'): Promise<string> {
	const source = { kind: 'username', ref: to.account.username } as const;
	const { request } = await from.call('contact_requests.create', { to: to.id, greeting, source });
	return request.id;
}

/** Makes two people contacts; answers their conversation. */
export async function befriend(a: Person, b: Person): Promise<string> {
	const requestId = await ask(a, b);
	const { conversation } = await b.call('contact_requests.accept', { request_id: requestId });
	return conversation.id;
}

/** A group of contacts of the first; answers its id, which is also the conversation's. */
export async function group(owner: Person, members: Person[], name = 'group'): Promise<string> {
	const ids = members.map((m) => m.id);
	const { conversation } = await owner.call('groups.create', { name, members: ids });
	return conversation.id;
}

/** That a call is refused with this code; answers the error. */
export async function refused(call: Promise<unknown>, code: string): Promise<GuanxiError> {
	const error: unknown = await call.then(
		(out) => new Error(`not refused: ${JSON.stringify(out)}`),
		(e: unknown) => e,
	);
	if (!(error instanceof GuanxiError)) throw error;
	expect(error.code, error.message).toBe(code);
	return error;
}
