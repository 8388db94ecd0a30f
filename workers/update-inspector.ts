/**
 * @file The last update of a run, remembered so that the page may look at it closely when somebody asks.
 *
 * What the update itself computed is kept as it was; only what the new policy says of the same tokens is computed on demand.
 */
import type { Stage, StageConfigs, StageStep } from '../src/core/algorithms/catalogue';
import { completionLogprobs } from '../src/core/algorithms/packed-policy';
import type { Engine } from '../src/core/graph/engine';
import type { TextTokenizer } from '../src/core/text/tokenizer';
import type { Completion } from '../src/protocol/generate';
import type { MetricName } from '../src/protocol/metrics';
import type { LearnedAnswer, UpdateDetail } from '../src/protocol/update-detail';
import type { HeldModel } from './held-model';
import type { PartPoints } from './judging';
import type { RunPrompt } from './run-sources';
import { drawingOf } from './run-watch';

/** An update as the run knows it. */
export interface LearnedUpdate {
  readonly stage: Stage;
  readonly config: StageConfigs[Stage];
  readonly step: StageStep<RunPrompt>;
  readonly completions: readonly Completion[];
  readonly points: PartPoints;
  readonly metrics: Readonly<Partial<Record<MetricName, number>>>;
}

/** Describes an update whose policy is `after`. Null for one that drew no answers. */
export async function describeUpdate(engine: Engine, after: HeldModel, learned: LearnedUpdate): Promise<UpdateDetail | null> {
  const { stage, config, step, completions, points, metrics } = learned;
  const { tokens } = step;
  const { temperature } = drawingOf(config);
  if (!tokens) return null;
  const afterLogprobs = await completionLogprobs(engine, after.config, after.theta, step.rollouts, temperature);
  const answers = step.rollouts.map((rollout, row): LearnedAnswer => {
    const of = (rows: readonly ArrayLike<number>[]) => Float32Array.from(rows[row]!);
    return {
      prompt: step.prompts[row]!.prompt,
      completion: completions[row]!,
      reward: step.rewards[row]!,
      points: Object.fromEntries(Object.entries(points).map(([part, all]) => [part, all[row]!])),
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
    temperature,
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
