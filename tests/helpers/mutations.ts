/**
 * @file Mutated inputs for the fuzz tests of what reads files: a sound input, damaged at random places in ways that catch parsers out.
 * Seeded: input number n of a name is the same on every machine.
 */
import type { Random } from '../../src/core/random';

const pick = <T>(random: Random, list: readonly T[]): T => list[random.integer(list.length)]!;

/** Bytes that mean something to somebody: ends of ranges, signs, separators, UTF-8's own. */
const BYTES = [0, 1, 0x7f, 0x80, 0xc0, 0xfe, 0xff, 0x0a, 0x0d, 0x22, 0x2c, 0x5b, 0x5d, 0x7b, 0x7d];

/** Bytes damaged in one to six places: flipped, overwritten, cut out, repeated, moved, or the end missing. */
export function mutateBytes(sound: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  let bytes = new Uint8Array(sound);
  for (let left = 1 + random.integer(6); left > 0 && bytes.length > 0; left--) {
    const at = random.integer(bytes.length);
    const span = 1 + random.integer(Math.min(64, bytes.length - at));
    switch (random.integer(7)) {
      case 0:
        bytes[at]! ^= 1 << random.integer(8);
        break;
      case 1:
        bytes[at] = pick(random, BYTES);
        break;
      case 2: // a little-endian number of four bytes, small, huge or near the length
        if (at + 4 <= bytes.length)
          new DataView(bytes.buffer).setUint32(
            at,
            pick(random, [0, 1, 0x7fffffff, 0x80000000, 0xffffffff, bytes.length, bytes.length - at]),
            true,
          );
        break;
      case 3:
        bytes = joined(bytes.subarray(0, at), bytes.subarray(at + span));
        break;
      case 4:
        bytes = joined(bytes.subarray(0, at + span), bytes.subarray(at));
        break;
      case 5:
        bytes = bytes.slice(0, at);
        break;
      default: {
        const other = random.integer(bytes.length - span + 1);
        bytes.copyWithin(at, other, other + span);
      }
    }
  }
  return bytes;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const deep = (depth: number): unknown => (depth === 0 ? [] : [deep(depth - 1)]);
/** Values that a schema must be ready for. */
const STRANGE: readonly (() => unknown)[] = [
  () => null,
  () => true,
  () => 0,
  () => -1,
  () => 0.5,
  () => 1e308,
  () => 2 ** 53,
  () => -(2 ** 31),
  () => '',
  () => 'x'.repeat(5000),
  () => '\u0000\ud800<script>alert(1)</script>',
  () => '__proto__',
  () => '../../etc/passwd',
  () => [],
  () => ({}),
  () => deep(200),
  () => Array.from({ length: 300 }, (_, i) => i),
  () => ({ toString: 1, constructor: { prototype: {} }, length: 1e9 }),
];

interface Place {
  readonly holder: Record<string, unknown> | unknown[];
  readonly key: string | number;
}

function placesIn(value: unknown, found: Place[] = []): Place[] {
  if (typeof value !== 'object' || value === null || found.length > 3000) return found;
  const holder = value as Place['holder'];
  for (const key of Array.isArray(holder) ? holder.keys() : Object.keys(holder)) {
    found.push({ holder, key });
    placesIn((holder as Record<string, unknown>)[key], found);
  }
  return found;
}

/** JSON with one to four values made strange, taken out, swapped, doubled, or given a neighbour nobody expects. */
export function mutateJson(sound: unknown, random: Random): unknown {
  const json = structuredClone(sound);
  for (let left = 1 + random.integer(4); left > 0; left--) {
    const places = placesIn(json);
    if (places.length === 0) return pick(random, STRANGE)();
    const { holder, key } = pick(random, places);
    const values = holder as Record<string | number, unknown>;
    switch (random.integer(6)) {
      case 0:
        if (Array.isArray(holder)) holder.splice(Number(key), 1);
        else delete values[key];
        break;
      case 1: {
        const other = pick(random, places);
        values[key] = structuredClone((other.holder as Record<string | number, unknown>)[other.key]);
        break;
      }
      case 2:
        if (Array.isArray(holder)) holder.push(structuredClone(values[key]));
        // An own key of that name, as JSON.parse makes it.
        else
          Object.defineProperty(values, pick(random, ['__proto__', 'constructor', 'extra', '0']), {
            value: pick(random, STRANGE)(),
            enumerable: true,
            configurable: true,
            writable: true,
          });
        break;
      default:
        values[key] = pick(random, STRANGE)();
    }
  }
  return json;
}

/** Text damaged as bytes are, and read as browsers read files. */
export const mutateText = (sound: string, random: Random): string =>
  new TextDecoder().decode(mutateBytes(new TextEncoder().encode(sound), random));
