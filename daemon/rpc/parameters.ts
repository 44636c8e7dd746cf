// Checks the params of our own methods against the method table before a handler sees them.
import { type MethodName, type MethodParameters, methodParameters } from '../../protocol/methods.ts';
import { type Check, compileCheck, pathText } from '../../protocol/validate.ts';
import { InvalidParams } from './dispatcher.ts';

/** Returns the params, checked; throws InvalidParams naming every mistake. */
export type ParameterCheck = <M extends MethodName>(method: M, params: unknown) => MethodParameters[M];

/** Makes the check of one server; each method's schema is compiled when it is first called. */
export function createParameterCheck(): ParameterCheck {
  const compiled = new Map<MethodName, Check>();
  return <M extends MethodName>(method: M, params: unknown): MethodParameters[M] => {
    if (Array.isArray(params)) {
      throw new InvalidParams(`${method} takes its params by name, in an object; it got an array`);
    }
    let check = compiled.get(method);
    if (check === undefined) {
      check = compileCheck(method, methodParameters[method]);
      compiled.set(method, check);
    }
    const value = params ?? {};
    const mistakes = check(value);
    if (mistakes.length > 0) {
      const sentences = mistakes.map(({ path, message }) =>
        path.length === 0 ? message : `"${pathText(path)}" ${message}`,
      );
      throw new InvalidParams(`${method}: ${sentences.join('; ')}`);
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked just now
    return value as MethodParameters[M];
  };
}
