/** @file The built page with the tiny family in place of the shipped models, so that a software GPU trains in seconds. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { distFolder } from '../../tools/ensure-build.mjs';
import { tinyFamily } from '../helpers/tiny-family';

/** A run of a second or so an update on a software GPU. */
export const TINY_RUN = 'maxTokens=8&grpo.groupSize=2&grpo.promptsPerUpdate=1&grpo.maxCompletionTokens=16';

/** Puts the tiny family where the page looks for models. */
export async function serveTinyFamily(page: Page): Promise<void> {
  const site = await tinyFamily(async (path) => new Uint8Array(await readFile(join(distFolder, 'models', path))));
  const isOfSite = ({ pathname }: URL) => pathname.includes('/models/') && !pathname.startsWith('/api/'); // that is the hub's
  await page.route(isOfSite, async (route) => {
    const bytes = site.get(new URL(route.request().url()).pathname.replace(/^.*\/models\//, ''));
    await route.fulfill(bytes ? { body: Buffer.from(bytes) } : { status: 404 });
  });
}
