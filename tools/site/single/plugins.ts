/**
 * @file Vite plugins for the page that is one file: workers, ONNX Runtime's wasm and the models go into the HTML, packed, as
 * blocks of data; `src/single-file.ts` unpacks them. vite-plugin-singlefile puts script and style in.
 *
 * A page opened from disk may fetch nothing that lies beside it, start no worker from there and import no module, so nothing
 * lies there. Its policy names script and style by hash, and lets workers and files come from blobs that the page made.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Plugin } from 'vite';
import { root } from '../../ensure-dependencies.mjs';

/** Where a worker is started. */
const WORKER =
  /new Worker\(\s*new URL\('((?:\.\.\/)+workers\/[\w-]+\.worker\.ts)', import\.meta\.url\),\s*\{ type: 'module'(?:, (\w+))? \}\s*\)/g;
/** A script that the page does not start but hands on: its address alone is asked for. */
const ADDRESS = /\/workers\/([\w-]+\.worker)\.ts\?worker&url$/;
const HANDED_ON = '\0aftertrain:handed-on/';
/** It begins when it has the files: whoever starts it sends them first. Messages that follow find it listening. */
const afterFiles = (code: string) => `self.addEventListener('message', ({ data }) => {
self.aftertrainFiles = Object.fromEntries([...data].map(([path, blob]) => [path, URL.createObjectURL(blob)]));
${code}
}, { once: true });
`;
const MODELS = join(root, 'public', 'models');

/** ONNX Runtime asks for its wasm where the page says; beside its module, where it would look otherwise, there is none. */
function ortWithoutFiles(): Plugin {
  return {
    name: 'aftertrain:ort-without-files',
    enforce: 'pre',
    load(id) {
      const [, name, kind] = /onnxruntime-web\/.*?([\w.-]+\.(wasm|mjs))\?url$/.exec(id) ?? [];
      if (name === undefined) return null;
      return `export default ${kind === 'wasm' ? `globalThis.aftertrainFiles['ort/${name}']` : `''`};`;
    },
    transform: (code, id) =>
      /\/ort\.\w+\.bundle\.min\.mjs$/.test(id)
        ? code.replace(/new URL\("[\w.-]+\.wasm",\s*import\.meta\.url\)/g, `new URL("about:none")`)
        : null,
  };
}

/** A worker, or what is bundled as one, as one plain script. */
async function scriptOf(path: string): Promise<string> {
  const { output } = (await build({
    configFile: false,
    logLevel: 'warn',
    root,
    publicDir: false,
    plugins: [ortWithoutFiles()],
    define: { 'import.meta.url': 'self.location.href' }, // a plain script has none
    build: {
      write: false,
      copyPublicDir: false,
      modulePreload: false,
      chunkSizeWarningLimit: 10_000,
      rolldownOptions: {
        input: path,
        output: { format: 'iife', codeSplitting: false, entryFileNames: 'worker.js' },
        checks: { pluginTimings: false, emptyImportMeta: false }, // Vite's own, and of no use here
      },
    },
  })) as Exclude<Awaited<ReturnType<typeof build>>, { watching: unknown } | unknown[]> & { output: { type: string; code?: string }[] };
  const [chunk, ...rest] = output;
  if (chunk?.type !== 'chunk' || rest.length > 0) throw new Error(`${path} is not one script: ${rest.map(({ type }) => type).join(', ')}`);
  return (chunk as unknown as { code: string }).code;
}

/** The first family's files, with the paths that they have in the site. */
function modelFiles(): [path: string, bytes: Uint8Array][] {
  const manifest = JSON.parse(readFileSync(join(MODELS, 'manifest.json'), 'utf8')) as Record<string, unknown> & {
    models: { folder: string }[];
  };
  delete manifest['otherFamilies']; // they would make the file far larger
  const files: [string, Uint8Array][] = [['models/manifest.json', Buffer.from(JSON.stringify(manifest))]];
  for (const { folder } of manifest.models) {
    for (const name of readdirSync(join(MODELS, folder)).sort()) {
      files.push([posix.join('models', folder, name), readFileSync(join(MODELS, folder, name))]);
    }
  }
  return files;
}

