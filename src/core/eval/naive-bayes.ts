/**
 * @file A multinomial naive Bayes classifier of texts (Maron 1961): simple, and learned from the world's own texts.
 *
 * It says which kind of document a base model's page is, and which style an answer is in. Features are words, pairs of
 * words and the marks that lay a page out; unseen ones count as seen `SMOOTHING` times in every class.
 */

const SMOOTHING = 0.1;
/** Words, numbers (all alike) and each mark or line break. */
const TOKEN = /[a-z]+(?:'[a-z]+)*|\d+|\n|[^\sa-z\d]/g;

/** The features of a text. */
function featuresOf(text: string): string[] {
  const tokens = (text.toLowerCase().match(TOKEN) ?? []).map((token) => (/^\d/.test(token) ? '0' : token));
  return [...tokens, ...tokens.slice(1).map((token, i) => `${tokens[i]!} ${token}`)];
}

/** A trained classifier. */
export class NaiveBayes<Label extends string> {
  readonly #labels: Label[] = [];
  readonly #counts = new Map<string, Float64Array>();
  readonly #totals: number[] = [];
  readonly #texts: number[] = [];

  /** @param examples labelled texts, at most 32 different labels */
  constructor(examples: Iterable<{ readonly label: Label; readonly text: string }>) {
    for (const { label, text } of examples) {
      let at = this.#labels.indexOf(label);
      if (at < 0) {
        at = this.#labels.push(label) - 1;
        this.#totals.push(0);
        this.#texts.push(0);
      }
      this.#texts[at]!++;
      for (const feature of featuresOf(text)) {
        let counts = this.#counts.get(feature);
        if (!counts) this.#counts.set(feature, (counts = new Float64Array(32)));
        counts[at]!++;
        this.#totals[at]!++;
      }
    }
  }

  /** The labels seen, in the order seen. */
  get labels(): readonly Label[] {
    return this.#labels;
  }

  /** Probability of each label given the text, in the order of `labels`. */
  probabilities(text: string): number[] {
    const size = this.#counts.size;
    const logs = this.#texts.map(Math.log);
    for (const feature of featuresOf(text)) {
      const counts = this.#counts.get(feature);
      logs.forEach((_, at) => (logs[at]! += Math.log(((counts?.[at] ?? 0) + SMOOTHING) / (this.#totals[at]! + SMOOTHING * size))));
    }
    const highest = Math.max(...logs);
    const weights = logs.map((log) => Math.exp(log - highest));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.map((weight) => weight / total);
  }

  /** The likeliest label. @throws RangeError when nothing was learned */
  classify(text: string): Label {
    if (this.#labels.length === 0) throw new RangeError('a classifier that has seen no examples');
    const probabilities = this.probabilities(text);
    return this.#labels[probabilities.indexOf(Math.max(...probabilities))]!;
  }
}
