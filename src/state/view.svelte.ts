/**
 * @file Which view is on screen, and how it travels: `#label&prompt=…` names a view first and the page's settings after. A view
 * may have places of its own, behind a slash: `#lessons/4/step-2`.
 *
 * Can Back be told from a link? Entries of the history that we wrote carry the view in `history.state`; a link followed,
 * typed or pasted carries nothing, and sets the page up anew (see link.ts). So Back and Forward change the view alone, and what
 * the reader has set since stays.
 */
import * as v from 'valibot';

/** The views, in the order of the navigation. */
export const VIEWS = [
  { id: 'playground' },
  { id: 'lessons' },
  { id: 'label' },
  { id: 'reward-models' },
  { id: 'lab' },
  { id: 'runs' },
  { id: 'world' },
  { id: 'models' },
] as const;

/** Name of a view in an address. */
export type ViewId = (typeof VIEWS)[number]['id'];

const DEFAULT_VIEW: ViewId = 'playground';
const MAX_PLACE_LENGTH = 80;
const ownEntry = v.object({
  view: v.picklist(VIEWS.map(({ id }) => id)),
  place: v.optional(v.pipe(v.string(), v.maxLength(MAX_PLACE_LENGTH)), ''),
});

const firstWord = (hash: string): string => hash.replace(/^#/, '').split('&')[0] ?? '';

/** The view a fragment names: its first word, when that stands alone. Everything else is the playground's. */
export function viewOf(hash: string): ViewId {
  const [name] = firstWord(hash).split('/');
  return VIEWS.find(({ id }) => id === name)?.id ?? DEFAULT_VIEW;
}

/** The place within a view that a fragment names: what follows the view's first slash; empty for none. */
export function placeOf(hash: string): string {
  return firstWord(hash).split('/').slice(1).join('/').slice(0, MAX_PLACE_LENGTH);
}

/** True when a fragment names a view, or a place in it, and nothing besides, as the links of the navigation do. */
export const isBareView = (hash: string): boolean => !hash.includes('&') && VIEWS.some(({ id }) => id === firstWord(hash).split('/')[0]);

/** The fragment, `#` included, of a view with the page's settings as link.ts writes them; empty for the plain page. */
export function addressOf(view: ViewId, settings: string, place = ''): string {
  const name = place === '' ? view : `${view}/${place}`;
  const parts = [view === DEFAULT_VIEW ? '' : name, settings].filter((part) => part !== '');
  return parts.length === 0 ? '' : `#${parts.join('&')}`;
}

/** The view on screen and its entry in the browser's history. */
export class View {
  current = $state<ViewId>(DEFAULT_VIEW);
  /** Where in the view we are; empty at its front. */
  place = $state('');
  /** True from a change of view until its heading has taken the focus. */
  #focusIsDue = false;

  /** Shows a view and makes an entry in the history, so that Back comes back here. */
  go(view: ViewId, settings: string, place = ''): void {
    if (view === this.current && place === this.place) return;
    this.keep(settings);
    this.show(view, place);
    history.pushState({ view, place }, '', location.pathname + location.search + addressOf(view, settings, place));
  }

  /** Brings the address of the entry we are at up to date. */
  keep(settings: string): void {
    const { current: view, place } = this;
    history.replaceState({ view, place }, '', location.pathname + location.search + addressOf(view, settings, place));
  }

  /** After Back or Forward: shows the view of an entry that we wrote. False when it is none of ours: then it is a link. */
  returnTo(state: unknown): boolean {
    const entry = v.safeParse(ownEntry, state);
    if (entry.success) this.show(entry.output.view, entry.output.place);
    return entry.success;
  }

  /** Shows a view without an entry in the history. */
  show(view: ViewId, place = ''): void {
    if (view === this.current && place === this.place) return;
    this.current = view;
    this.place = place;
    this.#focusIsDue = true;
  }

  /** True once after a change of view: whoever asks moves the focus to the view's heading. */
  takeFocus(): boolean {
    const isDue = this.#focusIsDue;
    this.#focusIsDue = false;
    return isDue;
  }
}
