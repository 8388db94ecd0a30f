/**
 * @file Seeded, splittable pseudo-random numbers.
 *
 * Everything random in the project (world, data order, weights, sampling uniforms) comes from here, so a seed names a
 * run. The stream is sfc32 (Chris Doty-Humphrey, PractRand); seeds and labels are spread with the murmur3 finaliser.
 * `split` derives a child from the generator's *key*, not from how far the stream has been read, so adding a draw in one
 * place never shifts the numbers of another. Not for cryptography.
 */

/** Murmur3's 32-bit finaliser: spreads every input bit over the whole word. */
function mix(word: number): number {
  let h = word >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A 32-bit hash of a label, folded into `key`. */
function hashLabel(key: number, label: string | number): number {
  let h = mix(key ^ 0x9e3779b9);
  for (const character of String(label)) h = mix(Math.imul(h, 31) + character.codePointAt(0)!);
  return h;
}

/** A reproducible stream of random numbers with named, independent children. */
export class Random {
  readonly #key: number;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** @param seed any number or text; equal seeds give equal streams. */
  constructor(seed: number | string) {
    this.#key = hashLabel(0x2545f491, seed);
    this.#a = mix(this.#key + 1);
    this.#b = mix(this.#key + 2);
    this.#c = mix(this.#key + 3);
    for (let i = 0; i < 12; i++) this.#next();
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** An independent generator named `label`; the same label always gives the same child. */
  split(label: string | number): Random {
    return new Random(`${this.#key}/${label}`);
  }

  /** A float in [0, 1). At most 24 bits are used, so the value is exact in float32 too. */
  uniform(): number {
    return (this.#next() >>> 8) / 0x1000000;
  }

  /** An integer in [0, limit). */
  integer(limit: number): number {
    return Math.floor((this.#next() / 0x100000000) * limit);
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** A standard normal deviate (Box–Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** One item, each equally likely. @throws RangeError when there is none */
  pick<Item>(items: readonly Item[]): Item {
    if (items.length === 0) throw new RangeError('pick: no items to pick from');
    return items[this.integer(items.length)]!;
  }

  /** One item, with probability proportional to its weight. @throws RangeError when there is none */
  pickWeighted<Item>(items: readonly Item[], weights: readonly number[]): Item {
    if (items.length === 0) throw new RangeError('pickWeighted: no items to pick from');
    let left = this.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
    for (let i = 0; i < items.length - 1; i++) {
      left -= weights[i]!;
      if (left < 0) return items[i]!;
    }
    return items[items.length - 1]!;
  }

  /** A shuffled copy (Fisher–Yates). */
  shuffle<Item>(items: readonly Item[]): Item[] {
    const shuffled = [...items];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
    }
    return shuffled;
  }
}
