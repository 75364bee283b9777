// SPDX-License-Identifier: Apache-2.0
/* source.ts - how two people came to know each other, in words. */
import type { Contact } from '../../api/types.ts';
import { isTextKey, t } from '../../text/text.ts';

export type Source = Contact['source'];

/* Where an address leads to a stranger, so that the request can say so truthfully. */
export interface SourceHint {
	kind: Source['kind'];
	ref: string;
}

export function sourceText({ kind, label }: Source): string {
	if (kind === 'group' && label) return t('contacts.source.group_named', { label });
	if (kind === 'card' && label) return t('contacts.source.card_from', { label });
	const key = `contacts.source.${kind}`;
	return isTextKey(key) ? t(key) : t('contacts.source.unknown');
}
