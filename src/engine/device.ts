/**
 * @file The GPU device: asked for by us, so that we choose its limits and features and hear how it ends.
 *
 * `subgroups` is left out on purpose: with small subgroups ONNX Runtime's attention kernels are silently wrong.
 */

/** Why a device can no longer be used; `reason` is the browser's own word for it. */
export interface DeviceEnd {
  readonly code: 'device-lost' | 'out-of-memory';
  readonly reason: string;
}

/** A device and the words for the status line. */
export interface OwnedDevice {
  readonly device: GPUDevice;
  readonly label: string;
  /** A processor plays the adapter: right, and slow. */
  readonly isSoftware: boolean;
  /** Its shaders can compute in float16. On an `OwnedDevice` that was asked for it, they may. */
  readonly offersFloat16: boolean;
  /** Resolves when the device is lost, or when a buffer could not be had and results can no longer be trusted. */
  readonly ended: Promise<DeviceEnd>;
}

/** Why there is no device, as one sentence. */
export interface NoDevice {
  readonly device: null;
  readonly reason: string;
}

/** WebGPU reports a failed allocation here and nowhere else: the call itself returns a buffer that is not one. */
function endOf(device: GPUDevice): Promise<DeviceEnd> {
  return new Promise((resolve) => {
    void device.lost.then(({ message, reason }) => resolve({ code: 'device-lost', reason: message || reason }));
    device.addEventListener('uncapturederror', ({ error }) => {
      if (error instanceof GPUOutOfMemoryError) resolve({ code: 'out-of-memory', reason: error.message });
    });
  });
}

/**
 * Asks the browser for a GPU device with the largest buffers its adapter allows. Never throws.
 * @param options `float16`: let shaders compute in it, if they can
 */
export async function requestOwnDevice({ float16 = false } = {}): Promise<OwnedDevice | NoDevice> {
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
    const offersFloat16 = adapter.features.has('shader-f16');
    const device = await adapter.requestDevice({
      requiredFeatures: float16 && offersFloat16 ? ['shader-f16'] : [],
      requiredLimits: {
        maxBufferSize,
        maxStorageBufferBindingSize,
        maxStorageBuffersPerShaderStage,
        maxComputeWorkgroupStorageSize,
        maxComputeInvocationsPerWorkgroup,
        maxComputeWorkgroupSizeX,
      },
    });
    const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
    const label = description || [vendor, architecture].filter(Boolean).join(' ') || 'unnamed adapter';
    const isSoftware = isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render/i.test(`${architecture} ${description}`);
    return { device, label, isSoftware, offersFloat16, ended: endOf(device) };
  } catch (error) {
    return {
      device: null,
      reason: `The graphics adapter refused (${error instanceof Error ? error.message : String(error)}), so the model runs on the processor (wasm).`,
    };
  }
}
