/**
 * @file Which nodes ONNX Runtime puts on the processor. It tells only on the console, at log severity 0, through the
 * console functions that it finds when its module starts: so this must listen before that, and only in debug mode.
 */
import type { ProcessorNode } from '../core/graph/engine-stats';

const METHODS = ['debug', 'log', 'info', 'warn', 'error'] as const;

/** Nodes on the processor, from what ONNX Runtime says while it makes a session; null when it told of no placement. */
export function processorNodes(lines: readonly string[]): ProcessorNode[] | null {
  const found: ProcessorNode[] = [];
  let onProcessor: boolean | null = null;
  for (const line of lines) {
    const section = /placed on \[(\w+)\]/.exec(line);
    const node = /VerifyEachNodeIsAssignedToAnEp\]\s+(\w+) \(([^)]*)\)/.exec(line);
    if (section) onProcessor = section[1] === 'CPUExecutionProvider';
    else if (node && onProcessor) found.push({ op: node[1]!, name: node[2]! });
  }
  return onProcessor === null ? null : found;
}

/** Listens to the console of this thread. What others say, and what ONNX Runtime warns of, passes on. */
export class PlacementLog {
  #said: string[] | null = null;

  constructor() {
    const { console: spoken } = globalThis;
    for (const method of METHODS) {
      const usual = spoken[method].bind(spoken);
      spoken[method] = (...words: unknown[]) => {
        const line = words.map(String).join(' ');
        if (this.#said) this.#said.push(line);
        // Once asked to talk, ONNX Runtime also names every shader it starts.
        else if (!/\[[VI]:onnxruntime:/.test(line)) usual(...words);
      };
    }
  }

  /** Runs `job`, which makes a session at severity 0. @returns its result, and the nodes on the processor */
  async during<Result>(job: () => Promise<Result>): Promise<[Result, ProcessorNode[] | null]> {
    this.#said = [];
    try {
      const result = await job();
      return [result, processorNodes(this.#said)];
    } finally {
      this.#said = null;
    }
  }
}
