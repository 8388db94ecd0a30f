/**
 * @file A rehearsal: the beginning of a run, done before anybody asks for it, while the page is read, so that its first update
 * need not wait for programs to be compiled (or, on a GPU, for shaders, which are only made when they are first run).
 *
 * It is the run itself, up to its first gradient step, on an engine that waits for its turn at every call: an answer asked
 * for meanwhile waits for one compilation, or one run of a program, at most. Nothing it computes is kept; its programs are.
 */
import type { Engine, Program } from '../src/core/graph/engine';
import type { Graph } from '../src/core/graph/graph';
import { withCompile } from '../src/engine/program-shelf';
import { JobQueue } from '../src/engine/queue';
import type { RunSpec } from '../src/protocol/run';
import { ActiveRun } from './active-run';
import type { HeldModel } from './held-model';

/** The rehearsal has done what it is for, or was told to end. */
class RehearsalOver extends Error {
  override readonly name = 'RehearsalOver';
}

/** Train programs, and they alone, give new weights. */
const trains = ({ outputs }: Graph) => outputs.some(({ name }) => name === 'theta');

/** One rehearsal, from its beginning on. */
export class Rehearsal {
  /** Resolves when it is over, for whatever reason: what fails here will fail, and be told of, in the run. */
  readonly ended: Promise<void>;
  #cancelled = false;

  /**
   * @param engine keeps what is released on it
   * @param turns shared with the answers
   */
  constructor(engine: Engine, turns: JobQueue, start: HeldModel, spec: RunSpec, parts: Pick<ActiveRun['options'], 'base' | 'rows'>) {
    const run = new ActiveRun({
      engine: this.#polite(engine, turns),
      turns: new JobQueue(),
      start,
      spec,
      ...parts,
      from: null,
      listener: () => Promise.resolve(),
      install: ({ theta }) => theta.dispose(),
      learned: () => undefined,
      score: spec.rewardModel ? (answers) => Promise.resolve(answers.map(() => 0)) : null,
    });
    this.ended = run.go().then(
      () => undefined,
      () => undefined,
    );
  }

  /** Ends it as soon as what it is at is done. */
  cancel(): Promise<void> {
    this.#cancelled = true;
    return this.ended;
  }

  #polite(engine: Engine, turns: JobQueue): Engine {
    const inTurn = <Result>(job: () => Promise<Result>): Promise<Result> =>
      turns.run(() => (this.#cancelled ? Promise.reject(new RehearsalOver()) : job()));
    return withCompile(engine, async (graph): Promise<Program> => {
      const program = await inTurn(() => engine.compile(graph));
      return {
        run: async (feeds) => {
          // A processor has nothing to gain from a gradient step, which takes the most memory of all.
          if (trains(graph) && !engine.isGpu) throw new RehearsalOver();
          const results = await inTurn(() => program.run(feeds));
          if (!trains(graph)) return results;
          for (const result of Object.values(results)) result.dispose();
          throw new RehearsalOver();
        },
        release: () => program.release(),
      };
    });
  }
}
