/** @file The page's words: every language has every key, with the same values in it; nothing is left over. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LOCALES, messagesFolder, namespaces } from '../../tools/ensure-messages.mjs';

type Words = Readonly<Record<string, string>>;

const read = (locale: string, name: string): Words =>
  JSON.parse(readFileSync(join(messagesFolder, locale, `${name}.json`), 'utf8')) as Words;
/** Names in braces, each once, in order of the alphabet. */
const placeholders = (text: string): string[] => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!))].sort();
const [BASE, ...OTHERS] = LOCALES;

/** The sources that may show words. */
function sources(folder = 'src'): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (path === join('src', 'messages')) return [];
    if (statSync(path).isDirectory()) return sources(path);
    return /[.](ts|svelte)$/.test(name) ? [readFileSync(path, 'utf8')] : [];
  });
}

describe.each(namespaces())('the words of %s', (name) => {
  const base = read(BASE, name);

  it.each(OTHERS)('%s has the same keys, none empty', (locale) => {
    expect(existsSync(join(messagesFolder, locale, `${name}.json`))).toBe(true);
    const words = read(locale, name);
    expect(Object.keys(words).sort()).toEqual(Object.keys(base).sort());
    expect(Object.entries(words).filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  it.each(OTHERS)('%s says the same values', (locale) => {
    const words = read(locale, name);
    const differing = Object.keys(base).filter((key) => placeholders(base[key]!).join() !== placeholders(words[key] ?? '').join());
    expect(differing).toEqual([]);
  });

  it.each(OTHERS)('%s is translated: no sentence is left in English', (locale) => {
    const words = read(locale, name);
    const same = Object.keys(base).filter((key) => base[key]!.split(' ').length > 3 && base[key] === words[key]);
    expect(same).toEqual([]);
  });

  it('keys begin with the namespace, so that files can be written side by side', () => {
    const prefix = `${name.replaceAll('-', '')}_`;
    expect(Object.keys(base).filter((key) => !key.startsWith(prefix) || !/^[a-z0-9_]+$/.test(key))).toEqual([]);
  });
});

it('no key is in two files, and none is unused', () => {
  const keys = namespaces().flatMap((name) => Object.keys(read(BASE, name)));
  expect(new Set(keys).size).toBe(keys.length);
  const used = new Set(sources().flatMap((text) => [...text.matchAll(/\bm\s*\.([a-z0-9_]+)/g)].map(([, key]) => key)));
  expect(keys.filter((key) => !used.has(key))).toEqual([]);
});

it('Chinese text has Chinese punctuation between Chinese characters', () => {
  const wrong = namespaces().flatMap((name) => Object.values(read('zh-CN', name)).filter((text) => /[一-鿿][,;?!][一-鿿 ]/.test(text)));
  expect(wrong).toEqual([]);
});
