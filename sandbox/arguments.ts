// The command line of `portal-sandbox`.
import { parseArgs } from 'node:util';

/** What was asked for; `error` is one sentence for the user. */
export type Arguments =
  | { kind: 'run'; stateFolder: string; port: number; worldFile: string | undefined }
  | { kind: 'help' }
  | { kind: 'version' }
  | { kind: 'error'; error: string };

export const usage = 'Usage: portal-sandbox --state DIR [--port N] [--world FILE]';

export const help = `${usage}

An EC2 in a box on loopback. Prints one JSON line when ready; logs go to stderr. Ctrl-C ends it and its instances.

  --state DIR   folder for everything the sandbox keeps; emptied at each start, serves one sandbox at a time
  --port N      port of the EC2 API and the control interface (default: a free one)
  --world FILE  YAML or JSON that describes the simulated region (default: a small one)
  --help        this text
  --version     the version

Exit codes: 0 ended by a signal, 1 could not start, 2 wrong use.

To use it with portald by hand:

  1. Give the world file your public key and a volume, and a port to the instances' SSH servers:

       sshPort: 4722
       keyPairs: [{ name: laptop, publicKeyFile: ~/.ssh/id_ed25519.pub }]
       volumes: [{ volumeId: vol-0123456789abcdef0, zone: eu-central-1a, formatted: ext4 }]

  2. portal-sandbox --state /tmp/sandbox --port 4700 --world world.yaml

  3. In the shells of portald and portalctl:

       export AWS_ENDPOINT_URL_EC2=http://127.0.0.1:4700 AWS_REGION=eu-central-1
       export AWS_ACCESS_KEY_ID=AKIASANDBOX AWS_SECRET_ACCESS_KEY=sandbox-secret
       export PORTALD_STATE_DIR=/tmp/portald-try PORTALD_SOCKET=/tmp/portald-try/portald.sock

  4. In the specification: ssh_port: 4722, and what the world has: key_pair_name: laptop, image_id:
     ami-0123456789abcdef0, instance_type: m5.large, security_group_id: sg-0123456789abcdef0.

  5. AWS takes a machine back when you say so:

       curl -d '{"instanceId": "i-…"}' http://127.0.0.1:4700/_sandbox/notice

sandbox/README.md has the whole story, with a specification to copy, every key of the world file and every request.
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
        help: { type: 'boolean', short: 'h', default: false },
        version: { type: 'boolean', default: false },
      },
    });
    if (values.help) return { kind: 'help' };
    if (values.version) return { kind: 'version' };
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
