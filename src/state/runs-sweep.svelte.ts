/**
 * @file A sweep: runs one after another that differ in one thing, the seed or one setting, with progress and a stop.
 *
 * Each is a run like any other, drawn on the page while it trains and kept; the sweep only begins the next. Its queue is kept
 * too: after a reload it is offered, never begun, and the run that was under way goes on from its last checkpoint. The panel
 * is set back as it was at the end.
 */
import * as v from 'valibot';
import type { NumberField } from '../core/algorithms/fields';
import { clampToField, numberFields } from '../core/algorithms/fields';
import type { RunSpec } from '../protocol/run';
import { fieldsOf, valuesOf } from './run-setup.svelte';
import type { Run } from './run.svelte';
import type { RunKeeper } from './runs-keeper.svelte';
import { heldRuns, holdRun } from './runs-locks';
import { specSchema, type RunRecord } from './runs-schema';
import { SAMPLING_FIELDS } from './sampling';
import type { Storage } from './storage.svelte';

/** Most runs of a sweep. */
export const MAX_SWEEP = 20;
/** Where the queue is kept. */
const OPTION = 'sweep';

/** What may be swept: the seed, and the numbers among an algorithm's settings. */
export function sweepable(stage: RunSpec['stage']): readonly Pick<NumberField, 'key' | 'label' | 'min' | 'max' | 'step' | 'default'>[] {
  return [{ ...SAMPLING_FIELDS[0], key: 'seed', label: 'Seed' }, ...numberFields(fieldsOf(stage))];
}

/** Values as typed, "1, 2 3": numbers brought into the field's range, each once, in the order typed. */
export function readValues(text: string, field: Pick<NumberField, 'min' | 'max' | 'step' | 'default'>): number[] {
  const typed = text.split(/[\s,;]+/).filter((part) => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(part));
  const values = typed.map((part) => clampToField(field as NumberField, Number(part)));
  return values.filter((value, at) => values.indexOf(value) === at).slice(0, MAX_SWEEP);
}

const itemSchema = v.object({
  value: v.pipe(v.number(), v.finite()),
  state: v.picklist(['waiting', 'going', 'done', 'stopped', 'failed']),
});

/** How one value's run stands. */
export type SweepItem = Readonly<v.InferOutput<typeof itemSchema>>;

const queueSchema = v.object({
  id: v.pipe(v.string(), v.maxLength(64)),
  key: v.pipe(v.string(), v.maxLength(64)),
  label: v.pipe(v.string(), v.maxLength(200)),
  /** What all runs have in common. */
  spec: specSchema,
  items: v.pipe(v.array(itemSchema), v.maxLength(MAX_SWEEP)),
});
type Queue = Readonly<v.InferOutput<typeof queueSchema>>;

/** A specification with another value of what is swept. */
function withValue(spec: RunSpec, key: string, value: number): RunSpec {
  return key === 'seed' ? { ...spec, seed: value } : ({ ...spec, config: { ...spec.config, [key]: value } } as RunSpec);
}

const valueIn = (spec: RunSpec, key: string): unknown => (key === 'seed' ? spec.seed : valuesOf(spec.config)[key]);

/** What a sweep needs of the kept runs. */
export interface SweepSurroundings {
  readonly records: () => readonly RunRecord[];
  /** Lets a kept run go on; resolves to true at its end, to false when it could not. */
  readonly goOn: (record: RunRecord) => Promise<boolean>;
}

