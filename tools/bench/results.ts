/**
 * @file What a run of the benchmark found, as it is kept in results.json, and how cells' samples become it.
 */
import { lossMismatch, shareOfEqualRows, type CellResult, type ContenderName, type GenerateSamples, type TrainSamples } from './cells';
import type { PageLoads } from './page-load';
import type { Runtime, SizeName } from './plan';
import { rateOf, summarise, type Summary } from './statistics';

/** What can be measured: its words, its unit, and which way is better. */
export const METRICS = {
  train: { label: 'train', unit: 'tokens/s', higherIsBetter: true },
  ceiling: { label: 'of the MatMul ceiling', unit: 'share', higherIsBetter: true },
  compile: { label: 'first step, beyond a usual one', unit: 'ms', higherIsBetter: false },
  trainMemory: { label: 'peak memory, training', unit: 'bytes', higherIsBetter: false },
  rollout1: { label: 'rollout, batch 1', unit: 'tokens/s', higherIsBetter: true },
  rollout32: { label: 'rollout, batch 32', unit: 'tokens/s', higherIsBetter: true },
  firstToken: { label: 'first token, warm', unit: 'ms', higherIsBetter: false },
  firstTokenCold: { label: 'first token, cold', unit: 'ms', higherIsBetter: false },
  generateMemory: { label: 'peak memory, generating', unit: 'bytes', higherIsBetter: false },
  update: { label: 'RL update, 32 × 48', unit: 'ms', higherIsBetter: false },
} as const;

/** Names of what can be measured. */
export type MetricName = keyof typeof METRICS;

/** Where and with whom something was measured. */
export interface Place {
  readonly size: SizeName;
  readonly runtime: Runtime;
  /** Processor threads; 0 on a graphics adapter. */
  readonly numThreads: number;
}

/** One figure. */
export interface Row extends Place {
  readonly metric: MetricName;
  readonly contender: ContenderName;
  readonly value: Summary;
}

/** Something that was tried and gave no figure. */
export interface FailedRow extends Place {
  readonly what: 'train' | 'generate' | 'update';
  readonly contender: ContenderName;
  readonly reason: string;
}

/** One step of ours in the linearity plot. */
export interface CurvePoint {
  readonly numParameters: number;
  readonly numTokens: number;
  /** Of one step. */
  readonly ms: Summary;
}

/** A whole run. */
export interface Results {
  /** ISO date and time. */
  readonly date: string;
  /** A short run: fewer rounds, so noisier. */
  readonly quick: boolean;
  readonly machine: {
    readonly cpu: string;
    readonly numCpus: number;
    readonly os: string;
    readonly node: string;
    readonly browser: string;
  };
  /** Null when WebGPU was not measured. */
  readonly adapter: { readonly label: string; readonly isSoftware: boolean } | null;
  /** By package. */
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
  readonly failures: readonly FailedRow[];
  /** Steps of ours over sizes and batches, in the runtime and threads of `curvePlace`. */
  readonly curve: readonly CurvePoint[];
  readonly curvePlace: Omit<Place, 'size'> | null;
  /** The built page itself, and when it was measured. */
  readonly page?: PageLoads & { readonly date: string };
}

/** One number as a summary. */
export const single = (value: number): Summary => summarise([value]);

/** Least share of rows whose tokens must be ours; a tie between two tokens may send a row another way. */
const MIN_EQUAL_ROWS = 0.9;

/** Rows of a training cell. Contenders with other losses than ours are failures; nanogpt trains a model of its own. */
export function trainRows(
  place: Place,
  { samples, failures }: CellResult<TrainSamples>,
  numTokens: number,
  ours: TrainSamples | undefined,
) {
  const rows: Row[] = [];
  const failed: FailedRow[] = failures.map((failure) => ({ ...place, what: 'train', ...failure }));
  for (const sample of samples) {
    const { contender, stepMs, firstMs, memory } = sample;
    const isComparable = contender === 'nanogpt' || contender === 'ours';
    const reason = isComparable ? null : ours ? lossMismatch(ours, sample) : 'there is nothing of ours to compare it with';
    if (reason) {
      failed.push({ ...place, what: 'train', contender, reason });
      continue;
    }
    const steps = summarise(stepMs);
    const add = (metric: MetricName, value: Summary) => rows.push({ ...place, metric, contender, value });
    add('train', rateOf(steps, 1000 * numTokens));
    add('compile', single(Math.max(0, firstMs - steps.median)));
    if (memory.wasmBytes + memory.gpuBytes > 0) add('trainMemory', single(memory.wasmBytes + memory.gpuBytes));
  }
  return { rows, failed };
}

/** Rows of a generation cell. Contenders that draw other tokens than ours are failures. */
export function generateRows(place: Place, { samples, failures }: CellResult<GenerateSamples>, numTokens: number) {
  const rows: Row[] = [];
  const failed: FailedRow[] = failures.map((failure) => ({ ...place, what: 'generate', ...failure }));
  const ours = samples.find(({ contender }) => contender === 'ours');
  for (const { contender, rolloutMs, firstTokenMs, coldFirstTokenMs, tokens, memory } of samples) {
    const shares = Object.entries(tokens).map(([batch, drawn]) => shareOfEqualRows(drawn, ours?.tokens[batch] ?? []));
    const share = Math.min(...shares);
    if (share < MIN_EQUAL_ROWS) {
      const reason = ours
        ? `only ${Math.round(100 * share)} % of the rows have the same tokens as ours`
        : 'there is nothing of ours to compare it with';
      failed.push({ ...place, what: 'generate', contender, reason });
      continue;
    }
    const add = (metric: MetricName, value: Summary) => rows.push({ ...place, metric, contender, value });
    for (const [batch, ms] of Object.entries(rolloutMs))
      add(batch === '1' ? 'rollout1' : 'rollout32', rateOf(summarise(ms), 1000 * Number(batch) * numTokens));
    add('firstToken', summarise(firstTokenMs));
    add('firstTokenCold', single(coldFirstTokenMs));
    if (memory.wasmBytes + memory.gpuBytes > 0) add('generateMemory', single(memory.wasmBytes + memory.gpuBytes));
  }
  return { rows, failed };
}
