/**
 * @file Data sets in TRL's conversational formats, as JSON Lines: what the world demonstrates, asks and compares, and what the
 * reader has labelled. Formats: huggingface.co/docs/trl/dataset_formats
 */
import { pairsOf } from '../preferences/preference-pairs';
import type { Comparison } from '../preferences/comparison';
import { worldDemonstrations } from '../data/demonstrations';
import { worldPairsByPlace } from '../data/pairs';
import { worldPrompts } from '../data/prompts';
import type { DataRows, RowOf } from '../data/rows';
import type { RunDataOf } from '../data/run-data';
import { Random } from '../random';
import type { ChatMessage } from '../text/chat-template';
import type { World } from '../world/world';

/** What the data sets are made of. */
export interface DataWish {
  readonly data: RunDataOf;
  readonly seed: number;
  readonly numDemonstrations: number;
  readonly numPairs: number;
  readonly numPrompts: number;
}

/** Roles that every chat format knows; calls of tools are ours alone. */
const COMMON_ROLES: readonly string[] = ['system', 'user', 'assistant'];
const MAX_DRAWS = 20;

const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });
const jsonLines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
/** A message with what TRL knows of it. */
const plain = ({ role, content }: ChatMessage) => ({ role, content });

/** A preference row; `margin` is Llama 2's, which TRL's reward trainer reads. */
const preference = ({ prompt, chosen, rejected, margin }: { prompt: string; chosen: string; rejected: string; margin: number }) => ({
  prompt: [user(prompt)],
  chosen: [assistant(chosen)],
  rejected: [assistant(rejected)],
  margin,
});

/** The reader's labels that have a winner; an empty text when none has. */
export const labelRows = (labels: readonly Comparison[]): string => jsonLines(pairsOf(labels).map(preference));

/**
 * A demonstration as TRL's SFT learns it: a conversation gives a row for each turn of the assistant, as only completions count there;
 * a plain text is a text.
 */
function demonstrationRows(row: RowOf<'demonstrations'>): object[] {
  if ('text' in row) return [row];
  if ('prompt' in row) return [{ prompt: [user(row.prompt)], completion: [assistant(row.completion)] }];
  return row.messages.flatMap((message, i) =>
    message.role === 'assistant' ? [{ prompt: row.messages.slice(0, i).map(plain), completion: [plain(message)] }] : [],
  );
}

/** The file that rows of the reader's own take the place of, by what they are. */
const OWN_FILES = { demonstrations: 'demonstrations', pairs: 'preferences', rewards: 'prompts' } as const;

/** Rows of the reader's own, by name of the file. */
export function ownRows(sets: readonly DataRows[]): Readonly<Record<string, string>> {
  const rowsOf = (set: DataRows): object[] => {
    switch (set.learnsFrom) {
      case 'demonstrations':
        return set.rows.flatMap(demonstrationRows);
      case 'pairs':
        return set.rows.map((row) => preference({ ...row, margin: 0 }));
      case 'rewards':
        return set.rows.map(({ prompt }) => ({ prompt: [user(prompt)] }));
    }
  };
  return Object.fromEntries(sets.map((set) => [OWN_FILES[set.learnsFrom], jsonLines(rowsOf(set))]));
}

/** Demonstrations, prompts and comparisons that the world writes, by name of the file. Deterministic. */
export function worldRows(world: World, { data, seed, ...counts }: DataWish): Readonly<Record<string, string>> {
  const demonstrationAt = worldDemonstrations(world, data.demonstrations, seed);
  const demonstrations: object[] = [];
  for (let place = 0; demonstrations.length < counts.numDemonstrations && place < MAX_DRAWS * counts.numDemonstrations; place++) {
    const { messages } = demonstrationAt(place);
    if (!messages.every(({ role }) => COMMON_ROLES.includes(role)) || messages.at(-1)?.role !== 'assistant') continue;
    demonstrations.push({ prompt: messages.slice(0, -1).map(plain), completion: [plain(messages.at(-1)!)] });
  }
  const random = new Random(seed).split('prompts');
  const draw = worldPrompts(world, data.rewards, () => true);
  const prompts = Array.from({ length: counts.numPrompts }, (_, i) => ({ prompt: [user(draw(random, i).prompt)] }));
  const pairAt = worldPairsByPlace(world, data.pairs, seed);
  const pairs = Array.from({ length: counts.numPairs }, (_, i) => {
    const { request, chosen, rejected } = pairAt(i);
    return preference({ prompt: request.prompt, chosen, rejected, margin: 0 });
  });
  return { demonstrations: jsonLines(demonstrations), prompts: jsonLines(prompts), 'world-preferences': jsonLines(pairs) };
}
