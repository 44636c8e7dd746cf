// What a verb of `portalctl volume` is, and the values of its options.
import type { MethodParameters } from '../../protocol/methods.ts';
import { usageError } from '../arguments.ts';
import type { Invocation } from '../command.ts';

export interface Verb {
  /** After `portalctl volume `. */
  readonly usage: string;
  /** Those of the command's options that go with it, without dashes. */
  readonly options: readonly string[];
  /** How many arguments it takes, at least and at most. */
  readonly argumentCount: readonly [least: number, most: number];
  /** What is missing when there are too few. */
  readonly missing: string;
  /** `ids`: its arguments. Resolves to the exit code; throws PortalError. */
  readonly run: (ids: readonly string[], invocation: Invocation) => Promise<number>;
}

export function hintOf({ usage }: Pick<Verb, 'usage'>): string {
  return `usage: portalctl volume ${usage}`;
}

/** The one value of an option; undefined without it. */
export function valueOf({ values }: Invocation, option: string): string | undefined {
  return values.get(option)?.[0];
}

/** `option` with its value as a parameter of that name; nothing without it. Throws PortalError `usage` for an empty one. */
export function textOption<Name extends string>(
  invocation: Invocation,
  option: string,
  name: Name,
): { [N in Name]?: string } {
  const value = valueOf(invocation, option);
  if (value === undefined) return {};
  if (value === '') throw usageError(`--${option} is empty`, 'leave it out, or give it a value');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a computed key widens to string
  return { [name]: value } as { [N in Name]?: string };
}

/** Why `text` is no size; undefined if it is one. */
export function wrongSize(text: string): string | undefined {
  const isRight = /^[0-9]{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_536;
  return isRight ? undefined : `"${text}" is no size: a whole number of GiB, 1 to 65536`;
}

/** `--size`. Throws PortalError `usage`. */
export function sizeOption(invocation: Invocation): { sizeGiB?: number } {
  const text = valueOf(invocation, 'size');
  if (text === undefined) return {};
  const trouble = wrongSize(text);
  if (trouble !== undefined) throw usageError(trouble, 'for example --size 100');
  return { sizeGiB: Number(text) };
}

/** `--iops`. Throws PortalError `usage`. */
export function iopsOption(invocation: Invocation): { iops?: number } {
  const text = valueOf(invocation, 'iops');
  if (text === undefined) return {};
  const isRight = /^[0-9]{3,6}$/.test(text) && Number(text) >= 100 && Number(text) <= 256_000;
  if (!isRight)
    throw usageError(`"${text}" is no number of operations a second`, '100 to 256000; see the type');
  return { iops: Number(text) };
}

/** `--tag KEY=VALUE`, as often as given. Throws PortalError `usage`. */
export function tagOptions(invocation: Invocation): Pick<MethodParameters['volume.create'], 'tags'> {
  const tags = (invocation.values.get('tag') ?? []).map((text) => {
    const end = text.includes('=') ? text.indexOf('=') : text.indexOf(':');
    if (end < 1) throw usageError(`"${text}" is no tag`, 'give it as KEY=VALUE or KEY:VALUE');
    const [key, value] = [text.slice(0, end), text.slice(end + 1)];
    if (/^(aws:|portald:)/i.test(key))
      throw usageError(
        `the tag ${key} is not yours to give`,
        'choose a key that begins with neither aws: nor portald:',
      );
    if (key.length > 128 || value.length > 256)
      throw usageError(
        `the tag ${key.slice(0, 40)} is too long`,
        'keys have 128 characters at most, values 256',
      );
    return { key, value };
  });
  const keys = tags.map(({ key }) => key);
  if (valueOf(invocation, 'name') !== undefined) keys.push('Name');
  const twice = keys.find((key, index) => keys.indexOf(key) < index);
  if (twice !== undefined) throw usageError(`the tag ${twice} is given twice`, '--name is the tag Name');
  return tags.length === 0 ? {} : { tags };
}
