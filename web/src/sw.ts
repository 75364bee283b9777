// SPDX-License-Identifier: Apache-2.0
/*
 * sw.ts - the service worker: opens the client without a network.
 *
 * Only the client's own files, never the API. Hashed files are taken from the cache; the page comes
 * from the network, and from the cache when that fails. Each build is a cache of its own.
 */
interface Scope {
	addEventListener(type: 'install' | 'activate', listener: (event: LifeEvent) => void): void;
	addEventListener(type: 'fetch', listener: (event: RequestEvent) => void): void;
	skipWaiting(): Promise<void>;
	clients: { claim(): Promise<void> };
	location: Location;
}

interface LifeEvent {
	waitUntil(work: Promise<unknown>): void;
}

interface RequestEvent extends LifeEvent {
	request: Request;
	respondWith(answer: Promise<Response>): void;
}

declare const __FILES__: readonly string[];
declare const __BUILD__: string;

const scope = globalThis as unknown as Scope;
const cacheName = `guanxi-${__BUILD__}`;
const PAGE = '/';
const PATIENCE_MS = 4000;

async function fillCache(): Promise<void> {
	const cache = await caches.open(cacheName);
	await cache.addAll([PAGE, ...__FILES__]);
	await scope.skipWaiting();
}

async function dropOldCaches(): Promise<void> {
	for (const other of await caches.keys()) if (other.startsWith('guanxi-') && other !== cacheName) await caches.delete(other);
	await scope.clients.claim();
}

async function page(request: Request): Promise<Response> {
	const kept = await (await caches.open(cacheName)).match(PAGE);
	try {
		return await fetch(request, kept ? { signal: AbortSignal.timeout(PATIENCE_MS) } : {});
	} catch (error) {
		if (kept) return kept;
		throw error;
	}
}

async function file(request: Request): Promise<Response> {
	return (await caches.match(request)) ?? fetch(request);
}

scope.addEventListener('install', (event) => event.waitUntil(fillCache()));
scope.addEventListener('activate', (event) => event.waitUntil(dropOldCaches()));
scope.addEventListener('fetch', (event) => {
	const { request } = event;
	const url = new URL(request.url);
	if (request.method !== 'GET' || url.origin !== scope.location.origin) return;
	if (url.pathname.startsWith('/api/') || url.pathname === '/healthz' || url.pathname === '/metrics') return;
	if (request.mode === 'navigate' && !url.pathname.slice(1).includes('.')) event.respondWith(page(request));
	else if (url.pathname.startsWith('/assets/') || url.pathname === '/favicon.svg') event.respondWith(file(request));
});
