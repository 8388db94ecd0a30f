/**
 * @file The chat format: special tokens and the Jinja template written beside every chat model.
 *
 * A conversation is `<|endoftext|>`, then each message as `<|role|>content<|end|>`; an answer is asked for by a trailing
 * `<|assistant|>`. The base model never saw these roles: it gets `<|endoftext|>` and plain text, and continues it.
 *
 * A tool call is an assistant's turn that the assistant itself opens with `<|tool|>`, so that it is the model that
 * decides: `<|assistant|><|tool|>calculator: 17 + 25<|end|><|result|>42<|end|><|assistant|>17 + 25 is 42.<|end|>`.
 */

/** A call of a tool, as the first token of an assistant's turn. */
export const TOOL_TOKEN = '<|tool|>';
/** Opens the turn in which a tool answers. */
export const RESULT_TOKEN = '<|result|>';
/** Starts every sequence and separates web documents; id 0. */
export const DOCUMENT_TOKEN = '<|endoftext|>';
/** Fills unused positions; never predicted. */
export const PAD_TOKEN = '<|pad|>';
/** Ends every chat message. */
export const END_TOKEN = '<|end|>';

/** Special tokens in id order; their ids are their positions. */
export const SPECIAL_TOKENS = [
  DOCUMENT_TOKEN,
  PAD_TOKEN,
  '<|user|>',
  '<|assistant|>',
  '<|system|>',
  END_TOKEN,
  TOOL_TOKEN,
  RESULT_TOKEN,
] as const;

/** Hugging Face chat template (Jinja). Hugging Face calls a tool's answer the role `tool`; here it may be `result` too. */
export const CHAT_TEMPLATE =
  "{{ bos_token }}{% for message in messages %}{% set role = message['role'] %}" +
  "{% if role == 'call' %}{% set opening = '<|assistant|><|tool|>' %}" +
  "{% elif role == 'result' or role == 'tool' %}{% set opening = '<|result|>' %}" +
  "{% else %}{% set opening = '<|' + role + '|>' %}{% endif %}" +
  "{{ opening + message['content'] + '<|end|>' }}" +
  "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";

/** Who speaks: `call` is an assistant calling a tool (`name: argument`), `result` is what the tool answered. */
export type ChatRole = 'system' | 'user' | 'assistant' | 'call' | 'result';

/** One turn of a conversation. */
export interface ChatMessage {
  readonly role: ChatRole;
  readonly content: string;
}
