// Whether the user's group is the user's.
import type { RunScript } from './remote-command.ts';

const script = `
getent group -- "$2" >/dev/null || { echo missing; exit 0; }
for name in $(id -Gn -- "$1"); do if [ "$name" = "$2" ]; then echo in; exit 0; fi; done
echo out
`;

/** What is wrong with `group` for `user`; undefined if nothing is, or it cannot be told. Rejects with PortalError `ssh`. */
export async function checkGroup(
  run: RunScript,
  user: string,
  group: string,
): Promise<'missing' | 'without-user' | undefined> {
  const { stdout } = await run(script, [user, group]);
  const answer = stdout.trim();
  if (answer === 'missing') return 'missing';
  return answer === 'out' ? 'without-user' : undefined;
}
