// A portal may be named by its name or by its specification's file; its name is the file's, without the extension.
import { basename } from 'node:path';
import { methodParameters } from '../protocol/methods.ts';
import { usageError } from './arguments.ts';

/** In the order in which they are looked for. */
export const specificationExtensions = ['.yaml', '.yml', '.json'] as const;

/** `gpu` from `gpu`, `gpu.yaml` or `./x/gpu.json`. */
export function portalNameOf(argument: string): string {
  const name = basename(argument);
  const extension = specificationExtensions.find((candidate) => name.endsWith(candidate));
  return extension === undefined ? name : name.slice(0, -extension.length);
}

/** The same, checked; throws PortalError `usage` for what cannot be a portal's name. */
export function checkedPortalName(argument: string): string {
  const { pattern, form } = methodParameters['portal.status'].properties.name;
  if (/(^|\/)\.{0,2}$/.test(argument) && argument !== '') {
    throw usageError(`"${argument}" is a folder`, 'name a portal, or the file of its specification');
  }
  const name = portalNameOf(argument);
  if (new RegExp(pattern).test(name)) return name;
  const ofFile = /\/|\.(yaml|yml|json)$/.test(argument)
    ? '\na portal has the name of its file: rename the file'
    : '';
  throw usageError(`"${argument}" cannot be a portal's name`, `a name is ${form}${ofFile}`);
}
