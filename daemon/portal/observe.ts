// Gathers what `decide` looks at. Never waits long for EC2: what is not known in time is left out, and the portal is
// kicked when it comes, so that draining goes on without AWS.
import { noteAbsences } from './absences.ts';
import { createChannelTrouble } from './channel-trouble.ts';
import type { AwsPlace, CloudSnapshot } from './cloud.ts';
import { createCloudTrouble } from './cloud-trouble.ts';
import type { PortalContext } from './context.ts';
import type { Difficulty } from './gateways.ts';
import { interestOf } from './interest.ts';
import { createLinkTrouble } from './link-trouble.ts';
import type { Absence, GenerationObservation, Observation } from './observation.ts';
import type { PortalRecord } from './record.ts';
import { noteShown, type Shown } from './shown-since.ts';

/** How long a turn waits for an answer of EC2 before it goes on without. */
const patienceMs = 1500;

export interface Observer {
  /** `notBefore`: time of the last action, whose effect must be seen. */
  observe(wanted: { notBefore: number; maximumAgeMs: number }): Promise<Omit<Observation, 'resting'>>;
}

export function createObserver(context: PortalContext): Observer {
  const absences = new Map<string, Absence>();
  const shown = new Map<string, Shown>();
  const epochs = new Map<number, number>();
  const trouble = createLinkTrouble();
  const channelTrouble = createChannelTrouble();
  const cloudTrouble = createCloudTrouble();
  let countedRound = 0;
  let elsewhereSince: number | undefined;

  /** A connection that was lost may come back to a machine that was restarted: nothing is known to be mounted. */
  const noteConnections = async (): Promise<void> => {
    for (const { level, text } of channelTrouble.news(context.channels.views(), context.now()))
      context.tell(level, text);
    for (const [number, link] of context.links) {
      const news = trouble.news(number, link.status(), context.now());
      if (news !== undefined) context.tell('warning', news);
      const { state, since } = link.status();
      const epoch = state === 'connected' ? since : 0;
      if (epochs.get(number) === epoch) continue;
      const first = !epochs.has(number) || epochs.get(number) === -1;
      epochs.set(number, epoch === 0 && first ? -1 : epoch);
      if (epoch === 0 && first) continue;
      const name = context.record().generations.find((one) => one.number === number)?.instanceId ?? '';
      if (epoch === 0) {
        context.mounts.delete(number);
        context.tell(
          'warning',
          `connection to ${name} lost: ${link.status().difficulty?.message ?? 'reconnecting'}`,
        );
        if (context.channels.runsOn() === number)
          await context.channels.pause(
            'the connection to the instance was lost; it goes on by itself once it is back',
          );
      } else {
        context.mounts.delete(number);
        context.tell('info', `connected to ${name} by SSH, host key verified`);
      }
    }
    for (const number of epochs.keys()) if (!context.links.has(number)) epochs.delete(number);
  };

  const askCloud = async (wanted: {
    notBefore: number;
    maximumAgeMs: number;
  }): Promise<CloudSnapshot | undefined> => {
    context.view.want(context.record().name, interestOf(context.record()));
    const answer = context.view.observe(wanted);
    let late = false;
    const told = answer.then(
      (snapshot) => {
        if (late) context.kick();
        return snapshot;
      },
      () => undefined,
    );
    const impatience = new AbortController();
    const first = await Promise.race([
      told,
      context.sleep(patienceMs, impatience.signal).then(() => undefined),
    ]);
    impatience.abort();
    late = first === undefined;
    return first;
  };

  const noteAbsence = (cloud: CloudSnapshot | undefined, now: number): void => {
    if (cloud === undefined || cloud.at === countedRound) return;
    countedRound = cloud.at;
    noteAbsences(absences, cloud, context.record(), now);
    noteShown(shown, cloud, context.record(), now);
  };

  return {
    async observe(wanted) {
      await noteConnections();
      const answer = await askCloud(wanted);
      const unmountedAt = context.channels.unmountedAt();
      const now = context.now();
      const elsewhere = answer && elsewhereThan(context.record(), answer.place);
      elsewhereSince = elsewhere === undefined ? undefined : (elsewhereSince ?? now);
      // Answers from another account or Region would show everything as gone.
      const cloud = elsewhere === undefined ? answer : undefined;
      noteAbsence(cloud, now);
      const cloudDifficulty =
        elsewhere === undefined ? context.view.difficulty() : { ...elsewhere, since: elsewhereSince ?? now };
      for (const { level, text } of cloudTrouble.news(cloudDifficulty, now)) context.tell(level, text);
      return {
        now,
        generations: new Map(
          context.record().generations.map((one) => [one.number, onInstance(one.number, context)]),
        ),
        absences: new Map(absences),
        shownSince: new Map([...shown].map(([id, { since }]) => [id, since])),
        channelsOn: context.channels.runsOn(),
        ...(unmountedAt !== undefined && { unmountedAt }),
        earlyReplacementMs: context.earlyReplacementMs(),
        ...(cloud !== undefined && { cloud }),
        ...(cloudDifficulty !== undefined && { cloudDifficulty }),
      };
    },
  };
}

function onInstance(number: number, context: PortalContext): GenerationObservation {
  const link = context.links.get(number);
  const mounts = context.mounts.get(number);
  return {
    transport: link?.transport() !== undefined,
    tasks: context.tasks.statuses(number),
    ...(link !== undefined && { link: link.status() }),
    ...(mounts !== undefined && { mounts: mounts.volumes, mountsAt: mounts.at }),
  };
}

/** Why answers from `place` tell nothing of this portal; undefined if they do. */
function elsewhereThan(record: PortalRecord, place: AwsPlace): Omit<Difficulty, 'since'> | undefined {
  const differs = (known: string | undefined, here: string | undefined): boolean =>
    known !== undefined && here !== undefined && known !== here;
  if (!differs(record.place.account, place.account) && !differs(record.place.region, place.region))
    return undefined;
  const words = ({ account = 'unknown', region = 'unknown' }: AwsPlace): string =>
    `account ${account}, Region ${region}`;
  return {
    kind: 'account-mismatch',
    message: `${record.name} was opened in ${words(record.place)}; portald works in ${words(place)} now`,
    hint: 'start portald with the profile and Region of this portal; until then nothing is launched or ended for it',
  };
}
