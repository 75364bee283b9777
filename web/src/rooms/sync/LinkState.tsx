// SPDX-License-Identifier: Apache-2.0
/* LinkState.tsx - the title of the list, which says so when the server is not reached. */
import { useEffect, useState } from 'preact/hooks';
import { useSelect } from '../../model/services.ts';
import { t } from '../../text/text.ts';
import { Spinner } from '../../ui/controls.tsx';
import './LinkState.css';

/* A short interruption is nobody's business. */
const PATIENCE_MS = 1500;

function useSteadyLink(): 'connecting' | 'online' | 'offline' {
	const link = useSelect((state) => state.link);
	const [shown, setShown] = useState<'connecting' | 'online' | 'offline'>('online');
	useEffect(() => {
		if (link === 'online') {
			setShown(link);
			return;
		}
		const timer = setTimeout(() => setShown(link), shown === 'online' ? PATIENCE_MS : 0);
		return () => clearTimeout(timer);
	}, [link, shown]);
	return shown;
}

export function LinkState({ title }: { title: string }) {
	const link = useSteadyLink();
	return (
		<span class="link-state" role="status">
			{link === 'online' ? (
				title
			) : (
				<>
					<Spinner size={16} />
					{t(link === 'offline' ? 'sync.offline_short' : 'sync.connecting')}
				</>
			)}
		</span>
	);
}

export function OfflineBar() {
	const link = useSteadyLink();
	if (link !== 'offline') return null;
	return <p class="offline-bar">{t('sync.offline')}</p>;
}
