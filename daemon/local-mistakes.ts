// What a specification names on this machine: the private key and the channels' local sides. All that is wrong with
// them is found at once.
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PortalError } from '../protocol/errors.ts';
import type { Specification } from '../protocol/specification/schema.ts';
import type { Mistake } from '../protocol/validate.ts';
import { visibleText } from '../protocol/visible-text.ts';

/** Reads the identity file and looks at the local paths; `specification` has absolute ones. */
export async function lookAtLocal<I>(
  specification: Specification,
  readIdentity: (path: string) => Promise<I>,
): Promise<{ readonly identity: I } | { readonly mistakes: readonly Mistake[] }> {
  const { spot_instance: instance, channels } = specification;
  const mistakes: Mistake[] = [];
  let identity: I | undefined;
  try {
    identity = await readIdentity(instance.identity_file);
  } catch (error) {
    if (!(error instanceof PortalError)) throw error;
    const message = error.hint === undefined ? error.message : `${error.message}; ${error.hint}`;
    mistakes.push({ path: ['spot_instance', 'identity_file'], atName: false, message });
  }
  for (const [index, { direction, local_path: path }] of channels.entries()) {
    const message = await wrongPath(direction, path);
    if (message !== undefined)
      mistakes.push({ path: ['channels', index, 'local_path'], atName: false, message });
  }
  return identity === undefined || mistakes.length > 0 ? { mistakes } : { identity };
}

/** A source must be there; a destination is made, but not the folder that it lies in. */
async function wrongPath(direction: 'in' | 'out', path: string): Promise<string | undefined> {
  const needed = direction === 'out' ? path : dirname(path.replace(/\/+$/, ''));
  try {
    await stat(needed);
    return undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${message})`;
    return `${visibleText(needed)} ${why}; create it, or name another`;
  }
}
