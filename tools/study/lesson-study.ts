/**
 * @file The study of a lesson: its effect measured headless over several seeds, against the targets that the lesson names, and one
 * run recorded for the stage.
 *
 * A target holds when the whole 95 % interval of the mean over seeds lies on its side; one seed has no interval and shows nothing.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../../src/core/graph/engine';
import { mean } from '../../src/core/rl/advantages';
import type { World } from '../../src/core/world/world';
import type { Effect, Lesson, Recording, StudyResult, Target } from '../../src/lessons/lesson';

/** What a lesson is measured with. */
export interface StudyBench {
  readonly engine: Engine;
  readonly world: World;
  /** Folder of a family. */
  readonly models: string;
  /** Threads of engines that a study makes for itself. */
  readonly numThreads: number;
  /** Folder in which pieces of the study are kept, and from which they are taken when they are there. */
  readonly parts?: string;
  /** Hears what is being done. */
  readonly say: (words: string) => void;
}

/** One seed: a value for each target, and what the key figure would be drawn from. */
export interface StudyRun<Data = unknown> {
  readonly values: Readonly<Record<string, number>>;
  readonly data: Data;
  readonly answers: Recording<Data>['answers'];
}

/** How a lesson is measured: once a seed. */
export interface LessonMeasure {
  readonly lesson: Lesson;
  readonly open: (bench: StudyBench) => Promise<{
    readonly run: (seed: number) => Promise<StudyRun>;
    readonly close: () => Promise<void>;
  }>;
}

/** 97.5 % quantiles of Student's t for 1, 2, … degrees of freedom; beyond, the normal one is near enough. */
const STUDENT = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131];

/** Mean and its 95 % interval; of one value, no interval. */
export function intervalOf(values: readonly number[]): { readonly mean: number; readonly low: number; readonly high: number } {
  const middle = mean(values);
  const degrees = values.length - 1;
  if (degrees < 1) return { mean: middle, low: middle, high: middle };
  const variance = values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / degrees;
  const half = (STUDENT[degrees - 1] ?? 1.96) * Math.sqrt(variance / values.length);
  return { mean: middle, low: middle - half, high: middle + half };
}

/** What came of a target. */
export function effectOf(target: Target, values: readonly number[]): Effect {
  const interval = intervalOf(values);
  const { over = -Infinity, under = Infinity } = target;
  const met = values.length > 1 && interval.low > over && interval.high < under;
  const round = (value: number) => Number(value.toPrecision(5));
  return {
    name: target.name,
    values: values.map(round),
    mean: round(interval.mean),
    low: round(interval.low),
    high: round(interval.high),
    met,
  };
}

/** Which models were measured: the first digits of their manifest's hash. */
function modelsMark(models: string): string {
  const manifest = readFileSync(join(models, '..', 'manifest.json'));
  return `${models} ${createHash('sha256').update(manifest).digest('hex').slice(0, 12)}`;
}

/** How a study is made and told of. */
interface StudyPlan {
  readonly seeds: readonly number[];
  /** The seed whose run is recorded, if it is among them; else the first is. */
  readonly recordSeed: number;
  readonly command: string;
  readonly date: string;
}

/** A seed's run as an earlier piece of the study left it; null when there is none of these models. */
function readPart(file: string | null, models: string): StudyRun | null {
  if (file === null || !existsSync(file)) return null;
  const kept = JSON.parse(readFileSync(file, 'utf8')) as { models: string; run: StudyRun };
  return kept.models === models ? kept.run : null;
}

/** Measures a lesson. */
export async function studyLesson(
  { lesson, open }: LessonMeasure,
  bench: StudyBench,
  { seeds, recordSeed, command, date }: StudyPlan,
): Promise<{ readonly result: StudyResult; readonly recording: Recording<unknown> }> {
  const runs: StudyRun[] = [];
  const models = modelsMark(bench.models);
  const { parts } = bench;
  let measure: Awaited<ReturnType<typeof open>> | null = null;
  try {
    for (const seed of seeds) {
      const file = parts === undefined ? null : join(parts, `lesson-${lesson.number}-seed-${seed}.json`);
      let run = readPart(file, models);
      if (!run) {
        bench.say(`lesson ${lesson.number}, seed ${seed}`);
        measure ??= await open(bench);
        run = await measure.run(seed);
        if (file !== null) writeFileSync(file, JSON.stringify({ models, run }));
      }
      runs.push(run);
    }
  } finally {
    await measure?.close();
  }
  const recorded = Math.max(0, seeds.indexOf(recordSeed));
  const effects = lesson.targets.map((target) => {
    const values = runs.map((run) => run.values[target.name]);
    if (values.some((value) => value === undefined)) throw new Error(`Lesson ${lesson.number} does not measure ${target.name}.`);
    return effectOf(target, values as number[]);
  });
  const { data, answers } = runs[recorded]!;
  return {
    result: { lesson: lesson.number, command, date, models, seeds, effects },
    recording: { seed: seeds[recorded]!, date, command, data: rounded(data), answers },
  };
}

/** Numbers cut to four digits: a recording is looked at, not computed with. */
function rounded(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data, (_, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value)));
}

/** The effects as a table in Markdown. */
export function effectsTable({ targets }: Lesson, { effects, seeds }: StudyResult): string {
  const rows = targets.map((target) => {
    const effect = effects.find(({ name }) => name === target.name)!;
    const bound = target.over === undefined ? `under ${target.under}` : `over ${target.over}`;
    const interval = `${effect.mean} (${effect.low} to ${effect.high})`;
    return `| ${target.words()} | ${bound} | ${interval} | ${effect.met ? 'yes' : 'no'} |`;
  });
  return [`| effect | target | mean of ${seeds.length} seeds (95 %) | holds |`, '|---|---|---|---|', ...rows].join('\n');
}
