// SPDX-License-Identifier: Apache-2.0
// What the people of the workload do. Each actor takes one step after the other while the workload
// is not paused; a step ends when each of its calls has a sure answer.
import { createHash } from 'node:crypto';
import type { Account } from '@guanxi/sdk';
import { Caller, type Outcome, type Wish } from './caller.ts';
import { GroupMaker } from './groupmaker.ts';
import { Listener } from './listener.ts';
import type { Log } from './log.ts';

const CAST = 5;
const BURST_MAX = 8;
const PASSWORD = 'correct horse battery';
const RECENT = 40;

interface Sent {
	sender: Caller;
	conversationId: string;
	seq: number;
}

export class Actors {
	readonly cast: Caller[] = [];
	readonly #url: string;
	readonly #log: Log;
	readonly #random: () => number;
	readonly #listeners = new Map<string, Listener>();
	/** Conversations of the cast among themselves, with those who are in them. */
	readonly #places: { conversationId: string; members: Caller[] }[] = [];
	readonly #ownPlaces = new Map<Caller, string>();
	readonly #recent: Sent[] = [];
	readonly #busy = new Map<string, Promise<void>>();
	readonly #steps: [name: string, step: () => Promise<void>][] = [];
	#isRunning = false;
	#numbers = 0;

	constructor(url: string, log: Log, random: () => number) {
		this.#url = url;
		this.#log = log;
		this.#random = random;
	}

	/** The cast signs up, listens, and gets to know each other. */
	async meet(): Promise<void> {
		for (let i = 0; i < CAST; i++) this.cast.push(await this.signUp());
		for (const person of this.cast) await this.#listen(person);
		for (const [i, a] of this.cast.entries())
			for (const b of this.cast.slice(i + 1)) {
				const conversationId = await this.befriend(a, b);
				if (conversationId !== undefined) this.#places.push({ conversationId, members: [a, b] });
			}
		const [owner] = this.cast;
		if (!owner) throw new Error('nobody');
		const members = this.cast.slice(1).map(({ id }) => id);
		const { out } = await owner.want('groups.create', { client_id: this.newName('g'), name: this.newName('all'), members });
		const { conversation } = out as { conversation: { id: string } };
		for (let i = 0; i < CAST; i++) this.#places.push({ conversationId: conversation.id, members: this.cast });
		this.#addSteps();
	}

