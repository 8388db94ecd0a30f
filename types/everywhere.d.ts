/**
 * @file The platform globals that src/core may use: those that pages, workers and Node all have. Declared here because
 * core is compiled without the DOM's and Node's types. Add to it sparingly: core is maths and text.
 */
declare class TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>;
}

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(input?: ArrayBuffer | ArrayBufferView, options?: { stream?: boolean }): string;
}

declare function structuredClone<T>(value: T): T;
