// SPDX-License-Identifier: Apache-2.0
/* NoticeBanner.tsx - the newest word of the platform, above the conversations until it is put away. */
import { Megaphone, X } from 'lucide';
import { useSelect, useServices } from '../../model/services.ts';
import { t } from '../../text/text.ts';
import { Icon } from '../../ui/Icon.tsx';
import { Link } from '../../ui/router.tsx';
import './notices.css';

export function NoticeBanner() {
	const { store } = useServices();
	const notice = useSelect((state) => (state.is_notice_away ? null : state.notice));
	if (!notice) return null;
	return (
		<div class="notice-banner" role="status">
			<Link class="notice-banner-text" href="/me/notices">
				<Icon icon={Megaphone} size={18} />
				<span dir="auto">{notice.text}</span>
			</Link>
			<button type="button" class="bar-button" aria-label={t('platform.put_away')} onClick={() => store.dispatch({ type: 'notice.put_away' })}>
				<Icon icon={X} size={18} />
			</button>
		</div>
	);
}
