/**
 * @file Programs over packed batches, compiled for each size of batch that comes.
 */
import type { Engine, Program } from '../graph/engine';
import type { Graph } from '../graph/graph';
import { ADAMW_DEFAULTS, type AdamWConfig } from '../model/adamw';
import type { PackedShape } from '../model/programs';

/** AdamW for RL: no weight decay, which would pull the policy away from its reference. */
export const RL_ADAMW: AdamWConfig = { ...ADAMW_DEFAULTS, weightDecay: 0 };

/** Compiles a kind of program for a size of batch when it is first asked for. */
export class ProgramsBySize<Kind extends string> {
  readonly #known = new Map<string, Program>();

  /** @param graphs makes the graph of each kind */
  constructor(
    readonly engine: Engine,
    readonly graphs: Readonly<Record<Kind, (shape: PackedShape) => Graph>>,
  ) {}

  async of(kind: Kind, shape: PackedShape): Promise<Program> {
    const key = JSON.stringify([kind, shape]);
    const known = this.#known.get(key);
    if (known) return known;
    const program = await this.engine.compile(this.graphs[kind](shape));
    this.#known.set(key, program);
    return program;
  }

  async release(): Promise<void> {
    for (const program of this.#known.values()) await program.release();
  }
}
