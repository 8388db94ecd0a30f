/** @file Which language the page begins in: what the address says (`?lang=pt-BR`), else the last choice, else the browser's wishes. */
import { baseLocale, isLocale, locales, type Locale } from '../messages/runtime';

const QUERY = 'lang';

/** The locale of ours that best matches a wish such as `pt`, `zh-Hans-SG` or `en-GB`; null when none does. */
export function matchLocale(wish: string): Locale | null {
  if (isLocale(wish)) return wish;
  const [language = ''] = wish.toLowerCase().split('-');
  // Readers of traditional characters are better served by a choice of their own than by simplified ones.
  if (language === 'zh' && /hant|tw|hk|mo/i.test(wish)) return null;
  return locales.find((locale) => locale.toLowerCase().split('-')[0] === language) ?? null;
}

/** The first wish that we can grant: of the address, of an earlier visit, of the browser. */
export function chooseLocale(search: string, stored: string | null, wishes: readonly string[]): Locale {
  const asked = new URLSearchParams(search).get(QUERY);
  for (const wish of [asked, stored, ...wishes]) {
    const found = wish === null ? null : matchLocale(wish);
    if (found) return found;
  }
  return baseLocale;
}

/** The query of an address with the language in it, other switches kept. */
export function withLanguage(search: string, locale: Locale): string {
  const rest = search
    .replace(/^\?/, '')
    .split('&')
    .filter((part) => part !== '' && part !== QUERY && !part.startsWith(`${QUERY}=`));
  return `?${[...rest, `${QUERY}=${locale}`].join('&')}`;
}
