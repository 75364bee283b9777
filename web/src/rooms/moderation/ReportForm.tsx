// SPDX-License-Identifier: Apache-2.0
/* ReportForm.tsx - reports a message or an account to the operator. */
import { newClientId } from '@guanxi/sdk';
import { useState } from 'preact/hooks';
import { textOf } from '../../api/problem.ts';
import type { Id, Report } from '../../api/types.ts';
import { nameOf } from '../../model/select.ts';
import type { Services } from '../../model/services.ts';
import { t } from '../../text/text.ts';
import { Button, Field } from '../../ui/controls.tsx';
import { openDialog, showNote } from '../../ui/overlays.tsx';
import './moderation.css';

type Subject = { conversation_id: Id; seq: number } | { account_id: Id };

const reasons: readonly Report['reason'][] = ['spam', 'fraud', 'harassment', 'other'];

export function openReport(services: Services, subject: Subject): void {
	const title =
		'account_id' in subject
			? t('moderation.report_account', { name: nameOf(services.store.state, subject.account_id) })
			: t('moderation.report_message');
	const clientId = newClientId();
	openDialog(title, (close) => <ReportForm services={services} subject={subject} clientId={clientId} close={close} />);
}

interface Props {
	services: Services;
	subject: Subject;
	clientId: string;
	close: () => void;
}

function ReportForm({ services, subject, clientId, close }: Props) {
	const [reason, setReason] = useState<Report['reason'] | null>(null);
	const [note, setNote] = useState('');
	const [error, setError] = useState<string | null>(null);
	const [isBusy, setBusy] = useState(false);
	const send = async (event: Event) => {
		event.preventDefault();
		if (!reason) return;
		setBusy(true);
		setError(null);
		try {
			const text = note.trim();
			await services.api.call('reports.create', { ...subject, client_id: clientId, reason, ...(text === '' ? {} : { note: text }) });
			close();
			showNote(t('moderation.sent'));
		} catch (cause) {
			setError(textOf(cause));
			setBusy(false);
		}
	};
	return (
		<form onSubmit={(event) => void send(event)}>
			<p class="dialog-text">{t('moderation.report_note')}</p>
			<fieldset class="choices">
				<legend class="unseen">{t('moderation.why')}</legend>
				{reasons.map((one) => (
					<label key={one} class="choice">
						<input type="radio" name="reason" checked={reason === one} onChange={() => setReason(one)} />
						<span>{t(`moderation.reason.${one}`)}</span>
					</label>
				))}
			</fieldset>
			<Field label={t('moderation.details')} value={note} onValue={setNote} rows={3} maxLength={500} error={error} />
			<div class="dialog-actions">
				<Button kind="plain" onClick={close}>
					{t('ui.cancel')}
				</Button>
				<Button type="submit" isBusy={isBusy} disabled={reason === null}>
					{t('moderation.send')}
				</Button>
			</div>
		</form>
	);
}
