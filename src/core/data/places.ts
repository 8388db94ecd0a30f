/**
 * @file Which item of a data set comes at which place of a run: a set of a fixed size is gone through again and again, in a new
 * random order each time; an endless one has a new item at every place. Either way a place names its item, so that a run
 * that is continued, or repeated, meets the same.
 */
import { Random } from '../random';

/** Gives items by place, counted from 0. `make` makes item i; those of a set are made once. */
export function itemsByPlace<Item>(size: number, seed: number, make: (index: number) => Item): (place: number) => Item {
  if (size === 0) return make;
  const made = new Map<number, Item>();
  let [epoch, order] = [-1, [] as readonly number[]];
  return (place) => {
    const wanted = Math.floor(place / size);
    if (wanted !== epoch) {
      const all = Array.from({ length: size }, (_, index) => index);
      [epoch, order] = [wanted, new Random(seed).split('order').split(wanted).shuffle(all)];
    }
    const index = order[place % size]!;
    const item = made.get(index) ?? make(index);
    made.set(index, item);
    return item;
  };
}
