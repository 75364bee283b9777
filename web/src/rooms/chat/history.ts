// SPDX-License-Identifier: Apache-2.0
/*
 * history.ts - opens a conversation and makes its shown part longer: from the local copy where that
 * is whole, else from the server.
 */
import { codeOf } from '../../api/problem.ts';
import type { Id, Message } from '../../api/types.ts';
import { addRange, rangeAt } from '../../model/ranges.ts';
import type { Services } from '../../model/services.ts';
import { coverOlder, emptyCoverage, PAGE_COUNT, planOlder } from '../../model/timeline.ts';

/* Further back than this a quoted message is shown with its surroundings only. */
const JUMP_SPAN_MAX = 1000;

async function fetchOlder({ api, store }: Services, id: Id, before: number | null): Promise<void> {
	const { messages, next } = await api.call('messages.list', {
		conversation_id: id,
		limit: PAGE_COUNT,
		...(before === null ? {} : { before }),
	});
	const page: readonly Message[] = messages;
	const newest = store.state.chats[id]?.last_seq ?? 0;
	const end = before ?? Math.max(newest, page.at(-1)?.seq ?? 0) + 1;
	const coverage = coverOlder(store.state.coverage[id] ?? emptyCoverage, end, page, next === null);
	store.dispatch({ type: 'timeline.loaded', conversation_id: id, messages: page, from: page[0]?.seq ?? 1, coverage });
}

export async function openTimeline(services: Services, id: Id): Promise<void> {
	const { store, disk } = services;
	const chat = store.state.chats[id];
	if (!chat) return;
	const coverage = store.state.coverage[id] ?? emptyCoverage;
	const range = rangeAt(coverage.ranges, chat.last_seq);
	const from = Math.max(range?.[0] ?? chat.last_seq + 1, chat.last_seq - PAGE_COUNT + 1);
	store.dispatch({ type: 'timeline.opened', conversation_id: id, from, to: null });
	try {
		if (range) {
			const messages = await disk.readMessages(id, from, chat.last_seq);
			store.dispatch({ type: 'timeline.loaded', conversation_id: id, messages, from });
			if (range[0] === from && range[1] - range[0] + 1 < PAGE_COUNT) await loadOlder(services, id);
		} else {
			await fetchOlder(services, id, null);
		}
	} catch (error) {
		store.dispatch({ type: 'timeline.failed', conversation_id: id, error: codeOf(error) });
	}
}

export async function loadOlder(services: Services, id: Id): Promise<void> {
	const { store, disk } = services;
	const timeline = store.state.timelines[id];
	const coverage = store.state.coverage[id] ?? emptyCoverage;
	const plan = timeline && planOlder(timeline.from, coverage);
	if (!plan) return;
	store.dispatch({ type: 'timeline.loading', conversation_id: id });
	try {
		if (plan.source === 'local') {
			const messages = await disk.readMessages(id, plan.from, plan.to);
			store.dispatch({ type: 'timeline.loaded', conversation_id: id, messages, from: plan.from });
		} else {
			await fetchOlder(services, id, plan.to + 1);
		}
	} catch (error) {
		store.dispatch({ type: 'timeline.failed', conversation_id: id, error: codeOf(error) });
	}
}

/* Fetches what lies after `after` until the shown part meets what is known beyond. */
export async function loadNewer(services: Services, id: Id, after: number): Promise<void> {
	const { api, store } = services;
	const { messages, next } = await api.call('messages.list', { conversation_id: id, after, limit: PAGE_COUNT });
	const page: readonly Message[] = messages;
	const last = page.at(-1)?.seq ?? after;
	const coverage = store.state.coverage[id] ?? emptyCoverage;
	const end = next === null ? Math.max(last, store.state.chats[id]?.last_seq ?? 0) : last;
	store.dispatch({
		type: 'timeline.loaded',
		conversation_id: id,
		messages: page,
		from: store.state.timelines[id]?.from ?? after,
		to: next === null ? null : last,
		coverage: { ...coverage, ranges: addRange(coverage.ranges, after + 1, end) },
	});
}

/* After news came in with a gap before it: the part between is fetched. */
export async function closeGap(services: Services, id: Id): Promise<void> {
	const { store } = services;
	for (;;) {
		const timeline = store.state.timelines[id];
		const chat = store.state.chats[id];
		const range = timeline && rangeAt(store.state.coverage[id]?.ranges ?? [], timeline.from);
		if (!range || !chat || timeline.to !== null || timeline.is_loading || range[1] >= chat.last_seq) return;
		const before = range[1];
		await loadNewer(services, id, before);
		const now = rangeAt(store.state.coverage[id]?.ranges ?? [], timeline.from);
		if (!now || now[1] <= before) return;
	}
}

/* Brings a message on screen that may not be loaded. False: there is nothing to show. */
export async function showMessage(services: Services, id: Id, seq: number): Promise<boolean> {
	const { store, disk, api } = services;
	const timeline = store.state.timelines[id];
	const chat = store.state.chats[id];
	if (!timeline || !chat) return false;
	const isThere = () => store.state.timelines[id]?.items.some((message) => message.seq === seq) ?? false;
	if (isThere()) return true;
	const range = rangeAt(store.state.coverage[id]?.ranges ?? [], seq);
	if (range && timeline.to === null && range[1] >= timeline.from - 1 && timeline.from - seq < JUMP_SPAN_MAX) {
		const from = Math.max(range[0], seq - PAGE_COUNT / 2);
		const messages = await disk.readMessages(id, from, timeline.from - 1);
		store.dispatch({ type: 'timeline.loaded', conversation_id: id, messages, from });
		return isThere();
	}
	const after = Math.max(0, seq - PAGE_COUNT / 2 - 1);
	const { messages, next } = await api.call('messages.list', { conversation_id: id, after, limit: PAGE_COUNT });
	const page: readonly Message[] = messages;
	if (!page.some((message) => message.seq === seq)) return false;
	const last = page.at(-1)?.seq ?? after;
	const coverage = store.state.coverage[id] ?? emptyCoverage;
	const to = next === null ? null : last;
	store.dispatch({ type: 'timeline.opened', conversation_id: id, from: after + 1, to });
	store.dispatch({
		type: 'timeline.loaded',
		conversation_id: id,
		messages: page,
		from: after + 1,
		to,
		coverage: { ...coverage, ranges: addRange(coverage.ranges, after + 1, last) },
	});
	return true;
}

/* One message, for a quote of it; null when it is not there (any more). */
export async function findMessage({ api, disk }: Services, id: Id, seq: number): Promise<Message | null> {
	const [known] = await disk.readMessages(id, seq, seq);
	if (known) return known;
	try {
		const { messages } = await api.call('messages.list', { conversation_id: id, after: seq - 1, limit: 1 });
		const first: Message | undefined = messages[0];
		return first?.seq === seq ? first : null;
	} catch {
		return null;
	}
}
