/**
 * @file The GPU device: asked for by us, so that we choose its limits and features and hear when it is lost.
 *
 * `subgroups` is left out on purpose: with small subgroups ONNX Runtime's attention kernels are silently wrong.
 */

/** A device and the words for the status line. */
export interface OwnedDevice {
  readonly device: GPUDevice;
  readonly label: string;
}

/** Why there is no device, as one sentence. */
export interface NoDevice {
  readonly device: null;
  readonly reason: string;
}

/** Asks the browser for a GPU device with the largest buffers its adapter allows. Never throws. */
export async function requestOwnDevice(): Promise<OwnedDevice | NoDevice> {
  const gpu = (navigator as Partial<Navigator>).gpu;
  if (!gpu) return { device: null, reason: 'This browser has no WebGPU, so the model runs on the processor (wasm).' };
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (!adapter) return { device: null, reason: 'No graphics adapter answered, so the model runs on the processor (wasm).' };
    const {
      maxBufferSize,
      maxStorageBufferBindingSize,
      maxStorageBuffersPerShaderStage,
      maxComputeWorkgroupStorageSize,
      maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupSizeX,
    } = adapter.limits;
    const device = await adapter.requestDevice({
      requiredLimits: {
        maxBufferSize,
        maxStorageBufferBindingSize,
        maxStorageBuffersPerShaderStage,
        maxComputeWorkgroupStorageSize,
        maxComputeInvocationsPerWorkgroup,
        maxComputeWorkgroupSizeX,
      },
    });
    const { vendor, architecture, description } = adapter.info;
    return { device, label: description || [vendor, architecture].filter(Boolean).join(' ') || 'unnamed adapter' };
  } catch (error) {
    return {
      device: null,
      reason: `The graphics adapter refused (${error instanceof Error ? error.message : String(error)}), so the model runs on the processor (wasm).`,
    };
  }
}
