// SPDX-License-Identifier: Apache-2.0
/* language.ts - the switch of language, which draws the whole page anew. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Language } from '../../text/text.ts';

export const LanguageContext = createContext<(next: Language) => void>(() => undefined);

export function useLanguageSwitch(): (next: Language) => void {
	return useContext(LanguageContext);
}
