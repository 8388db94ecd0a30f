/** @file What is done about a lost engine, loss after loss. */
import { describe, expect, it } from 'vitest';
import { ENOUGH_WORK, LossPolicy, type Loss } from '../../src/state/loss-policy';

const loss = (updates: number, changes: Partial<Loss> = {}): Loss => ({
  code: 'device-lost',
  backend: 'webgpu',
  training: true,
  done: { updates, answers: 0 },
  ...changes,
});

/** The remedies for losses one after another. */
function remedies(...losses: readonly Loss[]) {
  const policy = new LossPolicy();
  return losses.map((each) => policy.decide(each));
}

describe('a lost engine', () => {
  it('is started again the first time, whatever it was', () => {
    for (const code of ['device-lost', 'out-of-memory', 'worker-crashed'] as const)
      for (const backend of ['webgpu', 'wasm'] as const) expect(remedies(loss(0, { code, backend }))).toEqual(['again']);
  });

  it('moves to the processor when a device fails twice in a row', () => {
    expect(remedies(loss(3), loss(3 + ENOUGH_WORK - 1))).toEqual(['again', 'wasm']);
    expect(remedies(loss(3, { code: 'out-of-memory' }), loss(4))).toEqual(['again', 'wasm']);
  });

  it('is not lost in a row when enough was done in between', () => {
    expect(remedies(loss(3), loss(3 + ENOUGH_WORK), loss(3 + 2 * ENOUGH_WORK))).toEqual(['again', 'again', 'again']);
  });

  it('counts answers when there is no run', () => {
    const idle = (answers: number) => loss(0, { training: false, done: { updates: 0, answers } });
    expect(remedies(idle(3), idle(3 + ENOUGH_WORK), idle(4 + ENOUGH_WORK))).toEqual(['again', 'again', 'wasm']);
  });

  it('is left to the reader when a worker crashes twice in a row, or the processor fails twice', () => {
    expect(remedies(loss(1, { code: 'worker-crashed' }), loss(2, { code: 'worker-crashed' }))).toEqual(['again', 'ask']);
    const memory = { code: 'out-of-memory', backend: 'wasm' } as const;
    expect(remedies(loss(1, memory), loss(2, memory), loss(2, memory))).toEqual(['again', 'ask', 'ask']);
  });

  it('gets one more chance on the processor', () => {
    const crash = (updates: number) => loss(updates, { code: 'worker-crashed', backend: 'wasm' });
    expect(remedies(loss(1), loss(2), crash(3), crash(4))).toEqual(['again', 'wasm', 'again', 'ask']);
  });
});
