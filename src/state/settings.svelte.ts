/** @file What the reader chose about the page itself, kept in this browser's localStorage. */
import * as v from 'valibot';

/** How tokens are shaded. */
export type Shading = 'nothing' | 'surprise' | 'disagreement';

/** Which colours; `system` follows the device. */
export type Theme = 'system' | 'light' | 'dark';

const KEY = 'aftertrain.settings';

const schema = v.object({
  theme: v.fallback(v.picklist(['system', 'light', 'dark']), 'system'),
  shading: v.fallback(v.picklist(['nothing', 'surprise', 'disagreement']), 'surprise'),
  dismissed: v.fallback(v.pipe(v.array(v.pipe(v.string(), v.maxLength(40))), v.maxLength(50)), []),
});

/** Storage may be full, forbidden or hold anything: then the defaults hold for this visit. */
function readStored(): v.InferOutput<typeof schema> {
  try {
    return v.parse(schema, JSON.parse(localStorage.getItem(KEY) ?? '{}'));
  } catch {
    return { theme: 'system', shading: 'surprise', dismissed: [] };
  }
}

/** Settings of the page; each change is stored. */
export class Settings {
  #stored = $state.raw(readStored());

  get theme(): Theme {
    return this.#stored.theme;
  }

  set theme(theme: Theme) {
    this.#store({ theme });
  }

  get shading(): Shading {
    return this.#stored.shading;
  }

  set shading(shading: Shading) {
    this.#store({ shading });
  }

  /** True when the reader closed the explanation called `id`. */
  isDismissed(id: string): boolean {
    return this.#stored.dismissed.includes(id);
  }

  /** Closes the explanation called `id` for good. */
  dismiss(id: string): void {
    if (!this.isDismissed(id)) this.#store({ dismissed: [...this.#stored.dismissed, id] });
  }

  #store(change: Partial<v.InferOutput<typeof schema>>): void {
    this.#stored = { ...this.#stored, ...change };
    try {
      localStorage.setItem(KEY, JSON.stringify(this.#stored));
    } catch {
      // The choice still holds until the page is closed.
    }
  }
}
