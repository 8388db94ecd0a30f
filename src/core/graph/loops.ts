/**
 * @file Repetition: a body run once for every row of its inputs, as an ONNX Loop or written out.
 */
import { Graph, UNKNOWN, type Dims, type Value } from './graph';
import { concat, gather, reshape, ShapeError, slice } from './ops';

/** What a loop body is given: its graph, the carried values, and the row of a table that belongs to this iteration. */
export interface LoopScope {
  readonly graph: Graph;
  readonly carried: readonly Value[];
  /** `table [S, ...]` → `[...]` */
  readonly row: (table: Value) => Value;
}

/** What a loop body returns. `scanned` values are stacked along a new first axis; `proceed` (bool scalar) false ends the loop. */
export interface LoopStep {
  readonly carried: readonly Value[];
  readonly scanned: readonly Value[];
  readonly proceed?: Value;
}

/**
 * Repeats `body` up to `numTrips` times (ONNX `Loop`). Carried dims may grow: give them `UNKNOWN` in `carriedDims`.
 * The first axis of scanned results is `UNKNOWN` when the body may end early, else `numTrips`.
 */
export function loop(
  graph: Graph,
  numTrips: number,
  initial: readonly Value[],
  carriedDims: readonly Dims[],
  body: (scope: LoopScope) => LoopStep,
): { carried: Value[]; scanned: Value[] } {
  const inner = new Graph(graph);
  const iteration = inner.input(inner.freshName('iteration'), [], 'int64');
  inner.input(inner.freshName('proceed'), [], 'bool');
  const carried = initial.map((value, i) => inner.input(inner.freshName('carried'), carriedDims[i]!, value.dtype));
  const step = body({ graph: inner, carried, row: (table) => gather(table, iteration) });
  if (step.carried.length !== initial.length) throw new ShapeError(`Loop: ${initial.length} carried in, ${step.carried.length} out`);
  inner.output(inner.freshName('proceed_out'), step.proceed ?? inner.constant(Uint8Array.of(1), []));
  [...step.carried, ...step.scanned].forEach((value) => inner.output(inner.freshName('out'), value));
  const length = step.proceed ? UNKNOWN : numTrips;
  const outputs = [
    ...step.carried.map((value, i) => ({ dims: carriedDims[i]!, dtype: value.dtype })),
    ...step.scanned.map((value) => ({ dims: [length, ...value.dims], dtype: value.dtype })),
  ];
  const results = graph.node('Loop', initial, outputs, { body: inner, numTrips, numCarried: initial.length });
  return { carried: results.slice(0, initial.length), scanned: results.slice(initial.length) };
}

/**
 * What {@link loop} computes, with the body written out once for every trip, and to the end. A GPU wants it so: ONNX
 * Runtime runs `Loop` on the processor, and moves all that is carried there and back at every trip.
 */
export function unroll(
  graph: Graph,
  numTrips: number,
  initial: readonly Value[],
  body: (scope: LoopScope) => Omit<LoopStep, 'proceed'>,
): { carried: Value[]; scanned: Value[] } {
  let carried = [...initial];
  const trips = Array.from({ length: numTrips }, (_, trip) => {
    const row = (table: Value) => reshape(slice(table, 0, trip, trip + 1), table.dims.slice(1));
    const step = body({ graph, carried, row });
    carried = [...step.carried];
    return step.scanned;
  });
  const stacked = (trips[0] ?? []).map((_, i) =>
    concat(
      trips.map((scanned) => reshape(scanned[i]!, [1, ...scanned[i]!.dims])),
      0,
    ),
  );
  return { carried, scanned: stacked };
}
