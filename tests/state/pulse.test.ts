/** @file The heartbeat: silence for long is told once; sleep, slowness and refusals are not silence. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchPulse } from '../../src/state/pulse';

const PATIENCE = { periodMs: 100, numMissed: 5 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Something that answers until it is told not to. */
function patient() {
  const state = { answers: true, asked: 0, silences: 0 };
  const never = new Promise<never>(() => undefined);
  const stop = watchPulse(
    () => {
      state.asked += 1;
      return state.answers ? Promise.resolve() : never;
    },
    () => void (state.silences += 1),
    PATIENCE,
  );
  return { state, stop };
}

describe('a pulse', () => {
  it('is asked for again and again while answers come', async () => {
    const { state } = patient();
    await vi.advanceTimersByTimeAsync(2000);
    expect(state).toMatchObject({ asked: 20, silences: 0 });
  });

  it('that stays away is told once, after the whole patience and not before', async () => {
    const { state } = patient();
    await vi.advanceTimersByTimeAsync(300);
    state.answers = false;
    await vi.advanceTimersByTimeAsync(500);
    expect(state.silences).toBe(0);
    await vi.advanceTimersByTimeAsync(100);
    expect(state.silences).toBe(1);
    await vi.advanceTimersByTimeAsync(5000);
    expect(state.silences).toBe(1);
  });

  it('may be late without end before the first answer', async () => {
    const silent = vi.fn();
    watchPulse(() => new Promise(() => undefined), silent, PATIENCE);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(silent).not.toHaveBeenCalled();
  });

  it('is not missed while the device sleeps', async () => {
    const { state } = patient();
    await vi.advanceTimersByTimeAsync(300);
    state.answers = false;
    await vi.advanceTimersByTimeAsync(400);
    const now = performance.now();
    vi.spyOn(performance, 'now').mockImplementationOnce(() => now + 3_600_000);
    await vi.advanceTimersByTimeAsync(400);
    expect(state.silences).toBe(0);
  });

  it('counts a refusal as an answer', async () => {
    const silent = vi.fn();
    watchPulse(() => Promise.reject(new Error('busy')), silent, PATIENCE);
    await vi.advanceTimersByTimeAsync(5000);
    expect(silent).not.toHaveBeenCalled();
  });

  it('is no longer asked for when the watch is over', async () => {
    const { state, stop } = patient();
    await vi.advanceTimersByTimeAsync(300);
    state.answers = false;
    stop();
    await vi.advanceTimersByTimeAsync(5000);
    expect(state).toMatchObject({ asked: 3, silences: 0 });
  });
});
