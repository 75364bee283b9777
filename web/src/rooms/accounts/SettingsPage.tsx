// SPDX-License-Identifier: Apache-2.0
/* SettingsPage.tsx - language, and what this is. */
import { Check } from 'lucide';
import { useServices } from '../../model/services.ts';
import { language, languages, t } from '../../text/text.ts';
import { Cell, Cells } from '../../ui/Cell.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Page } from '../../ui/Page.tsx';
import { useLanguageSwitch } from './language.ts';
import { useLoaded } from './use_loaded.ts';

export function SettingsPage() {
	const { api } = useServices();
	const change = useLanguageSwitch();
	const { value: instance } = useLoaded('instance', () => api.call('instance.get'));
	return (
		<Page title={t('accounts.settings')} back="/me">
			<h2 class="cells-title">{t('accounts.language')}</h2>
			<div class="cells" role="radiogroup" aria-label={t('accounts.language')}>
				{languages.map((one) => (
					<button key={one} type="button" class="cell" role="radio" aria-checked={one === language()} lang={one} onClick={() => change(one)}>
						<span class="cell-label">{t(one === 'en' ? 'accounts.language_en' : 'accounts.language_zh')}</span>
						{one === language() && <Icon icon={Check} size={20} class="cell-icon" />}
					</button>
				))}
			</div>
			<Cells title={t('accounts.about')}>
				<Cell label={instance?.name ?? t('ui.name')} value={instance ? t('accounts.version', { version: instance.version }) : ''} />
				<a class="cell" href="/licences.txt" target="_blank" rel="noopener">
					<span class="cell-label">{t('accounts.licences')}</span>
				</a>
			</Cells>
			{!isSecureContext && <p class="cells-note">{t('ui.insecure')}</p>}
		</Page>
	);
}
