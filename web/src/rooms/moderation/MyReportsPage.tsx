// SPDX-License-Identifier: Apache-2.0
/* MyReportsPage.tsx - what one reported, and what came of it. */
import { Flag } from 'lucide';
import { useServices } from '../../model/services.ts';
import { t } from '../../text/text.ts';
import { Empty, Failed, Waiting } from '../../ui/controls.tsx';
import { Page } from '../../ui/Page.tsx';
import { useLoaded } from '../accounts/use_loaded.ts';
import { ReportView } from './ReportView.tsx';

export function MyReportsPage() {
	const { api } = useServices();
	const { value, error, reload } = useLoaded('reports', async () => (await api.call('reports.list', { limit: 100 })).reports);
	return (
		<Page title={t('accounts.my_reports')} back="/me">
			{error !== null && <Failed text={error} onRetry={reload} />}
			{!value && error === null && <Waiting />}
			{value?.length === 0 && <Empty icon={Flag} title={t('moderation.mine_none')} />}
			{value && value.length > 0 && (
				<div class="cells">
					{value.map((report) => (
						<ReportView key={report.id} report={report} />
					))}
				</div>
			)}
		</Page>
	);
}
