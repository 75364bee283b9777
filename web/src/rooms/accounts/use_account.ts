// SPDX-License-Identifier: Apache-2.0
/* use_account.ts - people as components show them: face and name. */
import { useEffect } from 'preact/hooks';
import type { Account, Id } from '../../api/types.ts';
import { accountOf, nameOf } from '../../model/select.ts';
import { useSelect, useServices, type Services } from '../../model/services.ts';
import type { Face } from '../../ui/Avatar.tsx';

export function isSameFace(a: Face, b: Face): boolean {
	return a.id === b.id && a.name === b.name && a.src === b.src;
}

/* The picture, or the first character of the nickname (not of the remark). */
export function useFace(id: Id): Face {
	const { api } = useServices();
	return useSelect((state) => {
		const account = accountOf(state, id);
		return { id, name: account?.nickname ?? '', src: account?.avatar ? api.thumbUrl(account.avatar) : null };
	}, isSameFace);
}

export function useName(accountId: Id, conversationId?: Id): string {
	return useSelect((state) => nameOf(state, accountId, conversationId));
}

const asked = new Set<Id>();

/* Reads someone's account once per visit; who can't be seen stays unknown. */
export async function fetchAccount({ api, store }: Services, id: Id): Promise<void> {
	if (asked.has(id)) return;
	asked.add(id);
	try {
		const { account, contact } = await api.call('accounts.get', { account_id: id });
		store.dispatch({ type: 'account.read', account });
		if (contact) store.dispatch({ type: 'contact.changed', contact });
	} catch {
		// Shown without a name.
	}
}

export function useAccount(id: Id): Account | null {
	const services = useServices();
	const account = useSelect((state) => accountOf(state, id));
	const isOnline = useSelect((state) => state.link === 'online');
	useEffect(() => {
		if (!account && isOnline && id) void fetchAccount(services, id);
	}, [account, isOnline, id, services]);
	return account;
}
