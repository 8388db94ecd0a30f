/**
 * @file A Vite plugin that says, at the end of a build, how much a visitor downloads before the page shows.
 *
 * First load is the entry chunk, what it imports statically, and their styles, as gzip would send them. Workers, models
 * and ONNX Runtime's wasm come after and are listed by Vite itself.
 */
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** Prints one line: first-load JavaScript and CSS in kB, gzipped. */
export function reportFirstLoad(): Plugin {
  return {
    name: 'aftertrain:report-first-load',
    apply: 'build',
    writeBundle(_options, bundle) {
      const scripts = new Set<string>();
      const styles = new Set<string>();
      const visit = (fileName: string) => {
        const chunk = bundle[fileName];
        if (chunk?.type !== 'chunk' || scripts.has(fileName)) return;
        scripts.add(fileName);
        chunk.viteMetadata?.importedCss.forEach((style) => styles.add(style));
        chunk.imports.forEach(visit);
      };
      for (const output of Object.values(bundle)) if (output.type === 'chunk' && output.isEntry) visit(output.fileName);

      const gzippedKb = (names: Set<string>) => {
        let numBytes = 0;
        for (const name of names) {
          const output = bundle[name];
          if (output) numBytes += gzipSync(output.type === 'chunk' ? output.code : output.source).length;
        }
        return (numBytes / 1000).toFixed(1);
      };
      this.info(`first load, gzipped: ${gzippedKb(scripts)} kB of JavaScript, ${gzippedKb(styles)} kB of CSS`);
    },
  };
}
