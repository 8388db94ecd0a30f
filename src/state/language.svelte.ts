/**
 * @file The page's language, which is state like any other: words change where they stand, and a run goes on.
 *
 * Every message reads `locale` (see tools/ensure-messages.mjs for how words are written). The models speak English whatever it is.
 */
import { overwriteGetLocale, type Locale } from '../messages/runtime';
import { chooseLocale, withLanguage } from './locale';

export type { Locale };

const KEY = 'aftertrain.language';

/** The languages, each in its own words. */
export const LANGUAGES: Readonly<Record<Locale, string>> = { en: 'English', 'pt-BR': 'Português', 'zh-CN': '简体中文' };

/** Storage may be forbidden: then the choice holds until the page is closed. */
function readStored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** The language on screen. */
export class Language {
  locale = $state<Locale>(chooseLocale(location.search, readStored(), navigator.languages));

  /** Puts the page's words under this language. */
  install(): void {
    overwriteGetLocale(() => this.locale);
  }

  /** Changes the language, keeps the choice, and puts it in the address, so that a link is read in the language it was sent in. */
  choose(locale: Locale): void {
    this.locale = locale;
    try {
      localStorage.setItem(KEY, locale);
    } catch {
      // The choice still holds until the page is closed.
    }
    history.replaceState(history.state, '', location.pathname + withLanguage(location.search, locale) + location.hash);
  }
}
