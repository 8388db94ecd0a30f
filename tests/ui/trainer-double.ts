/**
 * @file A trainer at the other end of a real MessageChannel, for tests of the page's state: it answers as the test says,
 * and it can die as a worker dies.
 */
import { expose } from 'comlink';
import type { Completion, GeneratedToken } from '../../src/protocol/generate';
import type { RunEvent, RunOutcome, RunSpec } from '../../src/protocol/run';
import type { TrainerApi } from '../../src/protocol/trainer-api';
import { completeWeights } from '../../src/state/reward.svelte';
import type { WorkerLike } from '../../src/state/trainer-client.svelte';

/** A completion with every feature 0 but those given. */
export function completion(text: string, features: Partial<Completion['features']> = {}, rest: Partial<Completion> = {}): Completion {
  return { text, numTokens: text.split(' ').length, finished: true, goldReward: 0.5, features: completeWeights(features), ...rest };
}

/** A token of probability `p`. */
export function token(text: string, p = 1, alternatives: GeneratedToken['alternatives'] = []): GeneratedToken {
  return { id: 0, text, logprob: Math.log(p), alternatives };
}

const ENGINE = {
  backend: 'wasm',
  label: 'wasm, 1 thread',
  numThreads: 1,
  crossOriginIsolated: false,
  precision: 'float32',
  offersFloat16: false,
  fallbackReason: null,
} as const;

/** A trainer that loads at once and does nothing else; `overrides` say what it does in one test. */
export class TrainerDouble {
  readonly calls: string[] = [];
  /** How many workers were started. */
  started = 0;
  #last: EventTarget | null = null;
  #lastFarEnd: MessagePort | null = null;

  constructor(readonly overrides: Partial<TrainerApi> = {}) {}

  /** Handed to `TrainerClient` in place of starting a worker. */
  readonly start = (): WorkerLike => {
    const { port1, port2 } = new MessageChannel();
    this.started += 1;
    this.#last = port1;
    this.#lastFarEnd = port2;
    const called = (name: string) => {
      this.calls.push(name);
      return Promise.resolve();
    };
    const api: TrainerApi = {
      load: () => Promise.resolve({ type: 'completed', engine: ENGINE, models: [], later: [], family: 's', families: [], loadMs: 1 }),
      generate: ({ model, prompt }) =>
        Promise.resolve({ type: 'completed', completion: completion(`${model} on ${prompt}`), tokensPerSecond: 10 }),
      sampleGroup: () => Promise.resolve({ type: 'completed', completions: [] }),
      drawPrompts: () => Promise.resolve([]),
      drawNames: () => Promise.resolve([]),
      writeDemonstrations: () => Promise.resolve([]),
      improveAnswers: (prompts) => Promise.resolve(prompts.map(() => null)),
      sampleAnswers: () => Promise.resolve({ type: 'completed', completions: [] }),
      survey: () => Promise.resolve({ type: 'completed', verdict: 'on-map', near: [] }),
      disagreement: ({ tokens }) => Promise.resolve({ type: 'completed', kl: tokens.map(() => 0) }),
      judge: (_prompt, text) => Promise.resolve(completion(text)),
      stopGenerating: () => called('stopGenerating'),
      run: () => Promise.resolve({ type: 'completed', update: 0 }),
      rehearse: () => Promise.resolve(),
      pauseRun: () => called('pauseRun'),
      resumeRun: (updates) => called(`resumeRun ${updates}`),
      stopRun: () => called('stopRun'),
      setReward: (weights) => called(`setReward ${JSON.stringify(weights)}`),
      setConfig: (changes) => called(`setConfig ${JSON.stringify(changes)}`).then(() => null),
      trainRewardModel: () => Promise.resolve({ type: 'failed', code: 'bad-request', detail: 'Nobody said how.' }),
      stopRewardModel: () => called('stopRewardModel'),
      installRows: (id) => called(`installRows ${id}`).then(() => null),
      countTokens: (texts) => Promise.resolve({ type: 'completed', numTokens: texts.length }),
      installRewardModel: (id) => called(`installRewardModel ${id}`).then(() => null),
      scoreTexts: ({ texts }) => Promise.resolve({ type: 'completed', scores: texts.map(() => ({ score: 0, tokens: null })) }),
      worldPairs: () => Promise.resolve([]),
      exportModel: () => Promise.resolve({ type: 'failed', code: 'bad-request', detail: 'Nobody said how.' }),
      inspectUpdate: () => Promise.resolve({ type: 'completed', detail: null }),
      ping: () => Promise.resolve(null),
      engineStats: () => Promise.resolve(null),
      reset: () => called('reset'),
      restore: ({ update }) => called(`restore ${update}`),
      ...this.overrides,
    };
    expose(api, port2);
    port1.start();
    return Object.assign(port1, { terminate: () => port1.close() });
  };

  /** Dies as a worker does: an error event, and silence for ever after. */
  crash(message: string): void {
    this.#last?.dispatchEvent(new ErrorEvent('error', { message, cancelable: true }));
  }

  /** Hears nothing and answers nothing from now on. */
  hang(): void {
    this.#lastFarEnd?.close();
  }
}

/** An engine on a GPU, as loading reports it. */
export const GPU_ENGINE = { ...ENGINE, backend: 'webgpu', label: 'some adapter' } as const;

/** An update's event with the given metrics. */
export function updateEvent(update: number, spec: RunSpec, metrics: object = {}): RunEvent {
  return { type: 'update', update, numUpdates: spec.config.numUpdates, metrics, example: null, batch: null, updateMs: 10 };
}

/** A checkpoint's event. */
export function checkpointEvent(update: number, spec: RunSpec): RunEvent {
  const vector = new Float32Array(4).fill(update);
  return { type: 'checkpoint', checkpoint: { spec, update, theta: vector, m: vector.slice(), v: vector.slice() } };
}

/** A run that reports updates up to `last` with checkpoints, then ends as told. */
export function runTo(last: number, ending: (spec: RunSpec) => Promise<RunOutcome>): TrainerApi['run'] {
  return async (spec, from, listener) => {
    for (let update = from?.update ?? 0; update <= last; update++) {
      await listener(updateEvent(update, spec, { reward: update, entropy: 1 }) as never);
      if (update > 0) await listener(checkpointEvent(update, spec));
    }
    return ending(spec);
  };
}
