/**
 * @file How soon the built page itself answers, on wasm: the first token and three answers, with an empty cache and with a kept one.
 *
 * Cold is a browser profile that has never seen the page; warm is the same profile again, in a new tab, with what the HTTP cache
 * and the service worker kept. The server is on this machine: a network adds its time for the bytes that are told.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';
import { chromiumFlags, findBrowser } from '../ensure-browser.mjs';
import { distFolder, ensureBuild } from '../ensure-build.mjs';
import { serve } from '../site/serve.mjs';
import { summarise, type Summary } from './statistics';

/** One opening of the page. */
export interface PageLoad {
  /** From the navigation on, ms. */
  readonly firstToken: Summary;
  /** Until base, SFT and RLHF have answered, ms. */
  readonly answers: Summary;
  /** Bytes that came from the server until then, as this server sends them: not compressed. */
  readonly bytes: Summary;
}

/** The page with an empty cache and with a kept one. */
export interface PageLoads {
  readonly cold: PageLoad;
  readonly warm: PageLoad;
}

interface Sample {
  readonly firstToken: number;
  readonly answers: number;
  readonly bytes: number;
}

/** A limit for a page that never answers. */
const LIMIT_MS = 120_000;

/**
 * Writes the moments into the document as they come: an observer in the page sees a token when the reader does. Nothing in it has
 * a name, for what compiles this file would want a helper for names that the page has not.
 */
function watchColumns(): void {
  const moments: { firstToken?: number; answers?: number } = {};
  Object.assign(window, { moments });
  new MutationObserver(() => {
    const statuses = Array.from(
      document.querySelectorAll<HTMLElement>('[data-testid=column-base], [data-testid=column-sft], [data-testid=column-rlhf]'),
      ({ dataset }) => dataset.status,
    );
    if (statuses.some((status) => status === 'streaming' || status === 'done')) moments.firstToken ??= performance.now();
    if (statuses.length === 3 && statuses.every((status) => status === 'done')) moments.answers ??= performance.now();
  }).observe(document, { subtree: true, childList: true, attributeFilter: ['data-status'] });
}

async function open(context: BrowserContext, url: string): Promise<Sample> {
  const page = await context.newPage();
  let bytes = 0;
  const sizes: Promise<void>[] = [];
  const count = (response: Awaited<ReturnType<typeof page.waitForResponse>>) => {
    if (response.fromServiceWorker()) return;
    const size = response.request().sizes();
    sizes.push(size.then(({ responseBodySize }) => void (bytes += responseBodySize)).catch(() => undefined)); // a request that was ended
  };
  context.on('response', count);
  try {
    await page.addInitScript(watchColumns);
    await page.goto(`${url}#engine=wasm`);
    const handle = await page.waitForFunction(
      () => {
        const { moments } = window as unknown as { moments: { firstToken?: number; answers?: number } };
        return moments.answers === undefined ? null : moments;
      },
      null,
      { timeout: LIMIT_MS },
    );
    const { firstToken, answers } = (await handle.jsonValue()) as { firstToken: number; answers: number };
    await Promise.all(sizes);
    return { firstToken, answers, bytes };
  } finally {
    context.off('response', count);
    await page.close();
  }
}

const summaries = (samples: readonly Sample[]): PageLoad => ({
  firstToken: summarise(samples.map(({ firstToken }) => firstToken)),
  answers: summarise(samples.map(({ answers }) => answers)),
  bytes: summarise(samples.map(({ bytes }) => bytes)),
});

/** Opens the built page so many times with an empty cache, each followed by one with what that kept. */
export async function measurePageLoads(numRounds: number): Promise<PageLoads> {
  ensureBuild();
  const server = await serve({ folder: distFolder });
  const cold: Sample[] = [];
  const warm: Sample[] = [];
  try {
    for (let round = 0; round < numRounds; round++) {
      const profile = mkdtempSync(join(tmpdir(), 'aftertrain-profile-'));
      const context = await chromium.launchPersistentContext(profile, { executablePath: await findBrowser(), args: chromiumFlags });
      try {
        cold.push(await open(context, server.url));
        warm.push(await open(context, server.url));
      } finally {
        await context.close();
        rmSync(profile, { recursive: true, force: true });
      }
    }
  } finally {
    await server.close();
  }
  return { cold: summaries(cold), warm: summaries(warm) };
}
