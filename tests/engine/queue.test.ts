/**
 * @file One queue over all ONNX Runtime calls: in order, never two at once, and a failure ends nobody else.
 */
import { describe, expect, it } from 'vitest';
import { JobQueue } from '../../src/engine/queue';
import { Random } from '../../src/core/random';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a job queue', () => {
  it('runs jobs in the order asked, never two at once, whatever time they take', async () => {
    const queue = new JobQueue();
    const random = new Random(1);
    const order: number[] = [];
    let numRunning = 0;
    const jobs = Array.from({ length: 20 }, (_, i) =>
      queue.run(async () => {
        expect(++numRunning).toBe(1);
        await pause(random.integer(4));
        order.push(i);
        numRunning--;
        return i * i;
      }),
    );
    expect(await Promise.all(jobs)).toEqual(jobs.map((_, i) => i * i));
    expect(order).toEqual(jobs.map((_, i) => i));
  });

  it('passes a failure on to who asked, and runs the next job', async () => {
    const queue = new JobQueue();
    const rejected = queue.run(() => Promise.reject(new Error('lost')));
    const thrown = queue.run(() => {
      throw new Error('thrown');
    });
    const next = queue.run(() => Promise.resolve('still here'));
    await expect(rejected).rejects.toThrow('lost');
    await expect(thrown).rejects.toThrow('thrown');
    expect(await next).toBe('still here');
  });

  it('does not start a job at once, so that the caller sees it as asynchronous', async () => {
    const queue = new JobQueue();
    let started = false;
    const job = queue.run(() => Promise.resolve((started = true)));
    expect(started).toBe(false);
    await job;
    expect(started).toBe(true);
  });

  it('takes jobs asked for after a long idle time, and by a job that is done', async () => {
    const queue = new JobQueue();
    const first = await queue.run(() => Promise.resolve(1));
    await pause(5);
    expect(await queue.run(() => Promise.resolve(first + 1))).toBe(2);
  });
});
