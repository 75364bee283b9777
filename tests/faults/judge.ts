// SPDX-License-Identifier: Apache-2.0
// The judge: what is wrong with what is seen, given what was done. Knows neither server nor database.
import type { Message } from '@guanxi/sdk';
import type { Call, Facts } from './facts.ts';
import type { Seen, SeenConversation } from './gather.ts';
import { faultsOfGroups, faultsOfTies } from './judge_people.ts';
import { faultsOfHearing, faultsOfSync } from './judge_streams.ts';

/** conversation, sender and client_id: what makes a message the same one. */
function keyOf(conversationId: unknown, senderId: string, clientId: unknown): string {
	return `${String(conversationId)} ${senderId} ${String(clientId)}`;
}

/** The same values, whatever the order of fields. */
function isSame(a: unknown, b: unknown): boolean {
	return JSON.stringify(a) === JSON.stringify(b) || inOrder(a) === inOrder(b);
}

function inOrder(value: unknown): string {
	if (typeof value !== 'object' || value === null) return JSON.stringify(value);
	const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
	return JSON.stringify(sorted.map(([name, inner]) => [name, inOrder(inner)]));
}

function isRecalled(message: Message): boolean {
	return 'recalled_at' in message;
}

interface Sending {
	/** Those calls that used this key; the second one says something else and must be refused. */
	calls: Call[];
	conversationId: string;
}

function sendingsOf(facts: Facts): Map<string, Sending> {
	const sendings = new Map<string, Sending>();
	for (const call of facts.calls) {
		if (call.op !== 'messages.send') continue;
		const conversationId = String(call.in.conversation_id);
		const key = keyOf(conversationId, facts.cast.get(call.who)?.id ?? '', call.in.client_id);
		const sending = sendings.get(key) ?? { calls: [], conversationId };
		sendings.set(key, sending);
		sending.calls.push(call);
	}
	return sendings;
}

/** The longest view of each conversation, and what differs between the views of its members. */
function mergeViews(seen: Seen, faults: string[]): Map<string, Map<number, Message>> {
	const merged = new Map<string, Map<number, Message>>();
	for (const [who, person] of seen.people) {
		for (const { conversation, history } of person.conversations) {
			const all = merged.get(conversation.id) ?? new Map<number, Message>();
			merged.set(conversation.id, all);
			for (const message of history) {
				const known = all.get(message.seq);
				if (!known) all.set(message.seq, message);
				else if (!isSame(known, message))
					faults.push(`${who} sees ${JSON.stringify(message)}, others ${JSON.stringify(known)}`);
			}
		}
	}
	return merged;
}

function answeredMessage(call: Call): Message | undefined {
	return (call.out as { message?: Message } | undefined)?.message;
}

/** Each acknowledged message is there as it was acknowledged; each one there was sent, and once. */
function faultsOfMessages(facts: Facts, merged: Map<string, Map<number, Message>>): string[] {
	const faults: string[] = [];
	const sendings = sendingsOf(facts);
	const counts = new Map<string, number>();
	for (const [conversationId, messages] of merged) {
		for (const message of messages.values()) {
			if (message.kind === 'notice') continue;
			const key = keyOf(conversationId, message.sender_id, message.client_id);
			counts.set(key, (counts.get(key) ?? 0) + 1);
			const calls = sendings.get(key)?.calls ?? [];
			const isIt = (call: Call): boolean => isRecalled(message) || isSame(call.in.body, message.body);
			if (!calls.some((call) => call.verdict !== 'refused' && isIt(call)))
				faults.push(`nobody sent ${JSON.stringify(message)}, or it was refused`);
		}
	}
	for (const [key, count] of counts) if (count !== 1) faults.push(`${key} is there ${count} times`);
	for (const [key, { calls, conversationId }] of sendings) {
		const messages = merged.get(conversationId);
		for (const call of calls) {
			const answered = call.tries.flatMap(({ answer }) => (answer && answer.status >= 200 && answer.status < 300 ? [answer.out as { message: Message }] : []));
			for (const { message } of answered) {
				const there = messages?.get(message.seq);
				const isThere = there?.client_id === message.client_id && there.sender_id === message.sender_id &&
					there.sent_at === message.sent_at && (isRecalled(there) || isSame(there.body, message.body));
				if (!isThere) faults.push(`acknowledged ${key} as ${JSON.stringify(message)}, there is ${JSON.stringify(there)}`);
			}
		}
	}
	return faults;
}

/** What was begun after something else was acknowledged stands behind it. */
function faultsOfOrder(facts: Facts): string[] {
	const faults: string[] = [];
	const moments: { place: number; conversationId: string; seq: number; isBegin: boolean }[] = [];
	const taken = new Set<string>();
	for (const call of facts.calls) {
		const message = call.op === 'messages.send' ? answeredMessage(call) : undefined;
		if (!message) continue;
		const { conversation_id: conversationId, seq } = message;
		// One that was recalled answers whoever uses its client_id again.
		const key = keyOf(conversationId, message.sender_id, message.client_id);
		if (taken.has(key)) continue;
		taken.add(key);
		moments.push({ place: call.tries[0]?.begunAt ?? 0, conversationId, seq, isBegin: true });
		for (const { answer, answeredAt } of call.tries)
			if (answer && answer.status >= 200 && answer.status < 300) moments.push({ place: answeredAt, conversationId, seq, isBegin: false });
	}
	moments.sort((a, b) => a.place - b.place);
	const highest = new Map<string, number>();
	for (const { conversationId, seq, isBegin } of moments) {
		const before = highest.get(conversationId) ?? 0;
		if (isBegin && seq <= before) faults.push(`${conversationId}/${seq} was begun after ${before} had been acknowledged`);
		if (!isBegin && seq > before) highest.set(conversationId, seq);
	}
	return faults;
}

