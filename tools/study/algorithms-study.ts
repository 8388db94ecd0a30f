/**
 * @file The study of algorithms: each with its default settings, several seeds, the same start and the same measurements.
 *
 * What must hold (and is checked): the proxy rises by more than one standard deviation of the SFT model's answers within the
 * run, KL stays below 10 nats, and nothing collapses: answers to one prompt still differ, and entropy keeps a fifth of its start.
 */
import { ALGORITHMS, trainStage, type Stage, type StageSettings } from '../../src/core/algorithms/catalogue';
import { shuffledPairs } from '../../src/core/algorithms/dpo';
import { readField } from '../../src/core/algorithms/fields';
import type { TokenComparison } from '../../src/core/algorithms/reward-model';
import { valueTheta } from '../../src/core/algorithms/value-model';
import { TrainingState } from '../../src/core/model/training-state';
import { addCosts, NO_COST, type Cost } from '../../src/core/rl/cost';
import { MAX_PROMPT_TOKENS, type Measurement, type Testbed, type WorldPrompt } from './testbed';

/** Stages that the study can start: those that learn from rewards or pairs. */
export const STUDIED = (Object.keys(ALGORITHMS) as Stage[]).filter((stage) => ALGORITHMS[stage].learnsFrom !== 'demonstrations');

/** Settings that differ from the defaults. */
export type Changes = Readonly<Record<string, unknown>>;

/** One run and what came of it. */
export interface StudyRow {
  readonly stage: Stage;
  readonly changes: Changes;
  readonly seed: number;
  readonly numUpdates: number;
  readonly before: Measurement;
  readonly after: Measurement;
  readonly cost: Cost;
  readonly seconds: number;
  /** What did not hold; empty when all is well. */
  readonly faults: readonly string[];
}

/** What a run is judged by. */
export function faultsOf(before: Measurement, after: Measurement): string[] {
  const faults: string[] = [];
  if (after.proxy - before.proxy <= 1) faults.push(`proxy rose by ${(after.proxy - before.proxy).toFixed(2)} sd only`);
  if (after.kl >= 10) faults.push(`KL ${after.kl.toFixed(1)} nats`);
  if (after.entropy < 0.2 * before.entropy) faults.push(`entropy fell to ${after.entropy.toFixed(2)} nats`);
  if (after.distinct < 0.5 * before.distinct) faults.push(`only ${Math.round(100 * after.distinct)} % of answers differ`);
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

/** Trains once and measures. `hear` is told of every update. */
export async function runOnce(
  bed: Testbed,
  { stage, seed, changes, before, pairs }: Pick<StudyRow, 'stage' | 'seed' | 'changes' | 'before'> & { pairs: readonly TokenComparison[] },
  hear: (update: number, words: string) => void,
): Promise<StudyRow> {
  const run = settingsOf(stage, changes);
  const { numUpdates } = run.settings();
  const { engine, sft } = bed;
  const state = new TrainingState(engine, { theta: sft.theta });
  const critic = stage === 'ppo' ? new TrainingState(engine, { theta: valueTheta(sft.config, sft.theta) }) : undefined;
  const startedMs = performance.now();
  let cost = NO_COST;
  try {
    const steps = trainStage<WorldPrompt>(run, {
      engine,
      model: sft.config,
      state,
      reference: bed.reference,
      firstUpdate: 0,
      seed,
      maxPromptTokens: MAX_PROMPT_TOKENS,
      samplePrompt: (random) => bed.samplePrompt(random),
      reward: (_, rollouts) => bed.proxy(rollouts),
      pairs: shuffledPairs(pairs, seed),
      maxTokens: 136,
      ...(critic ? { critic } : {}),
    });
    for await (const step of steps) {
      cost = addCosts(cost, step.cost);
      const { metrics } = step;
      const words = (['reward', 'objective/kl', 'entropy', 'rewards/accuracies'] as const).filter((name) => metrics[name] !== undefined);
      hear(step.update, words.map((name) => `${name} ${metrics[name]!.toFixed(2)}`).join(', '));
    }
    const seconds = (performance.now() - startedMs) / 1000;
    const after = await bed.measure(state);
    return { stage, changes, seed, numUpdates, before, after, cost, seconds, faults: faultsOf(before, after) };
  } finally {
    state.dispose();
    critic?.dispose();
  }
}

/** The table, in Markdown: one line a stage and set of changes, the worst of its seeds where one number must hold for all. */
export function tableOf(rows: readonly StudyRow[]): string {
  const groups = new Map<string, StudyRow[]>();
  for (const row of rows) {
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
      of((row) => row.after.proxy - row.before.proxy, 2),
      of((row) => row.after.gold - row.before.gold, 3),
      of((row) => row.after.kl, 1),
      of((row) => row.after.entropy, 2),
      of((row) => 100 * row.after.distinct, 0),
      of((row) => row.seconds, 0),
      of((row) => row.cost.flops / 1e9, 0),
      `${runs.filter(({ faults }) => faults.length === 0).length} of ${runs.length}`,
    ];
  });
  const head = ['algorithm', 'proxy up, sd', 'gold up', 'KL, nats', 'entropy, nats', 'distinct, %', 'seconds', 'GFLOP', 'well'];
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
