// How a script and its arguments travel to the instance: through standard input to `sh`, so that whatever the login
// shell is, it sees one fixed line and never a value of ours; and in that `sh`, values are only ever arguments.

/** Printed before the script's own output: what comes earlier is the login shell's start-up files talking. */
export const outputMarker = 'portald:begin';

/** The command to run by SSH; it reads one line of standard input (`firstLine`) and becomes that script. */
export const bootstrap = `exec sh -c 'IFS= read -r script; eval "$(printf %b "$script")"'`;

/** The line that makes `bootstrap` run `script` with `$1`, `$2`, … as given. */
export function firstLine(script: string, scriptArguments: readonly string[]): string {
  const whole = `set -- ${scriptArguments.map(quoted).join(' ')}\necho ${outputMarker}\n${script}`;
  return `${whole.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n`;
}

/** `value` as one word of a POSIX shell. */
export function quoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

/**
 * Runs `"$@"` for as long as the session lives: when its input ends (portald gave up, died, or the connection broke),
 * the command's whole process group is told to end, and 5 s later is killed.
 */
export const supervisedScript = `
exec 3<&0
if command -v setsid >/dev/null 2>&1; then
  setsid "$@" </dev/null 3<&- &
  child=$! group=-$!
else
  "$@" </dev/null 3<&- &
  child=$! group=$!
fi
(
  while read -r line <&3; do :; done
  trap '' TERM
  kill -TERM "$group" || kill -TERM "$child"
  sleep 5
  kill -KILL "$group"
) >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$child"
code=$?
kill "$watcher" 2>/dev/null
exit "$code"
`;
