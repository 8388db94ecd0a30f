/**
 * @file Opens the built page in a real Chromium for the end-to-end tests, and keeps a record of everything that a user
 * would call broken: console errors, uncaught errors, failed responses, and requests to any other origin.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type BrowserContextOptions, type Page } from 'playwright-core';
import { chromiumFlags, findBrowser } from '../../tools/ensure-browser.mjs';
import { distFolder } from '../../tools/ensure-build.mjs';
import { serve } from '../../tools/site/serve.mjs';

export interface OpenPageOptions {
  /** What follows the page's address: a query or a fragment. */
  suffix?: string;
  /** Serve with the headers for cross-origin isolation (default true). */
  isolated?: boolean;
  /** Serve under a path, as project pages do; with slashes at both ends. */
  basePath?: string;
  /** More flags for Chromium, such as `--disable-gpu` for a browser without WebGPU. */
  extraFlags?: readonly string[];
  /** A browser that has no WebGPU at all. */
  withWebgpu?: boolean;
  /**
   * Let the page have its service worker (default false). It answers before `page.route` is asked, and a reload would find what
   * the load before left in its caches.
   */
  serviceWorker?: boolean;
  /** The folder to serve; dist/ unless said otherwise. */
  folder?: string;
  /** The test itself tries to reach another origin; otherwise `close` fails when anything did. */
  reachesOut?: boolean;
  /** Viewport, colour scheme, locale … */
  context?: BrowserContextOptions;
  /** Done before the page is opened: routes to intercept, scripts to add. */
  before?: (page: Page) => Promise<unknown>;
}

export interface OpenedPage {
  page: Page;
  /** The page's address. */
  url: string;
  /** Console errors, uncaught errors and responses of 400 and above, in order. */
  problems: string[];
  /** Requests, blocked ones too, of the page and its workers to other origins. Must stay empty. */
  foreignRequests: string[];
  /** Ends the server, as if the network were gone; the browser goes on. */
  stopServer(): Promise<void>;
  /** Closes the browser and the server. Rejects if anything, blocked or not, was asked of another origin. */
  close(): Promise<void>;
}

/** Serves dist/, opens it in a new browser, and resolves when the document has loaded. */
export async function openPage(options: OpenPageOptions = {}): Promise<OpenedPage> {
  const { suffix = '', isolated = true, basePath = '/', extraFlags = [], withWebgpu = true, context, before } = options;
  const { serviceWorker = false, folder = distFolder, reachesOut = false } = options;
  const flags = withWebgpu ? chromiumFlags : chromiumFlags.filter((flag) => !flag.includes('webgpu'));
  if (!existsSync(join(folder, 'models', 'manifest.json'))) {
    throw new Error('The built page has no models: "npm run models:build" makes public/models.'); // rather than minutes of waiting
  }
  const server = await serve({ folder, isolated, basePath });
  const browser = await chromium.launch({ executablePath: await findBrowser(), args: [...flags, ...extraFlags] });
  const page = await (await browser.newContext({ serviceWorkers: serviceWorker ? 'allow' : 'block', ...context })).newPage();

  const problems: string[] = [];
  const foreignRequests: string[] = [];
  const { origin } = new URL(server.url);
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`);
  });
  // The context hears the requests of workers too.
  page.context().on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith('http') && url.origin !== origin) foreignRequests.push(url.href);
  });

  await before?.(page);
  await page.goto(server.url + suffix);
  return {
    page,
    url: server.url,
    problems,
    foreignRequests,
    stopServer: () => server.close(),
    close: async () => {
      await browser.close();
      await server.close();
      if (!reachesOut && foreignRequests.length > 0) throw new Error(`Other origins were asked: ${foreignRequests.join(', ')}`);
    },
  };
}
