/**
 * @file Where the build keeps its work between runs: `build/<family>/`, ignored by git.
 *
 * A stage's checkpoint is its vectors and its step; it is written to a temporary name and renamed, so a kill leaves
 * either the old one or the new one. Changing the recipe or the world means deleting the folder (or `--fresh`).
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TrainingSnapshot } from '../../src/core/model/training-state';

/** A folder of intermediate results. */
export class Store {
  constructor(readonly folder: string) {
    mkdirSync(folder, { recursive: true });
  }

  /** Where progress is logged. */
  get logFile(): string {
    return join(this.folder, 'log.txt');
  }

  #write(name: string, data: string | Uint8Array): void {
    const path = join(this.folder, name);
    writeFileSync(`${path}.part`, data);
    renameSync(`${path}.part`, path);
  }

  writeJson(name: string, value: unknown): void {
    this.#write(name, JSON.stringify(value));
  }

  /** The value written under `name`, or null. */
  readJson<Value>(name: string): Value | null {
    const path = join(this.folder, name);
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Value) : null;
  }

  /** Saves a checkpoint: step, then theta, m and v as float32. */
  writeSnapshot(name: string, { theta, m, v, step }: TrainingSnapshot): void {
    const all = new Float32Array(1 + 3 * theta.length);
    all[0] = step;
    [theta, m, v].forEach((vector, i) => all.set(vector, 1 + i * theta.length));
    this.#write(`${name}.f32`, new Uint8Array(all.buffer));
  }

  /** The checkpoint saved under `name`, or null. */
  readSnapshot(name: string): TrainingSnapshot | null {
    const path = join(this.folder, `${name}.f32`);
    if (!existsSync(path)) return null;
    const bytes = readFileSync(path);
    const all = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    const size = (all.length - 1) / 3;
    const vector = (i: number) => all.slice(1 + i * size, 1 + (i + 1) * size);
    return { step: all[0]!, theta: vector(0), m: vector(1), v: vector(2) };
  }

  /** Forgets what was written under names that end so. */
  forget(ending: string): void {
    for (const name of readdirSync(this.folder)) if (name.endsWith(ending)) rmSync(join(this.folder, name));
  }

  clear(): void {
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(this.folder, { recursive: true });
  }
}
