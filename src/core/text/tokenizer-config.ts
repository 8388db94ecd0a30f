/**
 * @file tokenizer_config.json: the roles of the special tokens, the chat template, and whether text gets a start token.
 *
 * Folders in the wild differ: a token may be text or an object around it, and a template one text or a named list.
 */
import * as v from 'valibot';
import { parseWith } from '../model/checkpoint-error';

const MAX_TOKEN_LENGTH = 1 << 12;
const MAX_TEMPLATE_LENGTH = 1 << 16;

/** A token as text. */
export const tokenText = v.pipe(
  v.string('must be text'),
  v.minLength(1, 'must not be empty'),
  v.maxLength(MAX_TOKEN_LENGTH, 'is too long'),
);

/** A special token's text; older files write an object around it. */
const specialToken = v.pipe(
  v.union([tokenText, v.looseObject({ content: tokenText })], 'must be text'),
  v.transform((token) => (typeof token === 'string' ? token : token.content)),
);

const template = v.pipe(v.string('must be text'), v.maxLength(MAX_TEMPLATE_LENGTH, 'is too long'));
const namedTemplates = v.pipe(
  v.array(v.looseObject({ name: v.string('must be text'), template }), 'must be text or a list of named texts'),
  v.minLength(1, 'must not be empty'),
  v.maxLength(64, 'is too long'),
  v.transform((list) => (list.find(({ name }) => name === 'default') ?? list[0]!).template),
);

const schema = v.looseObject({
  tokenizer_class: v.nullish(v.string('must be text')),
  bos_token: v.nullish(specialToken),
  eos_token: v.nullish(specialToken),
  pad_token: v.nullish(specialToken),
  unk_token: v.nullish(specialToken),
  add_bos_token: v.nullish(v.boolean('must be true or false')),
  chat_template: v.nullish(v.union([template, namedTemplates], 'must be text or a list of named texts')),
});

/** What tokenizer_config.json says, checked. Null: it does not say. */
export interface TokenizerConfig {
  readonly tokenizerClass: string | null;
  readonly bosToken: string | null;
  readonly eosToken: string | null;
  readonly padToken: string | null;
  readonly unkToken: string | null;
  readonly addsBosToken: boolean | null;
  readonly chatTemplate: string | null;
}

/**
 * Checks the parsed tokenizer_config.json.
 * @throws CheckpointError naming the field that is malformed
 */
export function parseTokenizerConfig(json: unknown): TokenizerConfig {
  const config = parseWith(schema, json, 'tokenizer_config.json');
  return {
    tokenizerClass: config.tokenizer_class ?? null,
    bosToken: config.bos_token ?? null,
    eosToken: config.eos_token ?? null,
    padToken: config.pad_token ?? null,
    unkToken: config.unk_token ?? null,
    addsBosToken: config.add_bos_token ?? null,
    chatTemplate: config.chat_template ?? null,
  };
}

/** The variables Hugging Face hands to every chat template. */
export function templateVariables(
  config: Pick<TokenizerConfig, 'bosToken' | 'eosToken' | 'padToken'> & { readonly unkToken?: string | null },
): Record<string, string> {
  const roles = { bos_token: config.bosToken, eos_token: config.eosToken, pad_token: config.padToken, unk_token: config.unkToken };
  return Object.fromEntries(Object.entries(roles).filter((role): role is [string, string] => typeof role[1] === 'string'));
}
