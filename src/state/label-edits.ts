/** @file Changes to a list of labels, as lists: adding, replacing, taking back. */
import type { Comparison } from '../core/preferences/comparison';

/** A list after labels were added to it, and what it takes to take that back. */
export interface AddedLabels {
  readonly list: readonly Comparison[];
  /** The labels that gave way to others of their id. */
  readonly replaced: readonly Comparison[];
  /** Ids that were not there before. */
  readonly newIds: readonly string[];
}

/** Puts labels into a list, in place of those of the same id, or at its end. */
export function addLabels(list: readonly Comparison[], labels: readonly Comparison[]): AddedLabels {
  const added = new Map(labels.map((label) => [label.id, label]));
  const replaced = list.filter(({ id }) => added.has(id));
  const kept = list.map((label) => added.get(label.id) ?? label);
  for (const { id } of replaced) added.delete(id);
  return { list: [...kept, ...added.values()], replaced, newIds: [...added.keys()] };
}

/** Takes an addition back: what was new goes, what was replaced returns. */
export function withdrawLabels(list: readonly Comparison[], { replaced, newIds }: AddedLabels): readonly Comparison[] {
  const before = new Map(replaced.map((label) => [label.id, label]));
  const gone = new Set(newIds);
  return list.filter(({ id }) => !gone.has(id)).map((label) => before.get(label.id) ?? label);
}

/** A list without the labels of some ids. */
export function withoutLabels(list: readonly Comparison[], ids: readonly string[]): readonly Comparison[] {
  const gone = new Set(ids);
  return list.filter(({ id }) => !gone.has(id));
}

/** Oldest first. */
export function inOrder(labels: readonly Comparison[]): readonly Comparison[] {
  // By code units: a dictionary's order takes seconds for the labels of a large file.
  return labels.toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}
