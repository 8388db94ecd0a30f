/** @file What the page is as an installed app: https://developer.mozilla.org/docs/Web/Progressive_web_apps/Manifest. */
import type { ManifestOptions } from 'vite-plugin-pwa';

/** Addresses are relative to the page, which may lie at any path of any host. Icons are made by `tools/site/make-icons.ts`. */
export const webManifest: Partial<ManifestOptions> = {
  id: './',
  name: 'Aftertrain',
  short_name: 'Aftertrain',
  description: 'See what post-training does to a language model: base, SFT and RLHF side by side, and RL live in the page.',
  lang: 'en',
  start_url: './',
  scope: './',
  display: 'standalone',
  background_color: '#101a24',
  theme_color: '#101a24',
  categories: ['education', 'science'],
  icons: [
    { src: './icons/icon-192.png', sizes: '192x192', type: 'image/png' },
    { src: './icons/icon-512.png', sizes: '512x512', type: 'image/png' },
    { src: './icons/maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
    { src: './favicon.svg', sizes: 'any', type: 'image/svg+xml' },
  ],
};
