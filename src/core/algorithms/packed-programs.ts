/**
 * @file The score and train programs of a policy-gradient run, one pair for each size of packed batch that comes.
 */
import type { Engine, Program } from '../graph/engine';
import type { Graph } from '../graph/graph';
import { ADAMW_DEFAULTS, type AdamWConfig } from '../model/adamw';
import type { ModelConfig } from '../model/config';
import { scoreProgram, trainProgram, type PackedShape } from '../model/programs';
import { clippedPolicyGradient } from './objectives';

/** AdamW for RL: no weight decay, which would pull the policy away from its reference. */
export const RL_ADAMW: AdamWConfig = { ...ADAMW_DEFAULTS, weightDecay: 0 };

/** The programs that take packed batches of one size. */
interface PackedPrograms {
  readonly score: Program;
  readonly train: Program;
}

/** Compiles the programs of each size of batch when it first comes. */
export class ProgramsBySize {
  readonly #known = new Map<string, PackedPrograms>();
  readonly #compiled: Program[] = [];

  constructor(
    readonly engine: Engine,
    readonly model: ModelConfig,
    readonly reusesBatch: boolean,
  ) {}

  async of(shape: PackedShape): Promise<PackedPrograms> {
    const key = JSON.stringify(shape);
    const known = this.#known.get(key);
    if (known) return known;
    const objective = clippedPolicyGradient({ reusesBatch: this.reusesBatch });
    const compile = async (graph: Graph) => {
      const program = await this.engine.compile(graph);
      this.#compiled.push(program);
      return program;
    };
    const score = await compile(scoreProgram(this.model, shape, { entropies: false }));
    const train = await compile(trainProgram(this.model, shape, RL_ADAMW, objective, { temperature: true }));
    this.#known.set(key, { score, train });
    return { score, train };
  }

  async release(): Promise<void> {
    for (const program of this.#compiled) await program.release();
  }
}
