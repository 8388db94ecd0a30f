/**
 * @file Reverse-mode differentiation: the gradient of a graph is more graph.
 *
 * `gradients` walks the nodes backwards from a scalar and records, for each, the nodes of its vector–Jacobian product.
 * A value given its own gradient (`Graph.setGradient`; see `composites.ts`) is stepped over in one go, which is how
 * softmax cross-entropy or RMSNorm get a shorter backward pass than their parts would. Kinds without a rule
 * (comparisons, Loop, TopK…) throw when a gradient would have to flow through them, never silently give zero.
 */
import type { Graph, Node, Value } from './graph';
import {
  add,
  cast,
  concat,
  div,
  equal,
  expand,
  greater,
  less,
  matmul,
  mul,
  neg,
  not,
  reduceSum,
  reshape,
  scale,
  scatterAdd,
  sigmoid,
  split,
  sub,
  transpose,
} from './ops';

/** Sums a gradient over the axes that broadcasting had repeated, back to `like`'s dims. */
function unbroadcast(gradient: Value, like: Value): Value {
  const lead = gradient.dims.length - like.dims.length;
  const axes = gradient.dims.flatMap((dim, i) => (i < lead || (like.dims[i - lead] === 1 && dim !== 1) ? [i] : []));
  return reshape(axes.length > 0 ? reduceSum(gradient, axes, true) : gradient, like.dims);
}

/** Zeros with the dims of `like`. */
function zerosLike(like: Value): Value {
  return expand(like.graph.scalar(0), like.dims);
}

/** Puts back the axes a reduction removed, so that its result broadcasts against its input. */
function restoreAxes(reduced: Value, node: Node): Value {
  const axes = node.attributes.axes!;
  return reshape(
    reduced,
    node.inputs[0]!.dims.map((dim, i) => (axes.includes(i) ? 1 : dim)),
  );
}

function matmulRule(node: Node, gradient: Value): Value[] {
  const [a, b] = node.inputs as [Value, Value];
  const { transposeA = false, transposeB = false, alpha = 1 } = node.attributes;
  if (b.dims.length === 2 && a.dims.length > 2) {
    // One matrix shared by a batch: flatten the batch into rows, where the rule for two matrices holds.
    const rows = reshape(a, [a.size / a.dims[a.dims.length - 1]!, a.dims[a.dims.length - 1]!]);
    const flat = reshape(gradient, [rows.dims[0]!, gradient.dims[gradient.dims.length - 1]!]);
    const [gradientA, gradientB] = [
      matmul(flat, b, { transposeB: !transposeB, alpha }),
      transposeB ? matmul(flat, rows, { transposeA: true, alpha }) : matmul(rows, flat, { transposeA: true, alpha }),
    ];
    return [reshape(gradientA, a.dims), gradientB];
  }
  const gradientA = transposeA
    ? matmul(b, gradient, { transposeA: transposeB, transposeB: true, alpha })
    : matmul(gradient, b, { transposeB: !transposeB, alpha });
  const gradientB = transposeB
    ? matmul(gradient, a, { transposeA: true, transposeB: transposeA, alpha })
    : matmul(a, gradient, { transposeA: !transposeA, alpha });
  return [gradientA, gradientB];
}

type Rule = (node: Node, gradients: readonly (Value | undefined)[]) => readonly (Value | null)[];

/** Wraps a rule for nodes with one output. */
function single(rule: (node: Node, gradient: Value, output: Value) => readonly (Value | null)[]): Rule {
  return (node, gradients) => rule(node, gradients[0]!, node.outputs[0]!);
}

/** Gradient of a maximum or minimum: to whichever side was taken; ties go to the first. */
function chooseRule(node: Node, gradient: Value): Value[] {
  const [a, b] = node.inputs as [Value, Value];
  const second = node.op === 'Max' ? less(a, b) : greater(a, b);
  return [unbroadcast(mul(gradient, cast(not(second), 'float32')), a), unbroadcast(mul(gradient, cast(second, 'float32')), b)];
}

