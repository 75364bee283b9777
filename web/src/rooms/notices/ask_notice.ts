// SPDX-License-Identifier: Apache-2.0
/* ask_notice.ts - the operator's form for a word to everybody. */
import { newClientId } from '@guanxi/sdk';
import { textOf } from '../../api/problem.ts';
import type { Services } from '../../model/services.ts';
import { t } from '../../text/text.ts';
import { askText, showNote } from '../../ui/overlays.tsx';

export function askNotice({ api }: Services): void {
	/* One id for the form: pressing again after a lost answer says nothing twice. */
	const client_id = newClientId();
	askText({
		title: t('platform.publish'),
		label: t('platform.publish_note'),
		maxLength: 2000,
		rows: 5,
		isRequired: true,
		action: t('platform.publish_action'),
		onSubmit: async (text) => {
			await api.call('operator.create_notice', { client_id, text });
			showNote(t('platform.published'));
		},
		describeError: textOf,
	});
}
