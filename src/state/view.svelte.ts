/**
 * @file Which view is on screen, and how it travels: `#label&prompt=…` names a view first and the page's settings after.
 *
 * Can Back be told from a link? Entries of the history that we wrote carry the view in `history.state`; a link followed,
 * typed or pasted carries nothing, and sets the page up anew (see link.ts). So Back and Forward change the view alone, and what
 * the reader has set since stays.
 */
import * as v from 'valibot';

/** The views, in the order of the navigation. */
export const VIEWS = [
  { id: 'playground', name: 'Playground' },
  { id: 'label', name: 'Label' },
  { id: 'reward-models', name: 'Reward models' },
  { id: 'lab', name: 'Lab' },
  { id: 'runs', name: 'Runs' },
  { id: 'world', name: 'World' },
  { id: 'models', name: 'Models' },
] as const;

/** Name of a view in an address. */
export type ViewId = (typeof VIEWS)[number]['id'];

const DEFAULT_VIEW: ViewId = 'playground';
const ownEntry = v.object({ view: v.picklist(VIEWS.map(({ id }) => id)) });

/** The view a fragment names: its first word, when that stands alone. Everything else is the playground's. */
export function viewOf(hash: string): ViewId {
  const [first = ''] = hash.replace(/^#/, '').split('&');
  return VIEWS.find(({ id }) => id === first)?.id ?? DEFAULT_VIEW;
}

/** True when a fragment names a view and nothing besides, as the links of the navigation do. */
export const isBareView = (hash: string): boolean => hash === `#${viewOf(hash)}`;

/** The fragment, `#` included, of a view with the page's settings as link.ts writes them; empty for the plain page. */
export function addressOf(view: ViewId, settings: string): string {
  const parts = [view === DEFAULT_VIEW ? '' : view, settings].filter((part) => part !== '');
  return parts.length === 0 ? '' : `#${parts.join('&')}`;
}

/** The view on screen and its entry in the browser's history. */
export class View {
  current = $state<ViewId>(DEFAULT_VIEW);
  /** True from a change of view until its heading has taken the focus. */
  #focusIsDue = false;

  /** Shows a view and makes an entry in the history, so that Back comes back here. */
  go(view: ViewId, settings: string): void {
    if (view === this.current) return;
    this.keep(settings);
    this.show(view);
    history.pushState({ view }, '', location.pathname + location.search + addressOf(view, settings));
  }

  /** Brings the address of the entry we are at up to date. */
  keep(settings: string): void {
    history.replaceState({ view: this.current }, '', location.pathname + location.search + addressOf(this.current, settings));
  }

  /** After Back or Forward: shows the view of an entry that we wrote. False when it is none of ours: then it is a link. */
  returnTo(state: unknown): boolean {
    const entry = v.safeParse(ownEntry, state);
    if (entry.success) this.show(entry.output.view);
    return entry.success;
  }

  /** Shows a view without an entry in the history. */
  show(view: ViewId): void {
    if (view === this.current) return;
    this.current = view;
    this.#focusIsDue = true;
  }

  /** True once after a change of view: whoever asks moves the focus to the view's heading. */
  takeFocus(): boolean {
    const isDue = this.#focusIsDue;
    this.#focusIsDue = false;
    return isDue;
  }
}