/** Messages of one connection that were taken at the first try stand in the order in which they were sent. */
function faultsOfConnections(facts: Facts): string[] {
	const faults: string[] = [];
	const firsts = facts.calls
		.flatMap((call) => (call.op === 'messages.send' && call.tries.length === 1 && (call.tries[0]?.over ?? 0) > 0 ? [call] : []))
		.sort((a, b) => (a.tries[0]?.begunAt ?? 0) - (b.tries[0]?.begunAt ?? 0));
	const last = new Map<string, number>();
	for (const call of firsts) {
		const message = answeredMessage(call);
		if (!message) continue;
		const key = `${call.tries[0]?.over ?? 0} ${message.conversation_id}`;
		if (message.seq <= (last.get(key) ?? 0)) faults.push(`${message.conversation_id}/${message.seq} overtook another of its connection`);
		last.set(key, message.seq);
	}
	return faults;
}

function faultsOfRecalls(facts: Facts, merged: Map<string, Map<number, Message>>): string[] {
	const faults: string[] = [];
	const verdicts = new Map<string, Set<string>>();
	for (const call of facts.calls) {
		if (call.op !== 'messages.recall') continue;
		const key = `${String(call.in.conversation_id)}/${String(call.in.seq)}`;
		verdicts.set(key, (verdicts.get(key) ?? new Set()).add(call.verdict));
	}
	for (const [conversationId, messages] of merged) {
		for (const message of messages.values()) {
			const { seq } = message;
			const is = verdicts.get(`${conversationId}/${seq}`);
			if (!isRecalled(message) && is?.has('done') === true) faults.push(`${conversationId}/${seq} was recalled and is there`);
			if (isRecalled(message) && is?.has('done') !== true && is?.has('unsure') !== true)
				faults.push(`${conversationId}/${seq} is recalled, and nobody did it`);
		}
	}
	return faults;
}

/** Dense from the first one seen to the last; unread is what one's own reading and writing leave. */
function faultsOfView(facts: Facts, who: string, view: SeenConversation): string[] {
	const faults: string[] = [];
	const { conversation, history } = view;
	const where = `${who} in ${conversation.id}`;
	const first = history[0]?.seq ?? conversation.last_seq + 1;
	history.forEach(({ seq }, i) => {
		if (seq !== first + i) faults.push(`${where}: ${seq} stands where ${first + i} should`);
	});
	const last = history.at(-1)?.seq ?? first - 1;
	if (last !== conversation.last_seq) faults.push(`${where}: the last is ${last}, told as ${conversation.last_seq}`);
	if (history.length > 0 && !isSame(conversation.last_message, history.at(-1)))
		faults.push(`${where}: last_message is not the last message`);
	const id = facts.cast.get(who)?.id;
	const own = history.filter((m) => m.sender_id === id && m.kind !== 'notice').map(({ seq }) => seq);
	const reads = facts.calls.filter((c) => c.op === 'conversations.read' && c.who === who && c.in.conversation_id === conversation.id);
	const surely = Math.max(first - 1, ...own, ...reads.filter((c) => c.verdict === 'done').map((c) => Number(c.in.seq)));
	const perhaps = Math.max(surely, ...reads.filter((c) => c.verdict === 'unsure').map((c) => Number(c.in.seq)));
	if (conversation.read_seq < surely || conversation.read_seq > perhaps)
		faults.push(`${where}: read up to ${surely}, told as ${conversation.read_seq}`);
	if (conversation.unread !== Math.max(0, conversation.last_seq - conversation.read_seq))
		faults.push(`${where}: ${conversation.unread} unread of ${conversation.last_seq}, read ${conversation.read_seq}`);
	return faults;
}

/** What was uploaded is there byte for byte, unless the message with it was recalled. */
function faultsOfMedia(facts: Facts, seen: Seen, merged: Map<string, Map<number, Message>>): string[] {
	const gone = new Set<unknown>();
	for (const call of facts.calls) {
		const message = call.op === 'messages.send' ? answeredMessage(call) : undefined;
		const there = message && merged.get(message.conversation_id)?.get(message.seq);
		if (there && isRecalled(there))
			gone.add((call.in.body as { media_id?: string }).media_id);
	}
	return facts.calls.flatMap((call) => {
		const media = call.op === 'media.upload' ? (call.out as { id: string } | undefined) : undefined;
		const found = media && !gone.has(media.id) ? seen.media.get(media.id) : undefined;
		return found === undefined || found === call.in.sha256 ? [] : [`medium ${media?.id ?? ''} of ${call.who}: ${found}`];
	});
}

export function faultsOf(facts: Facts, seen: Seen): string[] {
	const faults: string[] = facts.resyncs.map((who) => `${who} was told to read everything again`);
	const merged = mergeViews(seen, faults);
	faults.push(...faultsOfMessages(facts, merged), ...faultsOfOrder(facts), ...faultsOfConnections(facts), ...faultsOfRecalls(facts, merged));
	for (const [who, person] of seen.people)
		for (const view of person.conversations) faults.push(...faultsOfView(facts, who, view));
	faults.push(...faultsOfGroups(facts, seen), ...faultsOfTies(facts, seen), ...faultsOfMedia(facts, seen, merged));
	faults.push(...faultsOfHearing(facts, seen), ...faultsOfSync(facts, seen));
	return faults;
}
