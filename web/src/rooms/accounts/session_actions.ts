// SPDX-License-Identifier: Apache-2.0
/* session_actions.ts - signing up, in and out. */
import { GuanxiError, type Proof, type SignedIn } from '@guanxi/sdk';
import { codeOf } from '../../api/problem.ts';
import type { Services } from '../../model/services.ts';

const browsers: readonly (readonly [RegExp, string])[] = [
	[/MicroMessenger/, 'WeChat'],
	[/Edg\//, 'Edge'],
	[/OPR\//, 'Opera'],
	[/Firefox\//, 'Firefox'],
	[/Chrome\//, 'Chrome'],
	[/Safari\//, 'Safari'],
];
const systems: readonly (readonly [RegExp, string])[] = [
	[/iPhone/, 'iPhone'],
	[/iPad/, 'iPad'],
	[/Android/, 'Android'],
	[/Mac OS X/, 'Mac'],
	[/Windows/, 'Windows'],
	[/CrOS/, 'ChromeOS'],
	[/Linux/, 'Linux'],
];

export function deviceOf(agent: string): { name: string; platform: string } {
	const find = (table: typeof browsers) => table.find(([pattern]) => pattern.test(agent))?.[1];
	const name = [find(browsers), find(systems)].filter((part) => part !== undefined).join(' · ');
	return { name: name || 'Web', platform: 'web' };
}

function solve(task: { challenge: string; bits: number }): Promise<Proof> {
	return new Promise((resolve, reject) => {
		const worker = new Worker(new URL('./proof.worker.ts', import.meta.url), { type: 'module' });
		worker.onmessage = (event: MessageEvent<Proof>) => {
			worker.terminate();
			resolve(event.data);
		};
		worker.onerror = () => {
			worker.terminate();
			reject(new Error('the proof could not be made'));
		};
		worker.postMessage(task);
	});
}

export interface SignUp {
	username: string;
	password: string;
	nickname: string;
	invite?: string;
}

/* Signs up; when many do so at once the server wants a proof of work first. */
export async function signUp({ api }: Services, input: SignUp, onProving: () => void): Promise<SignedIn> {
	const device = deviceOf(navigator.userAgent);
	try {
		return await api.call('accounts.create', { ...input, device });
	} catch (error) {
		if (!(error instanceof GuanxiError) || codeOf(error) !== 'accounts.proof_required') throw error;
	}
	onProving();
	const { challenge, bits } = await api.call('proofs.create');
	const proof = await solve({ challenge, bits });
	return api.call('accounts.create', { ...input, device, proof });
}

export function signIn({ api }: Services, username: string, password: string): Promise<SignedIn> {
	return api.call('sessions.create', { username, password, device: deviceOf(navigator.userAgent) });
}

export function resetPassword({ api }: Services, username: string, code: string, password: string): Promise<SignedIn> {
	return api.call('password_resets.create', { username, code, password, device: deviceOf(navigator.userAgent) });
}

/* The session is taken over; whoever watches the state goes on from there. */
export function enter({ api, store }: Services, { account, session }: SignedIn): void {
	api.setSession(session);
	store.dispatch({ type: 'signed_in', account, role: 'member' });
}

/* Forgets everything on this device. The server is told if it can be reached. */
export async function signOut({ api, store, disk }: Services, isToldToServer: boolean): Promise<void> {
	if (isToldToServer) await api.call('sessions.delete_current').catch(() => undefined);
	api.setSession(null);
	store.dispatch({ type: 'signed_out' });
	await disk.write([]);
}
