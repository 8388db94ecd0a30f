/**
 * @file `node tools/run.mjs tools/site/make-icons.ts`: draws the icons of the installed app, public/icons/, from
 * public/favicon.svg in Chromium. To be run when the favicon changes; the icons are kept in the repository.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { chromiumFlags, ensureBrowser } from '../ensure-browser.mjs';
import { root } from '../ensure-dependencies.mjs';

/** `scale`: share of the icon's width that the drawing takes; `fill`: the colour around it, none for transparent. */
const ICONS = [
  { name: 'icon-192', pixels: 192, scale: 1 },
  { name: 'icon-512', pixels: 512, scale: 1 },
  // A launcher may cut a maskable icon to a circle of four fifths; Apple rounds the corners of its own.
  { name: 'maskable-512', pixels: 512, scale: 0.72, fill: '#101a24' },
  { name: 'apple-touch-icon', pixels: 180, scale: 0.9, fill: '#101a24' },
];

const svg = readFileSync(join(root, 'public', 'favicon.svg'), 'utf8');
const folder = join(root, 'public', 'icons');
mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: await ensureBrowser(), args: chromiumFlags });
for (const { name, pixels, scale, fill } of ICONS) {
  const page = await browser.newPage({ viewport: { width: pixels, height: pixels } });
  const drawing = svg.replace('<svg ', `<svg width="${pixels * scale}" height="${pixels * scale}" `);
  const style = `margin:0;height:100vh;display:grid;place-items:center;background:${fill ?? 'transparent'}`;
  await page.setContent(`<body style="${style}">${drawing}</body>`);
  writeFileSync(join(folder, `${name}.png`), await page.screenshot({ omitBackground: true }));
  await page.close();
}
await browser.close();
