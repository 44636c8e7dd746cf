// portalctl volume: the EBS volumes and snapshots of the account, by verbs.
import { nearestName } from '../../protocol/nearest-name.ts';
import { usageError } from '../arguments.ts';
import type { Command, Invocation } from '../command.ts';
import { create, restore } from '../volume/create.ts';
import { remove } from '../volume/delete.ts';
import { list } from '../volume/list.ts';
import { snapshot } from '../volume/snapshot.ts';
import { update } from '../volume/update.ts';
import { hintOf, type Verb } from '../volume/verb.ts';

const help = `Lists, creates, changes, copies and deletes EBS volumes and snapshots in the
account and Region of portald.

  list                   the volumes that this portald created
    -a, --all            every volume of the account
        --snapshots      snapshots instead
  create                 a new volume, blank or from a snapshot; waits until it
                         is available. Size and zone are asked for
    -s, --size GIB       whole GiB; by default the snapshot's
    -z, --zone ZONE      the zone of the portal that is to use it
    -S, --snapshot SNAP  what to make it from
    -n, --name NAME      its tag Name; by default the snapshot's
        --type TYPE      gp3 by default
        --iops N         operations a second; io1 and io2 need it
    -t, --tag KEY=VALUE  a further tag, also as KEY:VALUE; as often as you like
  update VOL         changes a volume: --size, --type, --name, --tag as above.
                     No volume can shrink, and AWS changes size or type again
                     only six hours after the last change. With --size, the
                     file system that an open portal has mounted grows, too
    -f, --force      also a volume that is not of this portald, or in use
  snapshot VOL       a copy of the volume as it is now, of one in use as after
                     a crash, its file systems flushed before; --name as above
    --no-wait        do not wait until it is complete
  restore SNAP       the same as create --snapshot SNAP
  delete VOL|SNAP…   with all data; asks first. Never what is attached
    -f, --force      also what is not of this portald, or what a portal that
                     is not closed names
    --yes            do not ask

options:
  --json      print {"volumes": […]} or {"snapshots": […]} (list), {"volume"}
              (create, restore), {"volume", "isModified", "grown"} (update),
              {"snapshot", "flushed", "notFlushed"} (snapshot), {"volumes",
              "snapshots", "failed": [{"id", "error"}]} (delete); a volume is
              {"id", "name", "sizeGiB", "type", "zone", "state", "attachments",
              "portal", "snapshotId", "createdAt", "isEncrypted", "isOurs",
              "tags"}; or {"error": {"kind", "message", …}}
  -h, --help  show this help

Ctrl-C ends the waiting, not what AWS was asked.

exit codes:
  0    done
  1    failed, refused, or the answer was no
  2    wrong use
  3    no daemon
  130  Ctrl-C ended the waiting

example:
  portalctl volume create --name data --size 100 --zone eu-central-1a
`;

const verbs: ReadonlyMap<string, Verb> = new Map([
  ['list', list],
  ['create', create],
  ['update', update],
  ['delete', remove],
  ['snapshot', snapshot],
  ['restore', restore],
]);

const names = [...verbs.keys()].join('|');

export const command: Command = {
  usage: `volume ${names} [OPTION]…`,
  help,
  flags: ['all', 'snapshots', 'force', 'yes', 'no-wait'],
  values: ['size', 'zone', 'snapshot', 'name', 'type', 'iops', 'tag'],
  repeatable: ['tag'],
  letters: { a: 'all', f: 'force', n: 'name', s: 'size', S: 'snapshot', t: 'tag', z: 'zone' },
  argumentCount: [1, Number.POSITIVE_INFINITY],
  arguments: {
    update: ['volumes'],
    snapshot: ['volumes'],
    restore: ['snapshots'],
    delete: ['volumes', 'snapshots'],
  },
  suggestions: {
    zone: 'zones',
    snapshot: 'snapshots',
    type: ['gp3', 'gp2', 'io1', 'io2', 'st1', 'sc1', 'standard'],
  },
  missing: `what to do (${names})`,
  run(invocation) {
    const [name = '', ...given] = invocation.positionals;
    const verb = verbs.get(name);
    if (verb === undefined) {
      const nearest = nearestName(name, [...verbs.keys()]);
      const advice = nearest === undefined ? '' : `; did you mean ${nearest}?`;
      throw usageError(
        `"${name}" is nothing to do with volumes${advice}`,
        `usage: portalctl volume ${names}`,
      );
    }
    for (const option of [...invocation.flags, ...invocation.values.keys()]) {
      if (option === 'json' || verb.options.includes(option)) continue;
      throw usageError(`--${option} does not go with volume ${name}`, hintOf(verb));
    }
    const { ids, values } = withMoreTags(verb, given, invocation.values);
    const [least, most] = verb.argumentCount;
    if (ids.length < least) throw usageError(`${verb.missing} is missing`, hintOf(verb));
    const extra = ids[most];
    if (extra !== undefined) throw usageError(`unexpected argument "${extra}"`, hintOf(verb));
    return verb.run(ids, { ...invocation, values });
  },
};

/** What follows `-t KEY:VALUE` in the same form is a tag, too, as Portal Gun has it. */
function withMoreTags(
  verb: Verb,
  given: readonly string[],
  values: Invocation['values'],
): { ids: readonly string[]; values: Invocation['values'] } {
  const tags = values.get('tag');
  if (tags === undefined || !verb.options.includes('tag')) return { ids: given, values };
  const isTag = (word: string): boolean => /^[^:=]+[:=]/.test(word);
  return {
    ids: given.filter((word) => !isTag(word)),
    values: new Map(values).set('tag', [...tags, ...given.filter(isTag)]),
  };
}
