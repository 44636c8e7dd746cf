// What an action is: a name, the parameters it takes, whether it changes anything, and what it does.
import type { Cloud } from '../cloud/cloud.ts';
import { Ec2Error } from './error.ts';
import { type Form, flagAt, leafPatterns, requiredText } from './form.ts';
import type { Xml } from './xml.ts';

/** One call of an action by an account. */
export type Call = { cloud: Cloud; form: Form; account: string; nowMs: number };

export type Action = {
  changes: boolean;
  /** Names of the parameters, list indices as `n`; a name that ends in `*` stands for all that begin so. */
  parameters: readonly string[];
  required?: readonly string[];
  handle(call: Call): { [element: string]: Xml } | Promise<{ [element: string]: Xml }>;
};

/** Checks the parameters, answers a dry run, and does what the action does. Throws Ec2Error. */
export async function perform(action: Action, call: Call): Promise<{ [element: string]: Xml }> {
  const known = [...action.parameters, ...(action.required ?? []), 'Action', 'Version', 'DryRun'];
  for (const pattern of leafPatterns(call.form)) {
    const accepted = known.some((name) =>
      name.endsWith('*') ? pattern.startsWith(name.slice(0, -1)) : name === pattern,
    );
    if (!accepted) throw new Ec2Error('UnknownParameter', `The parameter ${pattern} is not recognized`);
  }
  for (const name of action.required ?? []) {
    if (!name.includes('.')) requiredText(call.form, name);
    else if (!leafPatterns(call.form).includes(name)) requiredText({}, name.replace(/\.n.*/, ''));
  }
  if (flagAt(call.form, 'DryRun')) {
    throw new Ec2Error('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
  }
  return action.handle(call);
}
