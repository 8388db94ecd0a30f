/** @file `aftertrain study lesson-4 --seeds 5`: measures a lesson's effect, and with `--write` keeps it and a recording beside the lesson. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineCommand } from 'citty';
import { createWorld } from '../../src/core/world/world';
import { createNodeEngine } from '../../src/engine/ort-node';
import { root } from '../ensure-dependencies.mjs';
import { effectsTable, studyLesson, type LessonMeasure } from '../study/lesson-study';
import { MAX_SEED, numberOption } from './options';

const lessonsFolder = join(root, 'src', 'lessons');

/** Names of the lessons that can be measured: `lesson-4`, … */
export const measuredLessons: readonly string[] = readdirSync(join(root, 'tools', 'study'))
  .flatMap((name) => /^(lesson-\d+)\.ts$/.exec(name)?.[1] ?? [])
  .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));

/** The command of one lesson. */
export const studyLessonCommand = (name: string) =>
  defineCommand({
    meta: { name: `study ${name}`, description: `Measure the effect of ${name.replace('-', ' ')} over several seeds against its target.` },
    args: {
      models: { type: 'string', default: 'public/models/s', valueHint: 'folder', description: 'a family of models' },
      seeds: { type: 'string', default: '5', valueHint: 'N', description: 'how many seeds, from 1' },
      parts: { type: 'string', valueHint: 'folder', description: 'keep each seed there, and take those that are there: a study in pieces' },
      threads: { type: 'string', default: '1', valueHint: 'N', description: 'threads of the engine' },
      write: { type: 'boolean', description: 'keep result and recording in src/lessons' },
      json: { type: 'boolean', description: 'print JSON instead of the table' },
    },
    async run({ args }) {
      const numSeeds = numberOption('seeds', args.seeds, { min: 1, max: MAX_SEED });
      const numThreads = numberOption('threads', args.threads, { min: 1, max: 64 });
      const { measure } = (await import(`../study/${name}.ts`)) as { measure: LessonMeasure };
      if (args.parts !== undefined) mkdirSync(args.parts, { recursive: true });
      const bench = {
        ...(args.parts === undefined ? {} : { parts: args.parts }),
        engine: createNodeEngine({ numThreads }),
        world: createWorld(),
        models: args.models,
        numThreads,
        say: (words: string) => void process.stderr.write(`${words}\n`),
      };
      const seeds = Array.from({ length: numSeeds }, (_, i) => i + 1);
      const command = `npm run -s aftertrain -- study ${name} --seeds ${numSeeds}`;
      const date = new Date().toISOString().slice(0, 10);
      const { result, recording } = await studyLesson(measure, bench, { seeds, recordSeed: 3, command, date });
      if (args.write) {
        writeFileSync(join(lessonsFolder, 'results', `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
        writeFileSync(join(lessonsFolder, 'recordings', `${name}.json`), `${JSON.stringify(recording)}\n`);
      }
      process.stdout.write(args.json ? `${JSON.stringify(result)}\n` : `${effectsTable(measure.lesson, result)}\n`);
    },
  });
