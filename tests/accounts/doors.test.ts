// SPDX-License-Identifier: Apache-2.0
// Goal: who may sign up is the operator's choice, and a flood of sign-ups is slowed down.
import { newClientId, solveProof, type Client } from '@guanxi/sdk';
import { beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../support/clock.ts';
import { useServer } from '../support/house.ts';
import { newUsername, nobody, nobodyFrom, PASSWORD, person, refused, type Person } from '../support/people.ts';

function signUp(client: Client, more: object = {}): Promise<unknown> {
	return client.call('accounts.create', { username: newUsername(), password: PASSWORD, nickname: 'x', ...more });
}

describe('by invitation', () => {
	const house = useServer({ settings: { 'accounts.registration': 'invite' } });
	let owner: Person;
	beforeAll(async () => {
		owner = await person(house.server, 'owner');
	});

	it('lets the first one in without, and then nobody', async () => {
		expect((await nobody(house.server).call('instance.get')).registration).toBe('invite');
		await refused(signUp(nobody(house.server)), 'accounts.invite_required');
		await refused(signUp(nobody(house.server), { invite: newClientId() }), 'accounts.bad_invite');
	});

	it('counts the uses of a code, under a race too', async () => {
		const { invite } = await owner.call('invites.create', { uses: 3 });
		expect(invite).toMatchObject({ uses_left: 3 });
		const all = await Promise.allSettled(
			Array.from({ length: 6 }, () => signUp(nobody(house.server), { invite: invite.code })),
		);
		expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
		await refused(signUp(nobody(house.server), { invite: invite.code }), 'accounts.bad_invite');
	});

	it('is not used up by a sign-up that fails', async () => {
		const { invite } = await owner.call('invites.create');
		const taken = { invite: invite.code, username: owner.account.username };
		await refused(signUp(nobody(house.server), taken), 'accounts.username_taken');
		await signUp(nobody(house.server), { invite: invite.code });
	});

	it('expires, and can be taken back', async () => {
		const short = (await owner.call('invites.create', { expires_in_s: 60 })).invite;
		const long = (await owner.call('invites.create', { uses: 1000 })).invite;
		house.server.clock.advance(DAY_MS);
		await refused(signUp(nobody(house.server), { invite: short.code }), 'accounts.bad_invite');
		const { invites } = await owner.call('invites.list');
		expect(invites.map(({ code }) => code)).toContain(long.code);
		await owner.call('invites.delete', { code: long.code });
		await refused(owner.call('invites.delete', { code: long.code }), 'accounts.no_invite');
		await refused(signUp(nobody(house.server), { invite: long.code }), 'accounts.bad_invite');
	});

	it('keeps to its limits, and there are not endlessly many', async () => {
		await refused(owner.call('invites.create', { uses: 0 }), 'core.invalid_field');
		await refused(owner.call('invites.create', { uses: 1001 }), 'core.invalid_field');
		for (let i = 0; i < 200; i++) {
			const error = await owner.call('invites.create').then(() => undefined, (e: unknown) => e as { code: string });
			if (error?.code === 'accounts.too_many_invites') return;
			expect(error).toBeUndefined();
		}
		await refused(owner.call('invites.create'), 'accounts.too_many_invites');
	});
});

describe('closed', () => {
	const house = useServer({ settings: { 'accounts.registration': 'closed' } });

	it('lets the owner in and nobody else', async () => {
		await person(house.server, 'owner');
		await refused(signUp(nobody(house.server)), 'accounts.registration_closed');
	});
});

describe('open, when many come', () => {
	const house = useServer({
		settings: {
			'accounts.free_signups_per_hour': 2, 'accounts.proof_bits': 8, 'server.trusted_proxies': '127.0.0.1',
			'limits.sign_ups_per_address_per_hour': 3,
		},
	});
	let lastAddress = 0;
	const somewhere = (): Client => nobodyFrom(house.server, `203.0.113.${++lastAddress}`);

	it('asks for work, once for each account', async () => {
		await signUp(somewhere());
		await signUp(somewhere());
		await refused(signUp(somewhere()), 'accounts.proof_required');
		const challenge = await somewhere().call('proofs.create');
		expect(challenge.bits).toBe(8);
		const proof = await solveProof(challenge);
		await refused(signUp(somewhere(), { proof: { ...proof, nonce: `${proof.nonce}x` } }), 'accounts.bad_proof');
		await refused(signUp(somewhere(), { proof: { ...proof, challenge: 'x' } }), 'accounts.bad_proof');
		await signUp(somewhere(), { proof });
		await refused(signUp(somewhere(), { proof }), 'accounts.bad_proof');
	});

	it('takes no work that is too old, and needs none an hour later', async () => {
		const proof = await solveProof(await somewhere().call('proofs.create'));
		house.server.clock.advance(HOUR_MS - 1000);
		await refused(signUp(somewhere(), { proof }), 'accounts.bad_proof');
		house.server.clock.advance(2000);
		await signUp(somewhere());
	});

	it('does not count this machine itself', async () => {
		for (let i = 0; i < 4; i++) await signUp(nobody(house.server));
	});

	it('counts each address', async () => {
		house.server.clock.advance(2 * HOUR_MS);
		const client = somewhere();
		for (let i = 0; i < 3; i++) await signUp(client, { username: 'x' }).catch(() => undefined);
		const error = await refused(signUp(client), 'accounts.throttled');
		expect(error.retryAfterMs).toBeGreaterThan(0);
		await signUp(somewhere());
	});
});
