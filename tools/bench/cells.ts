/**
 * @file Cells: contenders measured side by side, in turns, in one thread setting.
 *
 * A busy machine changes speed within seconds, so contenders take turns within every round and each round begins with
 * another one. What was measured are plain samples; `bench.ts` makes them into results.
 */
import type { Memory, RolloutTiming, StepTiming } from './contender';

/** Names of the contenders; `ours` first. */
export type ContenderName = 'ours' | 'jax-js' | 'tfjs' | 'nanogpt' | 'transformers.js';

/** How many training steps must have the losses of ours: they have been through gradients and optimiser. */
export const NUM_STEPS_COMPARED = 3;

/** How far losses may lie apart, nats. */
export const LOSS_TOLERANCE = 1e-3;

/** What is asked of the page for one training cell. */
export interface TrainCell {
  readonly folderUrl: string;
  readonly contenders: readonly ContenderName[];
  readonly batch: number;
  readonly length: number;
  readonly runtime: 'wasm' | 'webgpu';
  readonly numThreads: number;
  readonly numRounds: number;
}

/** What is asked of the page for one generation cell, or for RL updates. */
export interface GenerateCell {
  readonly folderUrl: string;
  readonly contenders: readonly ContenderName[];
  readonly prompts: readonly (readonly number[])[];
  readonly batches: readonly number[];
  readonly numTokens: number;
  readonly runtime: 'wasm' | 'webgpu';
  readonly numThreads: number;
  readonly numRounds: number;
}

/** What one contender's training steps showed; the first step, which compiles, is apart. */
export interface TrainSamples {
  readonly contender: ContenderName;
  readonly firstMs: number;
  readonly stepMs: readonly number[];
  readonly losses: readonly number[];
  readonly memory: Memory;
}

/** What one contender's rollouts and first tokens showed. */
export interface GenerateSamples {
  readonly contender: ContenderName;
  /** From loading the library to the first token. */
  readonly coldFirstTokenMs: number;
  readonly firstTokenMs: readonly number[];
  /** Rollout durations by batch size. */
  readonly rolloutMs: Readonly<Record<string, readonly number[]>>;
  /** Tokens of the last rollout by batch size. */
  readonly tokens: Readonly<Record<string, readonly (readonly number[])[]>>;
  readonly memory: Memory;
}

/** What our RL updates showed. */
export interface UpdateSamples {
  readonly updateMs: readonly number[];
  /** Completion tokens of each; answers end when the model ends them. */
  readonly numTokens: readonly number[];
}

/** A contender that could not do its part, and why. */
export interface Failure {
  readonly contender: ContenderName;
  readonly reason: string;
}

/** What a cell gives. */
export interface CellResult<Samples> {
  readonly samples: readonly Samples[];
  readonly failures: readonly Failure[];
}

/** Calls `turn` for every contender in every round, each round beginning with another one; one after the other. */
export async function inTurns<Contender>(
  contenders: readonly Contender[],
  numRounds: number,
  turn: (contender: Contender, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < numRounds; round++)
    for (let i = 0; i < contenders.length; i++) await turn(contenders[(i + round) % contenders.length]!, round);
}

/** Takes turns as {@link inTurns}; a contender that throws is out, with the reason. */
class Turns<Entry extends { readonly contender: ContenderName }> {
  readonly failures: Failure[] = [];
  #left: readonly Entry[];

  constructor(entries: readonly Entry[]) {
    this.#left = entries;
  }

  async take(numRounds: number, turn: (entry: Entry, round: number) => Promise<void>): Promise<void> {
    await inTurns(this.#left, numRounds, async (entry, round) => {
      if (!this.#left.includes(entry)) return;
      try {
        await turn(entry, round);
      } catch (error) {
        this.failures.push({ contender: entry.contender, reason: error instanceof Error ? error.message : String(error) });
        this.#left = this.#left.filter((other) => other !== entry);
      }
    });
  }
}

/** One contender of a training cell. */
export interface TrainEntry {
  readonly contender: ContenderName;
  prepare(): Promise<void>;
  step(): Promise<StepTiming>;
  memory(): Promise<Memory>;
}

/** Measures training: round 0 compiles, the others count. */
export async function measureTraining(entries: readonly TrainEntry[], numRounds: number): Promise<CellResult<TrainSamples>> {
  const turns = new Turns(entries);
  const steps = new Map<TrainEntry, StepTiming[]>(entries.map((entry) => [entry, []]));
  const samples: TrainSamples[] = [];
  await turns.take(1, (entry) => entry.prepare());
  await turns.take(Math.max(numRounds + 1, NUM_STEPS_COMPARED), async (entry) => void steps.get(entry)!.push(await entry.step()));
  await turns.take(1, async (entry) => {
    const [first, ...rest] = steps.get(entry)!;
    samples.push({
      contender: entry.contender,
      firstMs: first!.ms,
      stepMs: rest.map(({ ms }) => ms),
      losses: [first!, ...rest].map(({ loss }) => loss),
      memory: await entry.memory(),
    });
  });
  return { samples, failures: turns.failures };
}

/** One contender of a generation cell. */
export interface GenerateEntry {
  readonly contender: ContenderName;
  /** Loads; resolves to the cold latency. */
  prepare(): Promise<{ firstTokenMs: number }>;
  firstToken(): Promise<number>;
  rollout(batch: number): Promise<RolloutTiming>;
  memory(): Promise<Memory>;
}

/** Measures generation: cold starts one by one, then in turns; round 0 compiles, the others count. */
export async function measureGeneration(
  entries: readonly GenerateEntry[],
  batches: readonly number[],
  numRounds: number,
): Promise<CellResult<GenerateSamples>> {
  const turns = new Turns(entries);
  const taken = new Map(
    entries.map((entry) => [
      entry,
      {
        coldFirstTokenMs: 0,
        firstTokenMs: [] as number[],
        rolloutMs: {} as Record<string, number[]>,
        tokens: {} as Record<string, RolloutTiming['tokens']>,
      },
    ]),
  );
  const samples: GenerateSamples[] = [];
  await turns.take(1, async (entry) => void (taken.get(entry)!.coldFirstTokenMs = (await entry.prepare()).firstTokenMs));
  await turns.take(numRounds + 1, async (entry, round) => {
    const ms = await entry.firstToken();
    if (round > 0) taken.get(entry)!.firstTokenMs.push(ms);
  });
  for (const batch of batches)
    await turns.take(numRounds + 1, async (entry, round) => {
      const { ms, tokens } = await entry.rollout(batch);
      const { rolloutMs, tokens: last } = taken.get(entry)!;
      if (round > 0) (rolloutMs[batch] ??= []).push(ms);
      last[batch] = tokens;
    });
  await turns.take(1, async (entry) => {
    samples.push({ contender: entry.contender, ...taken.get(entry)!, memory: await entry.memory() });
  });
  return { samples, failures: turns.failures };
}

/** Why a contender's training cannot stand beside ours, in one sentence; null when its losses are ours. */
export function lossMismatch(ours: TrainSamples, peer: TrainSamples): string | null {
  for (let step = 0; step < NUM_STEPS_COMPARED; step++) {
    const [a, b] = [ours.losses[step]!, peer.losses[step]!];
    if (!(Math.abs(a - b) <= LOSS_TOLERANCE)) return `${peer.contender}'s loss at step ${step + 1} is ${b}, ours ${a}`;
  }
  return null;
}

/** Share of rows in which two contenders drew the same tokens. */
export function shareOfEqualRows(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  const numEqual = a.filter((row, i) => row.length === b[i]?.length && row.every((token, t) => token === b[i]![t])).length;
  return numEqual / a.length;
}
