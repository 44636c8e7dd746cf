// portalctl volume create and restore: a new volume, blank or from a snapshot; what is not said is asked for.
import { PortalError } from '../../protocol/errors.ts';
import { type MethodParameters, methodParameters } from '../../protocol/methods.ts';
import { usageError } from '../arguments.ts';
import { canAnswer } from '../ask.ts';
import type { Invocation } from '../command.ts';
import type { Connection } from '../connection.ts';
import { type Questions, startQuestions } from '../questions.ts';
import { checkedId } from './checked-id.ts';
import { follow } from './follow.ts';
import {
  hintOf,
  iopsOption,
  sizeOption,
  tagOptions,
  textOption,
  type Verb,
  valueOf,
  wrongSize,
} from './verb.ts';
import { withAccount } from './with-account.ts';
import { volumeText } from './words.ts';

const { snapshotId: snapshotSchema } = methodParameters['volume.create'].properties;

export const create: Verb = {
  usage:
    'create [--size GIB] [--zone ZONE] [--snapshot SNAP] [--name NAME] [--type TYPE] [--iops N] [--tag KEY=VALUE]… [--json]',
  options: ['size', 'zone', 'snapshot', 'name', 'type', 'iops', 'tag'],
  argumentCount: [0, 0],
  missing: '',
  run: (_ids, invocation) => make(create, valueOf(invocation, 'snapshot'), invocation),
};

export const restore: Verb = {
  usage:
    'restore SNAP [--zone ZONE] [--size GIB] [--name NAME] [--type TYPE] [--iops N] [--tag KEY=VALUE]… [--json]',
  options: ['size', 'zone', 'name', 'type', 'iops', 'tag'],
  argumentCount: [1, 1],
  missing: 'the id of a snapshot',
  run: ([id = ''], invocation) => make(restore, id, invocation),
};

type Wish = Omit<MethodParameters['volume.create'], 'zone'> & { zone?: string };

async function make(verb: Verb, snapshotId: string | undefined, invocation: Invocation): Promise<number> {
  const { output } = invocation;
  const wish: Wish = {
    ...(snapshotId !== undefined && { snapshotId: checkedId(snapshotId, snapshotSchema) }),
    ...sizeOption(invocation),
    ...textOption(invocation, 'zone', 'zone'),
    ...textOption(invocation, 'name', 'name'),
    ...textOption(invocation, 'type', 'type'),
    ...iopsOption(invocation),
    ...tagOptions(invocation),
  };
  const needsSize = wish.sizeGiB === undefined && snapshotId === undefined;
  if ((needsSize || wish.zone === undefined) && !canAnswer(output)) {
    const missing = needsSize
      ? wish.zone === undefined
        ? '--size and --zone are'
        : '--size is'
      : '--zone is';
    throw usageError(`${missing} missing, and nobody can be asked here`, hintOf(verb));
  }
  return withAccount(invocation, async (connection) => {
    const { zone, ...rest } = await asked(wish, needsSize, connection, invocation);
    return follow(
      output,
      (options) => connection.call('volume.create', { zone, ...rest }, options),
      ({ volume }) => {
        output.line({ text: 'created ', style: 'green' }, volumeText(volume));
        if (volume.snapshotId === undefined)
          output.line(
            'it is blank: with format: true in persistent_volumes the first opening makes a file system on it',
          );
      },
    );
  });
}

/** The wish with what was missing; throws PortalError `cancelled`. */
async function asked(
  wish: Wish,
  needsSize: boolean,
  connection: Connection,
  { output }: Invocation,
): Promise<MethodParameters['volume.create']> {
  const { zone } = wish;
  if (!needsSize && zone !== undefined) return { ...wish, zone };
  const questions = startQuestions(output);
  try {
    const sizeGiB = needsSize
      ? Number(await questions.text('size in GiB', { wrong: wrongSize }))
      : wish.sizeGiB;
    return {
      ...wish,
      ...(sizeGiB !== undefined && { sizeGiB }),
      zone: zone ?? (await askedZone(connection, questions)),
    };
  } catch (error) {
    if (!(error instanceof PortalError) || error.kind !== 'cancelled') throw error;
    throw new PortalError('cancelled', 'nothing was created');
  } finally {
    questions.close();
  }
}

/** Those with most volumes first: a portal's volumes must be in one zone. */
async function askedZone(connection: Connection, questions: Questions): Promise<string> {
  const [{ zones }, { volumes }] = await Promise.all([
    connection.call('volume.zones', {}),
    connection.call('volume.list', { all: true }),
  ]);
  const countOf = (zone: string): number => volumes.filter((one) => one.zone === zone).length;
  const choices = zones
    .toSorted((one, other) => countOf(other) - countOf(one) || one.localeCompare(other))
    .map((zone) => {
      const count = countOf(zone);
      const about = count === 0 ? 'no volume of yours' : count === 1 ? 'one volume' : `${count} volumes`;
      return { value: zone, about };
    });
  return questions.choose('zone', choices, (answer) => `there is no zone ${answer} in this Region`);
}
