// SPDX-License-Identifier: Apache-2.0
/*
 * create_app.ts - puts the parts together: store, local copy, server, sync, sending.
 *
 * The order at a start: the local copy is loaded and shown, then the server is asked. Every step of
 * the state is written down by the observer before anybody draws it.
 */
import { Api } from '../api/api.ts';
import type { Instance } from '../api/types.ts';
import { Disk } from '../model/disk.ts';
import { afterRestart } from '../model/outbox.ts';
import { writesOf } from '../model/persist.ts';
import type { Services } from '../model/services.ts';
import { Store } from '../model/store.ts';
import { t } from '../text/text.ts';
import { showNote } from '../ui/overlays.tsx';
import { closeGap } from '../rooms/chat/history.ts';
import { Sender } from '../rooms/chat/sending.ts';
import { Engine } from '../rooms/sync/engine.ts';
import { signOut } from '../rooms/accounts/session_actions.ts';

export interface GuanxiApp extends Services {
	sender: Sender;
	start: () => Promise<void>;
	/* What a visitor must know; asked for when nobody is signed in. */
	readInstance: () => Promise<Instance>;
}

export function createApp(): GuanxiApp {
	const services: Services = { api: new Api(), store: new Store(), disk: new Disk() };
	const { api, store, disk } = services;
	const sender = new Sender(services);
	let engine: Engine | null = null;

	const closeGaps = (ids: Iterable<string>) => {
		for (const id of ids) if (store.state.timelines[id]) closeGap(services, id).catch(() => undefined);
	};
	const startEngine = () => {
		engine?.stop();
		engine = new Engine(services, {
			onOnline: () => {
				sender.work();
				closeGaps(Object.keys(store.state.timelines));
			},
			onSignedOut: () => {
				void signOut(services, false);
				showNote(t('sync.signed_out'));
			},
			onNews: closeGaps,
		});
		engine.start();
	};
	store.observe((action, before, after) => {
		void disk.write(writesOf(action, before, after));
		if (action.type === 'signed_in' && !engine) startEngine();
		if (action.type === 'signed_out') {
			engine?.stop();
			engine = null;
		}
	});
	// Another tab signed in or out.
	addEventListener('storage', (event) => {
		if (event.key === 'guanxi.session') location.reload();
	});
	// What waits must not be lost by closing the tab in the same moment.
	addEventListener('pagehide', () => void disk.write([]));

	return {
		...services,
		sender,
		readInstance: () => api.call('instance.get'),
		async start() {
			await disk.open();
			const { session } = api;
			if (!session) {
				store.dispatch({ type: 'signed_out' });
				return;
			}
			const loaded = await disk.load();
			if (loaded.outbox) loaded.outbox = afterRestart(loaded.outbox);
			store.dispatch({ type: 'disk.loaded', state: { ...loaded, phase: 'ready' } });
			startEngine();
		},
	};
}
