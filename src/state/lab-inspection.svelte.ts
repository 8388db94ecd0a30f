/** @file The last update seen closely: asked of the worker when somebody looks, and kept until it is asked again. */
import type { UpdateDetail } from '../protocol/update-detail';
import type { TrainerClient } from './trainer-client.svelte';

/** What one token's numbers say. Log-probabilities and KL in nats. */
export interface TokenReading {
  readonly text: string;
  readonly logprob: number;
  readonly advantage: number;
  /** logprob − refLogprob: this token's share of KL(policy ‖ reference), estimator k1. */
  readonly kl: number;
  /** exp(new − old) at the last pass over the batch. */
  readonly ratio: number;
  /** True when the clip cut this token's pull: the ratio left [1 − ε, 1 + ε] in the direction of its advantage. */
  readonly clipped: boolean;
  /** By how much the update changed its log-probability. */
  readonly change: number;
  readonly value: number | null;
}

/** The readings of one answer's tokens. */
export function readTokens({ clipRange }: UpdateDetail, answer: UpdateDetail['answers'][number]): readonly TokenReading[] {
  return answer.tokens.map((text, t) => {
    const logprob = answer.logprobs[t]!;
    const advantage = answer.advantages[t]!;
    const ratio = Math.exp(answer.newLogprobs[t]! - logprob);
    const clipped = clipRange !== null && (advantage > 0 ? ratio > 1 + clipRange : advantage < 0 && ratio < 1 - clipRange);
    const change = answer.afterLogprobs[t]! - logprob;
    return { text, logprob, advantage, kl: logprob - answer.refLogprobs[t]!, ratio, clipped, change, value: answer.values?.[t] ?? null };
  });
}

/** Of all tokens of an update, those whose probability moved most: p after − p before, the largest first. */
export function mostMoved(detail: UpdateDetail, count: number) {
  const all = detail.answers.flatMap((answer, row) =>
    answer.tokens.map((text, t) => {
      const [before, after] = [Math.exp(answer.logprobs[t]!), Math.exp(answer.afterLogprobs[t]!)];
      return { row, place: t, text, before, after, context: answer.tokens.slice(Math.max(0, t - 6), t).join('') };
    }),
  );
  return all.sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before)).slice(0, count);
}

/** The update under the glass. */
export class Inspection {
  detail = $state.raw<UpdateDetail | null>(null);
  status = $state<'idle' | 'asking' | 'none' | 'failed'>('idle');
  why = $state('');
  #client: TrainerClient;

  constructor(client: TrainerClient) {
    this.#client = client;
  }

  /** Asks for the last update. What was there before stays on screen until the answer comes. */
  async look(): Promise<void> {
    if (this.status === 'asking' || this.#client.phase !== 'ready') return;
    this.status = 'asking';
    const outcome = await this.#client.inspectUpdate();
    if (outcome.type === 'failed') {
      this.status = 'failed';
      this.why = outcome.detail;
      return;
    }
    this.detail = outcome.detail;
    this.status = outcome.detail ? 'idle' : 'none';
  }
}
