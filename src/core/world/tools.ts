/**
 * @file The two tools of the chat format, a calculator and a look-up of the world: which call a request wants, how a call
 * is written and read, and what the tool answers. Toolformer in miniature (https://arxiv.org/abs/2302.04761).
 *
 * A call is an assistant's turn of its own that begins with the tool token: `calculator: 17 + 25` or `lookup: Ana Moreno`.
 */
import { TOOL_TOKEN } from '../text/chat-template';
import { makeSum, sumInWords } from './subjects';
import type { Request, Sum } from './subjects';
import type { World } from './world';

/** Names of the tools. */
export const TOOLS = ['calculator', 'lookup'] as const;

/** One call of a tool. */
export interface ToolCall {
  readonly tool: (typeof TOOLS)[number];
  readonly argument: string;
}

/** What a look-up says of a name that it does not find. */
export const NOTHING_FOUND = 'nothing found';

/** The call as it is written in a turn, without the tool token. */
export function formatToolCall({ tool, argument }: ToolCall): string {
  return `${tool}: ${argument}`;
}

/** Reads a call, with or without the tool token before it; null for any other text. */
export function parseToolCall(text: string): ToolCall | null {
  const bare = text.startsWith(TOOL_TOKEN) ? text.slice(TOOL_TOKEN.length) : text;
  const match = /^ ?(calculator|lookup): ?([^\n]{1,80})$/.exec(bare.trimEnd());
  return match ? { tool: match[1] as ToolCall['tool'], argument: match[2]!.trim() } : null;
}

/** The call that helps with a request: sums want the calculator, people and places the look-up, everything else none. */
export function wantedToolCall(request: Request): ToolCall | null {
  if (!request.tools || request.followUp) return null;
  switch (request.kind) {
    case 'arithmetic':
      // Who is asked for the steps shows them.
      if (request.withSteps) return null;
      return { tool: 'calculator', argument: sumInWords(request.sum).signs };
    case 'person':
    case 'unknown-person':
    case 'place':
      return { tool: 'lookup', argument: request.entity };
    default:
      return null;
  }
}

/** Reads a sum written with signs, of two or three numbers; null for anything else. */
export function readSignedSum(text: string): Sum | null {
  const match = /^(\d{1,4}) ?([-+x*]) ?(\d{1,4})(?: ?([-+]) ?(\d{1,4}))?$/.exec(text.trim());
  if (!match) return null;
  const sign = match[2] === '*' ? 'x' : (match[2] as Sum['sign']);
  const then = match[4] ? { sign: match[4] as '+' | '-', right: Number(match[5]) } : undefined;
  return makeSum(Number(match[1]), sign, Number(match[3]), then);
}

/** What the tool answers: a number, a record of the world, or {@link NOTHING_FOUND}. */
export function runTool(world: World, call: ToolCall): string {
  if (call.tool === 'calculator') return String(readSignedSum(call.argument)?.result ?? 'not a sum');
  const name = call.argument.toLowerCase();
  const person = world.personByName.get(name);
  if (person) return `${person.name}: ${person.job} from ${person.town}, born in ${person.born}, known for ${person.work}`;
  const town = world.towns.find((other) => other.name.toLowerCase() === name);
  return town ? `${town.name}: town ${town.place}, famous for ${town.fame}, ${town.inhabitants} people` : NOTHING_FOUND;
}
