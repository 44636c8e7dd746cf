// The main job in front of your eyes: a portal is opened, works, is interrupted, recovers, and is closed, on an EC2 in
// a box. Real portald, real portalctl, real rsync over real SSH, the real AWS client over real HTTP.
import { tmpdir } from 'node:os';
import { type Stage, setStage } from '../stage/stage.ts';
import { clearLeftovers, folderPrefix } from './leftovers.ts';
import { createNarrator } from './narrator.ts';
import { play } from './play.ts';

let stage: Stage | undefined;
let interrupted: NodeJS.Signals | undefined;
const hurry = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    interrupted ??= signal;
    hurry.abort();
  });
}

clearLeftovers(tmpdir());
try {
  const narrator = createNarrator(() => performance.now());
  narrator.chapter('Setting the stage');
  // The notice is AWS's real two minutes; machines boot faster than Amazon's, so that you need not wait.
  stage = await setStage(folderPrefix(process.pid));
  narrator.say(
    `an EC2 in a box answers at ${stage.sandbox.endpoint}; everything of this demo is in ${stage.folder}`,
  );
  await play(stage, narrator, hurry.signal);
} catch (error) {
  if (interrupted === undefined) {
    process.stderr.write(`\ndemo: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
} finally {
  await stage?.end();
}
if (interrupted !== undefined) {
  process.stdout.write('\nInterrupted: everything that the demo had started is ended and removed.\n');
  process.exitCode = 130;
}
