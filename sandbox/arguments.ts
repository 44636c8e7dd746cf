// The command line of `portal-sandbox`.
import { parseArgs } from 'node:util';

/** What was asked for; `error` is one sentence for the user. */
export type Arguments =
  | { kind: 'run'; stateFolder: string; port: number; worldFile: string | undefined }
  | { kind: 'help' }
  | { kind: 'error'; error: string };

export const usage = `Usage: portal-sandbox --state DIR [--port N] [--world FILE]

An EC2 in a box on loopback. Prints one JSON line when ready; logs go to stderr.

  --state DIR   folder for everything the sandbox keeps; emptied at each start
  --port N      port of the EC2 API and the control interface (default: a free one)
  --world FILE  YAML or JSON that describes the simulated region (default: a small one)
  --help        this text
`;

/** Reads the arguments that follow the program's name. */
export function readArguments(words: readonly string[]): Arguments {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        state: { type: 'string' },
        port: { type: 'string', default: '0' },
        world: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return { kind: 'help' };
    if (!values.state) return { kind: 'error', error: '--state DIR is required.' };
    const port = Number(values.port);
    if (!/^\d+$/.test(values.port) || port > 65535) {
      return { kind: 'error', error: `--port takes a number from 0 to 65535, not ${values.port}.` };
    }
    return { kind: 'run', stateFolder: values.state, port, worldFile: values.world };
  } catch (error) {
    const sentence = error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error);
    return { kind: 'error', error: `${sentence.replace(/\.$/, '')}.` };
  }
}
