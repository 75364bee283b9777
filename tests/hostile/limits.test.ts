// SPDX-License-Identifier: Apache-2.0
// Goal: what an account may do so often or so much at a time, and what it is told beyond.
// Method: each maximum set low, reached, passed by one, and free again.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RawStream } from '../support/frames.ts';
import { useServer } from '../support/house.ts';
import { findBinary, root } from '../support/paths.ts';
import { befriend, crowd, group, nobody, people, person, refused, signIn } from '../support/people.ts';
import { RawConnection, request } from '../support/raw.ts';

describe('the table', () => {
	it('stands in the documentation as the program prints it', () => {
		const printed = execFileSync(findBinary(), ['--print-limits'], { encoding: 'utf8' });
		expect(readFileSync(`${root}docs/limits.md`, 'utf8')).toBe(printed);
	});
});

describe('of one account', () => {
	const house = useServer({ settings: {
		'limits.profile_changes_per_hour': 2, 'limits.group_changes_per_hour': 2, 'limits.sessions_per_account': 3,
		'limits.uploads_at_once': 1, 'limits.queries_at_once': 2,
	} });

	it('changes of the profile in an hour', async () => {
		const [who, other] = await people(house.server, 2);
		await who.call('me.update', { nickname: 'one' });
		await who.call('me.update', { nickname: 'two' });
		const error = await refused(who.call('me.update', { nickname: 'three' }), 'accounts.throttled');
		expect(error.retryAfterMs).toBeGreaterThan(0);
		await other.call('me.update', { nickname: 'one' });
		house.server.clock.advance(3_600_000);
		await who.call('me.update', { nickname: 'three' });
	});

	it('changes of groups in an hour', async () => {
		const [owner, ...members] = await crowd(house.server, 3);
		if (!owner) throw new Error('nobody');
		for (const member of members) await befriend(owner, member);
		const id = await group(owner, members);
		await owner.call('groups.update', { group_id: id, name: 'one' });
		await owner.call('groups.update', { group_id: id, name: 'two' });
		await refused(owner.call('groups.update', { group_id: id, name: 'three' }), 'core.too_often');
	});

	it('devices: the oldest is signed out, and its stream closed with 4001', async () => {
		const first = await person(house.server);
		const stream = await RawStream.open(house.server, first.token);
		const devices = [await signIn(house.server, first), await signIn(house.server, first)];
		await first.call('me.get');
		const last = await signIn(house.server, first);
		await refused(first.call('me.get'), 'core.unauthenticated');
		expect(await stream.closed()).toBe(4001);
		for (const device of [...devices, last]) await device.call('me.get');
		expect((await last.call('sessions.list')).sessions).toHaveLength(3);
	});

	it('uploads at a time', async () => {
		const who = await person(house.server);
		const headers = { authorization: `Bearer ${who.token}`, 'content-type': 'text/plain', 'content-length': '10' };
		const slow = await RawConnection.open(house.server);
		slow.send(request('POST', '/api/v1/media', { ...headers, expect: '100-continue' }));
		expect((await slow.answer()).status).toBe(100);
		const second = await RawConnection.open(house.server);
		second.send(`${request('POST', '/api/v1/media', headers)}0123456789`);
		const answer = await second.answer();
		expect(answer.status).toBe(429);
		expect(JSON.parse(answer.body.toString())).toMatchObject({ code: 'core.too_often', retry_after: 1 });
		expect(answer.headers.get('retry-after')).toBe('1');
		slow.send('0123456789');
		expect((await slow.answer()).status).toBe(201);
		const third = await RawConnection.open(house.server);
		third.send(`${request('POST', '/api/v1/media', headers)}0123456789`);
		expect((await third.answer()).status).toBe(201);
		for (const connection of [slow, second, third]) connection.destroy();
	});

	it('queries at a time', async () => {
		const who = await person(house.server);
		const conversation = await who.selfConversation();
		const { cursor } = await who.call('sync.get');
		const stream = await RawStream.open(house.server, who.token);
		const poll = { since: cursor, wait_ms: 20_000 };
		stream.send(stream.call(1, 'sync.get', poll), stream.call(2, 'sync.get', poll), stream.call(3, 'me.get'));
		expect(await stream.json()).toMatchObject({ id: 3, status: 429, problem: { code: 'core.too_often', retry_after: 1 } });
		await nobody(house.server).call('instance.get');
		await who.say(conversation, 'wakes them'); // a command, not a query
		const frames = [await stream.json(), await stream.json(), await stream.json()];
		expect(frames.filter(({ t, status }) => t === 'reply' && status === 200)).toHaveLength(2);
		await who.call('me.get');
		stream.destroy();
	});
});
