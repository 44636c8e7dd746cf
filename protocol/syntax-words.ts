// What is wrong with the form of a text, in words that its writer knows: those of JSON for JSON.
import type { YAMLParseError } from 'yaml';

type Fault = Pick<YAMLParseError, 'code' | 'message'>;

/** In the parser's words, and in ours; the first that matches counts. */
const known: readonly (readonly [theirs: RegExp, ours: string])[] = [
  [/multiple documents/, 'a second document begins here; a file holds one'],
  [/^Tabs are not allowed/, 'tabs are not allowed as indentation; use spaces'],
  [/^Missing closing (.)/, 'the text that begins here has no closing $1'],
  [/must .*end with an? ([\]}])/, '"$1" is missing'],
  [/^Missing , between/, 'a comma is missing before this'],
  [/^Missing , or : between/, 'a comma or a colon is missing before this'],
  [/^Missing space after :/, 'a space is missing after the colon'],
  [/^Unexpected , in/, 'a comma too many'],
  [/^Unexpected .*"([\]}])"$/, '"$1" too many'],
  [/^Unexpected .*token$/, 'this is not expected here'],
  [/^Invalid escape sequence (.*)/, '"$1" means nothing in double quotes; a backslash is written \\\\'],
  [/^Plain value cannot start with .*(.)$/, 'a text that begins with $1 must be in quotes'],
];

const knownOfJson: typeof known = [
  [/^Nested mappings|^Implicit keys|^Block collections/, 'a comma is missing after this value'],
  [/at node end$|in YAML stream|same column$/, 'nothing may follow here'],
];

const knownOfYaml: typeof known = [
  [/^Block collections/, 'a comma is missing after this value'],
  [/^Nested mappings|^Implicit keys/, 'check the indentation; a text with ": " in it must be in quotes'],
  [
    /^A block sequence|same column$|indented|^Sequence item without/,
    'check the indentation: what belongs together begins in one column',
  ],
  [/block-seq-ind on same line/, 'a list begins in the next line'],
  [/at node end$|in YAML stream/, 'nothing may follow here; check the indentation and the quotes'],
];

/** What YAML takes for one long name: said by what its writer has left out. */
const longName = /^Nested mappings|^Implicit keys|^Implicit map keys/;

/** What looks like a space where one is needed, and is none to YAML: after a colon or a hyphen, and as indentation. */
const otherBlank = /(?:^ *|[:-])[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff]/;

/** A sentence for a fault that the YAML parser found; `written` is the line in which it lies. */
export function syntaxWords({ message }: Fault, isJson: boolean, written: string): string {
  const [line = message] = message.split('\n', 1);
  if (otherBlank.test(written))
    return 'a blank in this line is another sign than a space, such as a no-break space; type it anew';
  if (!isJson && longName.test(line)) {
    if (/^\s*(- +)*\w+:[^\s/]/.test(written)) return 'a space is missing after the colon';
    if (!/:(\s|$)/.test(written)) return 'a colon is missing: a field is written NAME: VALUE';
  }
  for (const [theirs, ours] of [...known, ...(isJson ? knownOfJson : knownOfYaml)]) {
    const found = theirs.exec(line);
    if (found !== null) return ours.replace('$1', () => found[1] ?? '');
  }
  return isJson ? inWordsOfJson(line) : line;
}

function inWordsOfJson(message: string): string {
  return message
    .replaceAll(/\b(flow |block )?(map(ping)?)s?\b/gi, 'object')
    .replaceAll(/\b(flow |block )?(sequence|seq)s?\b/gi, 'array')
    .replaceAll(/\b(flow |block |plain )?scalars?\b/gi, 'value');
}
