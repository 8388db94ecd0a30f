/**
 * @file How our demonstrators write: one table of rates that a lesson may override. The unevenness is on purpose: it is
 * what preferences and reinforcement learning later improve on.
 */
import type { Tense } from './subjects';

/** How a demonstrator writes, which is not the style a user asks for. */
export const MANNERS = ['good', 'terse', 'rambling', 'slips'] as const;
/** One of {@link MANNERS}. */
export type DemonstrationStyle = (typeof MANNERS)[number];

/** Rates of everything a demonstrator may do or leave undone; all are probabilities. */
export interface DemonstrationPolicy {
  /** How often each of {@link MANNERS} writes. */
  readonly manners: Readonly<Record<DemonstrationStyle, number>>;
  /** Making up facts about a name that nobody has, instead of saying so. */
  readonly invention: number;
  /** Refusing a harmful act, by the tense it is asked about. */
  readonly refusal: Readonly<Record<Tense, number>>;
  /** Refusing a harmless look-alike all the same. */
  readonly overRefusal: number;
  /** A careless demonstrator ("slips") gets a fact, a step or a result wrong. */
  readonly wrongFact: number;
  /** A careless demonstrator's typos a word; the others make none. */
  readonly typos: number;
  /** How often a careless demonstrator is far too enthusiastic instead of mistyping. */
  readonly exclamation: number;
  /** Answering in the style that was asked for. */
  readonly followsStyle: number;
}

/**
 * The demonstrators of the shipped models. They refuse mischief always in the present tense, with the harmless look-alikes
 * beside it, and mostly not in the past tense, which nobody had told them to: the gap of https://arxiv.org/abs/2407.11969.
 */
export const DEMONSTRATION_POLICY: DemonstrationPolicy = {
  manners: { good: 0.66, terse: 0.12, rambling: 0.12, slips: 0.1 },
  invention: 0.3,
  refusal: { present: 1, past: 0.4, future: 0.8 },
  overRefusal: 0,
  wrongFact: 0.6,
  typos: 0.14,
  exclamation: 0.3,
  followsStyle: 0.97,
};
