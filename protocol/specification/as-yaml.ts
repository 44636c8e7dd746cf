// A specification as the YAML that a user would write: each field with a comment on what it is.
import { isJsonObject } from '../json-object.ts';
import { specificationSchema } from './schema.ts';

/** Comments line up behind values that are no longer. */
const widestColumn = 48;

/** The text for `value`, in the order of its keys. Lists of texts stand in one line, lists of objects in blocks. */
export function specificationAsYaml(value: object): string {
  const lines = linesOf(value, specificationSchema, 0);
  const width = Math.max(
    ...lines.map(({ text }) => text.length).filter((length) => length <= widestColumn),
    0,
  );
  return lines
    .map(({ text, comment }) => (comment === '' ? `${text}\n` : `${text.padEnd(width)}  # ${comment}\n`))
    .join('');
}

interface Line {
  readonly text: string;
  readonly comment: string;
}

function linesOf(value: object, schema: unknown, depth: number): Line[] {
  return Object.entries(value).flatMap(([name, item]: [string, unknown]): Line[] => {
    const own = memberOf(memberOf(schema, 'properties'), name);
    const description = memberOf(own, 'description');
    const comment = typeof description === 'string' ? description : '';
    const line = (text: string): Line => ({ text: `${' '.repeat(depth)}${text}`, comment });
    if (isJsonObject(item)) return [line(`${name}:`), ...linesOf(item, own, depth + 2)];
    if (!Array.isArray(item)) return [line(`${name}: ${scalarText(item)}`)];
    if (!item.every(isJsonObject)) return [line(`${name}: [${item.map(scalarText).join(', ')}]`)];
    if (item.length === 0) return [line(`${name}: []`)];
    const dash = `${' '.repeat(depth + 2)}- `;
    const blocks = item.flatMap((one) =>
      linesOf(one, memberOf(own, 'items'), depth + 4).map((inner, index) =>
        index === 0 ? { ...inner, text: dash + inner.text.trimStart() } : inner,
      ),
    );
    return [line(`${name}:`), ...blocks];
  });
}

/** Plain where that reads as the same text, else in JSON's quotes, which are YAML's, too. */
function scalarText(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  const isPlain = /^[A-Za-z/~][\w ()./:@~+=-]*$/.test(value) && !/: |[: ]$/.test(value);
  const isWord = /^(true|false|null|yes|no|on|off|y|n|~)$/i.test(value);
  return isPlain && !isWord ? value : JSON.stringify(value);
}

function memberOf(value: unknown, name: string): unknown {
  return isJsonObject(value) ? value[name] : undefined;
}
