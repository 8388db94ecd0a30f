/**
 * @file Taking what was trained out of the page: one zip with the policy as a Hugging Face folder, a reward model, data sets in
 * TRL's formats, the reward as Python, and scripts that go on from there. Made in this browser; nothing is sent anywhere.
 *
 * A model is read in the trainer's worker, data sets are written in the world's: the page only puts them together.
 */
import { zipSync, type Zippable } from 'fflate';
import type { DataRows } from '../core/data/rows';
import type { LearnsFrom } from '../core/data/run-data';
import type { Comparison } from '../core/preferences/comparison';
import { labelRows, ownRows, type DataWish } from '../core/trl/data-sets';
import { packageTexts } from '../core/trl/package';
import { TRL_STAGES, type TrlConfigs } from '../core/trl/settings';
import type { Failure, ModelId } from '../protocol/load';
import { SHIPPED_REWARD_MODEL } from '../protocol/reward-lab';
import type { ExportOutcome, ExportWish } from '../protocol/model-export';
import type { RunCheckpoint, NeuralPart, RewardWeights } from '../protocol/run';
import type { OwnRows } from './own-rows.svelte';
import type { RunSetup } from './run-setup.svelte';
import { isFailure, type TrainerClient } from './trainer-client.svelte';
// A script that carries its modules with it: Vite bundles it as it bundles workers.
import judgeUrl from '../../workers/world-judge-lines.worker.ts?worker&url';

/** Which policy leaves: a model on screen, or a kept moment of a run. */
export type PolicyChoice =
  | { readonly type: 'model'; readonly id: ModelId }
  | { readonly type: 'moment'; readonly runId: string; readonly update: number; readonly title: string };

/** What is asked of the rest of the page. */
export interface TakeFurtherHost {
  readonly client: TrainerClient;
  readonly setup: RunSetup;
  readonly weights: () => RewardWeights;
  /** Data sets that the world writes. */
  readonly worldRows: (wish: DataWish) => Promise<Readonly<Record<string, string>>>;
  readonly labels: () => readonly Comparison[];
  readonly checkpoint: (runId: string, update: number) => Promise<RunCheckpoint | null>;
  /** Gives the worker a neural reward model that was kept. */
  readonly installRewardModel: (part: NeuralPart) => Promise<Failure | null>;
}

/** Rows of each data set that the world writes. */
const COUNTS = { numDemonstrations: 1000, numPairs: 500, numPrompts: 1000 };

const SCRIPTS = import.meta.glob<string>('../core/trl/python/*.py', { query: '?raw', import: 'default', eager: true });
const scripts = Object.fromEntries(Object.entries(SCRIPTS).map(([path, text]) => [path.split('/').at(-1)!, text]));

/** The world's judge as one script; null where there is none, in development. */
async function fetchJudge(): Promise<string | null> {
  if (import.meta.env.DEV) return null;
  const response = await fetch(judgeUrl).catch(() => null);
  return response?.ok ? (await response.text()).replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n') : null;
}

/** A failure of the worker, to be told in its own words. */
function orThrow(outcome: ExportOutcome): Exclude<ExportOutcome, Failure> {
  if (outcome.type === 'failed') throw new Error(outcome.detail);
  return outcome;
}

/** Numbers do not shrink; texts do. */
const stored = (path: string, bytes: Uint8Array): Zippable[string] => (/\.(safetensors|onnx)$/.test(path) ? [bytes, { level: 0 }] : bytes);

/** The way out. */
export class TakeFurther {
  working = $state(false);
  /** Why there is no file, in a sentence. */
  problem = $state<string | null>(null);

  readonly #host: TakeFurtherHost;

  constructor(host: TakeFurtherHost) {
    this.#host = host;
  }

  /** Makes the zip. Null, with `problem` saying why, when that is impossible. */
  async make(choice: PolicyChoice, words: string): Promise<File | null> {
    this.working = true;
    this.problem = null;
    try {
      return await this.#make(choice, words);
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
      return null;
    } finally {
      this.working = false;
    }
  }

  async #make(choice: PolicyChoice, words: string): Promise<File> {
    const { client, setup, weights, labels } = this.#host;
    const policy = orThrow(await client.exportModel(await this.#wishOf(choice)));
    const part = setup.rewardModel;
    const refused = part && part.id !== SHIPPED_REWARD_MODEL ? await this.#host.installRewardModel(part) : null;
    if (refused) throw new Error(refused.detail);
    // A family without a reward model is exported without one.
    const rewardModel = await client.exportModel({ type: 'rewardModel', id: part?.id ?? SHIPPED_REWARD_MODEL });
    if (part) orThrow(rewardModel);
    const rows = { ...(await this.#host.worldRows({ data: setup.datas, seed: setup.seed, ...COUNTS })), ...ownRows(this.#ownSets()) };
    const labelled = labelRows(labels());
    const texts = packageTexts({
      scripts,
      judge: await fetchJudge(),
      configs: Object.fromEntries(TRL_STAGES.map((stage) => [stage, setup.configOf(stage)])) as unknown as TrlConfigs,
      seed: setup.seed,
      maxTokens: policy.maxTokens,
      weights: weights() as Record<string, number>,
      rewardModelWeight: part && !isFailure(rewardModel) ? part.weight / rewardModel.sd : 0,
      endTokenIds: policy.endTokenIds,
      data: labelled === '' ? rows : { ...rows, preferences: labelled },
      chatTemplate: policy.chatTemplate,
      policy: words,
    });
    const folders = { policy: policy.files, ...(isFailure(rewardModel) ? {} : { 'reward-model': rewardModel.files }) };
    const encoder = new TextEncoder();
    // Not fflate's `zip`: its workers are made of blobs, which the page's policy forbids.
    const bytes = zipSync({
      ...Object.fromEntries(Array.from(texts, ([path, text]) => [path, encoder.encode(text)])),
      ...Object.fromEntries(
        Object.entries(folders).flatMap(([folder, files]) =>
          Array.from(files, ([path, data]) => [`${folder}/${path}`, stored(path, data)]),
        ),
      ),
    }) as Uint8Array<ArrayBuffer>;
    return new File([bytes], 'aftertrain-take-further.zip', { type: 'application/zip' });
  }

  async #wishOf(choice: PolicyChoice): Promise<ExportWish> {
    if (choice.type === 'model') return choice;
    const checkpoint = await this.#host.checkpoint(choice.runId, choice.update);
    if (!checkpoint) throw new Error('The checkpoint of this run could not be read.');
    return { type: 'checkpoint', checkpoint };
  }

  /** Rows of the reader's own that the setup learns from, whatever it learns. */
  #ownSets(): readonly DataRows[] {
    const { setup } = this.#host;
    const own: OwnRows | null = setup.ownRows;
    return (Object.keys(setup.datas) as LearnsFrom[]).flatMap((learnsFrom) => {
      const { rows } = setup.datas[learnsFrom];
      const found = rows && own?.find(rows);
      return found ? [found.body] : [];
    });
  }
}
