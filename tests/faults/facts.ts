// SPDX-License-Identifier: Apache-2.0
// What the log says: each call with its tries, and whether it was done.
import type { AnswerEntry, CastEntry, Entry, HeardEntry, TryEntry } from './log.ts';

/** These refusals say that nothing was done; every other 5xx, and silence, leave it open. */
const SURELY_NOT_DONE = new Set(['core.overloaded', 'core.storage_full']);

/** unsure: it may have been done, once, or not. */
export type Verdict = 'done' | 'refused' | 'unsure';

export interface Try extends TryEntry {
	/** Place in the log: what stands before it had happened before. */
	begunAt: number;
	answer?: AnswerEntry;
	answeredAt: number;
}
export interface Call {
	number: number;
	who: string;
	op: string;
	in: Record<string, unknown>;
	tries: Try[];
	verdict: Verdict;
	/** The first answer that says it was done, if that one says more than that. */
	out: unknown;
}
export interface Facts {
	cast: Map<string, CastEntry>;
	calls: Call[];
	heard: Map<string, HeardEntry[]>;
	resyncs: string[];
	/** By name: cursors from before the last restore. */
	stale: Map<string, Set<string>>;
}

function isSilent(one: Try): boolean {
	const { status = 0, code } = one.answer ?? {};
	return status === 0 || (status >= 500 && !SURELY_NOT_DONE.has(code ?? ''));
}

/** After a silent try a refusal such as "already done" is its echo: only some operations can be that clear. */
const ECHOES: Record<string, string[]> = {
	'contact_requests.accept': ['contacts.request_closed'],
	'contact_requests.decline': ['contacts.request_closed'],
	'contact_requests.create': ['contacts.already_friends'],
	'groups.dissolve': ['chat.not_member'],
	'group_members.remove': ['chat.not_member', 'groups.no_member'],
	'accounts.create': ['accounts.username_taken'],
};

function verdictOf(call: Call): Verdict {
	let wasSilent = false;
	for (const one of call.tries) {
		const { status = 0, code = '' } = one.answer ?? {};
		if (status >= 200 && status < 300) return 'done';
		if (wasSilent && ECHOES[call.op]?.includes(code) === true) return 'done';
		wasSilent ||= isSilent(one);
	}
	return wasSilent ? 'unsure' : 'refused';
}

export function factsOf(entries: Entry[]): Facts {
	const facts: Facts = { cast: new Map(), calls: [], heard: new Map(), resyncs: [], stale: new Map() };
	const calls = new Map<number, Call>();
	entries.forEach((entry, place) => {
		if (entry.t === 'cast') {
			facts.cast.set(entry.who, entry);
		} else if (entry.t === 'heard') {
			const heard = facts.heard.get(entry.who) ?? [];
			facts.heard.set(entry.who, heard);
			heard.push(entry);
		} else if (entry.t === 'restored') {
			facts.stale = new Map([...facts.heard].map(([who, all]) => [who, new Set(all.map(({ cursor }) => cursor))]));
		} else if (entry.t === 'resync') {
			facts.resyncs.push(entry.who);
		} else if (entry.t === 'try') {
			const call = calls.get(entry.call) ?? { number: entry.call, who: entry.who, op: entry.op, in: entry.in, tries: [], verdict: 'unsure', out: undefined };
			if (!calls.has(entry.call)) facts.calls.push(call);
			calls.set(entry.call, call);
			call.tries.push({ ...entry, begunAt: place, answeredAt: Infinity });
		} else {
			const one = calls.get(entry.call)?.tries.find((t) => t.try === entry.try);
			if (!one) throw new Error(`an answer to nothing: ${JSON.stringify(entry)}`);
			one.answer = entry;
			one.answeredAt = place;
		}
	});
	for (const call of facts.calls) {
		call.verdict = verdictOf(call);
		call.out = call.tries.find(({ answer }) => answer && answer.status >= 200 && answer.status < 300)?.answer?.out;
	}
	return facts;
}
