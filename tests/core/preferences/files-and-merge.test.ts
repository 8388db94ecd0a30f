/** @file Files of labels, whole and hostile, and several people's labels together. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { swapSides, type Comparison } from '../../../src/core/preferences/comparison';
import { annotatorAgreement, cohensKappa, fleissKappa, settleByMajority } from '../../../src/core/preferences/merge';
import { readCsv, readJsonl, writeCsv, writeJsonl } from '../../../src/core/preferences/preference-files';

const DEFAULTS = { annotator: 'Bo', source: 'import:f', time: '2026-01-01T00:00:00Z' };

const label = (id: string, rest: Partial<Comparison> = {}): Comparison => ({
  id,
  prompt: 'p',
  a: 'x',
  b: 'y',
  verdict: 'a',
  strength: null,
  annotator: 'me',
  note: '',
  time: '2026-01-01T00:00:00Z',
  durationMs: 5,
  source: 'import:me',
  cost: 1,
  ...rest,
});

const LABELS = [
  label('1', { strength: 2, note: 'a "quoted", note\nof two lines', modelA: 'sft', modelB: 'rlhf' }),
  label('2', { verdict: 'b', strength: 7, modelA: 'sft' }),
  label('3', { verdict: 'tie', isRepeatOf: '1' }),
  label('4', { verdict: 'both-bad', durationMs: null, a: '=1+1', b: 'ünïcode 🌶' }),
];
/** Written, a winner comes first. */
const AS_READ = LABELS.map((one) => (one.verdict === 'b' ? swapSides(one) : one));

