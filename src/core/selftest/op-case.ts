/**
 * @file A small graph with random feeds: what the tests of operators and the page's self-test run.
 */
import type { HostTensor } from '../graph/engine';
import { Graph, sizeOf, type Dims, type DType, type Value } from '../graph/graph';
import { Random } from '../random';

/** An input of a small graph: what to draw for it. Integers are drawn from `low` up to, not including, `high`. */
export interface InputSpec {
  readonly dims: Dims;
  readonly dtype?: DType;
  readonly low?: number;
  readonly high?: number;
}

/** A graph of a few nodes. */
export interface OpCase {
  readonly name: string;
  readonly inputs: readonly InputSpec[];
  readonly build: (values: readonly Value[], graph: Graph) => Value | readonly Value[];
}

/** Random numbers for an input; float32 ones are uniform in [low, high), default −2 to 2, bools 0 or 1. */
export function randomTensor({ dims, dtype = 'float32', low = -2, high = 2 }: InputSpec, random: Random): HostTensor {
  const length = sizeOf(dims);
  if (dtype === 'float32') return { dims, data: Float32Array.from({ length }, () => low + (high - low) * random.uniform()) };
  if (dtype === 'bool') return { dims, data: Uint8Array.from({ length }, () => random.integer(2)) };
  return { dims, data: Int32Array.from({ length }, () => low + random.integer(high - low)) };
}

/** The graph of a case, outputs `y0`, `y1`…, and random feeds. */
export function buildCase({ inputs, build }: OpCase, seed: number | string = 3): { graph: Graph; feeds: Record<string, HostTensor> } {
  const graph = new Graph();
  const random = new Random(seed);
  const values = inputs.map(({ dims, dtype }, i) => graph.input(`x${i}`, dims, dtype));
  [build(values, graph)].flat().forEach((value, i) => graph.output(`y${i}`, value as Value));
  return { graph, feeds: Object.fromEntries(inputs.map((input, i) => [`x${i}`, randomTensor(input, random)])) };
}
