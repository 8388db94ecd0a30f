/**
 * @file Ours and peers in Chromium: opens the benchmark's page and walks through sizes, threads and tasks.
 */
import { chromium, type Page } from 'playwright-core';
import { chromiumFlags, findBrowser } from '../ensure-browser.mjs';
import { ClearError } from '../ensure-dependencies.mjs';
import { parameterLayout } from '../../src/core/model/parameters';
import type { ContenderName, GenerateCell, TrainCell, TrainSamples } from './cells';
import {
  LARGEST_COMPARED,
  LINEARITY_BATCHES,
  NUM_ROLLOUT_TOKENS,
  ROLLOUT_BATCHES,
  SIZES,
  SOFTWARE_TRAIN_SHAPE,
  TRAIN_SHAPE,
  type BenchPlan,
  type SizeName,
} from './plan';
import { generateRows, single, trainRows, type CurvePoint, type FailedRow, type Place, type Results, type Row } from './results';
import { summarise } from './statistics';

/** Flags for a browser with the adapter asked for. Drivers of real adapters are reached through Vulkan on Linux. */
function flagsFor(adapter: BenchPlan['adapter']): string[] {
  if (adapter === 'software') return chromiumFlags;
  const flags = chromiumFlags.filter((flag) => !flag.startsWith('--use-webgpu-adapter'));
  return adapter === 'none'
    ? flags.filter((flag) => !flag.includes('webgpu'))
    : [...flags, '--ignore-gpu-blocklist', '--enable-features=Vulkan', '--use-angle=vulkan'];
}

/** What the browser's part of a run adds to its results. */
export interface BrowserFindings extends Pick<Results, 'adapter' | 'rows' | 'failures' | 'curve' | 'curvePlace'> {
  readonly browser: string;
}

/** The walk; each cell adds to what was found. */
class BrowserRun {
  readonly rows: Row[] = [];
  readonly failures: FailedRow[] = [];
  readonly curve: CurvePoint[] = [];

  constructor(
    readonly page: Page,
    readonly plan: BenchPlan,
    readonly prompts: readonly (readonly number[])[],
    readonly say: (line: string) => void,
  ) {}

