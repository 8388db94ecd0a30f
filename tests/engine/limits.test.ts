/** @file Graphs and tensors measured against made-up limits of a device. */
import { describe, expect, it } from 'vitest';
import { Graph, UNKNOWN } from '../../src/core/graph/graph';
import { loop } from '../../src/core/graph/loops';
import { add, matmul, scale } from '../../src/core/graph/ops';
import { assertGraphFits, assertTensorFits, TooLargeError } from '../../src/engine/limits';

const limits = (maxBufferSize: number, maxStorageBufferBindingSize = maxBufferSize) => ({ maxBufferSize, maxStorageBufferBindingSize });

describe('a tensor', () => {
  it('fits up to the smaller of the two limits, to the byte', () => {
    expect(() => assertTensorFits([5, 5], limits(100))).not.toThrow();
    expect(() => assertTensorFits([5, 5], limits(200, 100))).not.toThrow();
    expect(() => assertTensorFits([5, 5], limits(99))).toThrow(TooLargeError);
    expect(() => assertTensorFits([5, 5], limits(200, 99))).toThrow('A tensor of [5, 5] takes 0.000100 MB');
  });
});

describe('a graph', () => {
  it('fits when its largest value does, be it an input, a result in between, or inside a loop', () => {
    const product = new Graph();
    const column = product.input('column', [10, 1]);
    product.output('y', matmul(scale(matmul(column, product.input('row', [1, 20])), 2), product.input('x', [20, 1])));
    expect(() => assertGraphFits(product, limits(800))).not.toThrow();
    expect(() => assertGraphFits(product, limits(796))).toThrow('[10, 20]');

    const looped = new Graph();
    const wide = looped.input('wide', [1, 30]);
    const { carried } = loop(looped, 3, [looped.input('x', [10, 1])], [[10, 1]], ({ carried: [x] }) => {
      const inner = matmul(matmul(x!, wide), looped.constant(new Float32Array(30), [30, 1]));
      return { carried: [inner], scanned: [] };
    });
    looped.output('y', carried[0]!);
    expect(() => assertGraphFits(looped, limits(1200))).not.toThrow();
    expect(() => assertGraphFits(looped, limits(1196))).toThrow('[10, 30]');
  });

  it('counts what is used only, and an axis that grows as one', () => {
    const graph = new Graph();
    const cache = graph.input('cache', [2, UNKNOWN, 4]);
    add(matmul(graph.input('a', [50, 1]), graph.input('b', [1, 50])), graph.scalar(1)); // goes nowhere
    graph.output('y', scale(cache, 2));
    expect(() => assertGraphFits(graph, limits(200))).not.toThrow();
    expect(() => assertGraphFits(graph, limits(196))).toThrow('[50, 1]');
  });
});
