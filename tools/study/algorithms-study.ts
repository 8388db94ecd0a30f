/**
 * @file The study of algorithms: each with its default settings, several seeds, the same start and the same measurements.
 *
 * Of algorithms that learn from a reward it is asked (and checked) that the proxy rises by more than one standard deviation of
 * the SFT model's answers to a prompt, that KL stays below 10 nats, and that nothing collapses: answers to one prompt still differ, and
 * entropy and length stay near their start. SFT starts from the base model and is asked for a better verdict of the world; DPO
 * learns from pairs drawn once, and is asked to raise the proxy at all.
 */
import { ALGORITHMS, STAGES, trainStage, type Stage, type StageSettings } from '../../src/core/algorithms/catalogue';
import { shuffledPairs } from '../../src/core/algorithms/dpo';
import { readField } from '../../src/core/algorithms/fields';
import type { TokenComparison } from '../../src/core/algorithms/reward-model';
import type { MetricName } from '../../src/core/algorithms/step';
import { valueTheta } from '../../src/core/algorithms/value-model';
import { TrainingState } from '../../src/core/model/training-state';
import { mean } from '../../src/core/rl/advantages';
import { addCosts, NO_COST, type Cost } from '../../src/core/rl/cost';
import { MAX_PROMPT_TOKENS, type Measurement, type Testbed, type WorldPrompt } from './testbed';

/** Settings that differ from the defaults. */
export type Changes = Readonly<Record<string, unknown>>;

/** What is measured of an update: by the algorithm, and, as on the page, the world's verdict and the variety of answers. */
export type StudyMetrics = Readonly<Partial<Record<MetricName | 'gold_reward' | 'completions/distinct_ratio', number>>>;

/** What is kept of every update where series are asked for: what the page's alarms watch. */
const KEPT = [
  'reward',
  'reward_std',
  'frac_reward_zero_std',
  'gold_reward',
  'objective/kl',
  'entropy',
  'completions/mean_length',
  'completions/clipped_ratio',
  'completions/distinct_ratio',
  'clip_ratio/region_mean',
  'policy/clipfrac_avg',
  'loss',
  'grad_norm',
] as const satisfies readonly (keyof StudyMetrics)[];

/** The metrics of a run, each a list with one number an update. */
export const seriesOf = (updates: readonly StudyMetrics[]): Readonly<Record<string, readonly (number | undefined)[]>> =>
  Object.fromEntries(KEPT.filter((name) => updates[0]?.[name] !== undefined).map((name) => [name, updates.map((each) => each[name])]));

/** One run and what came of it. */
export interface StudyRow {
  readonly stage: Stage;
  readonly changes: Changes;
  readonly seed: number;
  readonly backend: string;
  readonly numUpdates: number;
  readonly before: Measurement;
  readonly after: Measurement;
  readonly cost: Cost;
  readonly seconds: number;
  /** What did not hold; empty when all is well. */
  readonly faults: readonly string[];
}

/** What a run is judged by. */
export function faultsOf(stage: Stage, before: Measurement, after: Measurement): string[] {
  const faults: string[] = [];
  const { learnsFrom } = ALGORITHMS[stage];
  const gained = after.proxy - before.proxy;
  if (learnsFrom === 'demonstrations') {
    if (after.gold <= before.gold) faults.push(`gold fell to ${after.gold.toFixed(2)}`);
    return faults; // a base model's texts are no measure of the length or variety of answers
  }
  if (gained <= (learnsFrom === 'pairs' ? 0 : 1)) faults.push(`proxy rose by ${gained.toFixed(2)} sd only`);
  if (after.kl >= 10) faults.push(`KL ${after.kl.toFixed(1)} nats`);
  if (after.entropy < 0.2 * before.entropy) faults.push(`entropy fell to ${after.entropy.toFixed(2)} nats`);
  if (after.distinct < 0.5 * before.distinct) faults.push(`only ${Math.round(100 * after.distinct)} % of answers differ`);
  const longer = after.meanTokens / before.meanTokens;
  if (longer < 0.5 || longer > 2)
    faults.push(`answers of ${after.meanTokens.toFixed(0)} tokens instead of ${before.meanTokens.toFixed(0)}`);
  return faults;
}