/** Gradient of an extreme: shared evenly by the elements that reach it. */
function extremeRule(node: Node, gradient: Value, output: Value): Value[] {
  const x = node.inputs[0]!;
  const reached = cast(equal(x, restoreAxes(output, node)), 'float32');
  return [mul(reached, div(restoreAxes(gradient, node), reduceSum(reached, node.attributes.axes!, true)))];
}

const RULES: Partial<Record<Node['op'], Rule>> = {
  Identity: single((_, g) => [g]),
  Neg: single((_, g) => [neg(g)]),
  Exp: single((_, g, y) => [mul(g, y)]),
  Log: single((node, g) => [div(g, node.inputs[0]!)]),
  Sqrt: single((_, g, y) => [div(scale(g, 0.5), y)]),
  Reciprocal: single((_, g, y) => [neg(mul(g, mul(y, y)))]),
  Sigmoid: single((_, g, y) => [mul(g, mul(y, sub(y.graph.scalar(1), y)))]),
  Softplus: single((node, g) => [mul(g, sigmoid(node.inputs[0]!))]),
  Tanh: single((_, g, y) => [mul(g, sub(y.graph.scalar(1), mul(y, y)))]),
  Add: single((node, g) => node.inputs.map((input) => unbroadcast(g, input))),
  Sub: single((node, g) => [unbroadcast(g, node.inputs[0]!), unbroadcast(neg(g), node.inputs[1]!)]),
  Mul: single((node, g) => [unbroadcast(mul(g, node.inputs[1]!), node.inputs[0]!), unbroadcast(mul(g, node.inputs[0]!), node.inputs[1]!)]),
  Div: single((node, g, y) => [
    unbroadcast(div(g, node.inputs[1]!), node.inputs[0]!),
    unbroadcast(neg(div(mul(g, y), node.inputs[1]!)), node.inputs[1]!),
  ]),
  Min: single(chooseRule),
  Max: single(chooseRule),
  Where: single((node, g) => {
    const [condition, a, b] = node.inputs as [Value, Value, Value];
    const taken = cast(condition, 'float32');
    return [null, unbroadcast(mul(g, taken), a), unbroadcast(mul(g, sub(g.graph.scalar(1), taken)), b)];
  }),
  // Integers and truth values carry no gradient.
  Cast: single((node, g) => [node.inputs[0]!.dtype === 'float32' && node.outputs[0]!.dtype === 'float32' ? g : null]),
  MatMul: single(matmulRule),
  Reshape: single((node, g) => [reshape(g, node.inputs[0]!.dims)]),
  Transpose: single((node, g) => {
    const permutation = node.attributes.permutation!;
    return [
      transpose(
        g,
        permutation.map((_, i) => permutation.indexOf(i)),
      ),
    ];
  }),
  Slice: single((node, g) => {
    const x = node.inputs[0]!;
    const { axis = 0, start = 0, end = 0 } = node.attributes;
    const zeros = (length: number) =>
      length > 0
        ? [
            expand(
              g.graph.scalar(0),
              x.dims.map((dim, i) => (i === axis ? length : dim)),
            ),
          ]
        : [];
    return [concat([...zeros(start), g, ...zeros(x.dims[axis]! - end)], axis)];
  }),
  Split: (node, gradients) => [
    concat(
      node.outputs.map((output, i) => gradients[i] ?? zerosLike(output)),
      node.attributes.axis!,
    ),
  ],
  Concat: single((node, g) => {
    const axis = node.attributes.axis!;
    return split(
      g,
      axis,
      node.inputs.map((input) => input.dims[axis]!),
    );
  }),
  Expand: single((node, g) => [unbroadcast(g, node.inputs[0]!)]),
  Gather: single((node, g) => {
    const [table, indices] = node.inputs as [Value, Value];
    const width = table.size / table.dims[0]!;
    const rows = expand(reshape(indices, [indices.size, 1]), [indices.size, width]);
    const summed = scatterAdd(expand(g.graph.scalar(0), [table.dims[0]!, width]), rows, reshape(g, [indices.size, width]), 0);
    return [reshape(summed, table.dims), null];
  }),
  GatherElements: single((node, g) => [scatterAdd(zerosLike(node.inputs[0]!), node.inputs[1]!, g, node.attributes.axis!), null]),
  ReduceSum: single((node, g) => [expand(restoreAxes(g, node), node.inputs[0]!.dims)]),
  ReduceMean: single((node, g) => {
    const x = node.inputs[0]!;
    return [expand(scale(restoreAxes(g, node), node.outputs[0]!.size / x.size), x.dims)];
  }),
  ReduceSumSquare: single((node, g) => [mul(scale(node.inputs[0]!, 2), restoreAxes(g, node))]),
  ReduceLogSumExp: single((node, g, y) => [mul(restoreAxes(g, node), expSub(node.inputs[0]!, restoreAxes(y, node)))]),
  ReduceMax: single(extremeRule),
  ReduceMin: single(extremeRule),
  Softmax: single((_, g, y) => [softmaxGradient(g, y)]),
  CumSum: single((node, g) => {
    // Element j is in every later sum: total − running sum + itself.
    const x = node.inputs[0]!;
    const axis = x.dims.length - 1;
    const running = g.graph.node('CumSum', [g], [{ dims: g.dims, dtype: g.dtype }], { axis })[0]!;
    return [add(sub(reduceSum(g, [axis], true), running), g)];
  }),
};

