/**
 * @file The page's service worker: after one visit the page works with the network off, and with wasm threads on any host.
 *
 * When does a new build take over? It is fetched while the old one runs, and then waits until the reader takes it in the page's
 * notice, or closes all tabs of it. A page that runs is never reloaded from here: what it trains stays.
 */
import type { PrecacheEntry } from 'workbox-precaching';
import type { ServiceWorkerMessage } from '../src/protocol/offline';
import { SiteCache } from './site-cache';

declare const self: ServiceWorkerGlobalScope & {
  /** The small files of this build, written in by vite-plugin-pwa. */
  readonly __WB_MANIFEST: readonly (PrecacheEntry | string)[];
};

const site = new SiteCache(self.registration.scope, self.__WB_MANIFEST);

const numPages = async () => (await self.clients.matchAll({ type: 'window', includeUncontrolled: true })).length;

self.addEventListener('install', (event) => void site.install(event));

self.addEventListener('activate', (event) => {
  event.waitUntil(self.clients.claim());
  event.waitUntil(tidyIfAlone(event));
});

self.addEventListener('message', (event) => {
  const { type } = event.data as ServiceWorkerMessage;
  if (type === 'SKIP_WAITING') event.waitUntil(self.skipWaiting());
  else if (type === 'TIDY') event.waitUntil(tidyIfAlone(event));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (!site.concerns(request)) return;
  event.respondWith(site.answer(request, (job) => event.waitUntil(job)));
});

/** While another tab may still run the build before, its files stay. */
async function tidyIfAlone(event: ExtendableEvent): Promise<void> {
  if ((await numPages()) <= 1) await site.tidy(event);
}
