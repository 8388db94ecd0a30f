/** @file The page's words for models and failures, in one place. */
import type { FailureCode, ModelId } from '../protocol/load';

/** What a column is called and what its model does. */
export const MODELS: Readonly<Record<ModelId, { readonly name: string; readonly does: string }>> = {
  base: { name: 'Base', does: 'continues documents' },
  sft: { name: 'SFT', does: 'imitates good answers' },
  rlhf: { name: 'RLHF', does: 'prefers what was rewarded' },
  yours: { name: 'Yours', does: 'learns what you reward' },
};

/** What happened, and what to do about it. */
export interface FailureWords {
  readonly happened: string;
  readonly remedy: string;
}

/** One sentence and one remedy for each failure. */
export const FAILURES: Readonly<Record<FailureCode, FailureWords>> = {
  'no-webgpu': {
    happened: 'This browser gave us no graphics device.',
    remedy: 'Use the processor instead: it is slower, and everything works.',
  },
  'device-lost': {
    happened: 'The graphics device was taken away, as happens when a laptop sleeps or a driver restarts.',
    remedy: 'Load again to get it back.',
  },
  'out-of-memory': {
    happened: 'The device ran out of memory.',
    remedy: 'Close other tabs, or train with a smaller group, then load again.',
  },
  'too-large': {
    happened: 'This is too large for the device.',
    remedy: 'Take fewer or shorter answers at once, or run on the processor.',
  },
  'non-finite-loss': {
    happened: 'The loss was no longer a number, so training stopped before it could spoil the model.',
    remedy: 'Lower the learning rate and start again.',
  },
  'bad-checkpoint': {
    happened: 'The saved model does not fit this page.',
    remedy: 'Start a new run.',
  },
  'missing-file': {
    happened: 'A file of the models could not be fetched.',
    remedy: 'Check the connection and load again.',
  },
  'corrupt-file': {
    happened: 'A file of the models arrived damaged.',
    remedy: 'Load again; if it happens twice, clear this site’s stored data.',
  },
  'bad-request': {
    happened: 'The engine refused what was asked.',
    remedy: 'Change the prompt or the settings and try again.',
  },
  'worker-crashed': {
    happened: 'The engine stopped working.',
    remedy: 'Load it again.',
  },
  internal: {
    happened: 'Something went wrong inside the engine.',
    remedy: 'Try again, or load it again.',
  },
};
