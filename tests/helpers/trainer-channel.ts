/** @file A trainer on the other side of a real MessageChannel, in Node, on whatever engine a test gives it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { expose, proxy, wrap, type Endpoint, type Remote } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import type { Engine } from '../../src/core/graph/engine';
import type { DeviceEnd } from '../../src/engine/device';
import type { RunCheckpoint, RunEvent, RunOutcome, RunSpec } from '../../src/protocol/run';
import type { TrainerApi } from '../../src/protocol/trainer-api';
import { ModelFiles } from '../../workers/model-files';
import { Trainer } from '../../workers/trainer';
import { fetchFromSite, tinyFamily } from './tiny-family';

const MODELS = process.env.AFTERTRAIN_MODELS ?? 'public/models';

/** A trainer with the tiny family, loaded. */
export interface TinyTrainer {
  readonly api: Remote<TrainerApi>;
  /** Runs to the end; `hear` is told of every event as it comes. */
  run(spec: RunSpec, from?: RunCheckpoint | null, hear?: (event: RunEvent) => void): Promise<{ outcome: RunOutcome; events: RunEvent[] }>;
  close(): void;
}

/** Starts it on `engine`. @param lost resolves when the engine's device is said to end */
export async function startTinyTrainer(engine: Engine, lost: Promise<DeviceEnd> = new Promise(() => undefined)): Promise<TinyTrainer> {
  const site = await tinyFamily(async (path) => new Uint8Array(await readFile(join(MODELS, path))));
  const { port1, port2 } = new MessageChannel();
  const web = {
    engine,
    backend: 'wasm',
    label: engine.name,
    isSoftware: false,
    numThreads: 1,
    precision: 'float32',
    offersFloat16: false,
    fallbackReason: null,
    lost,
  } as const;
  const trainer = new Trainer({ createEngine: () => Promise.resolve(web), modelFiles: new ModelFiles(fetchFromSite(site)) });
  expose(trainer, nodeEndpoint(port1) as Endpoint);
  const api = wrap<TrainerApi>(nodeEndpoint(port2) as Endpoint);
  const outcome = await api.load(
    'auto',
    proxy(() => undefined),
  );
  if (outcome.type === 'failed') throw new Error(outcome.detail);
  return {
    api,
    run: async (spec, from = null, hear = () => undefined) => {
      const events: RunEvent[] = [];
      const listener = proxy((event: RunEvent) => {
        events.push(event);
        hear(event);
      });
      return { outcome: await api.run(spec, from, listener), events };
    },
    close: () => {
      port1.close();
      port2.close();
    },
  };
}
