/** @file A workspace file: what is written comes back to the bit, and what is not whole, or not ours, is refused with the reason. */
import { describe, expect, test } from 'vitest';
import { BackupFileError, readWorkspace, WorkspaceWriter, type ByteSource, type WorkspaceRecord } from '../../src/state/backup/backup-file';
import { sortRecords } from '../../src/state/backup/backup-tables';
import { crc32 } from '../../src/state/backup/crc32';

const RECORDS: readonly WorkspaceRecord[] = [
  { table: 'options', value: { key: 'lesson/1', value: { prediction: 'falls', done: ['a'], $odd: true, 中文: 'é🙂' } } },
  { table: 'runs', value: { id: 'r', body: { last: { reward: NaN, kl: -Infinity }, none: null } } },
  {
    table: 'runCheckpoints',
    value: {
      runId: 'r',
      update: 3,
      body: { theta: Float32Array.of(1.5, -0, 3e-39), bytes: Uint8Array.of(1, 2, 3), empty: new Float32Array() },
    },
  },
];

function written(records: readonly WorkspaceRecord[] = RECORDS): Uint8Array<ArrayBuffer> {
  const writer = new WorkspaceWriter();
  const parts = [
    writer.begin({ createdAt: '2026-11-29T10:00:00.000Z' }),
    ...records.flatMap((record) => writer.record(record)),
    writer.end(),
  ];
  return new Uint8Array(Buffer.concat(parts));
}

function sourceOf(bytes: Uint8Array<ArrayBuffer>): ByteSource & { largest: number } {
  const source = {
    size: bytes.length,
    largest: 0,
    read(start: number, end: number) {
      source.largest = Math.max(source.largest, end - start);
      return Promise.resolve(bytes.slice(start, end));
    },
  };
  return source;
}

const read = (bytes: Uint8Array<ArrayBuffer>) => readWorkspace(sourceOf(bytes));
const fault = (bytes: Uint8Array<ArrayBuffer>) =>
  read(bytes).then(
    () => 'taken',
    (error: unknown) => (error instanceof BackupFileError ? error.fault : String(error)),
  );

describe('a workspace file', () => {
  test('comes back to the bit', async () => {
    const { records, createdAt } = await read(written());
    expect(records).toEqual(RECORDS);
    expect(createdAt).toBe('2026-11-29T10:00:00.000Z');
    const { theta } = (records[2]!.value as { body: { theta: Float32Array } }).body;
    expect(Object.is(theta[1], -0)).toBe(true);
  });

  test('is refused wherever it is cut', async () => {
    const bytes = written();
    const faults = new Set<string>();
    for (let length = 0; length < bytes.length; length++) faults.add(await fault(bytes.slice(0, length)));
    expect([...faults].sort()).toEqual(['cut-short', 'not-a-workspace']);
    expect(await fault(bytes.slice(0, -1))).not.toBe('taken');
  });

  test('is refused whichever byte of it is changed', async () => {
    const bytes = written();
    const headLength = bytes.indexOf(10);
    for (let at = headLength + 1; at < bytes.length - 1; at++) {
      const changed = bytes.slice();
      changed[at]! ^= 1;
      expect(await fault(changed), `byte ${at}`).not.toBe('taken');
    }
  });

  test('is refused with a record missing, doubled or moved', async () => {
    const whole = Buffer.from(written());
    const lengthOf = (record: WorkspaceRecord) => new WorkspaceWriter().record(record).reduce((sum, { length }) => sum + length, 0);
    const head = whole.indexOf(10) + 1;
    const [a, b] = [lengthOf(RECORDS[0]!), lengthOf(RECORDS[1]!)];
    const [first, second, rest] = [whole.subarray(head, head + a), whole.subarray(head + a, head + a + b), whole.subarray(head + a + b)];
    const begin = whole.subarray(0, head);
    for (const parts of [
      [begin, second, rest],
      [begin, first, first, second, rest],
      [begin, second, first, rest],
    ]) {
      expect(await fault(new Uint8Array(Buffer.concat(parts)))).toBe('damaged');
    }
    expect(await fault(new Uint8Array(Buffer.concat([begin, first, second, rest, begin])))).toBe('damaged');
  });

  test('of a newer page, or of something else, is told apart', async () => {
    const text = Buffer.from(written()).toString('latin1');
    expect(await fault(new Uint8Array(Buffer.from(text.replace('"version":1', '"version":2'), 'latin1')))).toBe('newer');
    for (const other of ['', 'PK\u0003\u0004', '{"format":"aftertrain-run"}\n', 'null\n', '\n'.repeat(5000)]) {
      expect(await fault(new Uint8Array(Buffer.from(other)))).toBe('not-a-workspace');
    }
  });

  test('that claims to be huge makes nobody read more than there is', async () => {
    const [head = ''] = Buffer.from(written()).toString('latin1').split('\n');
    const lie = new Uint8Array(Buffer.from(`${head}\n{"table":"runs","json":1400000000,"arrays":[["f32",1400000000]],"crc":0}\n`));
    const source = sourceOf(lie);
    await expect(readWorkspace(source)).rejects.toMatchObject({ fault: 'cut-short' });
    expect(source.largest).toBeLessThanOrEqual(lie.length);
    await expect(readWorkspace({ ...source, size: 2e9 })).rejects.toMatchObject({ fault: 'too-large' });
  });

  test('cannot hold what it has no words for', () => {
    const writer = new WorkspaceWriter();
    for (const value of [new Map(), new Date(), 1n, () => 1, { a: new Int16Array(1) }]) {
      expect(() => writer.record({ table: 'options', value })).toThrow(TypeError);
    }
  });

  test('puts nothing into a prototype and nothing into a table that is none', async () => {
    const evil = {
      table: 'options',
      value: JSON.parse('{"key":"k","value":{"__proto__":{"polluted":true},"constructor":{"prototype":1}}}') as unknown,
    };
    const { records } = await read(written([evil]));
    expect(records[0]!.value).toEqual({ key: 'k', value: {} });
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    for (const table of ['nothing', 'constructor', 'toString']) expect(() => sortRecords([{ table, value: {} }])).toThrow();
    expect(() => sortRecords([{ table: 'settings', value: { key: 'somebody.else', value: '' } }])).toThrow();
  });
});

test('CRC-32 is that of zip', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  expect(crc32(new TextEncoder().encode('6789'), crc32(new TextEncoder().encode('12345')))).toBe(0xcbf43926);
});
