/**
 * @file Figures of lessons as data: small multiples of lines, bars, or clouds of points. How they look is the page's affair.
 */

/** Whose colour and mark something has. */
export type Hue = 'base' | 'sft' | 'rlhf' | 'yours' | 'reward-model' | 'gold' | 'ink';

/** One point; an interval where there is one. */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly low?: number;
  readonly high?: number;
  /** Written beside it. */
  readonly label?: string;
}

/** A line. */
export interface Series {
  readonly name: string;
  readonly hue: Hue;
  readonly points: readonly Point[];
  /** What is expected rather than measured. */
  readonly dashed?: boolean;
  /** The lesser of two that share a hue: a thin line and hollow marks. */
  readonly thin?: boolean;
  /** Single measurements, with no line between them. */
  readonly dots?: boolean;
}

/** One small multiple. */
export interface Panel {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly series: readonly Series[];
  /** Doublings are evenly spaced. */
  readonly logarithmic?: boolean;
  /** Ends of the y axis that must be shown. */
  readonly yFrom?: number;
  readonly yTo?: number;
  /** The same of the x axis. */
  readonly xFrom?: number;
  readonly xTo?: number;
}

/** Something with a value. */
export interface Bar {
  readonly name: string;
  readonly hue: Hue;
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
  /** Words beside the value. */
  readonly note?: string;
}

/** An answer's place among others. */
export interface CloudPoint {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

/** One model's answers. */
export interface CloudGroup {
  readonly name: string;
  readonly hue: Hue;
  /** A number that says how spread they are, in words. */
  readonly note: string;
  readonly points: readonly CloudPoint[];
}

/** A request on a map of what a model refuses. */
export interface MapPoint {
  readonly x: number;
  /** Which band it is in, an index of the figure's bands from the bottom. */
  readonly band: number;
  /** Marked filled; else hollow. */
  readonly marked: boolean;
  readonly text: string;
  readonly answer: string;
}

/** One map. */
export interface MapPanel {
  readonly title: string;
  /** What share of each band is marked, in words, from the bottom. */
  readonly notes: readonly string[];
  readonly points: readonly MapPoint[];
}

/** Two groups beside each other, and the gap between them. */
export interface Dumbbell {
  readonly name: string;
  readonly hue: Hue;
  readonly first: number;
  readonly second: number;
  readonly note: string;
}

/** A key figure. */
export type Figure =
  | { readonly kind: 'lines'; readonly panels: readonly Panel[] }
  | { readonly kind: 'bars'; readonly unit: string; readonly from: number; readonly to: number; readonly bars: readonly Bar[] }
  | { readonly kind: 'cloud'; readonly x: string; readonly y: string; readonly groups: readonly CloudGroup[] }
  | {
      readonly kind: 'map';
      readonly x: string;
      /** Names of the bands, from the bottom. */
      readonly bands: readonly string[];
      /** What a filled and a hollow mark mean. */
      readonly marks: readonly [string, string];
      /** The line that is to be learned runs above this band, from 0. */
      readonly line: number;
      readonly panels: readonly MapPanel[];
    }
  | {
      readonly kind: 'dumbbells';
      readonly x: string;
      /** Names of the two groups. */
      readonly groups: readonly [string, string];
      readonly rows: readonly Dumbbell[];
    };
