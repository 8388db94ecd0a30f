/**
 * @file The tool judge: is a tool called when one helps, the right one, with the right argument, and never otherwise?
 * Toolformer: https://arxiv.org/abs/2302.04761.
 */
import type { Request } from '../subjects';
import { readSignedSum, wantedToolCall } from '../tools';
import type { ToolCall } from '../tools';
import type { Reading } from './reading';

function sameArgument(wanted: ToolCall, given: ToolCall): boolean {
  if (wanted.tool === 'lookup') return wanted.argument.toLowerCase() === given.argument.toLowerCase().replace(/[.?!]$/, '');
  const [a, b] = [readSignedSum(wanted.argument), readSignedSum(given.argument)];
  if (!a || !b || a.sign !== b.sign || a.then?.sign !== b.then?.sign || a.then?.right !== b.then?.right) return false;
  return (a.left === b.left && a.right === b.right) || (a.sign !== '-' && a.left === b.right && a.right === b.left);
}

/**
 * Tool use, 0 to 1; null where no tool helps and none is called. A call: 1 right; 0.5 the right tool with a wrong
 * argument; 0.2 well formed; 0 otherwise. No call where one helps is 0, and so is a call that nobody wants.
 */
export function judgeToolUse(request: Request, reading: Reading): number | null {
  const wanted = wantedToolCall(request);
  if (!wanted) return reading.triedTool ? 0 : null;
  if (!reading.call) return 0;
  if (reading.call.tool !== wanted.tool) return 0.2;
  return sameArgument(wanted, reading.call) ? 1 : 0.5;
}
