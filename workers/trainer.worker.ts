/**
 * @file The trainer's worker thread: the class of `trainer.ts` behind comlink, on ONNX Runtime's web build.
 *
 * Checkpoints are transferred, not copied: twelve megabytes for family `s`.
 */
import { expose, transfer } from 'comlink';
import { createWebEngine } from '../src/engine/ort-web';
import type { RunEvent } from '../src/protocol/run';
import { siteFile } from '../src/protocol/site-files';
import { fetchFrom, ModelFiles } from './model-files';
import { Trainer } from './trainer';

/** In the site as built, workers lie in `assets/`, beside `models/`; in development, in `workers/`. */
const addressOf = (path: string) => siteFile(`models/${path}`, self.location.href, '../');

class TransferringTrainer extends Trainer {
  override run(...[spec, from, listener]: Parameters<Trainer['run']>): ReturnType<Trainer['run']> {
    return super.run(spec, from, (event: RunEvent) => {
      if (event.type !== 'checkpoint') return listener(event);
      const { theta, m, v } = event.checkpoint;
      return listener(transfer(event, [theta.buffer, m.buffer, v.buffer]));
    });
  }
}

/** The page names its worker "debug" when its address has `?debug`. */
const debug = self.name === 'debug';

expose(
  new TransferringTrainer({
    createEngine: (choice) => createWebEngine(choice, { debug }),
    modelFiles: new ModelFiles(fetchFrom(addressOf)),
  }),
);
