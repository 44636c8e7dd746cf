// What takes the place of protocol/compile-schema.ts in a program that is built: the checks of its schemas as code.
import standaloneCode from 'ajv/dist/standalone/index.js';
import { createAjv } from '../../protocol/compile-schema.ts';
import type { ObjectSchema } from '../../protocol/schema.ts';

/** A CommonJS module. */
export function compiledChecks(schemas: Readonly<Record<string, ObjectSchema>>): string {
  const ajv = createAjv({ code: { source: true } });
  // Some have two names; a function can be there only once.
  const distinct = [...new Set(Object.values(schemas))];
  for (const [index, schema] of distinct.entries()) ajv.addSchema(schema, `check${index}`);
  const checks = distinct.map((_schema, index) => [`check${index}`, `check${index}`]);
  const code = standaloneCode.default(ajv, Object.fromEntries(checks));
  const byName = Object.entries(schemas).map(
    ([name, schema]) => `[${JSON.stringify(name)}, exports.check${distinct.indexOf(schema)}]`,
  );
  return `${code}
const byName = new Map([${byName.join(', ')}]);
exports.compileSchema = (name) => {
  const check = byName.get(name);
  if (check === undefined) throw new Error(\`no check of \${name} was compiled when this program was built\`);
  return check;
};
`;
}
