// SPDX-License-Identifier: Apache-2.0
/* ReportsPage.tsx - the operator's list of reports, and the decision on each. */
import { Flag } from 'lucide';
import { useState } from 'preact/hooks';
import { textOf } from '../../api/problem.ts';
import type { Report } from '../../api/types.ts';
import { useServices, type Services } from '../../model/services.ts';
import { t } from '../../text/text.ts';
import { Button, Empty, Failed, Field, Waiting } from '../../ui/controls.tsx';
import { openDialog } from '../../ui/overlays.tsx';
import { Page } from '../../ui/Page.tsx';
import { useLoaded } from '../accounts/use_loaded.ts';
import { ReportView } from './ReportView.tsx';

const states: readonly Report['state'][] = ['open', 'closed'];

export function ReportsPage() {
	const services = useServices();
	const [state, setState] = useState<Report['state']>('open');
	const { value, error, reload } = useLoaded(state, async () => ({
		state,
		reports: (await services.api.call('operator.list_reports', { state, limit: 100 })).reports,
	}));
	const reports = value?.state === state ? value.reports : null;
	return (
		<Page title={t('moderation.reports')} back="/operator">
			<div class="segments" role="tablist">
				{states.map((one) => (
					<button key={one} type="button" role="tab" class="segment" aria-selected={one === state} onClick={() => setState(one)}>
						{t(`moderation.${one}`)}
					</button>
				))}
			</div>
			{error !== null && <Failed text={error} onRetry={reload} />}
			{!reports && error === null && <Waiting />}
			{reports?.length === 0 && <Empty icon={Flag} title={t(`moderation.none_${state}`)} />}
			{reports && reports.length > 0 && (
				<div class="cells">
					{reports.map((report) => (
						<ReportView key={report.id} report={report} showsReporter>
							{report.state === 'open' && (
								<div class="report-actions">
									<Button kind="plain" onClick={() => openDecision(services, report, reload)}>
										{t('moderation.close')}
									</Button>
								</div>
							)}
						</ReportView>
					))}
				</div>
			)}
		</Page>
	);
}

function openDecision(services: Services, report: Report, onDone: () => void): void {
	openDialog(t('moderation.close_title'), (close) => <DecisionForm services={services} report={report} onDone={onDone} close={close} />);
}

type Decision = NonNullable<Report['action']>;
const decisions: readonly Decision[] = ['none', 'suspend'];

interface DecisionProps {
	services: Services;
	report: Report;
	onDone: () => void;
	close: () => void;
}

function DecisionForm({ services, report, onDone, close }: DecisionProps) {
	const [action, setAction] = useState<Decision>('none');
	const [note, setNote] = useState('');
	const [error, setError] = useState<string | null>(null);
	const [isBusy, setBusy] = useState(false);
	const submit = async (event: Event) => {
		event.preventDefault();
		setBusy(true);
		setError(null);
		try {
			const text = note.trim();
			await services.api.call('operator.close_report', { report_id: report.id, action, ...(text === '' ? {} : { note: text }) });
			close();
			onDone();
		} catch (cause) {
			setError(textOf(cause));
			setBusy(false);
		}
	};
	return (
		<form onSubmit={(event) => void submit(event)}>
			<p class="report-excerpt">{report.excerpt || t('moderation.account_only')}</p>
			<fieldset class="choices">
				<legend class="unseen">{t('moderation.close_title')}</legend>
				{decisions.map((one) => (
					<label key={one} class="choice">
						<input type="radio" name="action" checked={action === one} onChange={() => setAction(one)} />
						<span>{t(`moderation.action.${one}`)}</span>
					</label>
				))}
			</fieldset>
			<Field label={t('moderation.answer')} value={note} onValue={setNote} rows={3} maxLength={500} error={error} />
			<div class="dialog-actions">
				<Button kind="plain" onClick={close}>
					{t('ui.cancel')}
				</Button>
				<Button type="submit" kind={action === 'suspend' ? 'danger' : 'main'} isBusy={isBusy}>
					{t('moderation.close')}
				</Button>
			</div>
		</form>
	);
}
