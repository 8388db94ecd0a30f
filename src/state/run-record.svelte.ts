/**
 * @file What the lab shows of a run beside its curves: the fixed prompts' answers after every update, and the last batch.
 */
import type { FixedSample, RunEvent } from '../protocol/run';

/** What the policy of one update answered to the fixed prompts. */
export interface Frame {
  readonly update: number;
  readonly samples: readonly FixedSample[];
}

type UpdateEvent = Extract<RunEvent, { type: 'update' }>;

/** The record of one run; a run that goes back takes back what came after. */
export class RunRecord {
  frames = $state.raw<readonly Frame[]>([]);
  batch = $state.raw<UpdateEvent['batch']>(null);

  heard(event: RunEvent): void {
    if (event.type === 'samples') {
      const { update, samples } = event;
      this.frames = [...this.frames.filter((frame) => frame.update < update), { update, samples }];
    } else if (event.type === 'update' && event.batch) this.batch = event.batch;
  }

  rewind(update: number): void {
    this.frames = this.frames.filter((frame) => frame.update <= update);
  }

  clear(): void {
    this.frames = [];
    this.batch = null;
  }
}
