/** @file How the page that is one file is built: `npm run build:single` makes `build/single/aftertrain.html`. */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type Plugin } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';
import { root } from '../../ensure-dependencies.mjs';
import { messages } from '../../ensure-messages.mjs';
import { carryFiles } from './plugins.ts';

const outDir = join(root, 'build', 'single');

/** Gives the file its name and says how large it is. */
const named: Plugin = {
  name: 'aftertrain:named',
  writeBundle() {
    const file = join(outDir, 'aftertrain.html');
    renameSync(join(outDir, 'index.html'), file);
    console.log(`build/single/aftertrain.html: ${(statSync(file).size / 1e6).toFixed(1)} MB`);
  },
};

export default defineConfig({
  root,
  base: './',
  publicDir: false,
  plugins: [messages(), svelte(), viteSingleFile(), ...carryFiles(), named],
  resolve: { dedupe: ['onnxruntime-web', 'onnxruntime-common'] },
  build: {
    outDir,
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    rolldownOptions: { checks: { pluginTimings: false } },
  },
});
