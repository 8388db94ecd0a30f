/** @file Promises raced against an end. */
import { describe, expect, it } from 'vitest';
import { End } from '../../src/state/end';

const never = () => new Promise<never>(() => undefined);

describe('a promise raced against an end', () => {
  it('keeps its result, or its error, when it is sooner', async () => {
    const end = new End<string>();
    const kept = end.race(Promise.resolve('result'));
    const failed = end.race(Promise.reject(new Error('error')));
    await expect(failed).rejects.toThrow('error');
    end.come('end');
    expect(await kept).toBe('result');
  });

  it('comes to the reason otherwise, and so does every one raced later', async () => {
    const end = new End<string>();
    const waiting = [end.race(never()), end.race(never())];
    end.come('first');
    end.come('second');
    expect(await Promise.all([...waiting, end.race(never()), end.race(Promise.resolve('late'))])).toEqual(Array(4).fill('first'));
  });
});