describe('a file', () => {
  it('brings back everything that was written', async () => {
    const jsonl = writeJsonl(LABELS);
    expect(await readJsonl([jsonl.slice(0, 37), jsonl.slice(37)], DEFAULTS)).toMatchObject({ comparisons: AS_READ, numProblems: 0 });
    expect(await readCsv([writeCsv(LABELS)], DEFAULTS)).toMatchObject({ comparisons: AS_READ, numProblems: 0 });
    expect(JSON.parse(jsonl.split('\n')[1]!)).toMatchObject({ prompt: 'p', chosen: 'y', rejected: 'x', margin: 1 });
  });

  it('in TRL’s plain columns is read with what is known otherwise', async () => {
    const { comparisons } = await readJsonl(['{"prompt":"p","chosen":"good","rejected":"bad","margin":0.6667}'], DEFAULTS);
    expect(comparisons[0]).toMatchObject({ a: 'good', b: 'bad', verdict: 'a', strength: 2, annotator: 'Bo', source: 'import:f', cost: 1 });
    expect((await readCsv(['prompt,chosen,rejected\np,good,"b,ad"\n'], DEFAULTS)).comparisons[0]).toMatchObject({ a: 'good', b: 'b,ad' });
  });

  it('of chat messages is read, with the prompt said or not', async () => {
    const chat = (content: string) => [
      { role: 'user', content: 'Hello?' },
      { role: 'assistant', content },
    ];
    const record = { chosen: chat('good'), rejected: chat('bad') };
    const { comparisons } = await readJsonl([JSON.stringify(record)], DEFAULTS);
    expect(comparisons[0]).toMatchObject({ prompt: 'Hello?', a: 'good', b: 'bad' });
    const said = await readJsonl([JSON.stringify({ ...record, prompt: [{ role: 'user', content: 'Hi' }] })], DEFAULTS);
    expect(said.comparisons[0]!.prompt).toBe('Hi');
    const csv = await readCsv([`chosen,rejected\n"${JSON.stringify(record.chosen).replaceAll('"', '""')}",bad\n`], DEFAULTS);
    expect(csv.comparisons[0]).toMatchObject({ prompt: 'Hello?', a: 'good', b: 'bad' });
  });

  it('keeps the good lines and says the numbers of the others', async () => {
    const lines = [
      '{"prompt":"p","chosen":"a","rejected":"b"}',
      '',
      'no json',
      '{"prompt":"p","chosen":"a"}',
      '{"chosen":1,"rejected":"b"}',
      '7',
    ];
    const { comparisons, problems, numProblems } = await readJsonl([lines.join('\r\n')], DEFAULTS);
    expect(comparisons).toHaveLength(1);
    expect(problems.map(({ number }) => number)).toEqual([3, 4, 5, 6]);
    expect(problems[0]).toMatchObject({ code: 'not-json' });
    expect(problems[1]).toMatchObject({ code: 'missing', field: 'rejected' });
    expect(numProblems).toBe(4);
  });

  it('says of every field what it must be', async () => {
    const good = { prompt: 'p', chosen: 'a', rejected: 'b' };
    const bad = [
      [{ chosen: 1 }, 'chosen', { is: 'text-or-messages', longest: 20_000 }],
      [{ rejected: 'x'.repeat(20_001) }, 'rejected', { is: 'text-or-messages', longest: 20_000 }],
      [{ margin: 'much' }, 'margin', { is: 'number', least: null }],
      [{ verdict: 'c' }, 'verdict', { is: 'one-of', words: ['a', 'b', 'tie', 'both-bad'] }],
      [{ strength: 8 }, 'strength', { is: 'whole-number', least: 1, most: 7 }],
      [{ annotator: 'x'.repeat(201) }, 'annotator', { is: 'text', longest: 200 }],
      [{ note: 3 }, 'note', { is: 'text', longest: 20_000 }],
      [{ time: 'yesterday' }, 'time', { is: 'time' }],
      [{ cost: -1 }, 'cost', { is: 'number', least: 0 }],
      [{ durationMs: {} }, 'durationMs', { is: 'number', least: 0 }],
    ] as const;
    const lines = [...bad.map(([fields]) => ({ ...good, ...fields })), 7].map((record) => JSON.stringify(record));
    const { problems, comparisons } = await readJsonl([lines.join('\n')], DEFAULTS);
    expect(comparisons).toEqual([]);
    expect(problems.map(({ code, field, must }) => [code, field, must])).toEqual([
      ...bad.map(([, field, must]) => ['malformed', field, must]),
      ['malformed', '', { is: 'record' }],
    ]);
  });

  const anyLabel: fc.Arbitrary<Comparison> = fc.record({
    id: fc.string({ minLength: 1, maxLength: 20 }),
    prompt: fc.string({ unit: 'grapheme' }),
    a: fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('=1+1', "'=x", "''-1", '"', 'a\r\nb', ' ', '[1]', '\t', 'x,"y",;')),
    b: fc.string({ unit: 'binary-ascii' }),
    verdict: fc.constantFrom('a', 'b', 'tie', 'both-bad'),
    strength: fc.option(fc.integer({ min: 1, max: 7 })),
    annotator: fc.string({ minLength: 1, maxLength: 10 }),
    note: fc.string(),
    time: fc.constant('2026-01-01T00:00:00.000Z'),
    durationMs: fc.option(fc.nat()),
    source: fc.constantFrom('import:x', 'simulated:pool'),
    cost: fc.nat(),
  });

  it('brings back any label, however its text is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(anyLabel, { maxLength: 6, selector: ({ id }) => id }),
        fc.integer({ min: 1, max: 50 }),
        async (labels, size) => {
          const asRead = labels.map((one) => (one.verdict === 'b' ? swapSides(one) : one)).map((one) => ({ ...one }));
          // A label without a winner whose strength leans keeps it; with a winner and no strength there is none to find.
          const cut = (text: string) =>
            Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.slice(i * size, (i + 1) * size));
          expect((await readJsonl(cut(writeJsonl(labels)), DEFAULTS)).comparisons).toEqual(asRead);
          const { comparisons, problems } = await readCsv(cut(writeCsv(labels)), DEFAULTS);
          expect(problems).toEqual([]);
          expect(comparisons).toEqual(asRead);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('with a quote that never closes loses that line only', async () => {
    const lines = ['prompt,chosen,rejected', 'p,a,b', 'p,"a,b', 'p,c,d', 'p,"e"x,f', '"p\nq",g,h'];
    const { comparisons, problems } = await readCsv([lines.join('\n')], DEFAULTS);
    expect(problems.map(({ number }) => number)).toEqual([3, 5]);
    expect(comparisons.map(({ prompt, a }) => prompt + a)).toEqual(['pa', 'pc', 'p\nqg']);
  });

  it('with semicolons or tabs, and with a mark at its beginning, is read as well', async () => {
    for (const delimiter of [';', '\t']) {
      const text = '\uFEFF' + ['prompt,chosen,rejected', 'p,a,b'].join('\r\n').replaceAll(',', delimiter);
      expect((await readCsv([text], DEFAULTS)).comparisons).toMatchObject([{ prompt: 'p', a: 'a', b: 'b' }]);
    }
  });

  it('imported twice is there once: labels without an id get the same one again, and different labels different ones', async () => {
    const text = '{"prompt":"p","chosen":"a","rejected":"b"}\n{"prompt":"p","chosen":"b","rejected":"a"}';
    const [first, second] = [await readJsonl([text], DEFAULTS), await readJsonl([text], { ...DEFAULTS, time: '2026-05-05T00:00:00Z' })];
    expect(second.comparisons.map(({ id }) => id)).toEqual(first.comparisons.map(({ id }) => id));
    const records = Array.from({ length: 20_000 }, (_, i) => JSON.stringify({ prompt: 'p', chosen: `a${i}`, rejected: 'b' }) + '\n');
    const { comparisons } = await readJsonl(records, DEFAULTS);
    expect(new Set(comparisons.map(({ id }) => id)).size).toBe(20_000);
  });

  it('loses no label to an id that several have, and takes what is said twice once', async () => {
    const line = (fields: object) => JSON.stringify({ id: '7', prompt: 'p', chosen: 'a', rejected: 'b', ...fields });
    const lines = [line({}), line({ rejected: 'c' }), line({ annotator: 'Cy' }), line({}), line({ rejected: 'c' })];
    const read = await readJsonl([lines.join('\n')], DEFAULTS);
    expect(read.comparisons.map(({ b, annotator }) => b + annotator)).toEqual(['bBo', 'cBo', 'bCy']);
    expect(new Set(read.comparisons.map(({ id }) => id)).size).toBe(3);
    expect([read.comparisons[0]!.id, read.numTwice]).toEqual(['7', 2]);
    const again = await readJsonl([lines.join('\n')], { ...DEFAULTS, time: '2026-05-05T00:00:00Z' });
    expect(again.comparisons.map(({ id }) => id)).toEqual(read.comparisons.map(({ id }) => id));
  });

  it('that is one endless line, or nothing but quotes, takes no more than seconds', async () => {
    const piece = 'x'.repeat(64_000);
    const startedMs = performance.now();
    const endless = Array<string>(300).fill(piece); // 19 MB
    expect((await readJsonl(endless, DEFAULTS)).problems).toEqual([{ number: 1, code: 'too-long' }]);
    expect((await readCsv(['prompt,chosen,rejected\n', ...endless], DEFAULTS)).numProblems).toBe(1);
    expect((await readCsv(['prompt,chosen,rejected\n"', ...endless, '\np,a,b'], DEFAULTS)).comparisons).toHaveLength(1);
    const quotes = ['prompt,chosen,rejected\n', ...Array<string>(400).fill('"\n'.repeat(64_000))]; // 51 MB
    await expect(readCsv(quotes, DEFAULTS)).rejects.toMatchObject({ reason: { code: 'too-many', limit: 100_000 } });
    await expect(readCsv(['a,b\n'], DEFAULTS)).rejects.toMatchObject({ reason: { code: 'no-column', column: 'chosen' } });
    expect(performance.now() - startedMs).toBeLessThan(20_000);
  });

  it('never throws, and never yields what is not a comparison, whatever is in it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.string(), fc.json(), fc.constant(writeJsonl(LABELS)))), fc.string(), async (lines, csv) => {
        const { comparisons, problems } = await readJsonl(
          lines.map((line) => line + '\n'),
          DEFAULTS,
        );
        const fromCsv = await readCsv([`chosen,rejected\n${csv}`], DEFAULTS);
        for (const one of [...comparisons, ...fromCsv.comparisons])
          expect(typeof one.a === 'string' && typeof one.verdict === 'string').toBe(true);
        for (const { code } of [...problems, ...fromCsv.problems]) expect(code.length).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
  });
});

