/**
 * @file Simulated annotators: who likes what, how surely, and how carefully. Labels by the thousand, with their source on them.
 *
 * An annotator finds an answer as good as the world does (gold), bent by a liking for length, form or flattery, and prefers one of
 * two with the Bradley–Terry chance σ(lead / noise), as AlpacaFarm's simulated annotators do in spirit (arXiv 2305.14387). The
 * careless click at random now and then; an expert is all but free of noise on one kind of request, and costs more.
 */
import type { Random } from '../random';
import type { FeatureName } from '../reward/features';
import type { Comparison } from './comparison';

/** What an annotator sees of an answer. */
export interface AnnotatedAnswer {
  readonly text: string;
  readonly model: string;
  readonly features: Readonly<Record<FeatureName, number>>;
  /** Null where the world does not cover the prompt: then only likings decide. */
  readonly goldReward: number | null;
}

/** Two answers to label. `kind` is the kind of request, or null off the map. */
export interface AnnotatedPair {
  readonly prompt: string;
  readonly kind: string | null;
  readonly a: AnnotatedAnswer;
  readonly b: AnnotatedAnswer;
}

/** How a pool of annotators judges. All settings from 0 to 1, noise from 0 to 2. */
export interface AnnotatorPool {
  readonly name: string;
  /** Gold points that a lead must have to be seen about three times in four; 0 is a perfect eye. */
  readonly noise: number;
  readonly lengthLoving: number;
  readonly formatLoving: number;
  readonly flattering: number;
  /** Share of labels clicked without looking. */
  readonly careless: number;
  /** Kind of request this pool knows well; null for none. */
  readonly expertIn: string | null;
}

/** People as they are: mostly right, somewhat noisy. */
export const DEFAULT_POOL: AnnotatorPool = {
  name: 'pool',
  noise: 0.2,
  lengthLoving: 0,
  formatLoving: 0,
  flattering: 0,
  careless: 0,
  expertIn: null,
};

/** Share of an annotator's noise that is left where they are experts, and what such a label costs. */
const EXPERT_NOISE = 0.1;
const EXPERT_COST = 5;

const TRAITS = [
  ['lengthLoving', 'length'],
  ['formatLoving', 'list_format'],
  ['flattering', 'politeness'],
] as const satisfies readonly (readonly [keyof AnnotatorPool, FeatureName])[];

/** How good an answer seems to the pool, in gold points. */
function appeal(pool: AnnotatorPool, { features, goldReward }: AnnotatedAnswer): number {
  return TRAITS.reduce((sum, [trait, feature]) => sum + pool[trait] * features[feature], goldReward ?? 0);
}

/** The chance that the pool prefers `a`. */
export function chanceOfA(pool: AnnotatorPool, { a, b, kind }: AnnotatedPair): number {
  const lead = appeal(pool, a) - appeal(pool, b);
  const noise = pool.noise * (kind !== null && kind === pool.expertIn ? EXPERT_NOISE : 1);
  const careful = noise === 0 ? (Math.sign(lead) + 1) / 2 : 1 / (1 + Math.exp(-lead / noise));
  return pool.careless / 2 + (1 - pool.careless) * careful;
}

/** Labels pairs one after another, in the order given; stop by not asking for more. */
export function* annotate(pairs: Iterable<AnnotatedPair>, pool: AnnotatorPool, random: Random, time: string): Generator<Comparison> {
  let count = 0;
  for (const pair of pairs) {
    count += 1;
    yield {
      id: `${pool.name}-${time}-${count}`,
      prompt: pair.prompt,
      a: pair.a.text,
      b: pair.b.text,
      verdict: random.uniform() < chanceOfA(pool, pair) ? 'a' : 'b',
      strength: null,
      annotator: pool.name,
      note: '',
      time,
      durationMs: null,
      source: `simulated:${pool.name}`,
      cost: pool.expertIn === null ? 1 : EXPERT_COST,
      modelA: pair.a.model,
      modelB: pair.b.model,
    };
  }
}
