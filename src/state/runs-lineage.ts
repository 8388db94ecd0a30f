/**
 * @file What was trained from what, as a tree of checkpoints: each run a branch of the model it starts from, or of a kept
 * moment of another run.
 */
import type { RunRecord } from './runs-schema';

/** A run in the tree. */
export interface LineageNode {
  readonly record: RunRecord;
  readonly depth: number;
  /** Its parent is not among the runs: deleted, or in another browser. */
  readonly orphan: boolean;
}

/** The tree, each run before its branches; roots and branches oldest first. */
export function lineage(records: readonly RunRecord[]): LineageNode[] {
  const ordered = [...records].sort((a, b) => a.createdAt.localeCompare(b.createdAt));
  const known = new Set(records.map(({ id }) => id));
  const nodes: LineageNode[] = [];
  const seen = new Set<string>();
  const visit = (record: RunRecord, depth: number) => {
    if (seen.has(record.id)) return; // an imported file may claim to be its own parent
    seen.add(record.id);
    nodes.push({ record, depth, orphan: record.parent !== null && !known.has(record.parent.id) });
    for (const child of ordered.filter(({ parent }) => parent?.id === record.id)) visit(child, depth + 1);
  };
  for (const record of ordered.filter(({ parent }) => !parent || !known.has(parent.id))) visit(record, 0);
  for (const record of ordered) visit(record, 0);
  return nodes;
}

/** A run as a line of the drawn tree, in its own row; places along are updates. */
export interface LineageLine {
  readonly record: RunRecord;
  readonly row: number;
  readonly from: number;
  readonly to: number;
  /** The row it branches off; null where it starts from a shipped model, or its parent is not here. */
  readonly parentRow: number | null;
  /** Updates whose weights are kept. */
  readonly moments: readonly number[];
}

/** The tree as lines, one a row. */
export function lineageLines(nodes: readonly LineageNode[]): LineageLine[] {
  const rows = new Map(nodes.map(({ record }, row) => [record.id, row]));
  return nodes.map(({ record }, row) => {
    const parentRow = record.parent ? rows.get(record.parent.id) : undefined;
    return {
      record,
      row,
      from: record.parent?.update ?? 0,
      to: Math.max(record.update, record.parent?.update ?? 0),
      parentRow: parentRow === undefined || parentRow >= row ? null : parentRow, // a loop is drawn as no branch
      moments: record.snapshots,
    };
  });
}
