/**
 * @file The world's judge as a program of its own, `world_judge.mjs` of the zip that leaves the page: a line of JSON for each
 * answer on standard input, a line with the values of all features back. Runs in Node; the page only carries it.
 */
import { featureValues } from '../src/core/reward/features';
import { interpretRequest } from '../src/core/world/interpret';
import { createWorld } from '../src/core/world/world';

/** What of Node is needed; its types are not the workers'. */
interface NodeProcess {
  readonly stdin: AsyncIterable<string> & { setEncoding(encoding: 'utf8'): void };
  readonly stdout: { write(text: string): void };
}

/** One line of input, in the words of the Python that writes it. */
interface AnswerLine {
  readonly prompt: string;
  readonly text: string;
  readonly num_tokens: number;
  readonly finished: boolean;
}

const { process } = globalThis as unknown as { process?: NodeProcess };

async function judgeLines({ stdin, stdout }: NodeProcess): Promise<void> {
  const world = createWorld();
  stdin.setEncoding('utf8');
  let rest = '';
  for await (const chunk of stdin) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      const { prompt, text, num_tokens: numTokens, finished } = JSON.parse(line) as AnswerLine;
      const request = interpretRequest(world, prompt);
      stdout.write(`${JSON.stringify(featureValues({ world, request, text, numTokens, finished }))}\n`);
    }
  }
}

if (process?.stdin) void judgeLines(process);
