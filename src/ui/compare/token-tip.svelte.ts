/** @file Which token is being asked about: shared by all columns, so that there is one tooltip on the page. */
import { m } from '../../messages/messages';
import type { GeneratedToken } from '../../protocol/generate';
import type { ModelId } from '../../protocol/load';

/** A token under the pointer or in focus, and the element it stands in. */
export interface TipTarget {
  readonly anchor: HTMLElement;
  readonly token: GeneratedToken;
  readonly model: ModelId;
}

/** The token asked about, or none. */
export class TokenTip {
  target = $state.raw<TipTarget | null>(null);

  /** Closes the tooltip if it belongs to something inside `container`. */
  leave(container: HTMLElement): void {
    if (this.target && container.contains(this.target.anchor)) this.target = null;
  }
}

/** `id` of the tooltip, for `aria-describedby`. */
export const TOKEN_TIP_ID = 'token-tip';

/** What a screen reader says for a token that has no letters to read; undefined when its text does. */
export function spokenText(text: string): string | undefined {
  if (text.trim() !== '') return undefined;
  return text === '' ? m.compare_no_text() : text.includes('\n') ? m.compare_line_end() : m.compare_space();
}

/** Spaces and line ends made visible. */
export function visibleText(text: string): string {
  return text === '' ? m.compare_end() : text.replace(/ /g, '␣').replace(/\n/g, '⏎').replace(/\t/g, '⇥');
}
