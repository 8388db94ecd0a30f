/** @file Signs that a run has gone wrong, each one plain sentence and what to try. */
import type { RunEvent } from '../protocol/run';

type Metrics = Extract<RunEvent, { type: 'update' }>['metrics'];

/** What is wrong, and a remedy. */
export interface Alarm {
  readonly what: string;
  readonly tryThis: string;
}

/** Nats per whole answer; beyond it the policy shares little with the model it started from. */
const LARGE_KL = 20;
/** Entropy below this share of the starting policy's is called collapsed. */
const COLLAPSED_SHARE = 0.2;

/** The most urgent alarm of the last update, or null. `first` is the first update, which measures the starting policy. */
export function findAlarm(first: Metrics | undefined, last: Metrics | undefined): Alarm | null {
  if (!last) return null;
  if (last.reward_std === 0 || (last.frac_reward_zero_std ?? 0) >= 1) {
    return {
      what: 'All answers in every group got the same reward, so this update taught nothing.',
      tryThis: 'Raise the temperature or the group size, or reward something on which the answers differ.',
    };
  }
  const kl = last['objective/kl'] ?? 0;
  if (kl > LARGE_KL) {
    return {
      what: `The policy has drifted far from where it started (KL ${kl.toFixed(0)} nats): expect strange text.`,
      tryThis: 'Raise the KL weight or lower the learning rate, then reset and start again.',
    };
  }
  if (first?.entropy && last.entropy !== undefined && last.entropy < COLLAPSED_SHARE * first.entropy) {
    return {
      what: 'Entropy has collapsed: the policy gives nearly the same answer every time.',
      tryThis: 'Lower the learning rate, raise the KL weight, or stop here: there is little left to learn from.',
    };
  }
  return null;
}
