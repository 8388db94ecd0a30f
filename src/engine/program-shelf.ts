/**
 * @file Programs compiled before anybody needs them: a rehearsal of a run leaves its programs here, and the run that comes
 * after finds them. Two graphs are the same program when they are the same ONNX file.
 */
import type { Engine, Program } from '../core/graph/engine';
import type { Graph } from '../core/graph/graph';
import { encodeOnnx } from '../core/graph/onnx';
import { sha256Hex } from '../core/model/manifest';

/** `engine` with another way to compile. */
export function withCompile(engine: Engine, compile: Engine['compile']): Engine {
  return {
    name: engine.name,
    isGpu: engine.isGpu,
    compile,
    upload: (tensor) => engine.upload(tensor),
    copy: (tensor) => engine.copy(tensor),
    readAll: (tensors) => engine.readAll(tensors),
    stats: () => engine.stats(),
  };
}

/** What tells graphs apart; null where the browser has no hashes (a page without HTTPS), and then nothing is kept. */
const keyOf = (graph: Graph): Promise<string | null> => sha256Hex(Uint8Array.from(encodeOnnx(graph)));

/** Keeps programs of one engine. */
export class ProgramShelf {
  readonly #kept = new Map<string, Program>();

  constructor(readonly engine: Engine) {}

  /** The engine, but what is compiled on it is put on the shelf when it is released. */
  filling(): Engine {
    return withCompile(this.engine, async (graph) => {
      const key = await keyOf(graph);
      const { run, release } = (key !== null && this.#take(key)) || (await this.engine.compile(graph));
      return {
        run,
        release: async () => {
          if (key === null || this.#kept.has(key)) return release();
          this.#kept.set(key, { run, release });
        },
      };
    });
  }

  /** The engine, but what is on the shelf need not be compiled. */
  taking(): Engine {
    return withCompile(this.engine, async (graph) => {
      const key = this.#kept.size > 0 ? await keyOf(graph) : null;
      return (key !== null && this.#take(key)) || this.engine.compile(graph);
    });
  }

  /** Gives back what nobody came for. */
  async clear(): Promise<void> {
    const programs = [...this.#kept.values()];
    this.#kept.clear();
    for (const program of programs) await program.release();
  }

  #take(key: string): Program | null {
    const program = this.#kept.get(key) ?? null;
    this.#kept.delete(key);
    return program;
  }
}
