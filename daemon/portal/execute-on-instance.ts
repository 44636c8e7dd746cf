// Steps on an instance: the connection, packages, channels, the user's commands.
import { PortalError } from '../../protocol/errors.ts';
import { atOnce, generationOf, linkOf, type Outcome, type PortalContext } from './context.ts';
import { mountsOf } from './mounted-channels.ts';
import { withGeneration } from './record.ts';
import type { StepOf } from './steps.ts';
import { runUserCommands } from './user-commands.ts';

const onOpenTimeoutMs = 30 * 60_000;
/** How often the console is read until it tells the host keys. */
const consoleIntervalMs = 5000;

export async function connect(step: StepOf<'connect'>, context: PortalContext): Promise<Outcome> {
  const generation = generationOf(context, step.generation);
  const { user, port, identityFile, hostKey } = generation.login;
  const snapshot = await context.view.observe({ notBefore: 0, maximumAgeMs: 60_000 });
  const address = snapshot.instances.get(generation.instanceId ?? '')?.address;
  if (address === undefined || generation.instanceId === undefined) return { againMs: 500 };
  const target = {
    instanceId: generation.instanceId,
    address,
    port,
    user,
    identityFile,
    hostKeys: generation.hostKeys,
    acceptFirstHostKey: hostKey === 'first-use',
  };
  context.links.set(step.generation, context.connect(target, context.kick));
  context.tell('info', `${generation.instanceId} is running at ${address}; connecting by SSH`);
  return atOnce;
}

export async function readConsoleKeys(
  step: StepOf<'read-console-keys'>,
  context: PortalContext,
): Promise<Outcome> {
  const { instanceId = '' } = generationOf(context, step.generation);
  const keys = context.hostKeys.fromConsole(await context.cloud.consoleOutput(instanceId));
  if (keys.length === 0) return { againMs: consoleIntervalMs };
  await context.change((record) => withGeneration(record, step.generation, { hostKeys: keys }));
  context.tell('info', `host key of ${instanceId} read from its console`);
  return atOnce;
}

export async function pinHostKey(step: StepOf<'pin-host-key'>, context: PortalContext): Promise<Outcome> {
  await context.change((record) => withGeneration(record, step.generation, { hostKeys: [step.hostKey] }));
  context.tell('warning', `accepted the host key met at first use: ${step.hostKey}`);
  return atOnce;
}

/** Waits until the console tells the instance's host keys, and compares the one that was accepted with them. */
export function confirmHostKey(step: StepOf<'confirm-host-key'>, context: PortalContext): Promise<Outcome> {
  const { generation } = step;
  context.tasks.start(generation, 'confirm-host-key', async (signal) => {
    const { instanceId = '', hostKeys: accepted } = generationOf(context, generation);
    let keys: string[] = [];
    for (;;) {
      keys = context.hostKeys.fromConsole(await context.cloud.consoleOutput(instanceId));
      if (keys.length > 0) break;
      await context.sleep(consoleIntervalMs, signal);
      signal.throwIfAborted();
    }
    const isConfirmed = accepted.some((key) => keys.includes(key));
    const outcome = isConfirmed
      ? { hostKeyConfirmedAt: context.now() }
      : { hostKeyDisprovedAt: context.now() };
    await context.change((record) => withGeneration(record, generation, outcome));
    if (isConfirmed)
      context.tell('info', `the console of ${instanceId} tells the host key that was accepted`);
  });
  return Promise.resolve(atOnce);
}

export function installPackages(step: StepOf<'install-packages'>, context: PortalContext): Promise<Outcome> {
  const { python_virtual_env: environment = '', extra_python_packages: packages = [] } =
    context.record().specification.spot_instance;
  const earlier = context.tasks.statuses(step.generation).get('install-packages')?.difficulty;
  context.tasks.start(step.generation, 'install-packages', async (signal) => {
    const began = context.now();
    await linkOf(context, step.generation)
      .installPackages(environment, packages, signal)
      .catch((error: unknown) => {
        // It is tried again, and told once.
        if (error instanceof PortalError && !signal.aborted && error.message !== earlier?.message)
          context.tell('warning', error.message);
        throw error;
      });
    await context.change((record) => withGeneration(record, step.generation, { packagesAt: context.now() }));
    context.tell('info', `installed ${packages.join(', ')} in ${seconds(context.now() - began)}`);
  });
  return Promise.resolve(atOnce);
}

export function startChannels(step: StepOf<'start-channels'>, context: PortalContext): Promise<Outcome> {
  const transport = linkOf(context, step.generation).transport();
  if (transport === undefined) return Promise.resolve({ againMs: 200 });
  const { specification } = context.record();
  const { volumes = [] } = context.mounts.get(step.generation) ?? {};
  context.channels.start(step.generation, transport, (channel) => mountsOf(channel, specification, volumes));
  context.tell('info', `channels follow on ${generationOf(context, step.generation).instanceId}`);
  return Promise.resolve(atOnce);
}

export function runOnOpen(step: StepOf<'run-on-open'>, context: PortalContext): Promise<Outcome> {
  const { generation } = step;
  context.tasks.start(generation, 'run-on-open', async (signal) => {
    const failure = await runUserCommands(
      'on_open',
      { generation, timeoutMs: onOpenTimeoutMs, signal },
      context,
    );
    await context.change((record) =>
      withGeneration(record, generation, {
        onOpenAt: context.now(),
        ...(failure !== undefined && { onOpenFailure: failure }),
      }),
    );
  });
  return Promise.resolve(atOnce);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
