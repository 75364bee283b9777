// SPDX-License-Identifier: Apache-2.0
// Goal: what the platform says reaches everybody there is exactly once, wherever they are connected or
// were away, and only operators can say it.
import { newClientId } from '@guanxi/sdk';
import { beforeAll, expect, it } from 'vitest';
import { DAY_MS } from '../support/clock.ts';
import { Ear } from '../support/ear.ts';
import { useServer } from '../support/house.ts';
import { befriend, crowd, person, refused, signIn, type Person } from '../support/people.ts';

const house = useServer({ workers: 5, settings: { 'limits.notices_per_day': 4 } });
let owner: Person;

beforeAll(async () => {
	owner = await person(house.server, 'owner');
});

function tell(text: string, clientId = newClientId()): Promise<{ notice: { id: string; text: string; at: number } }> {
	house.server.clock.advance(DAY_MS);
	return owner.call('operator.create_notice', { client_id: clientId, text });
}

it('reaches every stream once, on whatever edge, with one cursor', async () => {
	const all = [owner, ...(await crowd(house.server, 11))];
	const ears = await Promise.all(all.map((who) => Ear.open(who)));
	const second = await Ear.open(await signIn(house.server, owner));
	const { notice } = await tell('今晚 22:00 停机维护\nback at 23:00');
	const cursors = new Set<string>();
	for (const ear of [...ears, second]) {
		const event = await ear.next('notice');
		expect(event).toMatchObject({ type: 'notice', at: notice.at, notice });
		cursors.add(ear.cursors[ear.events.indexOf(event)] ?? '');
		expect((await ear.untilNow()).filter(({ type }) => type === 'notice')).toEqual([]);
		ear.close();
	}
	expect(cursors.size).toBe(1);
});

it('is there for who was away, in its place among the other news', async () => {
	const [a, b] = (await crowd(house.server, 2)) as [Person, Person];
	const conversation = await befriend(a, b);
	const { cursor } = await b.call('sync.get');
	await a.say(conversation, 'before');
	const { notice } = await tell('while you were away');
	await a.say(conversation, 'after');
	const { events } = await b.call('sync.get', { since: cursor });
	expect(events.map(({ type }) => type)).toEqual(['message', 'notice', 'message']);
	const ear = await Ear.open(b, { since: cursor });
	await ear.message('after');
	expect(ear.events.map(({ type }) => type)).toEqual(['message', 'notice', 'message']);
	expect(ear.events[1]).toMatchObject({ notice });
	ear.close();
});

it('wakes who waits, and new devices find it in the list', async () => {
	const a = await person(house.server);
	const { cursor } = await a.call('sync.get');
	const waiting = a.call('sync.get', { since: cursor, wait_ms: 20_000 });
	const { notice } = await tell('wake up');
	expect((await waiting).events).toMatchObject([{ type: 'notice', notice }]);
	const device = await signIn(house.server, a);
	expect((await device.call('notices.list', { limit: 1 })).notices).toEqual([notice]);
});

it('spoke to nobody who came later', async () => {
	const { notice } = await tell('only for you');
	const late = await person(house.server);
	expect(await late.call('notices.list')).toEqual({ notices: [], next: null });
	const { notices, next } = await owner.call('notices.list', { limit: 2 });
	expect(notices[0]).toEqual(notice);
	expect(next).toBe(notices[1]?.id);
	const rest = await owner.call('notices.list', { cursor: next ?? '' });
	expect(rest.notices.length).toBeGreaterThan(0);
	expect(rest.notices.map(({ id }) => id)).not.toContain(notices[1]?.id);
	const bad = owner.call('notices.list', { cursor: 'x' });
	await refused(bad, 'core.invalid_field');
});

it('is said once by one client_id, and leaves a line', async () => {
	const ear = await Ear.open(owner);
	const clientId = newClientId();
	const first = await tell('once', clientId);
	expect(await owner.call('operator.create_notice', { client_id: clientId, text: 'once' })).toEqual(first);
	await refused(owner.call('operator.create_notice', { client_id: clientId, text: 'twice' }), 'notices.client_id_reused');
	await ear.next('notice');
	expect((await ear.untilNow()).filter(({ type }) => type === 'notice')).toEqual([]);
	const { entries } = await owner.call('operator.list_audit', { limit: 1 });
	expect(entries).toMatchObject([{ action: 'create_notice', note: 'once', account: null }]);
	ear.close();
});

it('is for operators, and not too often', async () => {
	const member = await person(house.server);
	const input = { client_id: newClientId(), text: 'I am the platform' };
	await refused(member.call('operator.create_notice', input), 'core.forbidden');
	for (const text of ['', ' \n ', 'x'.repeat(2001)])
		await refused(owner.call('operator.create_notice', { client_id: newClientId(), text }), 'core.invalid_field');
	await tell('1 of 4');
	for (let i = 2; i <= 4; i++) await owner.call('operator.create_notice', { client_id: newClientId(), text: `${i} of 4` });
	const error = await refused(owner.call('operator.create_notice', { client_id: newClientId(), text: '5 of 4' }), 'notices.too_many');
	expect(error.retryAfterMs).toBeGreaterThan(0);
	await tell('tomorrow');
});
