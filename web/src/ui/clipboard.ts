// SPDX-License-Identifier: Apache-2.0
/* clipboard.ts - copies a text, also on plain HTTP where the clipboard's own API is missing. */
import { t } from '../text/text.ts';
import { showNote } from './overlays.tsx';

function copyBySelection(text: string): boolean {
	const field = document.createElement('textarea');
	field.value = text;
	field.className = 'unseen';
	(document.querySelector('dialog[open]') ?? document.body).append(field);
	field.select();
	// The old way is the only one without a secure connection.
	const isDone = (document as unknown as { execCommand(command: string): boolean }).execCommand('copy');
	field.remove();
	return isDone;
}

export async function copyText(text: string): Promise<void> {
	let isDone = false;
	try {
		await navigator.clipboard.writeText(text);
		isDone = true;
	} catch {
		isDone = copyBySelection(text);
	}
	showNote(t(isDone ? 'ui.copied' : 'ui.copy_failed'));
}
