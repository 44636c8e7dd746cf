// What a specification names on this machine: the private key and the channels' local sides. All that is wrong with
// them is found at once.
import { stat } from 'node:fs/promises';
import { PortalError } from '../protocol/errors.ts';
import { localSides, notThere, ownMistakes } from '../protocol/specification/local-sides.ts';
import type { Specification } from '../protocol/specification/schema.ts';
import type { Mistake } from '../protocol/validate.ts';

/** Reads the identity file and looks at the local paths; `specification` has absolute ones, `ownPaths` are portald's. */
export async function lookAtLocal<I>(
  specification: Specification,
  { readIdentity, ownPaths }: { readIdentity: (path: string) => Promise<I>; ownPaths: readonly string[] },
): Promise<{ readonly identity: I } | { readonly mistakes: readonly Mistake[] }> {
  const mistakes: Mistake[] = ownMistakes(specification, ownPaths);
  let identity: I | undefined;
  try {
    identity = await readIdentity(specification.spot_instance.identity_file);
  } catch (error) {
    if (!(error instanceof PortalError)) throw error;
    const message = error.hint === undefined ? error.message : `${error.message}; ${error.hint}`;
    mistakes.push({ path: ['spot_instance', 'identity_file'], atName: false, message });
  }
  for (const side of localSides(specification)) {
    await stat(side.needed).catch((error: NodeJS.ErrnoException) => mistakes.push(notThere(side, error)));
  }
  return identity === undefined || mistakes.length > 0 ? { mistakes } : { identity };
}
