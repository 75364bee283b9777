// SPDX-License-Identifier: Apache-2.0
/* problem.ts - what went wrong, in the reader's words. */
import { ConnectionError, GuanxiError } from '@guanxi/sdk';
import { isTextKey, t, type Params } from '../text/text.ts';

/* The refusal's code; "offline" when the server was not reached, "lost" when its answer was. */
export function codeOf(error: unknown): string {
	if (error instanceof GuanxiError) return error.code;
	if (error instanceof ConnectionError) return error.reason === 'offline' ? 'offline' : 'lost';
	return 'client';
}

export function isRefusal(error: unknown): error is GuanxiError {
	return error instanceof GuanxiError;
}

export function textOfCode(code: string, params: Params = {}): string {
	const key = `problem.${code}`;
	return isTextKey(key) ? t(key, params) : t('problem.other', { code });
}

export function textOf(error: unknown, params: Params = {}): string {
	const code = codeOf(error);
	return textOfCode(code === 'lost' && !navigator.onLine ? 'offline' : code, params);
}
