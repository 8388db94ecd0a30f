/**
 * @file The chat format: special tokens and the Jinja template written beside every chat model.
 *
 * A conversation is `<|endoftext|>`, then each message as `<|role|>content<|end|>`; an answer is asked for by a trailing
 * `<|assistant|>`. The base model never saw these roles: it gets `<|endoftext|>` and plain text, and continues it.
 */

/** Special tokens in id order; their ids are their positions. */
export const SPECIAL_TOKENS = ['<|endoftext|>', '<|pad|>', '<|user|>', '<|assistant|>', '<|system|>', '<|end|>'] as const;

/** Starts every sequence and separates web documents; id 0. */
export const DOCUMENT_TOKEN = '<|endoftext|>';
/** Fills unused positions; never predicted. */
export const PAD_TOKEN = '<|pad|>';
/** Ends every chat message. */
export const END_TOKEN = '<|end|>';

/** Hugging Face chat template (Jinja). */
export const CHAT_TEMPLATE =
  "{{ bos_token }}{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}" +
  "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";

/** One turn of a conversation. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}
