// SPDX-License-Identifier: Apache-2.0
/* NoticesPage.tsx - what the platform said to everybody, newest first. */
import { Megaphone } from 'lucide';
import { useSelect, useServices } from '../../model/services.ts';
import { fullTime } from '../../model/time.ts';
import { language, t } from '../../text/text.ts';
import { Empty, Failed, Waiting } from '../../ui/controls.tsx';
import { Page } from '../../ui/Page.tsx';
import { useLoaded } from '../accounts/use_loaded.ts';
import './notices.css';

export function NoticesPage() {
	const { api } = useServices();
	/* A further one comes while the page is open. */
	const newest = useSelect((state) => state.notice?.id ?? '');
	const { value, error, reload } = useLoaded(`notices ${newest}`, async () => (await api.call('notices.list', { limit: 100 })).notices);
	return (
		<Page title={t('platform.notices')} back="/me">
			{error !== null && <Failed text={error} onRetry={reload} />}
			{!value && error === null && <Waiting />}
			{value?.length === 0 && <Empty icon={Megaphone} title={t('platform.none')} />}
			{value && value.length > 0 && (
				<div class="cells">
					{value.map((notice) => (
						<article key={notice.id} class="notice-card">
							<time class="notice-time">{fullTime(notice.at, language())}</time>
							<p class="notice-text" dir="auto">
								{notice.text}
							</p>
						</article>
					))}
				</div>
			)}
		</Page>
	);
}
