/**
 * @file A sweep: runs one after another that differ in one thing, the seed or one setting, with progress and a stop.
 *
 * Each is a run like any other, drawn on the page while it trains and kept; the sweep only begins the next. The panel is set
 * back as it was at the end.
 */
import type { NumberField } from '../core/algorithms/fields';
import { clampToField, numberFields } from '../core/algorithms/fields';
import { fieldsOf, type FieldValue } from './run-setup.svelte';
import type { Run } from './run.svelte';
import type { RunKeeper } from './runs-keeper.svelte';
import { SAMPLING_FIELDS } from './sampling';

/** Most runs of a sweep. */
export const MAX_SWEEP = 20;

/** What may be swept: the seed, and the numbers among an algorithm's settings. */
export function sweepable(stage: Run['stage']): readonly Pick<NumberField, 'key' | 'label' | 'min' | 'max' | 'step' | 'default'>[] {
  return [{ ...SAMPLING_FIELDS[0], key: 'seed', label: 'Seed' }, ...numberFields(fieldsOf(stage))];
}

/** Values as typed, "1, 2 3": numbers brought into the field's range, each once, in the order typed. */
export function readValues(text: string, field: Pick<NumberField, 'min' | 'max' | 'step' | 'default'>): number[] {
  const typed = text.split(/[\s,;]+/).filter((part) => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(part));
  const values = typed.map((part) => clampToField(field as NumberField, Number(part)));
  return values.filter((value, at) => values.indexOf(value) === at).slice(0, MAX_SWEEP);
}

/** How one value's run stands. */
export interface SweepItem {
  readonly value: number;
  readonly state: 'waiting' | 'going' | 'done' | 'stopped' | 'failed';
}

/** One sweep at a time. */
export class Sweep {
  /** What is swept, in words; empty before the first sweep. */
  label = $state('');
  items = $state.raw<readonly SweepItem[]>([]);
  going = $state(false);
  numDone = $derived(this.items.filter(({ state }) => state !== 'waiting' && state !== 'going').length);

  readonly #run: Run;
  readonly #keeper: RunKeeper;
  #stopped = false;

  constructor(run: Run, keeper: RunKeeper) {
    this.#run = run;
    this.#keeper = keeper;
  }

  /** Trains once for each value; everything else is as the panel is set now. */
  async start(key: string, label: string, values: readonly number[]): Promise<void> {
    if (this.going || this.#run.active || values.length === 0) return;
    const before = key === 'seed' ? this.#run.setup.seed : this.#valueOf(key);
    const sweep = { id: crypto.randomUUID(), name: `${label}: ${values.join(', ')}` };
    this.label = label;
    this.#stopped = false;
    this.going = true;
    this.items = values.map((value) => ({ value, state: 'waiting' }));
    for (const [index, value] of values.entries()) {
      if (this.#stopped) this.#mark(index, 'stopped');
      else await this.#one(index, key, value, sweep);
    }
    this.#set(key, before);
    this.going = false;
  }

  /** Stops the run under way, which is kept, and begins no other. */
  stop(): void {
    this.#stopped = true;
    void this.#run.stop();
  }

  async #one(index: number, key: string, value: number, sweep: { id: string; name: string }): Promise<void> {
    this.#mark(index, 'going');
    this.#set(key, value);
    this.#keeper.origin = { name: '', parent: null, sweep };
    await this.#run.begin();
    const { status } = this.#run;
    if (status !== 'completed') this.#stopped = true; // the reader stopped it, or the next would fail alike
    this.#mark(index, status === 'completed' ? 'done' : status === 'failed' ? 'failed' : 'stopped');
  }

  #mark(index: number, state: SweepItem['state']): void {
    this.items = this.items.map((item, at) => (at === index ? { ...item, state } : item));
  }

  #valueOf(key: string): FieldValue {
    return (this.#run.config as unknown as Record<string, FieldValue>)[key] ?? 0;
  }

  #set(key: string, value: FieldValue): void {
    if (key === 'seed') this.#run.setup.seed = Number(value);
    else this.#run.set(key, value);
  }
}