  #say(place: Place, what: string): void {
    const where = place.runtime === 'webgpu' ? 'WebGPU' : `wasm, ${place.numThreads} thread${place.numThreads === 1 ? '' : 's'}`;
    this.say(`${place.size} M, ${where}: ${what}`);
  }

  #cell(place: Place, contenders: readonly ContenderName[], shape: { batch: number; length: number }): TrainCell {
    return {
      folderUrl: `../models/${place.size}`,
      contenders,
      ...shape,
      runtime: place.runtime === 'webgpu' ? 'webgpu' : 'wasm',
      numThreads: place.numThreads,
      numRounds: this.plan.numRounds,
    };
  }

  /** Trains side by side; gives our samples. */
  async train(
    place: Place,
    contenders: readonly ContenderName[],
    shape: { batch: number; length: number },
  ): Promise<TrainSamples | undefined> {
    this.#say(place, `training ${contenders.join(', ')}, ${shape.batch} × ${shape.length} tokens`);
    const result = await this.page.evaluate((cell) => window.bench.train(cell), this.#cell(place, contenders, shape));
    const ours = result.samples.find(({ contender }) => contender === 'ours');
    const { rows, failed } = trainRows(place, result, shape.batch * shape.length, ours);
    this.rows.push(...rows);
    this.failures.push(...failed);
    return ours;
  }

  /** How much of a step its matrix products are. */
  async ceiling(place: Place): Promise<void> {
    this.#say(place, 'the step against its matrix products alone');
    const { stepMs, productsMs } = await this.page.evaluate((cell) => window.bench.ceiling(cell), this.#cell(place, ['ours'], TRAIN_SHAPE));
    this.rows.push({ ...place, metric: 'ceiling', contender: 'ours', value: single(productsMs / stepMs) });
  }

  #generateCell(place: Place, contenders: readonly ContenderName[]): GenerateCell {
    return {
      ...this.#cell(place, contenders, TRAIN_SHAPE),
      prompts: this.prompts,
      batches: ROLLOUT_BATCHES,
      numTokens: NUM_ROLLOUT_TOKENS,
    };
  }

  /** Rollouts and first tokens. */
  async generate(place: Place): Promise<void> {
    const contenders = ['ours', 'transformers.js'] as const;
    this.#say(place, `rollouts of ${contenders.join(', ')}, ${NUM_ROLLOUT_TOKENS} tokens`);
    const result = await this.page.evaluate((cell) => window.bench.generate(cell), this.#generateCell(place, contenders));
    const { rows, failed } = generateRows(place, result, NUM_ROLLOUT_TOKENS);
    this.rows.push(...rows);
    this.failures.push(...failed);
  }

  /** RL updates of ours. */
  async reinforce(place: Place): Promise<void> {
    this.#say(place, 'RL updates');
    const { updateMs } = await this.page.evaluate((cell) => window.bench.reinforce(cell), this.#generateCell(place, ['ours']));
    this.rows.push({ ...place, metric: 'update', contender: 'ours', value: summarise(updateMs) });
  }

  /** A point of the linearity plot, from samples or measured for it. */
  async point(place: Place, batch: number, known: TrainSamples | undefined): Promise<void> {
    const shape = { batch, length: TRAIN_SHAPE.length };
    if (!known) this.#say(place, `a point of the plot, ${batch} × ${shape.length} tokens`);
    const { samples, failures } = known
      ? { samples: [known], failures: [] }
      : await this.page.evaluate((cell) => window.bench.train(cell), this.#cell(place, ['ours'], shape));
    this.failures.push(...failures.map((failure) => ({ ...place, what: 'train' as const, ...failure })));
    for (const { stepMs } of samples)
      this.curve.push({
        numParameters: parameterLayout(SIZES[place.size]).numParameters,
        numTokens: batch * shape.length,
        ms: summarise(stepMs),
      });
  }
}

const isCompared = (size: SizeName) => Number(size) <= Number(LARGEST_COMPARED);

async function measureWasm(run: BrowserRun): Promise<Results['curvePlace']> {
  const { sizes, threads } = run.plan;
  const mostThreads = Math.max(...threads);
  for (const size of sizes)
    for (const numThreads of threads) {
      const place = { size, runtime: 'wasm', numThreads } as const;
      const ours = isCompared(size) ? await run.train(place, ['ours', 'jax-js', 'tfjs'], TRAIN_SHAPE) : undefined;
      if (numThreads === mostThreads) {
        await run.point(place, TRAIN_SHAPE.batch, ours);
        for (const batch of size === '1' ? LINEARITY_BATCHES.filter((each) => each !== TRAIN_SHAPE.batch) : [])
          await run.point(place, batch, undefined);
      }
      if (!isCompared(size)) continue;
      await run.ceiling(place);
      await run.generate(place);
      if (size === '1') await run.reinforce(place);
    }
  if (sizes.includes('1'))
    await run.train({ size: '1', runtime: 'wasm', numThreads: Math.min(...threads) }, ['nanogpt'], {
      batch: 1,
      length: TRAIN_SHAPE.length,
    });
  return { runtime: 'wasm', numThreads: mostThreads };
}

async function measureWebgpu(run: BrowserRun, isSoftware: boolean): Promise<void> {
  for (const size of isSoftware ? (['1'] as const) : run.plan.sizes.filter(isCompared)) {
    const place = { size, runtime: 'webgpu', numThreads: 0 } as const;
    await run.train(place, ['ours', 'jax-js', 'tfjs', 'nanogpt'], isSoftware ? SOFTWARE_TRAIN_SHAPE : TRAIN_SHAPE);
    if (isSoftware) continue;
    await run.ceiling(place);
    await run.generate(place);
    if (size === '1') await run.reinforce(place);
  }
}

/**
 * Measures in the browser.
 * @param url of the page
 * @param prompts of the shipped model, as token ids
 * @throws ClearError when the page cannot be cross-origin isolated, and so has no threads
 */
export async function measureInBrowser(
  url: string,
  plan: BenchPlan,
  prompts: readonly (readonly number[])[],
  say: (line: string) => void,
): Promise<BrowserFindings> {
  const browser = await chromium.launch({ executablePath: await findBrowser(), args: flagsFor(plan.adapter) });
  try {
    const page = await browser.newPage();
    page.on('pageerror', (error) => say(`  the page: ${error.message}`));
    await page.goto(url);
    await page.waitForFunction(() => 'bench' in window);
    if (!(await page.evaluate(() => crossOriginIsolated))) throw new ClearError('The page of the benchmark is not cross-origin isolated.');
    const run = new BrowserRun(page, plan, prompts, say);
    const curvePlace = await measureWasm(run);
    const adapter = plan.adapter === 'none' ? null : await page.evaluate(() => window.bench.adapter());
    if (adapter) await measureWebgpu(run, adapter.isSoftware);
    const { rows, failures, curve } = run;
    return { adapter, rows, failures, curve, curvePlace, browser: `Chromium ${browser.version()}` };
  } finally {
    await browser.close();
  }
}
