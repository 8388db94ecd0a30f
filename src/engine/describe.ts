/** @file What an engine runs on, for bug reports. */
import type { Engine } from '../core/graph/engine';
import { OrtEngine } from './ort-engine';

/** Limits that decide which models and batches fit. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
] as const;

/** Version of ONNX Runtime, and what the graphics adapter says of itself, by the browser's own names. */
export function describeEngine(engine: Engine): { ortVersion: string; adapter: Record<string, string> } {
  if (!(engine instanceof OrtEngine)) return { ortVersion: 'none', adapter: {} };
  const { ort, gpu } = engine.options;
  const ortVersion = ort.env.versions.common;
  if (!gpu) return { ortVersion, adapter: {} };
  const { limits, features, adapterInfo } = gpu.device;
  const { vendor, architecture, device, description } = adapterInfo;
  const words = Object.entries({ vendor, architecture, device, description }).filter(([, word]) => word !== '');
  const numbers = LIMITS.map((name) => [name, String(limits[name])]);
  return { ortVersion, adapter: Object.fromEntries([...words, ...numbers, ['features', [...features].sort().join(', ')]]) };
}
