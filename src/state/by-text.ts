/** @file Things kept by a prompt and a text to it. The two are looked up as they are: joined, long ones would be copied at every look. */

/** A text, and what it answers. */
export interface PromptedText {
  readonly prompt: string;
  readonly text: string;
}

/** One thing for each text to each prompt. */
export class ByText<Thing> {
  #byPrompt = new Map<string, Map<string, Thing>>();

  get({ prompt, text }: PromptedText): Thing | undefined {
    return this.#byPrompt.get(prompt)?.get(text);
  }

  set({ prompt, text }: PromptedText, thing: Thing): void {
    const texts = this.#byPrompt.get(prompt);
    if (texts) texts.set(text, thing);
    else this.#byPrompt.set(prompt, new Map([[text, thing]]));
  }
}
