/**
 * @file Ours and peers in Chromium: opens the benchmark's page and walks through sizes, threads and tasks.
 */
import { chromium, type Browser, type Page } from 'playwright-core';
import { chromiumFlags, findBrowser } from '../ensure-browser.mjs';
import { ClearError } from '../ensure-dependencies.mjs';
import { parameterLayout } from '../../src/core/model/parameters';
import type { ContenderName, GenerateCell, TrainCell, TrainSamples } from './cells';
import {
  comparedShape,
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

/** A cell that takes longer hangs. */
const CELL_LIMIT_MS = 20 * 60_000;

/** Opens the page of the benchmark, ready to be asked. @throws ClearError when it has no threads */
async function openPage(browser: Browser, url: string, say: (line: string) => void): Promise<Page> {
  const page = await browser.newPage();
  page.on('pageerror', (error) => say(`  the page: ${error.message}`));
  await page.goto(url);
  await page.waitForFunction(() => 'bench' in window);
  if (!(await page.evaluate(() => crossOriginIsolated))) throw new ClearError('The page of the benchmark is not cross-origin isolated.');
  return page;
}

/** The walk; each cell adds to what was found. After a cell that fails as a whole, the walk goes on in a new page. */
class BrowserRun {
  readonly rows: Row[] = [];
  readonly failures: FailedRow[] = [];
  readonly curve: CurvePoint[] = [];

  #page: Page | null = null;

  constructor(
    readonly newPage: () => Promise<Page>,
    readonly plan: BenchPlan,
    readonly prompts: readonly (readonly number[])[],
    readonly say: (line: string) => void,
  ) {}

  /** The page that answers. */
  async page(): Promise<Page> {
    return (this.#page ??= await this.newPage());
  }

  /** What `measure` gives, or null after a failure of the whole cell, kept under its first contender. */
  async #attempt<Found>(
    place: Place,
    what: FailedRow['what'],
    contender: ContenderName,
    measure: (page: Page) => Promise<Found>,
  ): Promise<Found | null> {
    const page = await this.page();
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${CELL_LIMIT_MS / 60_000} minutes`)), CELL_LIMIT_MS);
    });
    try {
      return await Promise.race([measure(page), limit]);
    } catch (error) {
      const [reason] = (error as Error).message.split('\n');
      this.failures.push({ ...place, what, contender, reason: reason! });
      this.say(`  failed: ${reason}`);
      this.#page = null;
      await page.close().catch(() => undefined); // a crashed page is closed already
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

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
      numThreads: Math.max(1, place.numThreads),
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
    const cell = this.#cell(place, contenders, shape);
    const result = await this.#attempt(place, 'train', contenders[0]!, (page) => page.evaluate((asked) => window.bench.train(asked), cell));
    if (!result) return undefined;
    const ours = result.samples.find(({ contender }) => contender === 'ours');
    const { rows, failed } = trainRows(place, result, shape.batch * shape.length, ours);
    this.rows.push(...rows);
    this.failures.push(...failed);
    return ours;
  }

  /** How much of a step its matrix products are. */
  async ceiling(place: Place): Promise<void> {
    this.#say(place, 'the step against its matrix products alone');
    const cell = this.#cell(place, ['ours'], comparedShape(place.size));
    const found = await this.#attempt(place, 'train', 'ours', (page) => page.evaluate((asked) => window.bench.ceiling(asked), cell));
    if (!found) return;
    this.rows.push({ ...place, metric: 'ceiling', contender: 'ours', value: single(found.productsMs / found.stepMs) });
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
    const cell = this.#generateCell(place, contenders);
    const result = await this.#attempt(place, 'generate', 'ours', (page) => page.evaluate((asked) => window.bench.generate(asked), cell));
    if (!result) return;
    const { rows, failed } = generateRows(place, result, NUM_ROLLOUT_TOKENS);
    this.rows.push(...rows);
    this.failures.push(...failed);
  }

  /** RL updates of ours. */
  async reinforce(place: Place): Promise<void> {
    this.#say(place, 'RL updates');
    const cell = this.#generateCell(place, ['ours']);
    const found = await this.#attempt(place, 'update', 'ours', (page) => page.evaluate((asked) => window.bench.reinforce(asked), cell));
    if (found) this.rows.push({ ...place, metric: 'update', contender: 'ours', value: summarise(found.updateMs) });
  }

  /** A point of the linearity plot, from samples or measured for it. */
  async point(place: Place, batch: number, known?: TrainSamples): Promise<void> {
    const { length } = TRAIN_SHAPE;
    const cell = this.#cell(place, ['ours'], { batch, length });
    if (!known) this.#say(place, `a point of the plot, ${batch} × ${length} tokens`);
    const result = known
      ? { samples: [known], failures: [] }
      : await this.#attempt(place, 'train', 'ours', (page) => page.evaluate((asked) => window.bench.train(asked), cell));
    if (!result) return;
    this.failures.push(...result.failures.map((failure) => ({ ...place, what: 'train' as const, ...failure })));
    const { numParameters } = parameterLayout(SIZES[place.size]);
    for (const { stepMs } of result.samples) this.curve.push({ numParameters, numTokens: batch * length, ms: summarise(stepMs) });
  }
}

const isCompared = (size: SizeName) => Number(size) <= Number(LARGEST_COMPARED);

async function measureWasm(run: BrowserRun): Promise<Results['curvePlace']> {
  const { sizes, threads } = run.plan;
  const mostThreads = Math.max(...threads);
  for (const size of sizes)
    for (const numThreads of threads) {
      const place = { size, runtime: 'wasm', numThreads } as const;
      const shape = comparedShape(size);
      const ours = isCompared(size) ? await run.train(place, ['ours', 'jax-js', 'tfjs'], shape) : undefined;
      if (numThreads === mostThreads) {
        await run.point(place, TRAIN_SHAPE.batch, shape.batch === TRAIN_SHAPE.batch ? ours : undefined);
        for (const batch of size === '1' ? LINEARITY_BATCHES.filter((each) => each !== TRAIN_SHAPE.batch) : [])
          await run.point(place, batch);
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
    await run.train(place, ['ours', 'jax-js', 'tfjs', 'nanogpt'], isSoftware ? SOFTWARE_TRAIN_SHAPE : comparedShape(size));
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
    const run = new BrowserRun(() => openPage(browser, url, say), plan, prompts, say);
    const curvePlace = await measureWasm(run);
    const adapter = plan.adapter === 'none' ? null : await (await run.page()).evaluate(() => window.bench.adapter());
    if (adapter) await measureWebgpu(run, adapter.isSoftware);
    const { rows, failures, curve } = run;
    return { adapter, rows, failures, curve, curvePlace, browser: `Chromium ${browser.version()}` };
  } finally {
    await browser.close();
  }
}