/** A block of data in HTML; what is the same is there once. */
function packedBlocks(files: readonly (readonly [path: string, bytes: Uint8Array])[]): string {
  const byContent = new Map<string, { paths: string[]; base64: string }>();
  for (const [path, bytes] of files) {
    const key = createHash('sha256').update(bytes).digest('hex');
    const known = byContent.get(key);
    if (known) known.paths.push(path);
    else byContent.set(key, { paths: [path], base64: gzipSync(bytes, { level: 9 }).toString('base64') });
  }
  return [...byContent.values()]
    .map(({ paths, base64 }) => `<script type="application/gzip+base64" data-paths="${paths.join(' ')}">${base64}</script>`)
    .join('\n');
}

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const hashesOf = (html: string, element: RegExp) => [...html.matchAll(element)].map(([, text = '']) => hashOf(text)).join(' ');

/** The policy of the page that is one file: what is in it, and blobs that it makes. */
function policyOf(html: string): string {
  const scripts = hashesOf(html, /<script type="module"[^>]*>([\s\S]*?)<\/script>/g);
  const styles = hashesOf(html, /<style[^>]*>([\s\S]*?)<\/style>/g);
  return [
    "default-src 'none'",
    `script-src ${scripts} 'wasm-unsafe-eval'`,
    'worker-src blob:',
    'connect-src blob:',
    `style-src ${styles}`,
    'img-src data: blob:',
    'font-src data:',
    "base-uri 'none'; form-action 'none'",
  ].join('; ');
}

/** Workers, wasm and models into the HTML; to be put after vite-plugin-singlefile. */
export function carryFiles(): Plugin[] {
  const [workers, handedOn] = [new Map<string, string>(), new Map<string, string>()];
  const carry: Plugin = {
    name: 'aftertrain:carry-files',
    enforce: 'pre',
    resolveId: (source) => {
      const [, name] = ADDRESS.exec(source) ?? [];
      return name === undefined ? null : `${HANDED_ON}${name}`;
    },
    load(id) {
      if (!id.startsWith(HANDED_ON)) return null;
      const name = id.slice(HANDED_ON.length);
      handedOn.set(`workers/${name}.js`, join(root, 'workers', `${name}.ts`));
      return `export default globalThis.aftertrainFiles['workers/${name}.js'];`;
    },
    transform(code, id) {
      if (!id.startsWith(root) || !WORKER.test(code)) return null;
      return code.replace(WORKER, (_, path: string, name?: string) => {
        const file = resolve(id.replace(/[?].*$/, ''), '..', path);
        const script = relative(root, file).replace(/\\/g, '/').replace(/\.ts$/, '.js');
        workers.set(script, file);
        return `globalThis.aftertrainWorker('${script}', { ${name ?? ''} })`;
      });
    },
    transformIndexHtml: {
      order: 'pre',
      handler: (html) => {
        const icon = readFileSync(join(root, 'public', 'favicon.svg')).toString('base64');
        return html
          .replace('/src/main.ts', '/src/single-file.ts')
          .replace('./favicon.svg', `data:image/svg+xml;base64,${icon}`)
          .replace(/\s*<link rel="apple-touch-icon"[^>]*>/, '');
      },
    },
  };
  const write: Plugin = {
    name: 'aftertrain:write-files',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      async handler(_options, bundle) {
        const html = bundle['index.html'];
        if (html?.type !== 'asset') throw new Error('There is no page.');
        const others = Object.keys(bundle).filter((name) => !/^index\.html$|\.map$/.test(name));
        if (others.length > 0) throw new Error(`Not in the file: ${others.join(', ')}`);
        const codes = await Promise.all([
          ...[...workers].map(async ([name, file]) => [name, Buffer.from(afterFiles(await scriptOf(file)))] as const),
          ...[...handedOn].map(async ([name, file]) => [name, Buffer.from(await scriptOf(file))] as const),
        ]);
        const wasm = ['ort-wasm-simd-threaded.wasm', 'ort-wasm-simd-threaded.asyncify.wasm'].map(
          (name) => [`ort/${name}`, readFileSync(join(root, 'node_modules', 'onnxruntime-web', 'dist', name))] as const,
        );
        const page = String(html.source);
        html.source = page
          .replace(/(http-equiv="Content-Security-Policy"\s+content=")[^"]*/, (_, before: string) => before + policyOf(page))
          .replace('</body>', () => `${packedBlocks([...codes, ...wasm, ...modelFiles()])}\n</body>`);
      },
    },
  };
  return [carry, write];
}
