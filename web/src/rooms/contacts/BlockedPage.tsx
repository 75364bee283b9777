// SPDX-License-Identifier: Apache-2.0
/* BlockedPage.tsx - whom one blocks, and the way back. */
import { Ban } from 'lucide';
import type { Id } from '../../api/types.ts';
import { isSameList, useSelect, useServices } from '../../model/services.ts';
import { t } from '../../text/text.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Button, Empty } from '../../ui/controls.tsx';
import { Page } from '../../ui/Page.tsx';
import { useAccount, useFace, useName } from '../accounts/use_account.ts';
import { setBlocked } from './contact_actions.ts';

export function BlockedPage() {
	const ids = useSelect((state) => Object.keys(state.blocked), isSameList);
	return (
		<Page title={t('accounts.blocked')} back="/me">
			{ids.length === 0 ? (
				<Empty icon={Ban} title={t('accounts.blocked_none')} />
			) : (
				<ul class="cells">
					{ids.map((id) => (
						<BlockedRow key={id} id={id} />
					))}
				</ul>
			)}
		</Page>
	);
}

function BlockedRow({ id }: { id: Id }) {
	const services = useServices();
	useAccount(id);
	const face = useFace(id);
	const name = useName(id);
	return (
		<li>
			<div class="cell">
				<Avatar {...face} size={40} />
				<span class="cell-label one-line">{name}</span>
				<Button kind="plain" onClick={() => void setBlocked(services, id, false)}>
					{t('accounts.unblock')}
				</Button>
			</div>
		</li>
	);
}
