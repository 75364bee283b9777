// SPDX-License-Identifier: Apache-2.0
/* AddFriendPage.tsx - finds someone by exact username and asks to become contacts. */
import { useState } from 'preact/hooks';
import { codeOf, textOf } from '../../api/problem.ts';
import type { Account } from '../../api/types.ts';
import { useSelect, useServices } from '../../model/services.ts';
import { t } from '../../text/text.ts';
import { Button, Empty, Field } from '../../ui/controls.tsx';
import { Page } from '../../ui/Page.tsx';
import './ContactList.css';
import { Profile } from './ContactPage.tsx';

interface Found {
	query: string;
	account: Account | null;
}

export function AddFriendPage() {
	const { api, store } = useServices();
	const me = useSelect((state) => state.me);
	const [query, setQuery] = useState('');
	const [found, setFound] = useState<Found | null>(null);
	const [error, setError] = useState<string | null>(null);
	const [isBusy, setBusy] = useState(false);
	const find = async (event: Event) => {
		event.preventDefault();
		const wanted = query.trim();
		if (wanted === '') return;
		setBusy(true);
		setError(null);
		try {
			const { account } = await api.call('accounts.search', { q: wanted });
			store.dispatch({ type: 'account.read', account });
			setFound({ query: wanted, account });
		} catch (cause) {
			if (codeOf(cause) === 'accounts.no_account') setFound({ query: wanted, account: null });
			else setError(textOf(cause));
		} finally {
			setBusy(false);
		}
	};
	return (
		<Page title={t('contacts.add')} back="/contacts">
			<form class="find-form" role="search" onSubmit={(event) => void find(event)}>
				<Field
					label={t('contacts.search_username')}
					isLabelHidden
					placeholder={t('contacts.search_username')}
					value={query}
					onValue={setQuery}
					error={error}
					maxLength={64}
					autocomplete="off"
					autocapitalize="none"
					spellcheck={false}
					enterkeyhint="search"
				/>
				<Button type="submit" isBusy={isBusy} disabled={query.trim() === ''}>
					{t('contacts.find')}
				</Button>
			</form>
			<div aria-live="polite">
				{found === null ? (
					<p class="cells-note">{t('contacts.my_username', { username: me?.username ?? '' })}</p>
				) : found.account ? (
					<Profile key={found.account.id} id={found.account.id} source={{ kind: 'username', ref: found.query }} />
				) : (
					<Empty title={t('contacts.not_found', { query: found.query })} note={t('contacts.not_found_note')} />
				)}
			</div>
		</Page>
	);
}
