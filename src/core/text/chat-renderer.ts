/**
 * @file Renders a conversation with the model's own Jinja template, keeping messages apart from special tokens.
 *
 * A template returns one string, in which a user's "<|end|>" would look like the template's. So, before rendering, a
 * private-use character that occurs nowhere else is put behind each first character and before each last character of a
 * special token inside the messages. No special token can then match there, not even half in a message and half in the
 * template, while the template may still trim, compare or join the content. Afterwards the marker is taken out again.
 */
import { Template } from '@huggingface/jinja';
import { CheckpointError } from '../model/checkpoint-error';
import type { ChatMessage } from './chat-template';

/** A piece of a rendered conversation: one special token, or ordinary text in which nothing is special. */
export interface ChatSegment {
  readonly special: boolean;
  readonly text: string;
}

/** The chat template of one model, compiled. */
export class ChatRenderer {
  readonly #template: Template;
  readonly #source: string;
  readonly #variables: Readonly<Record<string, string>>;
  readonly #breakable: RegExp;
  readonly #special: RegExp;

  /**
   * @param source the Jinja template
   * @param specialTokens texts of the special tokens, each of at least two characters
   * @param variables what the template may name beside the messages, such as `bos_token`
   * @throws CheckpointError when the template cannot be parsed
   */
  constructor(source: string, specialTokens: Iterable<string>, variables: Readonly<Record<string, string>>) {
    try {
      this.#template = new Template(source);
    } catch (error) {
      throw new CheckpointError(`tokenizer_config.json: chat_template: ${messageOf(error)}.`);
    }
    this.#source = source;
    this.#variables = variables;
    const tokens = [...specialTokens].sort((a, b) => b.length - a.length);
    const any = (texts: string[]): string => (texts.length === 0 ? '(?!)' : texts.map(escapeRegExp).join('|'));
    const firsts = tokens.map((token) => String.fromCodePoint(token.codePointAt(0)!));
    const lasts = tokens.map((token) => Array.from(token).at(-1)!);
    this.#breakable = new RegExp(`(?<=${any(firsts)})|(?=${any(lasts)})`, 'gu');
    this.#special = new RegExp(`(${any(tokens)})`, 'u');
  }

  /**
   * The conversation as special tokens and ordinary text, in order; joined, the texts are the rendered template.
   * @throws CheckpointError when the template refuses the messages or fails
   */
  render(messages: readonly ChatMessage[], addGenerationPrompt: boolean): ChatSegment[] {
    const marker = unusedCharacter([this.#source, ...messages.map((message) => message.content)]);
    const marked = messages.map(({ role, content }) => ({ role, content: content.replace(this.#breakable, marker) }));
    let rendered: string;
    try {
      rendered = this.#template.render({ ...this.#variables, messages: marked, add_generation_prompt: addGenerationPrompt });
    } catch (error) {
      throw new CheckpointError(`The chat template failed: ${messageOf(error)}.`);
    }
    // Splitting by one capturing group gives ordinary text at even places and special tokens at odd ones.
    return rendered
      .split(this.#special)
      .map((text, i) => ({ special: i % 2 === 1, text: i % 2 === 1 ? text : text.replaceAll(marker, '') }))
      .filter(({ text }) => text !== '');
  }
}

/** A private-use character that none of the texts contains. */
function unusedCharacter(texts: readonly string[]): string {
  for (let code = 0xe000; code <= 0xf8ff; code++) {
    const character = String.fromCharCode(code);
    if (!texts.some((text) => text.includes(character))) return character;
  }
  throw new CheckpointError('The messages use every private-use character.');
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
}
