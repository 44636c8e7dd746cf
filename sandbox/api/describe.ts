// What all describe actions have in common: ids, filters with wildcards, pages.
import type { Cloud } from '../cloud/cloud.ts';
import type { Action, Call } from './call.ts';
import { Ec2Error } from './error.ts';
import { type Form, numberAt, textAt, textsAt, treesAt } from './form.ts';
import type { Xml } from './xml.ts';

/** Values that a filter compares for one item. */
export type Filters<T> = Record<
  string,
  (item: T, cloud: Cloud) => (string | undefined)[] | string | undefined
>;

export type Description<T> = {
  /** Element of the answer that holds the list. */
  set: string;
  items(call: Call): Iterable<T>;
  render(item: T, call: Call): Xml;
  /** The list parameter that names items, and how an unknown or malformed id is refused. */
  ids?: { parameter: string; of(item: T): string; refuse(id: string): void };
  filters?: Filters<T>;
  tags?: (item: T) => Map<string, string>;
  /** Whether AWS pages the action; the smallest page it accepts. */
  smallestPage?: number;
  /** The largest; 1000 by default. */
  largestPage?: number;
  /** Other parameters of the action. */
  parameters?: readonly string[];
};

/** Makes a describe action. */
export function describe<T>(description: Description<T>): Action {
  const { ids, filters = {} } = description;
  return {
    changes: false,
    parameters: [
      ...(ids ? [`${ids.parameter}.n`] : []),
      ...(description.filters ? ['Filter.n.Name', 'Filter.n.Value.n'] : []),
      ...(description.smallestPage === undefined ? [] : ['MaxResults', 'NextToken']),
      ...(description.parameters ?? []),
    ],
    handle: (call) => {
      let items = [...description.items(call)];
      const wanted = ids ? textsAt(call.form, ids.parameter) : [];
      if (ids && wanted.length > 0) {
        for (const id of wanted) if (!items.some((item) => ids.of(item) === id)) ids.refuse(id);
        items = items.filter((item) => wanted.includes(ids.of(item)));
        if (description.smallestPage && textAt(call.form, 'MaxResults')) {
          throw new Ec2Error(
            'InvalidParameterCombination',
            `The parameter ${ids.parameter} cannot be used with the parameter MaxResults`,
          );
        }
      }
      for (const filter of treesAt(call.form, 'Filter')) {
        items = items.filter(matcher(filter, filters, description.tags, call.cloud));
      }
      const { page, nextToken } = pageOf(items, call.form, description.smallestPage, description.largestPage);
      return { [description.set]: page.map((item) => description.render(item, call)), nextToken };
    },
  };
}

function matcher<T>(
  filter: Form,
  filters: Filters<T>,
  tagsOf: Description<T>['tags'],
  cloud: Cloud,
): (item: T) => boolean {
  const name = textAt(filter, 'Name') ?? '';
  const patterns = textsAt(filter, 'Value').map(wildcard);
  const matches = (values: (string | undefined)[]) =>
    values.some((value) => value !== undefined && patterns.some((pattern) => pattern.test(value)));
  if (tagsOf && name === 'tag-key') return (item) => matches([...tagsOf(item).keys()]);
  if (tagsOf && name.startsWith('tag:')) return (item) => matches([tagsOf(item).get(name.slice(4))]);
  const read = Object.hasOwn(filters, name) ? filters[name] : undefined;
  if (!read) throw new Ec2Error('InvalidParameterValue', `The filter '${name}' is invalid`);
  return (item) => matches([read(item, cloud)].flat());
}

/** AWS's `*` and `?`, with `\` before them as plain characters. */
function wildcard(text: string): RegExp {
  const source = text.replace(
    /\\([*?\\])|([*?])|[.+^${}()|[\]\\]/g,
    (found, plain?: string, wild?: string) =>
      wild === '*' ? '.*' : wild === '?' ? '.' : `\\${plain ?? found}`,
  );
  return new RegExp(`^${source}$`, 's');
}

/** One page of a list, and the token of the next. Tokens name a position in the list. */
export function pageOf<T>(
  items: readonly T[],
  form: Form,
  smallestPage = 1,
  largestPage = 1000,
): { page: T[]; nextToken: string | undefined } {
  const size = numberAt(form, 'MaxResults') ?? items.length;
  if (textAt(form, 'MaxResults') !== undefined && (size < smallestPage || size > largestPage)) {
    throw new Ec2Error(
      'InvalidParameterValue',
      `Value ( ${size} ) for parameter maxResults is invalid. Expecting a value from ${smallestPage} to ${largestPage}.`,
    );
  }
  const token = textAt(form, 'NextToken');
  const start =
    token === undefined
      ? 0
      : Number(
          Buffer.from(token, 'base64url')
            .toString()
            .replace(/^from:/, ''),
        );
  if (!Number.isInteger(start)) throw new Ec2Error('InvalidNextToken', 'The token is invalid.');
  const end = start + size;
  return {
    page: items.slice(start, end),
    nextToken: end < items.length ? Buffer.from(`from:${end}`).toString('base64url') : undefined,
  };
}

/** Items that the API knows by now. */
export function visible<T extends { visibleAtMs: number }>(items: Map<string, T>, nowMs: number): T[] {
  return [...items.values()].filter((item) => item.visibleAtMs <= nowMs);
}

/** Tags as the API writes them. */
export function tagSet(tags: Iterable<[string, string]>): Xml {
  return [...tags].map(([key, value]) => ({ key, value }));
}
