// SPDX-License-Identifier: Apache-2.0
// The judge's part about groups and contacts: nothing half made, everybody sees the same.
import type { Call, Facts } from './facts.ts';
import type { Seen, SeenConversation } from './gather.ts';

interface Group {
	owner: string; // account ids
	members: Set<string>;
	left: Set<string>;
	isOver: boolean;
	/** Something about it is unsure: only that its parts agree is checked. */
	isUnsure: boolean;
}

function idOf(facts: Facts, who: string): string {
	return facts.cast.get(who)?.id ?? '';
}

function beginGroup(facts: Facts, call: Call): Group {
	const { refused = [] } = (call.out ?? {}) as { refused?: { account_id: string }[] };
	const members = (call.in.members as string[]).filter((id) => !refused.some((one) => one.account_id === id));
	const owner = idOf(facts, call.who);
	return { owner, members: new Set([owner, ...members]), left: new Set(), isOver: false, isUnsure: false };
}

function applyCall(group: Group, call: Call): void {
	if (call.verdict === 'refused') return;
	if (call.verdict === 'unsure') {
		group.isUnsure = true;
	} else if (call.op === 'group_members.add') {
		for (const id of call.in.members as string[]) group.members.add(id);
	} else if (call.op === 'group_members.remove') {
		group.members.delete(String(call.in.account_id));
		group.left.add(String(call.in.account_id));
	} else if (call.op === 'groups.dissolve') {
		group.isOver = true;
	}
}

/** Each group as the log has it: the calls on one group were made one after the other. */
function groupsOf(facts: Facts): { groups: Map<string, Group>; unsureNames: Set<string> } {
	const groups = new Map<string, Group>();
	const unsureNames = new Set<string>();
	for (const call of facts.calls) {
		if (call.op === 'groups.create') {
			const made = (call.out as { conversation: { id: string } } | undefined)?.conversation;
			if (made) groups.set(made.id, beginGroup(facts, call));
			else if (call.verdict === 'unsure') unsureNames.add(String(call.in.name));
		}
		const group = groups.get(String(call.in.group_id));
		if (group) applyCall(group, call);
	}
	return { groups, unsureNames };
}

function faultsOfOneGroup(id: string, group: Group, views: Map<string, SeenConversation>): string[] {
	const faults: string[] = [];
	const wanted = group.isOver ? new Set<string>() : group.members;
	for (const [accountId, view] of views) {
		const { group: told } = view;
		if (wanted.has(accountId)) {
			if (!told || 'code' in told) faults.push(`group ${id}: member ${accountId} gets ${told?.code ?? 'nothing'}`);
			else if (told.owner !== group.owner || told.members.length !== wanted.size || !told.members.every((one) => wanted.has(one)))
				faults.push(`group ${id}: ${accountId} sees ${told.owner} with ${told.members.join()}, wanted ${group.owner} with ${[...wanted].join()}`);
		} else if (!told || !('code' in told) || told.code !== 'chat.not_member') {
			faults.push(`group ${id}: ${accountId} is out and still sees ${JSON.stringify(told)}`);
		}
		const notice = view.history[0];
		if (notice?.seq === 1 && notice.kind !== 'notice') faults.push(`group ${id} does not begin with its notice`);
	}
	for (const one of wanted) if (!views.has(one)) faults.push(`group ${id}: member ${one} has no conversation`);
	for (const one of views.keys())
		if (!group.members.has(one) && !group.left.has(one)) faults.push(`group ${id}: ${one} was never in it`);
	return faults;
}

export function faultsOfGroups(facts: Facts, seen: Seen): string[] {
	const { groups, unsureNames } = groupsOf(facts);
	const faults: string[] = [];
	const views = new Map<string, Map<string, SeenConversation>>();
	for (const [who, person] of seen.people) {
		for (const view of person.conversations) {
			if (view.conversation.kind !== 'group') continue;
			const own = views.get(view.conversation.id) ?? new Map<string, SeenConversation>();
			views.set(view.conversation.id, own.set(idOf(facts, who), view));
			const { id, name } = view.conversation;
			if (!groups.has(id) && !unsureNames.has(name)) faults.push(`group ${id} "${name}" of ${who} was never made`);
		}
	}
	for (const [id, group] of groups)
		if (!group.isUnsure) faults.push(...faultsOfOneGroup(id, group, views.get(id) ?? new Map<string, SeenConversation>()));
	return faults;
}

interface Tie {
	a: string; // who asked
	b: string;
	state: 'pending' | 'accepted' | 'declined';
	requestId: string | undefined;
	isUnsure: boolean;
}

function tiesOf(facts: Facts): Tie[] {
	const ties: Tie[] = [];
	for (const call of facts.calls) {
		if (call.op === 'contact_requests.create' && call.verdict !== 'refused') {
			const request = (call.out as { request: { id: string } } | undefined)?.request;
			ties.push({ a: idOf(facts, call.who), b: String(call.in.to), state: 'pending', requestId: request?.id, isUnsure: call.verdict === 'unsure' });
		}
		const tie = ties.find(({ requestId }) => requestId !== undefined && requestId === call.in.request_id);
		if (!tie || call.verdict === 'refused') continue;
		if (call.verdict === 'unsure') tie.isUnsure = true;
		else tie.state = call.op === 'contact_requests.accept' ? 'accepted' : 'declined';
	}
	return ties;
}

export function faultsOfTies(facts: Facts, seen: Seen): string[] {
	const faults: string[] = [];
	const byId = new Map([...seen.people].map(([who, person]) => [idOf(facts, who), person]));
	const ties = tiesOf(facts);
	for (const { a, b, state, requestId, isUnsure } of ties) {
		if (isUnsure) continue;
		const directs = [[a, b], [b, a]].map(([one = '', other = '']) => ({
			isContact: byId.get(one)?.contacts.includes(other),
			conversation: byId.get(one)?.conversations.find(({ conversation: c }) => c.kind === 'direct' && c.peer?.id === other)?.conversation.id,
			requests: byId.get(one)?.requests.filter((r) => r.id === requestId) ?? [],
		}));
		const [from, to] = directs;
		const isTied = state === 'accepted';
		const isRight = from?.isContact === isTied && to?.isContact === isTied && from.conversation === to.conversation && (from.conversation !== undefined) === isTied;
		// The asker is not told of a refusal.
		const isTold = to?.requests.length === 1 && to.requests[0]?.state === state && from?.requests.length === 1 &&
			from.requests[0]?.state === (state === 'declined' ? 'pending' : state);
		if (!isRight || !isTold) faults.push(`request ${requestId ?? ''} from ${a} to ${b} is ${state}, but: ${JSON.stringify(directs)}`);
	}
	for (const [id, person] of byId)
		for (const other of person.contacts)
			if (!ties.some((t) => (t.a === id && t.b === other) || (t.b === id && t.a === other))) faults.push(`${id} has ${other} as a contact, and nobody asked`);
	return faults;
}
