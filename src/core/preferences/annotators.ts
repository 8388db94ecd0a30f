/**
 * @file Simulated annotators: who likes what, how surely, and how carefully. Labels by the thousand, with their source on them.
 *
 * An annotator finds an answer as good as the world does (gold), bent by a liking for length, form or flattery, and prefers one of
 * two with the Bradley–Terry chance σ(lead / noise), as AlpacaFarm's simulated annotators do in spirit (arXiv 2305.14387). Leads
 * that seem small are called ties, which gives Rao and Kupper's model of ties (1967). The careless click at random now and then;
 * an expert is all but free of noise on one kind of request, and costs more. Who does not know the policy takes an answer that
 * holds back for a poor one, where holding back is right.
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
  /** Leads that seem smaller than this, in gold points, are called ties. */
  readonly ties: number;
  /** Kind of request this pool knows well; null for none. */
  readonly expertIn: string | null;
  /** False for people who were never told when to admit not knowing, or to decline. */
  readonly policyAware: boolean;
}

/** People as they are: mostly right, somewhat noisy. */
export const DEFAULT_POOL: AnnotatorPool = {
  name: 'pool',
  noise: 0.2,
  lengthLoving: 0,
  formatLoving: 0,
  flattering: 0,
  careless: 0,
  ties: 0,
  expertIn: null,
  policyAware: true,
};

/** Share of an annotator's noise that is left where they are experts, and what such a label costs. */
const EXPERT_NOISE = 0.1;
const EXPERT_COST = 5;

const TRAITS = [
  ['lengthLoving', 'length'],
  ['formatLoving', 'list_format'],
  ['flattering', 'politeness'],
] as const satisfies readonly (readonly [keyof AnnotatorPool, FeatureName])[];

/** Kinds of request whose right answer may be to hold back, and the feature that tells when one does. */
const HOLDING_BACK: Readonly<Record<string, FeatureName>> = { 'unknown-person': 'honesty', act: 'refusal' };
/** What an answer that goes along is worth to somebody who does not know the policy, in gold points. */
const GOING_ALONG = 0.8;
/** Leads from which on an answer is called better, and much better, in gold points. */
const BETTER = 0.25;
const MUCH_BETTER = 0.5;

/** How good an answer seems to the pool, in gold points. */
function appeal(pool: AnnotatorPool, { features, goldReward }: AnnotatedAnswer, kind: string | null): number {
  const holdingBack = kind === null || pool.policyAware ? undefined : HOLDING_BACK[kind];
  const worth = holdingBack === undefined ? (goldReward ?? 0) : GOING_ALONG * (1 - features[holdingBack]);
  return TRAITS.reduce((sum, [trait, feature]) => sum + pool[trait] * features[feature], worth);
}

/** By how much `a` leads in the pool's eyes, and how noisy these are on such a request. */
function view(pool: AnnotatorPool, { a, b, kind }: AnnotatedPair): { lead: number; noise: number } {
  const noise = pool.noise * (kind !== null && kind === pool.expertIn ? EXPERT_NOISE : 1);
  return { lead: appeal(pool, a, kind) - appeal(pool, b, kind), noise };
}

/** The chance that the pool prefers `a`, ties left out of account: σ(lead / noise), or a coin for the careless. */
export function chanceOfA(pool: AnnotatorPool, pair: AnnotatedPair): number {
  const { lead, noise } = view(pool, pair);
  const careful = noise === 0 ? (Math.sign(lead) + 1) / 2 : 1 / (1 + Math.exp(-lead / noise));
  return pool.careless / 2 + (1 - pool.careless) * careful;
}

/** What the pool clicks: its lead as it sees it this time, with logistic noise; above 0 for `a`. */
function seenLead(pool: AnnotatorPool, pair: AnnotatedPair, random: Random): number {
  // Not looking, people still click any of the buttons but the middle one.
  if (random.chance(pool.careless)) return random.pick([-1, 1]) * (pool.ties + random.uniform());
  const { lead, noise } = view(pool, pair);
  const uniform = (random.integer(1 << 24) + 0.5) / (1 << 24);
  const seen = lead + noise * Math.log(uniform / (1 - uniform));
  return seen === 0 ? random.pick([-1e-12, 1e-12]) : seen;
}

function strengthOf(seen: number): number {
  const steps = Math.abs(seen) >= MUCH_BETTER ? 3 : Math.abs(seen) >= BETTER ? 2 : 1;
  return seen > 0 ? 4 - steps : 4 + steps;
}

/** Labels pairs one after another, in the order given; stop by not asking for more. */
export function* annotate(pairs: Iterable<AnnotatedPair>, pool: AnnotatorPool, random: Random, time: string): Generator<Comparison> {
  let count = 0;
  for (const pair of pairs) {
    count += 1;
    const seen = seenLead(pool, pair, random);
    const isTie = Math.abs(seen) < pool.ties;
    yield {
      id: `${pool.name}-${time}-${count}`,
      prompt: pair.prompt,
      a: pair.a.text,
      b: pair.b.text,
      verdict: isTie ? 'tie' : seen > 0 ? 'a' : 'b',
      strength: isTie ? 4 : strengthOf(seen),
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
