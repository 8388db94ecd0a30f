/**
 * @file `npm run -s aftertrain -- <command>`: models from the command line, on the CPU.
 *
 * With `--json`, standard output is that JSON alone; progress and notes go to standard error. Whatever goes wrong is one
 * line on standard error and exit code 1; set AFTERTRAIN_DEBUG to see the stack of a defect.
 */
import { stripVTControlCharacters } from 'node:util';
import { renderUsage, runCommand, type ArgsDef, type CommandDef } from 'citty';
import { compareCommand } from './commands/compare';
import { evalCommand } from './commands/eval';
import { exportCommand } from './commands/export';
import { generateCommand } from './commands/generate';
import { asksForHelp, checkedOptions } from './commands/options';
import { studyAlgorithmsCommand } from './commands/study';
import { measuredLessons, studyLessonCommand } from './commands/study-lesson';
import { studyRewardModelCommand } from './commands/study-reward-model';
import { runCommand as trainCommand } from './commands/run';
import { sweepCommand } from './commands/sweep';
import { ClearError } from './ensure-dependencies.mjs';

const commands: Readonly<Record<string, CommandDef<ArgsDef>>> = {
  generate: generateCommand as CommandDef<ArgsDef>,
  eval: evalCommand as CommandDef<ArgsDef>,
  compare: compareCommand as CommandDef<ArgsDef>,
  export: exportCommand as CommandDef<ArgsDef>,
  run: trainCommand as CommandDef<ArgsDef>,
  sweep: sweepCommand as CommandDef<ArgsDef>,
  'study algorithms': studyAlgorithmsCommand as CommandDef<ArgsDef>,
  'study reward-model': studyRewardModelCommand as CommandDef<ArgsDef>,
  ...Object.fromEntries(measuredLessons.map((name) => [`study ${name}`, studyLessonCommand(name) as CommandDef<ArgsDef>])),
};
const parent: CommandDef<ArgsDef> = {
  meta: { name: 'npm run -s aftertrain --', description: 'Run, measure, compare, export and size models.' },
  subCommands: commands,
};

async function showHelp(command: CommandDef<ArgsDef>, under?: CommandDef<ArgsDef>): Promise<void> {
  const usage = await renderUsage(command, under);
  process.stdout.write(`${process.stdout.isTTY ? usage : stripVTControlCharacters(usage)}\n`);
}

/** Runs the command that the words name. @throws ClearError when they name none, and whatever the command throws */
async function main([first, ...rest]: readonly string[]): Promise<void> {
  const isPair = Object.hasOwn(commands, `${first} ${rest[0]}`);
  const [name, words] = isPair ? [`${first} ${rest[0]}`, rest.slice(1)] : [first, rest];
  const known = Object.keys(commands).join(', ');
  if (name === undefined) throw new ClearError(`Which command? There are ${known}; --help says more.`);
  if (name === '--help' || name === '-h' || name === 'help') return showHelp(parent);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new ClearError(`There is no command "${name}"; there are ${known}.`);
  const definitions = command.args as ArgsDef;
  if (asksForHelp(definitions, words)) return showHelp(command, parent);
  await runCommand(command, { rawArgs: checkedOptions(definitions, words) });
}

process.stdout.on('error', () => process.exit(1)); // the reader of a pipe went away
try {
  await main(process.argv.slice(2));
} catch (error) {
  if (process.env.AFTERTRAIN_DEBUG) console.error(error);
  else {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${message.replace(/\s*\n\s*/g, ' ')}\n`);
  }
  process.exitCode = 1;
}
