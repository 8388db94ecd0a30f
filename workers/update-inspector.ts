/**
 * @file The last update of a run, remembered so that the page may look at it closely when somebody asks.
 *
 * What the update itself computed is kept as it was; only what the new policy says of the same tokens is computed on demand.
 */
import type { RewardStage, StageConfigs, StageStep } from '../src/core/algorithms/catalogue';
import { completionLogprobs } from '../src/core/algorithms/packed-policy';
import type { Engine } from '../src/core/graph/engine';
import type { TextTokenizer } from '../src/core/text/tokenizer';
import type { Completion } from '../src/protocol/generate';
import type { MetricName } from '../src/protocol/metrics';
import type { LearnedAnswer, UpdateDetail } from '../src/protocol/update-detail';
import type { HeldModel } from './held-model';

/** An update as the run knows it. */
export interface LearnedUpdate {
  readonly stage: RewardStage;
  readonly config: StageConfigs[RewardStage];
  readonly step: StageStep<{ readonly promptTokens: readonly number[]; readonly request: { readonly prompt: string } }>;
  readonly completions: readonly Completion[];
  readonly metrics: Readonly<Partial<Record<MetricName, number>>>;
}

/** Describes an update whose policy is `after`. Null for one that drew no answers. */
export async function describeUpdate(engine: Engine, after: HeldModel, learned: LearnedUpdate): Promise<UpdateDetail | null> {
  const { stage, config, step, completions, metrics } = learned;
  const { tokens } = step;
  if (!tokens) return null;
  const afterLogprobs = await completionLogprobs(engine, after.config, after.theta, step.rollouts, config.temperature);
  const answers = step.rollouts.map((rollout, row): LearnedAnswer => {
    const of = (rows: readonly ArrayLike<number>[]) => Float32Array.from(rows[row]!);
    return {
      prompt: step.prompts[row]!.request.prompt,
      completion: completions[row]!,
      reward: step.rewards[row]!,
      advantage: step.advantages[row]!,
      tokens: tokenTexts(after.tokenizer, rollout.completionTokens, rollout.finished),
      logprobs: of(tokens.logprobs),
      refLogprobs: of(tokens.refLogprobs),
      newLogprobs: of(tokens.newLogprobs),
      afterLogprobs: afterLogprobs[row]!,
      advantages: of(tokens.advantages),
      values: tokens.values ? of(tokens.values) : null,
    };
  });
  return {
    update: step.update,
    stage,
    groupSize: step.groupSize,
    temperature: config.temperature,
    clipRange: 'clipRange' in config ? config.clipRange : null,
    learningRate: config.learningRate,
    metrics,
    answers,
  };
}

/** The text that each token adds; a character of several tokens appears with its last. The end token is named. */
function tokenTexts(tokenizer: TextTokenizer, ids: readonly number[], finished: boolean): string[] {
  const decoder = tokenizer.streamDecoder({ skipSpecial: true });
  return ids.map((id, at) => {
    const isLast = at === ids.length - 1;
    if (isLast && finished) return decoder.finish() || tokenizer.decode([id]);
    return decoder.push(id) + (isLast ? decoder.finish() : '');
  });
}
