/**
 * @file Each operator on an engine: its values against the interpreter's float64, and its gradient against central
 * differences, which are taken on the interpreter because float32 leaves them three digits.
 *
 * All cases of an operator go into one graph, so that a device compiles one program an operator.
 */
import type { Engine, HostTensor } from '../graph/engine';
import { Graph, type OpName, type Value } from '../graph/graph';
import { DIFFERENTIABLE_OPS, gradients } from '../graph/gradients';
import { interpret } from '../graph/interpreter';
import { add, allAxes, mul, reduceSum } from '../graph/ops';
import { Random } from '../random';
import { judge, type Check, type Finding } from './check';
import { numericalGradient, relativeError } from './numbers';
import { randomTensor, type OpCase } from './op-case';
import { OP_CASES } from './op-cases';

/** WebGPU lets `tanh` and `log` be off by 10⁻⁵ (WGSL, "Floating point accuracy"). */
const VALUE_TOLERANCE = 2e-5;
const GRADIENT_TOLERANCE = 1e-4;
/** Below this, float32 numbers lose digits, and GPUs may make them 0. */
const SMALLEST_VALUE = 1e-30;
/** Gradients of weighted sums are about 1; where a function is flat, what is left is rounding. */
const SMALLEST_GRADIENT = 1e-2;

/** A case written into a graph: the names of its outputs, and the loss Σ w·y as a function of one float input. */
interface PlacedCase {
  readonly values: readonly string[];
  /** From the name of each gradient to that of the input it is of. */
  readonly gradients: ReadonlyMap<string, string>;
  readonly feeds: Record<string, HostTensor>;
}

/** Writes a case into `graph`, with its loss if that is wanted, and the loss's gradients. Names start with `prefix`. */
function place(
  graph: Graph,
  prefix: string,
  { inputs, build, name }: OpCase,
  { withLoss, gradientsOf }: { withLoss: boolean; gradientsOf: typeof gradients | null },
): PlacedCase {
  const random = new Random(name);
  const feeds: Record<string, HostTensor> = {};
  const feed = (input: string, spec: (typeof inputs)[number]) => {
    feeds[input] = randomTensor(spec, random);
    return graph.input(input, spec.dims, spec.dtype);
  };
  const values = inputs.map((spec, i) => feed(`${prefix}x${i}`, spec));
  const results = [build(values, graph)].flat() as Value[];
  results.forEach((result, i) => graph.output(`${prefix}y${i}`, result));
  const wrt = withLoss ? values.filter(({ dtype }) => dtype === 'float32') : [];
  const names = new Map(wrt.map((value) => [`${prefix}gradient_${value.name}`, value.name]));
  if (wrt.length > 0) {
    const loss = results
      .filter(({ dtype }) => dtype === 'float32')
      .map((result, i) => reduceSum(mul(result, feed(`${prefix}w${i}`, { dims: result.dims })), allAxes(result)))
      .reduce(add);
    gradientsOf?.(graph, loss, wrt).forEach((gradient, i) => graph.output(`${prefix}gradient_${wrt[i]!.name}`, gradient));
    graph.output(`${prefix}loss`, loss);
  }
  return { values: results.map((_, i) => `${prefix}y${i}`), gradients: names, feeds };
}

/** d loss / d `input` by central differences. */
function quotients(opCase: OpCase, { feeds }: PlacedCase, prefix: string, input: string): Float64Array {
  const graph = new Graph();
  place(graph, prefix, opCase, { withLoss: true, gradientsOf: null });
  const start = feeds[input]!;
  const loss = (x: Float64Array) => interpret(graph, { ...feeds, [input]: { dims: start.dims, data: x } })[`${prefix}loss`]!.exact[0]!;
  return numericalGradient(loss, Float64Array.from(start.data, Number));
}

/**
 * Checks one operator in all its cases.
 * @param gradientsOf differentiates; tests hand in a wrong one, which must be found out
 */
export async function checkOperator(engine: Engine, op: OpName, gradientsOf = gradients): Promise<Finding> {
  const differentiable = DIFFERENTIABLE_OPS.includes(op);
  const graph = new Graph(null, `self-test ${op}`);
  const placed = OP_CASES[op].map((opCase, i) => place(graph, `c${i}_`, opCase, { withLoss: differentiable, gradientsOf }));
  const feeds = Object.assign({}, ...placed.map((each) => each.feeds)) as Record<string, HostTensor>;
  const expected = interpret(graph, feeds);
  const program = await engine.compile(graph);
  try {
    const results = await program.run(feeds);
    const read = async (name: string) => results[name]!.read();
    let [valueError, gradientError, hasGradient] = [0, 0, false];
    for (const [i, each] of placed.entries()) {
      for (const name of each.values)
        valueError = Math.max(valueError, relativeError(await read(name), expected[name]!.exact, SMALLEST_VALUE));
      for (const [name, input] of each.gradients) {
        hasGradient = true;
        const error = relativeError(await read(name), quotients(OP_CASES[op][i]!, each, `c${i}_`, input), SMALLEST_GRADIENT);
        gradientError = Math.max(gradientError, error);
      }
    }
    Object.values(results).forEach((tensor) => tensor.dispose());
    return judge([
      { what: 'values', error: valueError, allowed: VALUE_TOLERANCE },
      ...(hasGradient ? [{ what: 'gradient', error: gradientError, allowed: GRADIENT_TOLERANCE }] : []),
    ]);
  } finally {
    await program.release();
  }
}

/** A check for every operator. */
export function operatorChecks(engine: Engine, gradientsOf = gradients): Check[] {
  const names = Object.keys(OP_CASES) as OpName[];
  return names.map((op) => ({ group: 'Operators', name: op, run: () => checkOperator(engine, op, gradientsOf) }));
}
