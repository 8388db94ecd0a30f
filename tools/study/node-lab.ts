/**
 * @file The laboratory of a lesson's experiment in Node: the page's trainer on onnxruntime-node.
 *
 * A study takes longer than anybody may want to wait in one piece. With a folder, everything that was trained or drawn is kept
 * there under a hash of all that decided it, runs every few updates too: killed and started again, a study goes on where it was.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { LessonLab, ScoredText, TrainedRun } from '../../src/lessons/lab';
import type { Completion, SampleAnswersRequest } from '../../src/protocol/generate';
import type { NeuralRewardModel, RewardModelSpec } from '../../src/protocol/reward-lab';
import type { RunCheckpoint, RunSpec } from '../../src/protocol/run';
import type { Trainer } from '../../workers/trainer';
import { ClearError } from '../ensure-dependencies.mjs';
import { nodeTrainer } from '../train/node-trainer';
import type { StudyBench } from './lesson-study';

/** Updates between two words of progress, and between two copies of a run. */
const EVERY = 20;

/**
 * Loads a family from its folder.
 * @param parts where what is trained and drawn is kept, and taken from when it is there
 * @throws ClearError saying what is missing
 */
export async function openNodeLab({
  models,
  numThreads,
  say,
  parts,
}: Pick<StudyBench, 'models' | 'numThreads' | 'say' | 'parts'>): Promise<NodeLab> {
  const { trainer } = await nodeTrainer(dirname(models), numThreads, basename(models));
  const mark = createHash('sha256')
    .update(readFileSync(join(dirname(models), 'manifest.json')))
    .digest('hex');
  return new NodeLab(trainer, say, new Kept(parts ?? null), mark);
}

/** What was made, by key. */
class Kept {
  constructor(readonly folder: string | null) {
    if (folder !== null) mkdirSync(folder, { recursive: true });
  }

  get(key: string): unknown {
    const file = this.folder === null ? null : join(this.folder, key);
    return file !== null && existsSync(file) ? deserialize(readFileSync(file)) : undefined;
  }

  put(key: string, value: unknown): void {
    if (this.folder === null) return;
    const file = join(this.folder, key);
    writeFileSync(`${file}.part`, serialize(value));
    renameSync(`${file}.part`, file);
  }
}

const hashOf = (...parts: readonly unknown[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part instanceof Float32Array ? new Uint8Array(part.buffer) : JSON.stringify(part ?? null));
  return hash.digest('hex').slice(0, 24);
};

/** A run on its way. */
interface Standing extends TrainedRun {
  readonly ended: boolean;
}

/** The laboratory; `trainer` also draws the data that an experiment is about. */
export class NodeLab implements LessonLab {
  /** The policy that `yours` should be, and whether the trainer has it. */
  #yours: RunCheckpoint | null = null;
  #hasYours = true;
  /** Hashes of reward models by id. */
  readonly #rewardModels = new Map<string, string>();

  constructor(
    readonly trainer: Trainer,
    private readonly say: (words: string) => void,
    private readonly kept: Kept,
    private readonly models: string,
  ) {}

  async train(spec: RunSpec, from?: RunCheckpoint): Promise<TrainedRun> {
    const start = from ? branchOf(from, spec) : null;
    const rewardedBy = spec.rewardModel && this.#rewardModels.get(spec.rewardModel.id);
    const key = `run-${hashOf(this.models, spec, start?.theta, start?.reference, start?.update, rewardedBy)}`;
    const known = this.kept.get(key) as Standing | undefined;
    this.#yours = known?.checkpoint ?? null;
    this.#hasYours = !known?.ended;
    if (known?.ended) return known;
    const history = [...(known?.history ?? [])];
    let checkpoint = known?.checkpoint ?? start;
    const outcome = await this.trainer.run(spec, checkpoint, (event) => {
      if (event.type === 'checkpoint') {
        checkpoint = event.checkpoint;
        if (checkpoint.update % EVERY === 0)
          this.kept.put(key, { checkpoint, history: history.filter(({ update }) => update <= checkpoint!.update), ended: false });
      }
      if (event.type !== 'update' || history.some(({ update }) => update === event.update)) return;
      const { update, metrics } = event;
      history.push({ update, metrics });
      if (update % EVERY === 0)
        this.say(`${spec.stage}, update ${update} of ${event.numUpdates}: gold ${metrics.gold_reward?.toFixed(2) ?? '–'}`);
    });
    if (outcome.type === 'failed') throw new ClearError(outcome.detail);
    if (!checkpoint) throw new ClearError('Nothing was trained.');
    const run: Standing = { checkpoint, history, ended: true };
    this.kept.put(key, run);
    this.#yours = checkpoint;
    return run;
  }

  async answers(request: SampleAnswersRequest): Promise<readonly Completion[]> {
    const key = `answers-${hashOf(this.models, request, request.model === 'yours' ? this.#yours?.theta : null)}`;
    const known = this.kept.get(key) as readonly Completion[] | undefined;
    if (known) return known;
    if (request.model === 'yours' && !this.#hasYours && this.#yours) await this.trainer.restore(this.#yours);
    if (request.model === 'yours') this.#hasYours = true;
    const outcome = await this.trainer.sampleAnswers(request);
    if (outcome.type !== 'completed') throw new ClearError(outcome.type === 'failed' ? outcome.detail : 'The answers were stopped.');
    this.kept.put(key, outcome.completions);
    return outcome.completions;
  }

  async trainRewardModel(spec: RewardModelSpec): Promise<NeuralRewardModel> {
    const key = `reward-model-${hashOf(this.models, spec)}`;
    this.#rewardModels.set(spec.id, key);
    const known = this.kept.get(key) as NeuralRewardModel | undefined;
    if (known) {
      const failure = await this.trainer.installRewardModel(spec.id, known);
      if (failure) throw new ClearError(failure.detail);
      return known;
    }
    const outcome = await this.trainer.trainRewardModel(spec, () => undefined);
    if (outcome.type === 'failed') throw new ClearError(outcome.detail);
    this.say(`reward model ${spec.id}: ${outcome.numPairs} pairs, ${outcome.numSteps} steps`);
    this.kept.put(key, outcome.model);
    return outcome.model;
  }

  async scores(rewardModel: string, texts: readonly ScoredText[]): Promise<readonly number[]> {
    const key = `scores-${hashOf(this.#rewardModels.get(rewardModel), texts)}`;
    const known = this.kept.get(key) as readonly number[] | undefined;
    if (known) return known;
    const outcome = await this.trainer.scoreTexts({ rewardModel, texts, perToken: false });
    if (outcome.type !== 'completed') throw new ClearError(outcome.detail);
    const scores = outcome.scores.map(({ score }) => score);
    this.kept.put(key, scores);
    return scores;
  }
}

/** What goes on from where another run was, as `Run.branch` does it on the page: what SFT made is the KL reference of what follows it. */
function branchOf({ spec, theta, m, v, update, reference }: RunCheckpoint, next: RunSpec): RunCheckpoint {
  const own = next.stage === spec.stage || spec.stage !== 'sft' ? reference : theta;
  return { spec: next, theta, m, v, update, ...(own ? { reference: own } : {}) };
}
