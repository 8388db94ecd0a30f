/**
 * @file Gradients against central differences, on the interpreter in float64.
 *
 * The loss is Σ w·y with random weights w, so every entry of the Jacobian counts. With step 10⁻⁵ the difference quotient
 * is right to about 10⁻¹⁰; what remains is that constants inside graphs are float32 (a mean's 1/3 is off by 10⁻⁸).
 */
import { expect } from 'vitest';
import { interpret } from '../../src/core/graph/interpreter';
import { gradients } from '../../src/core/graph/gradients';
import { Graph, type Value } from '../../src/core/graph/graph';
import { add, allAxes, mul, reduceSum } from '../../src/core/graph/ops';
import { Random } from '../../src/core/random';
import type { HostTensor } from '../../src/core/graph/engine';
import { numericalGradient } from '../../src/core/selftest/numbers';
import { randomTensor, type InputSpec } from '../../src/core/selftest/op-case';
import { float64 } from './graphs';

/** How far a gradient may be from the difference quotient, relative to the largest entry. */
const GRADIENT_TOLERANCE = 1e-6;

/** How far a difference quotient is from 0 where the gradient is 0. */
const QUOTIENT_ERROR = 1e-9;

/** Expects the gradient of every float32 input of what `build` makes to equal its difference quotient. */
export function checkGradient(
  inputs: readonly InputSpec[],
  build: (values: readonly Value[], graph: Graph) => Value | readonly Value[],
  seed: number | string = 1,
): void {
  const random = new Random(seed);
  const graph = new Graph();
  const values = inputs.map(({ dims, dtype }, i) => graph.input(`x${i}`, dims, dtype));
  const results = [build(values, graph)].flat() as Value[];
  const floating = results.filter((result) => result.dtype === 'float32');
  const weights = floating.map((result, i) => graph.input(`w${i}`, result.dims));
  const loss = floating.map((result, i) => reduceSum(mul(result, weights[i]!), allAxes(result))).reduce(add);
  const wrt = values.filter((value) => value.dtype === 'float32');
  gradients(graph, loss, wrt).forEach((gradient, i) => graph.output(`gradient_${wrt[i]!.name}`, gradient));
  graph.output('loss', loss);

  const feeds: Record<string, HostTensor> = {};
  inputs.forEach((input, i) => (feeds[`x${i}`] = randomTensor(input, random)));
  weights.forEach(({ name, dims }) => (feeds[name] = randomTensor({ dims }, random)));
  const found = interpret(graph, feeds);
  expect(wrt.length, 'inputs a gradient can be taken for').toBeGreaterThan(0);
  for (const { name, dims } of wrt) {
    const f = (x: Float64Array) => interpret(graph, { ...feeds, [name]: float64(dims, x) }).loss!.exact[0]!;
    const expected = numericalGradient(f, Float64Array.from(feeds[name]!.data, Number));
    const gradient = found[`gradient_${name}`]!;
    expect(gradient.dims).toEqual(dims);
    const largest = Math.max(...expected.map(Math.abs));
    gradient.exact.forEach((number, k) => {
      const error = Math.abs(number - expected[k]!);
      expect(error, `gradient of ${name}, entry ${k}: ${number} for ${expected[k]}`).toBeLessThan(
        GRADIENT_TOLERANCE * largest + QUOTIENT_ERROR,
      );
    });
  }
}
