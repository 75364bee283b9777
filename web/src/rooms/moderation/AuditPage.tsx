// SPDX-License-Identifier: Apache-2.0
/* AuditPage.tsx - what operators did, newest first. */
import type { Out } from '@guanxi/sdk';
import { ScrollText } from 'lucide';
import { useState } from 'preact/hooks';
import { textOf } from '../../api/problem.ts';
import { useServices } from '../../model/services.ts';
import { fullTime } from '../../model/time.ts';
import { language, t } from '../../text/text.ts';
import { Button, Empty, Failed, Waiting } from '../../ui/controls.tsx';
import { showNote } from '../../ui/overlays.tsx';
import { Page } from '../../ui/Page.tsx';
import { useLoaded } from '../accounts/use_loaded.ts';

type AuditAnswer = Out<'operator.list_audit'>;

export function AuditPage() {
	const { api } = useServices();
	const [more, setMore] = useState<AuditAnswer | null>(null);
	const { value, error, reload } = useLoaded('audit', () => api.call('operator.list_audit', {}));
	const entries = [...(value?.entries ?? []), ...(more?.entries ?? [])];
	const next = more ? more.next : (value?.next ?? null);
	const readMore = async (cursor: string) => {
		try {
			const page = await api.call('operator.list_audit', { cursor });
			setMore((known) => ({ entries: [...(known?.entries ?? []), ...page.entries], next: page.next }));
		} catch (cause) {
			showNote(textOf(cause));
		}
	};
	return (
		<Page title={t('moderation.audit')} back="/operator">
			{error !== null && <Failed text={error} onRetry={reload} />}
			{!value && error === null && <Waiting />}
			{value && entries.length === 0 && <Empty icon={ScrollText} title={t('moderation.audit_none')} />}
			{entries.length > 0 && (
				<ol class="cells">
					{entries.map((entry, index) => (
						<li key={index} class="report">
							<div class="report-top">
								<span>
									{entry.operator.nickname} · {t(`moderation.audit.${entry.action}`)}
									{entry.account && ` · ${entry.account.nickname} (@${entry.account.username})`}
								</span>
								<time class="row-time">{fullTime(entry.at, language())}</time>
							</div>
							{entry.note !== '' && <p class="report-note">{entry.note}</p>}
						</li>
					))}
				</ol>
			)}
			{next !== null && (
				<div class="padded">
					<Button kind="plain" isWide onClick={() => void readMore(next)}>
						{t('ui.load_more')}
					</Button>
				</div>
			)}
		</Page>
	);
}
