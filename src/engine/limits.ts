/**
 * @file Whether a program's tensors fit into a device's buffers, known before anything is compiled or uploaded.
 *
 * WebGPU would say it late and badly: a buffer that is too large is an error of its own, after which results are wrong.
 * Every value of a graph has known dims, so the largest one is known too.
 */
import { liveNodes, UNKNOWN, type Dims, type Graph, type Value } from '../core/graph/graph';

/** The limits of a `GPUDevice` that matter here, in bytes. */
export interface BufferLimits {
  readonly maxBufferSize: number;
  readonly maxStorageBufferBindingSize: number;
}

/** Every element type of a graph takes four bytes on a GPU. */
const ELEMENT_BYTES = 4;

/** A tensor is larger than any buffer of the device. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';

  constructor(
    readonly dims: Dims,
    /** Elements of the tensor. */
    readonly numElements: number,
    /** Elements of the largest tensor that would fit. */
    readonly numElementsFit: number,
    message = `A tensor of [${dims.join(', ')}] takes ${megabytes(numElements)}; the largest buffer of this device holds ${megabytes(numElementsFit)}.`,
  ) {
    super(message);
  }
}

const megabytes = (numElements: number) => `${((ELEMENT_BYTES * numElements) / 1e6).toPrecision(3)} MB`;

/** Elements of the largest tensor that a device can hold and a kernel can bind. */
function numElementsFit({ maxBufferSize, maxStorageBufferBindingSize }: BufferLimits): number {
  return Math.floor(Math.min(maxBufferSize, maxStorageBufferBindingSize) / ELEMENT_BYTES);
}

/** @throws TooLargeError when a tensor of `dims` would not fit */
export function assertTensorFits(dims: Dims, limits: BufferLimits): void {
  const numElements = elements(dims);
  const fit = numElementsFit(limits);
  if (numElements > fit) throw new TooLargeError(dims, numElements, fit);
}

/** @throws TooLargeError naming the largest tensor of the graph when that would not fit */
export function assertGraphFits(graph: Graph, limits: BufferLimits): void {
  const largest = values(graph).reduce<Value | null>(
    (most, value) => (most && elements(most.dims) >= elements(value.dims) ? most : value),
    null,
  );
  if (largest) assertTensorFits(largest.dims, limits);
}

/** Axes that only the run knows (a growing cache) count as one: they are small beside what a batch needs. */
function elements(dims: Dims): number {
  return dims.reduce((product, dim) => product * (dim === UNKNOWN ? 1 : dim), 1);
}

/** Inputs and results of a graph and of its loop bodies. */
function values(graph: Graph): Value[] {
  const inner = liveNodes(graph).flatMap(({ outputs, attributes: { body } }) => [...outputs, ...(body ? values(body) : [])]);
  return [...graph.inputs, ...inner];
}