/** The settings of a stage with changes; what its fields do not allow becomes what they do. */
export function settingsOf(stage: Stage, changes: Changes): StageSettings {
  const { defaults, fields } = ALGORITHMS[stage];
  const changed = Object.fromEntries(
    fields.filter(({ key }) => key in changes).map((field) => [field.key, readField(field, changes[field.key])]),
  );
  return { stage, settings: () => ({ ...defaults, ...changed }) } as StageSettings;
}

/** What one run is asked to do. */
export interface RunRequest extends Pick<StudyRow, 'stage' | 'seed' | 'changes'> {
  /** DPO's. */
  readonly pairs: readonly TokenComparison[];
}

/** Trains once and measures. `hear` is told of every update. */
export async function runOnce(
  bed: Testbed,
  { stage, seed, changes, pairs }: RunRequest,
  hear: (update: number, metrics: StudyMetrics) => void,
): Promise<StudyRow> {
  const run = settingsOf(stage, changes);
  const { numUpdates } = run.settings();
  const { engine } = bed;
  const start = bed.startOf(stage);
  const state = new TrainingState(engine, { theta: start.theta });
  const critic = stage === 'ppo' ? new TrainingState(engine, { theta: valueTheta(start.config, start.theta) }) : undefined;
  const before = await bed.measureStart(stage);
  const startedMs = performance.now();
  let cost = NO_COST;
  let seen: StudyMetrics = {};
  try {
    const steps = trainStage<WorldPrompt>(run, {
      engine,
      model: start.config,
      state,
      reference: bed.reference,
      firstUpdate: 0,
      seed,
      maxPromptTokens: MAX_PROMPT_TOKENS,
      samplePrompt: (random) => bed.samplePrompt(random),
      reward: (prompts, rollouts) => {
        const numDifferent = new Set(rollouts.map((rollout) => bed.text(rollout))).size;
        seen = { gold_reward: mean(bed.gold(prompts, rollouts)), 'completions/distinct_ratio': numDifferent / rollouts.length };
        return bed.reward(prompts, rollouts);
      },
      demonstration: (random) => bed.demonstration(random),
      document: (random) => bed.document(random),
      pairs: shuffledPairs(pairs, seed),
      maxTokens: 136,
      ...(critic ? { critic } : {}),
    });
    for await (const step of steps) {
      cost = addCosts(cost, step.cost);
      hear(step.update, { ...step.metrics, ...seen });
    }
    const seconds = (performance.now() - startedMs) / 1000;
    const after = await bed.measure(state);
    const faults = faultsOf(stage, before, after);
    return { stage, changes, seed, backend: engine.name, numUpdates, before, after, cost, seconds, faults };
  } finally {
    state.dispose();
    critic?.dispose();
  }
}

/** The table, in Markdown: one line a stage and set of changes, over its seeds from the lowest to the highest. */
export function tableOf(rows: readonly StudyRow[]): string {
  const groups = new Map<string, StudyRow[]>();
  for (const row of [...rows].sort((a, b) => STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage))) {
    const key = `${ALGORITHMS[row.stage].label}${Object.entries(row.changes)
      .map(([name, value]) => ` ${name}=${String(value)}`)
      .join('')}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const range = (numbers: readonly number[], digits: number) => {
    const [low, high] = [Math.min(...numbers).toFixed(digits), Math.max(...numbers).toFixed(digits)];
    return low === high ? low : `${low} to ${high}`;
  };
  const lines = [...groups].map(([name, runs]) => {
    const of = (value: (row: StudyRow) => number, digits: number) => range(runs.map(value), digits);
    return [
      name,
      of((row) => row.numUpdates, 0),
      of((row) => row.after.proxy - row.before.proxy, 2),
      of((row) => row.after.proxyOverAll - row.before.proxyOverAll, 2),
      of((row) => row.after.kl, 1),
      `${of((row) => row.before.gold, 2)} → ${of((row) => row.after.gold, 2)}`,
      `${of((row) => row.before.entropy, 2)} → ${of((row) => row.after.entropy, 2)}`,
      of((row) => 100 * row.after.distinct, 0),
      of((row) => row.after.meanTokens, 0),
      of((row) => row.cost.flops / 1e9, 0),
      `${runs.filter(({ faults }) => faults.length === 0).length} of ${runs.length}`,
    ];
  });
  const head = [
    'algorithm',
    'updates',
    'proxy up, sd',
    'of all',
    'KL, nats',
    'gold',
    'entropy, nats',
    'distinct, %',
    'tokens',
    'GFLOP',
    'as asked',
  ];
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
