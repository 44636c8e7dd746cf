// portal-specification(5): the fields of a specification by the very schema that checks them.
import type { ObjectSchema, Schema } from '../../protocol/schema.ts';
import { draftAsYaml } from '../../protocol/specification/draft.ts';
import { specificationSchema } from '../../protocol/specification/schema.ts';
import { definition, heading, literal, paragraph } from './roff.ts';

/** The page's body. */
export function specificationPage(): string {
  return [
    heading('description'),
    paragraph(
      'A specification describes a portal: the machine, its volumes, and the folders that are kept in step. It is YAML ' +
        'or JSON; the portal has the name of the file. Relative paths are relative to the file, ~ is your home folder. ' +
        'portalctl validate tells every mistake at once.',
    ),
    ...fields('', specificationSchema),
    heading('example'),
    paragraph('The draft that portalctl init writes: fields of the first day, to be filled in.'),
    literal(draftAsYaml().trimEnd().split('\n')),
    heading('files'),
    definition(
      'NAME.yaml, NAME.yml, NAME.json',
      'in the working folder, else in $XDG_CONFIG_HOME/portald/portals (by default ~/.config/portald/portals)',
    ),
  ].join('');
}

/** A section with the plain fields of an object, then one for each object in it. */
function fields(path: string, { properties, required, description }: ObjectSchema): string[] {
  const entries = Object.entries(properties);
  const plain = entries.filter(([, schema]) => objectIn(schema) === undefined);
  const inner = entries.flatMap(([name, schema]) => {
    const object = objectIn(schema);
    if (object === undefined) return [];
    const about = schema.description ?? object.description;
    return fields(`${path}${name}${schema.type === 'array' ? '[]' : ''}`, {
      ...object,
      ...(about !== undefined && { description: about }),
    });
  });
  const own = [
    heading(path === '' ? 'further fields' : path),
    ...(description === undefined ? [] : [paragraph(`${description}.`)]),
    ...plain.map(([name, schema]) =>
      definition(
        `${name} (${kind(schema)}, ${required.includes(name) ? 'required' : 'optional'})`,
        about(schema),
      ),
    ),
  ];
  return path === '' ? [...inner, ...own] : [...own, ...inner];
}

function objectIn(schema: Schema): ObjectSchema | undefined {
  if (schema.type === 'array') return objectIn(schema.items);
  return schema.type === 'object' ? schema : undefined;
}

function kind(schema: Schema): string {
  if (schema.type === 'array') return `list of ${kind(schema.items)}s`;
  return schema.type === 'string' && schema.enum !== undefined ? schema.enum.join(' | ') : schema.type;
}

function about(schema: Schema): string {
  const form = formOf(schema);
  return [schema.description, form === undefined ? undefined : `must be ${form}`]
    .filter((one) => one !== undefined)
    .join('; ');
}

function formOf(schema: Schema): string | undefined {
  if (schema.type === 'array') return undefined;
  if (schema.type === 'string') return schema.form;
  if (schema.type !== 'number' && schema.type !== 'integer') return undefined;
  return schema.maximum === undefined ? undefined : `${schema.minimum ?? 0} to ${schema.maximum}`;
}
