/**
 * @file What must hold before the first step, checked in every run: a wrong sign or a misplaced token shows here first.
 *
 * Log-probabilities that two programs give to the same tokens differ by rounding only, so on the first pass over a batch the
 * ratio is 1, the step KL 0 and nothing is clipped; and a policy that has not moved yet is its reference: KL 0, DPO loss ln 2.
 */

/** A run began with numbers that no right program gives; training on would teach nonsense. */
export class StepZeroError extends Error {
  override readonly name = 'StepZeroError';
}

/** Nats a token, or a share: far above rounding, even in float16, far below any real mistake. */
const TOLERANCE = 0.02;

function check(what: string, found: number | undefined, expected: number, tolerance: number): void {
  if (found === undefined || Math.abs(found - expected) <= tolerance) return;
  throw new StepZeroError(`Before the first step ${what} must be ${expected.toPrecision(3)}, and is ${found.toPrecision(3)}.`);
}

/** Numbers of the first pass over a batch; those that an algorithm does not have are left out. */
export interface FirstPass {
  readonly ratio?: number;
  readonly approxKl?: number;
  readonly clipped?: number;
  /** KL to the reference, nats a token; only where the policy is still its reference. */
  readonly klReference?: number;
  /** Loss over pairs and what it is at policy = reference; only there. */
  readonly pairLoss?: { readonly found: number; readonly expected: number };
}

/**
 * Checks the first pass of a clipped policy gradient.
 * @param klReference nats a token, where the policy is still its reference
 * @throws StepZeroError
 */
export const checkPolicyStart = (first: { readonly scalars: Readonly<Record<string, number>> }, klReference?: number): void =>
  checkFirstPass({ ratio: first.scalars.ratio!, approxKl: first.scalars.approx_kl!, clipped: first.scalars.clipped!, klReference });

/** @throws StepZeroError naming the first number that is off */
export function checkFirstPass({ ratio, approxKl, clipped, klReference, pairLoss }: FirstPass): void {
  check('the ratio', ratio, 1, TOLERANCE);
  check('the step KL', approxKl, 0, TOLERANCE);
  check('the clipped share', clipped, 0, TOLERANCE);
  check('the KL to the reference', klReference, 0, TOLERANCE);
  if (pairLoss) check('the loss', pairLoss.found, pairLoss.expected, 0.1 * Math.max(pairLoss.expected, 0.1));
}
