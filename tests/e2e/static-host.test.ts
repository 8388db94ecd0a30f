/** @file The built page on every kind of static host: at the root, under a path, with and without isolation headers. */
import { describe, expect, test } from 'vitest';
import { openPage, type OpenPageOptions } from './browser';

const hosts: [name: string, options: OpenPageOptions][] = [
  ['at the root, isolated', {}],
  ['under a path, isolated', { basePath: '/some/project/' }],
  ['under a path, as a plain static host', { basePath: '/some/project/', isolated: false }],
];

describe('the built page', () => {
  test.each(hosts)('shows without an error and asks no other origin for anything, %s', async (_name, options) => {
    const opened = await openPage(options);
    try {
      await opened.page.waitForFunction(() => document.querySelector('#app')?.textContent?.trim());
      expect(await opened.page.evaluate(() => crossOriginIsolated)).toBe(options.isolated ?? true);
      await opened.page.waitForLoadState('networkidle');
      expect(opened.problems).toEqual([]);
      expect(opened.foreignRequests).toEqual([]);
    } finally {
      await opened.close();
    }
  });

  test('keeps a script or a connection to another origin from working', async () => {
    const opened = await openPage({ reachesOut: true });
    try {
      const refused = await opened.page.evaluate(async () => {
        const script = document.createElement('script');
        const blocked = new Promise((resolve) => (script.onerror = () => resolve(true)));
        script.src = 'http://127.0.0.1:9/x.js';
        document.head.append(script);
        const fetched = await fetch('http://127.0.0.1:9/x').then(
          () => true,
          () => false,
        );
        return (await blocked) && !fetched;
      });
      expect(refused).toBe(true);
      expect(opened.problems.filter((problem) => problem.includes('Content Security Policy')).length).toBeGreaterThanOrEqual(2);
    } finally {
      await opened.close();
    }
  });
});
