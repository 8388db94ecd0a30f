/**
 * @file What training changes: theta and AdamW's moments, kept where the engine computes.
 */
import type { Engine, EngineTensor } from '../graph/engine';
import { readNumber } from '../graph/engine';

/** The loss or the gradient was not a finite number; the state is as it was before the step. */
export class NonFiniteLossError extends Error {
  override readonly name = 'NonFiniteLossError';
}

/** A copy in ordinary memory; vectors are `[N]`. */
export interface TrainingSnapshot {
  readonly theta: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
  /** Optimiser steps done. */
  readonly step: number;
}

/** Theta, m, v and the number of steps done. */
export class TrainingState {
  theta: EngineTensor;
  m: EngineTensor;
  v: EngineTensor;
  step: number;

  /** @param snapshot missing moments are zero: a fresh optimiser */
  constructor(engine: Engine, snapshot: { theta: Float32Array } & Partial<TrainingSnapshot>) {
    const dims = [snapshot.theta.length];
    const upload = (data: Float32Array | undefined) => engine.upload({ dims, data: data ?? new Float32Array(snapshot.theta.length) });
    this.theta = upload(snapshot.theta);
    this.m = upload(snapshot.m);
    this.v = upload(snapshot.v);
    this.step = snapshot.step ?? 0;
  }

  /** The vectors, by the names train programs want them under. */
  feeds() {
    return { theta: this.theta, m: this.m, v: this.v };
  }

  /**
   * Takes over the results of a train program's run, unless the step went wrong.
   *
   * @returns loss and gradient norm
   * @throws NonFiniteLossError when either is not finite; the state is unchanged
   */
  async advance(results: Readonly<Record<string, EngineTensor>>): Promise<{ loss: number; gradNorm: number }> {
    const { theta, m, v } = results as { theta: EngineTensor; m: EngineTensor; v: EngineTensor };
    const loss = await readNumber(results.loss!);
    const gradNorm = await readNumber(results.grad_norm!);
    if (!Number.isFinite(loss) || !Number.isFinite(gradNorm)) {
      for (const tensor of [theta, m, v]) tensor.dispose();
      throw new NonFiniteLossError(`step ${this.step + 1}: loss ${loss}, gradient norm ${gradNorm}`);
    }
    this.dispose();
    [this.theta, this.m, this.v] = [theta, m, v];
    this.step++;
    return { loss, gradNorm };
  }

  /** A copy in ordinary memory. */
  async snapshot(): Promise<TrainingSnapshot> {
    const read = async (tensor: EngineTensor) => (await tensor.read()) as Float32Array;
    return { theta: await read(this.theta), m: await read(this.m), v: await read(this.v), step: this.step };
  }

  dispose(): void {
    for (const tensor of [this.theta, this.m, this.v]) tensor.dispose();
  }
}
