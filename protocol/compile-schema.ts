// The one place that knows ajv. Compiling takes longer than all the rest of a start, so that the programs as they are
// installed have in place of this file the same functions, compiled when they were built.
import { Ajv, type Options, type ValidateFunction } from 'ajv';
import type { ObjectSchema } from './schema.ts';

/** With our schemas' own keyword. */
export function createAjv(options: Options = {}): Ajv {
  const ajv = new Ajv({ allErrors: true, strict: true, verbose: true, ...options });
  ajv.addVocabulary(['form']);
  return ajv;
}

/** `name` is for what was compiled before. */
export function compileSchema(_name: string, schema: ObjectSchema): ValidateFunction {
  return createAjv().compile(schema);
}
