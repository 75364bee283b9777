// SPDX-License-Identifier: Apache-2.0
/* MePage.tsx - oneself: the card, and the way to everything of one's own. */
import { Ban, Flag, Megaphone, QrCode, Settings, Shield, Wrench } from 'lucide';
import { ChevronRight } from 'lucide';
import { useSelect } from '../../model/services.ts';
import { t } from '../../text/text.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Cell, Cells } from '../../ui/Cell.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Page } from '../../ui/Page.tsx';
import { Link, usePlace } from '../../ui/router.tsx';
import './MePage.css';
import { useFace } from './use_account.ts';

export function MePage() {
	const { path } = usePlace();
	const me = useSelect((state) => state.me);
	const role = useSelect((state) => state.role);
	const face = useFace(me?.id ?? '');
	return (
		<Page title={t('ui.me')}>
			<Link class="me-card" href="/me/profile" aria-current={path === '/me/profile' ? 'page' : undefined}>
				<Avatar {...face} size={64} />
				<span class="me-text">
					<span class="me-name one-line" dir="auto">
						{me?.nickname}
					</span>
					<span class="me-id one-line">{t('accounts.id_line', { username: me?.username ?? '' })}</span>
				</span>
				<Icon icon={ChevronRight} size={18} class="cell-arrow" />
			</Link>
			<Cells>
				<Cell icon={Shield} label={t('accounts.security')} href="/me/security" />
				<Cell icon={Settings} label={t('accounts.settings')} href="/me/settings" />
			</Cells>
			<Cells>
				<Cell icon={Megaphone} label={t('platform.notices')} href="/me/notices" />
				<Cell icon={Ban} label={t('accounts.blocked')} href="/me/blocked" />
				<Cell icon={Flag} label={t('accounts.my_reports')} href="/me/reports" />
			</Cells>
			{role !== 'member' && (
				<Cells>
					<Cell icon={QrCode} label={t('accounts.invite_friends')} href="/me/invite" />
					<Cell icon={Wrench} label={t('accounts.operator')} href="/operator" />
				</Cells>
			)}
		</Page>
	);
}
