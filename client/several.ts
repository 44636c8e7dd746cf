// One command for several portals at once: each runs as it would alone, and all share the output.
import { usageError } from './arguments.ts';
import { reportFailure } from './failure.ts';
import type { Output } from './output.ts';
import { portalNameOf } from './portal-name.ts';

/**
 * Runs `work` for every argument (a portal's name or file) at the same time. Lines begin with the portal's name; JSON is
 * one document `{"portals": [{"name", …}]}` of what each would have printed. Resolves to the highest exit code. Throws
 * PortalError `usage` if a portal is named twice.
 */
export async function forSeveral(
  positionals: readonly string[],
  output: Output,
  work: (argument: string, output: Output) => Promise<number>,
): Promise<number> {
  const names = positionals.map(portalNameOf);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw usageError(`${twice} is named twice`, 'name every portal once');
  const documents = new Map<string, object>();
  const statuses = new Map<string, string>();
  const renew = (): void =>
    output.status(statuses.size === 0 ? undefined : [...statuses.values()].join('   '));
  const outputs = names.map((name): Output => {
    const prefix = { text: `${name}: `, style: 'dim' } as const;
    return {
      ...output,
      line(...pieces) {
        output.line(prefix, ...pieces);
        renew();
      },
      complain(...pieces) {
        output.complain(prefix, ...pieces);
        renew();
      },
      value: (value) => documents.set(name, { name, ...(value as object) }),
      status(text) {
        if (text === undefined) statuses.delete(name);
        else statuses.set(name, `${name}: ${text.trim()}`);
        renew();
      },
    };
  });
  const codes = await Promise.all(
    positionals.map(async (argument, index) => {
      const own = outputs[index] ?? output;
      try {
        return await work(argument, own);
      } catch (error) {
        return reportFailure(own, error);
      }
    }),
  );
  if (output.json) output.value({ portals: names.map((name) => documents.get(name) ?? { name }) });
  return Math.max(...codes);
}
