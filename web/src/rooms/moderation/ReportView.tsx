// SPDX-License-Identifier: Apache-2.0
/* ReportView.tsx - one report, with its outcome when there is one. */
import type { ComponentChildren } from 'preact';
import type { Report } from '../../api/types.ts';
import { shortTime } from '../../model/time.ts';
import { language, t } from '../../text/text.ts';
import { useNow } from '../../ui/use_now.ts';
import './moderation.css';

interface Props {
	report: Report;
	showsReporter?: boolean;
	children?: ComponentChildren;
}

export function ReportView({ report, showsReporter = false, children }: Props) {
	const now = useNow();
	const people = [
		t('moderation.against', { name: `${report.account.nickname} (@${report.account.username})` }),
		showsReporter && t('moderation.by', { name: report.reporter.nickname }),
	];
	return (
		<article class="report">
			<div class="report-top">
				<h3 class="report-reason">{t(`moderation.reason.${report.reason}`)}</h3>
				<time class="row-time">{shortTime(report.created_at, now, language())}</time>
			</div>
			<p class="report-note">{people.filter(Boolean).join(' · ')}</p>
			<p class="report-excerpt" dir="auto">
				{report.excerpt || t(report.seq === null ? 'moderation.account_only' : 'chat.kind.unknown')}
			</p>
			{report.note !== '' && <p class="report-note">{report.note}</p>}
			{report.state === 'closed' ? (
				<p class="report-note">
					{t('moderation.outcome', { action: t(`moderation.action.${report.action ?? 'none'}`) })}
					{report.answer !== '' && ` — ${report.answer}`}
				</p>
			) : (
				!children && <p class="report-note">{t('moderation.open')}</p>
			)}
			{children}
		</article>
	);
}