/** Operators a gradient can flow through; tests go over this list. */
export const DIFFERENTIABLE_OPS = Object.keys(RULES) as Node['op'][];

function expSub(x: Value, y: Value): Value {
  return x.graph.node('Exp', [sub(x, y)], [{ dims: x.dims, dtype: x.dtype }])[0]!;
}

/** Gradient of a softmax over the last axis, from its result: y · (g − Σ g·y). */
function softmaxGradient(gradient: Value, y: Value): Value {
  const weighted = mul(gradient, y);
  return sub(weighted, mul(y, reduceSum(weighted, [y.dims.length - 1], true)));
}

/** The value itself, but gradients stop here. */
export function stopGradient(x: Value): Value {
  const copy = x.graph.node('Identity', [x], [{ dims: x.dims, dtype: x.dtype }])[0]!;
  return x.graph.setGradient(copy, [], () => []);
}

/**
 * Records d `loss` / d w for each w of `wrt`, and returns those values (dims of w).
 *
 * @param loss a float32 scalar
 * @throws when the loss does not depend on some w, or a gradient would pass an operator without a rule
 */
export function gradients(graph: Graph, loss: Value, wrt: readonly Value[]): Value[] {
  if (loss.size !== 1) throw new Error(`the loss must be a scalar, not ${loss}`);
  const found = new Map<Value, Value>([[loss, graph.constant(Float32Array.of(1), loss.dims)]]);
  const accumulate = (value: Value, gradient: Value | null | undefined) => {
    if (!gradient || value.dtype !== 'float32' || value.constant) return;
    const before = found.get(value);
    found.set(value, before ? add(before, gradient) : gradient);
  };
  const forward = [...graph.nodes];
  for (let i = forward.length - 1; i >= 0; i--) {
    const node = forward[i]!;
    const outputs = node.outputs.map((output) => found.get(output));
    if (outputs.every((gradient) => gradient === undefined)) continue;
    const own = node.outputs.length === 1 ? graph.ownGradients.get(node.outputs[0]!) : undefined;
    if (own) {
      own.rule(outputs[0]!).forEach((gradient, k) => accumulate(own.inputs[k]!, gradient));
      continue;
    }
    const rule = RULES[node.op];
    if (!rule) throw new Error(`no gradient rule for ${node.op}, which the loss passes through`);
    rule(node, outputs).forEach((gradient, k) => accumulate(node.inputs[k]!, gradient));
  }
  return wrt.map((value) => {
    const gradient = found.get(value);
    if (!gradient) throw new Error(`the loss does not depend on ${value}`);
    return gradient;
  });
}
