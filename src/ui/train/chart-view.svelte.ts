/** @file How a run's charts are drawn, as the reader chose: one choice for all of them, so that they can be compared. */
import { axisOf, smooth, type AxisId } from '../../state/lab-series';
import type { HistoryEntry } from '../../state/runs-schema';
import { AXIS_WORDS } from '../metric-words';

/** The choices. */
export class ChartView {
  axis = $state<AxisId>('update');
  /** Weight of what came before, 0 to 0.95. */
  smoothing = $state(0);
  logarithmic = $state(false);

  /** x of every entry with its name; null for updates themselves. */
  along(history: readonly HistoryEntry[]): { readonly values: readonly (number | null)[]; readonly name: string } | null {
    const values = axisOf(history, this.axis);
    return values && { values, name: AXIS_WORDS[this.axis]() };
  }

  /** The smoothed curve; null where nothing is smoothed. */
  smoothed(values: readonly (number | null)[]): readonly (number | null)[] | null {
    return this.smoothing > 0 ? smooth(values, this.smoothing) : null;
  }
}