	go(): void {
		this.#isRunning = true;
		for (const [name, step] of this.#steps) this.#busy.set(name, this.#live(name, step));
	}

	/** Ends all steps, and waits until each listener has heard what was sent. */
	async pause(): Promise<void> {
		this.#isRunning = false;
		await Promise.all(this.#busy.values());
		await Promise.all(this.cast.map(async (person) => {
			const clientId = this.newName('mark');
			const heard = this.#listeners.get(person.who)?.mark(clientId);
			this.#busy.set(`mark of ${person.who}`, Promise.resolve());
			await this.say(person, this.#ownPlaces.get(person) ?? '', clientId, {});
			await heard;
			this.#busy.delete(`mark of ${person.who}`);
		}));
	}

	/** At rest, before it is back: the server was restored, and nothing was lost by it. */
	async renew(): Promise<void> {
		this.#log.write({ t: 'restored' });
		await Promise.all(this.cast.map(async (person) => this.#listeners.get(person.who)?.renew(() => freshCursor(person))));
	}

	busyWith(): string {
		return [...this.#busy.keys()].join(', ');
	}

	close(): void {
		for (const listener of this.#listeners.values()) listener.close();
		for (const person of this.cast) person.close();
	}

	random(): number {
		return this.#random();
	}

	pick<T>(list: readonly T[]): T {
		const one = list[Math.floor(this.#random() * list.length)];
		if (one === undefined) throw new Error('nothing to pick from');
		return one;
	}

	/** Unlike any other of this run. */
	newName(start: string): string {
		return `${start}-${++this.#numbers}`;
	}

	async signUp(): Promise<Caller> {
		const who = `person${++this.#numbers}`;
		const person = new Caller(who, this.#url, this.#log, this.#random);
		const input = { username: who, password: PASSWORD };
		let { out, code } = await person.want('accounts.create', { ...input, nickname: who });
		// It was he himself who took the name, in a try without an answer.
		if (code === 'accounts.username_taken') ({ out, code } = await person.want('sessions.create', input));
		const { account, session } = out as { account: Account; session: { token: string } };
		person.id = account.id;
		person.client.token = session.token;
		this.#log.write({ t: 'cast', who, id: account.id, token: session.token, ...input });
		return person;
	}

	/** Answers the conversation's id, unless it was declined or left open. */
	async befriend(a: Caller, b: Caller, answer: 'accept' | 'decline' | 'wait' = 'accept'): Promise<string | undefined> {
		const source = { kind: 'username', ref: b.who };
		const asked = await a.want('contact_requests.create', { to: b.id, greeting: `I am ${a.who}`, source });
		if (answer === 'wait' || asked.status >= 300) return undefined;
		const { request } = asked.out as { request: { id: string } };
		const { out } = await b.want(`contact_requests.${answer}`, { request_id: request.id });
		const { conversation } = (out ?? {}) as { conversation?: { id: string } };
		return conversation?.id;
	}

	/** Sends a text that no other message has. */
	async say(sender: Caller, conversationId: string, clientId: string, wish: Wish): Promise<Outcome> {
		const body = { text: `${sender.who} says ${clientId}${' …'.repeat(Math.floor(this.#random() ** 4 * 400))}` };
		return this.#send(sender, { conversation_id: conversationId, client_id: clientId, kind: 'text', body }, wish);
	}

	async #send(sender: Caller, input: { conversation_id: string } & Record<string, unknown>, wish: Wish): Promise<Outcome> {
		const outcome = await sender.want('messages.send', input, wish);
		const { message } = (outcome.out ?? {}) as { message?: { seq: number } };
		if (message) {
			this.#recent.push({ sender, conversationId: input.conversation_id, seq: message.seq });
			if (this.#recent.length > RECENT) this.#recent.shift();
		}
		return outcome;
	}

	async #listen(person: Caller): Promise<void> {
		const { cursor } = await person.client.call('sync.get');
		this.#listeners.set(person.who, new Listener(person.who, this.#url, person.client.token ?? '', cursor, this.#log));
		const { conversations } = await person.client.call('conversations.list');
		this.#ownPlaces.set(person, conversations.find(({ kind }) => kind === 'self')?.id ?? '');
	}

	async #live(name: string, step: () => Promise<void>): Promise<void> {
		while (this.#isRunning) {
			await step();
			await new Promise((resolve) => setTimeout(resolve, this.#random() * 45));
		}
		this.#busy.delete(name);
	}

	#addSteps(): void {
		for (const person of this.cast) {
			const own = this.#places.filter(({ members }) => members.includes(person)).map((p) => p.conversationId);
			this.#steps.push([`${person.who} talks`, () => this.#burst(person, this.pick(own))]);
		}
		const [a, b, c] = this.cast;
		if (!a || !b || !c) return;
		const makers = [new GroupMaker(this, b), new GroupMaker(this, c)];
		for (const maker of makers) this.#steps.push([`${maker.owner.who} makes groups`, () => maker.step()]);
		this.#steps.push(
			['http', () => this.#overHttp()],
			['read', () => this.#read()],
			['recall', () => this.#recall()],
			['newcomer', () => this.#newcomer()],
			['file', () => this.#file()],
			['mistake', () => this.#mistake()],
		);
	}

	#placeOf(person: Caller): string {
		return this.pick(this.#places.filter(({ members }) => members.includes(person))).conversationId;
	}

	/** Some messages under way at a time over one connection. */
	async #burst(person: Caller, conversationId: string): Promise<void> {
		const count = 1 + Math.floor(this.#random() * BURST_MAX);
		const wish = { isOverLine: true, giveUp: 0.2 };
		await Promise.all(Array.from({ length: count }, () => this.say(person, conversationId, this.newName('m'), wish)));
	}

	async #overHttp(): Promise<void> {
		const person = this.pick(this.cast);
		await this.say(person, this.#placeOf(person), this.newName('h'), { giveUp: 0.3 });
	}

	async #read(): Promise<void> {
		const person = this.pick(this.cast);
		const heard = [...(this.#listeners.get(person.who)?.heard ?? [])];
		if (heard.length === 0) return;
		const [conversationId, last] = this.pick(heard);
		const seq = Math.max(1, last - Math.floor(this.#random() * 4));
		await person.want('conversations.read', { conversation_id: conversationId, seq });
	}

	/** One's own mostly; somebody else's, which is refused, now and then. */
	async #recall(): Promise<void> {
		if (this.#recent.length === 0) return;
		const { sender, conversationId, seq } = this.pick(this.#recent);
		const by = this.#random() < 0.8 ? sender : this.pick(this.cast);
		await by.want('messages.recall', { conversation_id: conversationId, seq });
	}

	/** Not often: each one is one more to look through in each round. */
	async #newcomer(): Promise<void> {
		if (this.#random() < 0.8) return;
		const newcomer = await this.signUp();
		const host = this.pick(this.cast);
		const answer = this.pick(['accept', 'accept', 'decline', 'wait'] as const);
		const conversationId = await this.befriend(newcomer, host, answer);
		if (conversationId === undefined) return;
		await this.say(host, conversationId, this.newName('h'), {});
		await this.say(newcomer, conversationId, this.newName('h'), {});
	}

	async #file(): Promise<void> {
		const person = this.pick(this.cast);
		const bytes = new Uint8Array(1 + Math.floor(this.#random() * 40_000)).map(() => this.#random() * 256);
		const sha256 = createHash('sha256').update(bytes).digest('hex');
		const { out } = await person.want('media.upload', { sha256, size: bytes.length }, { bytes, giveUp: 0.5 });
		if (out === undefined) return;
		const { id, size } = out as { id: string; size: number };
		const body = { media_id: id, name: 'noise.bin', size };
		await this.#send(person, { conversation_id: this.#placeOf(person), client_id: this.newName('f'), kind: 'file', body }, {});
	}

	/** Something that must be refused and leave nothing behind. */
	async #mistake(): Promise<void> {
		const person = this.pick(this.cast);
		const conversationId = this.#placeOf(person);
		const client_id = this.newName('bad');
		const text = { conversation_id: conversationId, client_id, kind: 'text', body: { text: `refused ${client_id}` } };
		switch (Math.floor(this.#random() * 4)) {
			case 0:
				await person.want('messages.send', { ...text, reply_to: 999_999_999 });
				break;
			case 1:
				await person.want('messages.send', { ...text, mentions: ['999999'] });
				break;
			case 2: {
				const other = this.pick(this.cast.filter((one) => one !== person));
				await other.want('messages.send', { ...text, conversation_id: this.#ownPlaces.get(person) });
				break;
			}
			default:
				// The first one is good; the second one has its client_id and says something else.
				if ((await this.say(person, conversationId, client_id, {})).status >= 300) return;
				await person.want('messages.send', text);
		}
	}
}

async function freshCursor(person: Caller): Promise<string> {
	for (;;) {
		try {
			return (await person.client.call('sync.get')).cursor;
		} catch {
			await new Promise((resolve) => setTimeout(resolve, 50)); // the server is coming back
		}
	}
}