/** One sweep at a time. */
export class Sweep {
  /** What is swept, in words; empty before the first sweep. */
  label = $derived.by(() => this.#queue?.label ?? '');
  items = $derived.by((): readonly SweepItem[] => this.#queue?.items ?? []);
  going = $state(false);
  numDone = $derived(this.items.filter(({ state }) => state !== 'waiting' && state !== 'going').length);
  /** True for a sweep that a reload broke off, until it goes on or is put aside. */
  interrupted = $state(false);

  #queue = $state.raw<Queue | null>(null);
  readonly #run: Run;
  readonly #keeper: RunKeeper;
  readonly #storage: Storage;
  readonly #around: SweepSurroundings;
  #stopped = false;
  #release: () => void = () => undefined;

  constructor(run: Run, keeper: RunKeeper, storage: Storage, around: SweepSurroundings) {
    this.#run = run;
    this.#keeper = keeper;
    this.#storage = storage;
    this.#around = around;
  }

  /** Looks for a sweep that was broken off. */
  async load(): Promise<void> {
    if (this.going) return;
    const parsed = v.safeParse(queueSchema, await this.#storage.option(OPTION));
    if (!parsed.success || (await heldRuns()).has(lockOf(parsed.output))) return; // none, or it goes on in another tab
    this.#queue = parsed.output;
    this.interrupted = true;
  }

  /** Trains once for each value; everything else is as the panel is set now. */
  async start(key: string, label: string, values: readonly number[]): Promise<void> {
    if (this.going || !this.#run.canBegin || values.length === 0) return;
    const spec = JSON.parse(JSON.stringify(this.#run.plan())) as RunSpec; // no proxies in storage
    this.#queue = { id: crypto.randomUUID(), key, label, spec, items: values.map((value) => ({ value, state: 'waiting' })) };
    await this.#go();
  }

  /** Goes on with the sweep that was broken off, where it was. */
  async resume(): Promise<void> {
    if (this.interrupted && !this.going && this.#run.canBegin) await this.#go();
  }

  /** Forgets a sweep that was broken off; its runs stay. */
  async putAside(): Promise<void> {
    if (this.going) return;
    this.interrupted = false;
    this.#queue = null;
    await this.#storage.setOption(OPTION, null);
  }

  /** Stops the run under way, which is kept, and begins no other. */
  stop(): void {
    this.#stopped = true;
    void this.#run.stop();
  }

  /** Gives the sweep up without a word about how it ended, as a closed tab does. */
  abandon(): void {
    this.#release();
  }

  async #go(): Promise<void> {
    const { items, spec } = this.#queue!;
    this.#release = holdRun(lockOf(this.#queue!));
    this.#stopped = false;
    this.going = true;
    this.interrupted = false;
    try {
      for (const [index, { state }] of items.entries()) {
        if (state === 'done') continue;
        if (this.#stopped) await this.#mark(index, 'stopped');
        else await this.#one(index);
      }
      this.#run.setUp(spec);
      await this.#storage.setOption(OPTION, null);
    } finally {
      this.going = false;
      this.#release();
    }
  }

  async #one(index: number): Promise<void> {
    const { id, key, spec, label, items } = this.#queue!;
    const { value, state } = items[index]!;
    const begun =
      state === 'going'
        ? this.#around.records().find(({ sweep, spec: own }) => sweep?.id === id && valueIn(own, key) === value)
        : undefined;
    await this.#mark(index, 'going');
    if (begun && begun.update >= begun.numUpdates) return this.#mark(index, 'done');
    if (!begun || !(await this.#around.goOn(begun))) {
      const own = withValue(spec, key, value);
      this.#run.setUp(own);
      this.#keeper.origin = { name: '', parent: null, sweep: { id, name: `${label}: ${items.map((item) => item.value).join(', ')}` } };
      await this.#run.begin(own);
    }
    const { status } = this.#run;
    if (status !== 'completed') this.#stopped = true; // the reader stopped it, or the next would fail alike
    await this.#mark(index, status === 'completed' ? 'done' : status === 'failed' ? 'failed' : 'stopped');
  }

  async #mark(index: number, state: SweepItem['state']): Promise<void> {
    const queue = this.#queue!;
    this.#queue = { ...queue, items: queue.items.map((item, at) => (at === index ? { ...item, state } : item)) };
    await this.#storage.setOption(OPTION, this.#queue);
  }
}

const lockOf = ({ id }: Queue) => `sweep-${id}`;
