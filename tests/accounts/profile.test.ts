// SPDX-License-Identifier: Apache-2.0
// Goal: who someone is can be changed by himself, is seen by those who may, and found by exact name.
import { describe, expect, it } from 'vitest';
import { Ear } from '../support/ear.ts';
import { useServer } from '../support/house.ts';
import { befriend, people, person, refused, signIn } from '../support/people.ts';
import { gif, png } from '../support/pictures.ts';

const house = useServer({ settings: { 'limits.account_searches_per_hour': 20 } });

describe('profile', () => {
	it('changes what is given and nothing else', async () => {
		const one = await person(house.server);
		await one.call('me.update', { nickname: '李四', signature: '你好 👋', region: '上海' });
		const { account } = await one.call('me.update', { signature: '' });
		expect(account).toMatchObject({ nickname: '李四', signature: '', region: '上海' });
		expect((await one.call('me.get')).account).toEqual(account);
		expect((await one.call('me.update')).account).toEqual(account);
	});

	it('keeps to its limits', async () => {
		const one = await person(house.server);
		await one.call('me.update', { signature: '签'.repeat(100), region: '区'.repeat(50) });
		await refused(one.call('me.update', { signature: '签'.repeat(101) }), 'core.invalid_field');
		await refused(one.call('me.update', { region: '区'.repeat(51) }), 'core.invalid_field');
		await refused(one.call('me.update', { nickname: '' }), 'core.invalid_field');
	});

	it('tells one\'s other devices and one\'s contacts', async () => {
		const [one, friend, stranger] = await people(house.server, 3);
		await befriend(one, friend);
		const own = await Ear.open(await signIn(house.server, one));
		const near = await Ear.open(friend);
		const far = await Ear.open(stranger);
		await one.call('me.update', { nickname: '新名字' });
		expect((await own.next('account')).account).toMatchObject({ id: one.id, nickname: '新名字' });
		expect((await near.next('account', (e) => e.account.id === one.id)).account.nickname).toBe('新名字');
		expect((await far.untilNow()).filter(({ type }) => type === 'account')).toEqual([]);
		for (const ear of [own, near, far]) ear.close();
	});

	it('takes a picture of one\'s own as avatar, which everyone signed in may see', async () => {
		const [one, stranger] = await people(house.server, 2);
		const media = await one.client.upload(png(64, 64), { mime: 'image/png' });
		await refused(stranger.client.download('media.get', media.id), 'media.no_media');
		const { account } = await one.call('me.update', { avatar: media.id });
		expect(account.avatar).toBe(media.id);
		expect((await stranger.client.download('media.get', media.id)).status).toBe(200);
		expect((await one.call('me.update', { avatar: null })).account.avatar).toBeNull();
		await refused(stranger.client.download('media.get', media.id), 'media.no_media');
	});

	it('refuses an avatar that is no picture or not one\'s own', async () => {
		const [one, other] = await people(house.server, 2);
		const text = await one.client.upload(new TextEncoder().encode('hello'), { mime: 'text/plain' });
		const theirs = await other.client.upload(gif(), { mime: 'image/gif' });
		await refused(one.call('me.update', { avatar: text.id }), 'accounts.bad_avatar');
		await refused(one.call('me.update', { avatar: theirs.id }), 'accounts.bad_avatar');
		await refused(one.call('me.update', { avatar: '999999' }), 'accounts.bad_avatar');
	});
});

describe('finding people', () => {
	it('finds exactly the name, in any case', async () => {
		const [one, other] = await people(house.server, 2);
		const q = other.account.username.toUpperCase();
		expect((await one.call('accounts.search', { q })).account).toEqual(other.account);
		await refused(one.call('accounts.search', { q: q.slice(0, -1) }), 'accounts.no_account');
		await refused(one.call('accounts.search', { q: other.account.nickname }), 'accounts.no_account');
	});

	it('answers the same for every name that finds nobody', async () => {
		const one = await person(house.server);
		const first = await refused(one.call('accounts.search', { q: 'nobody1' }), 'accounts.no_account');
		const second = await refused(one.call('accounts.search', { q: '%' }), 'accounts.no_account');
		expect({ ...first.problem, detail: '' }).toEqual({ ...second.problem, detail: '' });
	});

	it('is no way to try names in bulk', async () => {
		const one = await person(house.server);
		for (let i = 0; i < 20; i++) await one.call('accounts.search', { q: one.account.username });
		const error = await refused(one.call('accounts.search', { q: 'nobody1' }), 'accounts.throttled');
		expect(error.retryAfterMs).toBeGreaterThan(0);
	});

	it('shows an account by id to those who may see it', async () => {
		const [one, friend, stranger] = await people(house.server, 3);
		await befriend(one, friend);
		const seen = await one.call('accounts.get', { account_id: friend.id });
		expect(seen.account).toEqual(friend.account);
		expect(seen.contact).toMatchObject({ account: friend.account, remark: '', source: { kind: 'username' } });
		expect(await one.call('accounts.get', { account_id: one.id })).toEqual({ account: one.account });
		await refused(one.call('accounts.get', { account_id: stranger.id }), 'accounts.no_account');
		await refused(one.call('accounts.get', { account_id: '999999' }), 'accounts.no_account');
	});
});
