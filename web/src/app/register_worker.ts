// SPDX-License-Identifier: Apache-2.0
/* register_worker.ts - lets the page open without a network, where the browser allows it. */
export function registerWorker(): void {
	if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
	addEventListener('load', () => {
		navigator.serviceWorker.register('/sw.js').catch(() => undefined);
	});
}
