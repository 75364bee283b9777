// SPDX-License-Identifier: Apache-2.0
// The judge's part about streams and /sync: no gap, no repeat, and both say the same.
import type { Event, Message } from '@guanxi/sdk';
import type { Facts } from './facts.ts';
import type { Seen } from './gather.ts';
import type { HeardEvent } from './log.ts';

type AnyEvent = Event | HeardEvent;

function messageOf(event: AnyEvent): Message | undefined {
	return event.type === 'message' ? (event.message as Message) : undefined;
}

/** Listeners were there from the start: they must have heard all that they can read, in its order. */
export function faultsOfHearing(facts: Facts, seen: Seen): string[] {
	const faults: string[] = [];
	for (const [who, entries] of facts.heard) {
		const cursors = new Set(entries.map(({ cursor }) => cursor));
		if (cursors.size !== entries.length) faults.push(`${who} heard ${entries.length} events at ${cursors.size} cursors`);
		const heard = new Map<string, number[]>();
		for (const { event } of entries) {
			const message = messageOf(event);
			if (!message) continue;
			const own = heard.get(message.conversation_id) ?? [];
			heard.set(message.conversation_id, own);
			own.push(message.seq);
		}
		for (const { conversation, history } of seen.people.get(who)?.conversations ?? []) {
			const want = history.map(({ seq }) => seq).join();
			const got = (heard.get(conversation.id) ?? []).join();
			if (want !== got) faults.push(`${who} in ${conversation.id} heard ${got}, can read ${want}`);
			heard.delete(conversation.id);
		}
		for (const id of heard.keys()) faults.push(`${who} heard of ${id}, which is not in the list`);
	}
	return faults;
}

/**
 * What must be the same in both, in the same order. A message may have been recalled since, and of a
 * conversation's or a read cursor's changes only the last one is told afterwards.
 */
function exactly(event: AnyEvent): string | undefined {
	const e = event as Record<string, unknown> & { request?: { id: string; state: string }; contact?: { account: { id: string } }; account?: { id: string } };
	switch (event.type) {
		case 'message': return `message ${messageOf(event)?.conversation_id ?? ''}/${messageOf(event)?.seq ?? 0}`;
		case 'message_recalled': return `recalled ${String(e.conversation_id)}/${String(e.seq)} by ${String(e.by)}`;
		case 'members': return `members ${String(e.conversation_id)} +${String(e.joined)} -${String(e.left)}`;
		case 'contact_request': return `request ${e.request?.id ?? ''} ${e.request?.state ?? ''}`;
		case 'contact': return `contact ${e.contact?.account.id ?? ''}`;
		case 'contact_removed': return `removed ${String(e.account_id)}`;
		case 'account': return `account ${e.account?.id ?? ''}`;
		default: return undefined;
	}
}

/** The conversations that have an event of this type. */
function conversationsIn(events: AnyEvent[], type: 'conversation' | 'read'): string {
	const ids = events.flatMap((event) => {
		if (event.type !== type) return [];
		const { conversation_id, conversation } = event as { conversation_id?: string; conversation?: { id: string } };
		return [conversation?.id ?? conversation_id ?? ''];
	});
	return [...new Set(ids)].sort().join();
}

function differenceOf(want: string[], got: string[]): string {
	const at = want.findIndex((one, i) => one !== got[i]);
	const place = at < 0 ? want.length : at;
	return `${got.length} of ${want.length}; at ${place}: ${got[place] ?? 'nothing'} instead of ${want[place] ?? 'nothing'}`;
}

export function faultsOfSync(facts: Facts, seen: Seen): string[] {
	const faults: string[] = [];
	for (const [who, { since }] of seen.people) {
		const entries = facts.heard.get(who) ?? [];
		for (const { cursor, events, code } of since) {
			const wanted = facts.stale.get(who)?.has(cursor) === true ? 'sync.too_old' : undefined;
			if (code !== wanted) faults.push(`${who} since ${cursor}: ${code ?? 'answered'}, wanted ${wanted ?? 'an answer'}`);
			if (code !== undefined) continue;
			const behind: AnyEvent[] = entries.slice(entries.findIndex((e) => e.cursor === cursor) + 1).map(({ event }) => event);
			const want = behind.flatMap((e) => exactly(e) ?? []);
			const got = events.flatMap((e) => exactly(e) ?? []);
			if (want.join('\n') !== got.join('\n')) faults.push(`${who} since ${cursor}: ${differenceOf(want, got)}`);
			for (const type of ['conversation', 'read'] as const)
				if (conversationsIn(behind, type) !== conversationsIn(events, type))
					faults.push(`${who} since ${cursor}: ${type} events of ${conversationsIn(events, type)}, heard of ${conversationsIn(behind, type)}`);
		}
	}
	return faults;
}
