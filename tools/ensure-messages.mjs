/**
 * @file Compiles the page's words (`messages/<locale>/<namespace>.json`) into `src/messages/`, which git ignores.
 *
 * Who calls it? Vite (so dev, build and tests), the static checks, and the command line; each from a fresh clone too. Compiled
 * with Paraglide: one small function a message, so that a view fetches the words it shows and no others.
 *
 * How to put a view's words here: make `messages/{en,pt-BR,zh-CN}/<namespace>.json`, each key beginning with the namespace
 * (`runs_title`; flat, in lower case), write `{name}` where a value goes, `import { m } from '<path>/messages/messages'` and
 * call `m.runs_title({ name })` in the markup or in a `$derived`: the text follows the language by itself. Never call one at
 * the top of a module, which would keep the language of the first visit. tests/tools/messages.test.ts fails where a language
 * lacks a key or a placeholder, or has one too many.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { root } from './ensure-dependencies.mjs';

/** The languages, the one that the others are translated from first. */
export const LOCALES = /** @type {const} */ (['en', 'pt-BR', 'zh-CN']);

/** Where the words are written. */
export const messagesFolder = join(root, 'messages');
const outFolder = join(root, 'src', 'messages');
const cacheFolder = join(root, 'node_modules', '.cache', 'aftertrain');
const plugin = join(root, 'node_modules', '@inlang', 'plugin-message-format', 'dist', 'index.js');

/** The namespaces there are: the names of the base language's files. */
export const namespaces = () =>
  readdirSync(join(messagesFolder, LOCALES[0]))
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort();

function fingerprint() {
  const hash = createHash('sha256').update(readFileSync(new URL(import.meta.url)));
  for (const locale of LOCALES)
    for (const name of namespaces()) {
      const path = join(messagesFolder, locale, `${name}.json`);
      hash.update(`${locale}/${name}\n`).update(existsSync(path) ? readFileSync(path) : '');
    }
  return hash.digest('hex');
}

/** @param {string} from @param {string} to */
const slashed = (from, to) => relative(from, to).split(sep).join('/');

/** Compiles if anything has changed. The result is put in place at once, so that whoever else is reading finds all or nothing. */
export async function ensureMessages() {
  const stampFile = join(outFolder, 'compiled-from');
  const wanted = fingerprint();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return;

  mkdirSync(cacheFolder, { recursive: true });
  const work = mkdtempSync(join(cacheFolder, 'messages-'));
  try {
    const project = join(work, 'page.inlang');
    const out = join(work, 'out');
    mkdirSync(project);
    const settings = {
      baseLocale: LOCALES[0],
      locales: LOCALES,
      modules: [`./${slashed(work, plugin)}`],
      'plugin.inlang.messageFormat': {
        pathPattern: namespaces().map((name) => `./${slashed(work, messagesFolder)}/{locale}/${name}.json`),
      },
    };
    writeFileSync(join(project, 'settings.json'), JSON.stringify(settings));
    // Only now: where nothing has changed it need not be loaded.
    const { compile } = await import('@inlang/paraglide-js');
    await compile({
      project,
      outdir: out,
      strategy: ['globalVariable', 'baseLocale'], // the page chooses: src/state/language.svelte.ts
      outputStructure: 'message-modules',
      emitTsDeclarations: true,
      emitGitIgnore: false,
      emitPrettierIgnore: false,
      emitReadme: false,
      disableAsyncLocalStorage: true,
      isServer: 'false',
    });
    writeFileSync(join(out, 'compiled-from'), wanted);
    rmSync(outFolder, { recursive: true, force: true });
    renameSync(out, outFolder);
  } catch (error) {
    // Somebody else compiled the same words meanwhile: theirs are as good.
    if (!(existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted)) throw error;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Vite's part: compiled before anything is read, and again when words change in development. */
export function messages() {
  return {
    name: 'aftertrain:messages',
    config: () => ensureMessages(),
    /** @param {import('vite').ViteDevServer} server */
    configureServer({ watcher }) {
      watcher.add(messagesFolder);
      watcher.on('change', (path) => {
        if (path.startsWith(messagesFolder)) void ensureMessages();
      });
    },
  };
}