describe('agreement', () => {
  it('of two is Cohen’s: 20 and 15 agreed of 50 gives 0.4', () => {
    const cells = [...Array(20).fill('yy'), ...Array(5).fill('yn'), ...Array(10).fill('ny'), ...Array(15).fill('nn')] as string[];
    expect(
      cohensKappa(
        cells.map((cell) => cell[0]),
        cells.map((cell) => cell[1]),
      ),
    ).toBeCloseTo(0.4, 12);
    expect(cohensKappa(['a', 'a'], ['a', 'a'])).toBe(1);
    expect(cohensKappa([], [])).toBeNaN();
  });

  it('of fourteen is Fleiss’: his worked example gives 0.210', () => {
    // prettier-ignore
    const counts = [
      [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
      [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
    ];
    expect(fleissKappa(counts)).toBeCloseTo(0.20993, 5);
  });

  it('looks at answers, not at sides', () => {
    const labels = [1, 2, 3].flatMap((i) => {
      const one = label(`${i}`, { a: `x${i}`, b: `y${i}`, verdict: i === 2 ? 'b' : 'a', annotator: 'A' });
      return [one, { ...swapSides(one), id: `s${i}`, annotator: 'B' }, { ...one, id: `t${i}`, annotator: 'C' }];
    });
    const { annotators, cohen, fleiss, numShared } = annotatorAgreement(labels);
    expect([annotators, numShared]).toEqual([['A', 'B', 'C'], 3]);
    expect(cohen.map(({ kappa }) => kappa)).toEqual([1, 1, 1]);
    expect(fleiss).toEqual({ numShared: 3, kappa: 1 });
  });
});

describe('merging', () => {
  it('keeps the newest of each annotator on a pair, and no repeats', () => {
    const labels = [
      label('old'),
      label('new', { time: '2026-02-01T00:00:00Z' }),
      label('r', { isRepeatOf: 'old', time: '2026-03-01T00:00:00Z' }),
    ];
    expect(settleByMajority([...labels].reverse()).map(({ id }) => id)).toEqual(['new']);
  });

  it('settles a pair by the majority, and equal votes as a tie', () => {
    const vote = (annotator: string, rest: Partial<Comparison>) => label(annotator, { annotator, ...rest });
    const settled = settleByMajority([
      vote('A', {}),
      swapSides(vote('B', {})),
      vote('C', { verdict: 'b' }),
      vote('A2', { prompt: 'q' }),
      vote('B2', { prompt: 'q', verdict: 'b', strength: 6 }),
    ]);
    expect(settled.map(({ prompt, a, verdict, strength }) => [prompt, a, verdict, strength])).toEqual([
      ['p', 'x', 'a', null],
      ['q', 'x', 'tie', null],
    ]);
  });
});
