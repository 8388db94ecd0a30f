/** @file The arithmetic judge: is the result right, stated once, and is every equation written on the way true? */
import type { Request } from '../subjects';

type SumRequest = Extract<Request, { kind: 'arithmetic' }>;

const EXPRESSION = String.raw`-?\d+(?:\s*(?:[+\-−x*×]|plus|minus|times)\s*\d+)*`;
const EQUATION = new RegExp(String.raw`(${EXPRESSION})((?:\s*(?:=|\bis\b|\bmakes\b|\bequals\b)\s*${EXPRESSION})+)`, 'gi');

/** The value of an expression, left to right as the world's sums are meant; products bind no tighter, for none are mixed. */
function valueOf(expression: string): number {
  const tokens = expression.toLowerCase().match(/^-?\d+|plus|minus|times|[+\-−x*×]|\d+/g) ?? [];
  let value = Number(tokens[0]);
  for (let i = 1; i + 1 < tokens.length; i += 2) {
    const [sign, right] = [tokens[i]!, Number(tokens[i + 1])];
    value = sign === '+' || sign === 'plus' ? value + right : /^(?:-|−|minus)$/.test(sign) ? value - right : value * right;
  }
  return value;
}

const isSum = (expression: string) => /\d\s*(?:[+\-−x*×]|plus|minus|times)\s*\d/i.test(expression);

/** What an answer to a sum writes: equations, true or false, and the last number it comes to. */
interface Working {
  readonly numTrue: number;
  readonly numFalse: number;
  readonly result: number | null;
  /** Numbers that are neither part of the working nor the result. */
  readonly numStray: number;
}

function readWorking({ sum }: SumRequest, text: string): Working {
  let numTrue = 0;
  let numFalse = 0;
  // The numbers of a list are not the sum's.
  const isEmptyList = (text.match(/^\s*\d+[.)]\s*$/gm) ?? []).length > 1;
  const bare = text.replaceAll(isEmptyList ? /^\s*\d+[.)]\s*/gm : /^\s*\d+[.)] +/gm, '').replaceAll(/(?<=\d),(?=\d{3}\b)/g, '');
  const ends: number[] = [];
  const rest = bare.replaceAll(EQUATION, (whole, first: string, others: string) => {
    const sides = [first, ...others.split(/=|\bis\b|\bmakes\b|\bequals\b/i).filter((side) => /\d/.test(side))];
    const values = sides.map((side) => valueOf(side.trim()));
    if (!sides.some(isSum)) return whole;
    if (values.every((value) => value === values[0])) numTrue++;
    else numFalse++;
    ends.push(values.at(-1)!);
    return ` ${values.at(-1)!} `;
  });
  const stated = [...rest.replaceAll(new RegExp(EXPRESSION, 'gi'), (whole) => (isSum(whole) ? ' ' : whole)).matchAll(/-?\d+/g)].map(
    ([number]) => Number(number),
  );
  const result = stated.at(-1) ?? null;
  const numStray = stated.filter((number) => number !== sum.result && !ends.includes(number)).length;
  return { numTrue, numFalse, result, numStray };
}

/** Arithmetic, 0 to 1: the right result at the end; a false equation or a stray number on the way costs most of it, missing steps half. */
export function judgeSum(request: SumRequest, text: string): number {
  const { numTrue, numFalse, result, numStray } = readWorking(request, text);
  if (result !== request.sum.result) return 0;
  if (numFalse > 0 || numStray > 0) return 0.3;
  // The result alone is one equation; steps are lines besides it, where the sum is not a step already.
  const needed = request.withSteps ? Math.min(2, numStepsOf(request)) : 0;
  return needed === 0 || numTrue >= needed ? 1 : 0.5 + (0.5 * numTrue) / (needed + 1);
}

/** A sum with a round number or a small factor is done in one line. */
function numStepsOf({ sum: { left, sign, right, then } }: SumRequest): number {
  if (then) return 2;
  return sign === 'x' ? (right <= 2 ? 1 : 2) : right % 10 === 0 || right < 10 || left < 10 ? 1 : 2;
}
