// The questions from which a specification is made, with what the account offers as answers.
import { hourlyText } from '../protocol/dollars.ts';
import { PortalError } from '../protocol/errors.ts';
import type { Offers } from '../protocol/offers.ts';
import { whyNotMountPoint } from '../protocol/specification/reserved-places.ts';
import { specificationSchema } from '../protocol/specification/schema.ts';
import type { Choice, Questions, Wrong } from './questions.ts';

export interface GuidedParts {
  readonly questions: Questions;
  readonly offersFor: (instanceType: string) => Promise<Offers>;
  /** Private keys of the user that may belong to a key pair of that name; the likeliest first. */
  readonly keyFilesFor: (keyPair: string) => Promise<readonly string[]>;
  /** What is wrong with such a file. */
  readonly wrongKeyFile: Wrong;
  readonly say: (text: string) => void;
}

/** Asks everything and returns the specification, in the order of the document's fields. */
export async function askSpecification({
  questions,
  offersFor,
  keyFilesFor,
  wrongKeyFile,
  say,
}: GuidedParts): Promise<object> {
  say('Enter takes what stands in brackets. Nothing is written before the end.');
  const { instanceType, offers } = await askInstanceType({ questions, offersFor, say });

  const zones = zoneChoices(offers);
  const zone = await questions.choose('availability zone', zones, (answer) =>
    zones.length === 0
      ? wrongAs(fields.availability_zone)(answer)
      : `there is no zone ${answer} in this Region`,
  );
  const image = await questions.choose(
    'image',
    offers.images.map(({ id, name }) => ({ value: id, about: name })),
    wrongAs(fields.image_id),
  );
  const keyPair = await questions.choose(
    'key pair',
    offers.keyPairs.map(plain),
    wrongAs(fields.key_pair_name),
  );
  const keyFiles = await keyFilesFor(keyPair);
  const identityFile = await questions.choose('file of its private key', keyFiles.map(plain), wrongKeyFile);
  const group = await questions.choose(
    'security group',
    offers.securityGroups.map(({ id, name }) => ({ value: id, about: name })),
    wrongAs(fields.security_group_id),
  );
  const subnet = await askSubnet(questions, offers, zone);
  const imageName = offers.images.find((one) => one.id === image)?.name ?? '';
  const user = await questions.text('user of the image', {
    fallback: likelyUser(imageName),
    wrong: wrongAs(fields.remote_user),
  });
  const wrongPackage = wrongAs(fields.extra_python_packages.items);
  const packages = words(
    await questions.text('Python packages to install, with spaces between (none)', {
      wrong: (answer) =>
        words(answer)
          .map(wrongPackage)
          .find((one) => one !== undefined),
    }),
  );
  const environment =
    packages.length === 0
      ? undefined
      : await questions.text('virtual environment for them', { fallback: `/home/${user}/venv` });
  const role = await questions.text('fleet role', {
    fallback: `arn:aws:iam::${offers.account ?? '123456789012'}:role/aws-ec2-spot-fleet-tagging-role`,
    wrong: wrongAs(specificationSchema.properties.spot_fleet.properties.iam_fleet_role),
  });
  const volumes = await askVolumes(questions, offers, zone, user);
  const channels = await askChannels(questions, volumes[0]?.mount_point ?? `/home/${user}`);
  return {
    spot_instance: {
      instance_type: instanceType,
      image_id: image,
      key_pair_name: keyPair,
      identity_file: identityFile,
      security_group_id: group,
      availability_zone: zone,
      ...(subnet !== undefined && { subnet_id: subnet }),
      remote_group: user,
      remote_user: user,
      ...(environment !== undefined && {
        python_virtual_env: environment,
        extra_python_packages: packages,
      }),
    },
    spot_fleet: { iam_fleet_role: role },
    persistent_volumes: volumes,
    channels,
  };
}

/** Asks again while AWS knows no such type; the proposed one, too, is not in every Region. */
async function askInstanceType({
  questions,
  offersFor,
  say,
}: Pick<GuidedParts, 'questions' | 'offersFor' | 'say'>): Promise<{ instanceType: string; offers: Offers }> {
  for (;;) {
    const instanceType = await questions.text('instance type', {
      fallback: 'g5.xlarge',
      wrong: (answer) =>
        /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/.test(answer) ? undefined : 'a type such as g5.xlarge or g4dn.xlarge',
    });
    try {
      return { instanceType, offers: await offersFor(instanceType) };
    } catch (error) {
      if (!(error instanceof PortalError) || error.kind !== 'configuration') throw error;
      say(error.message);
    }
  }
}

const fields = specificationSchema.properties.spot_instance.properties;
const volumeFields = specificationSchema.properties.persistent_volumes.items.properties;

/** By the rule that the specification has for the field. */
function wrongAs({ pattern, form }: { readonly pattern: string; readonly form: string }) {
  return (answer: string): string | undefined => (new RegExp(pattern, 'u').test(answer) ? undefined : form);
}

const plain = (value: string): Choice => ({ value, about: '' });

const words = (text: string): string[] => text.split(/\s+/).filter((one) => one !== '');

/** Cheapest first; where the volumes are is told, as an instance has to go there. */
function zoneChoices({ zones, volumes }: Offers): Choice[] {
  return zones.map(({ name, dollarsPerHour }) => {
    const count = volumes.filter((volume) => volume.zone === name).length;
    const price =
      dollarsPerHour === undefined ? 'not offered here' : `${hourlyText(dollarsPerHour)} an hour just now`;
    const stock = count === 0 ? '' : `, ${count} free ${count === 1 ? 'volume' : 'volumes'}`;
    return { value: name, about: `${price}${stock}` };
  });
}

/** The zone's default subnet needs no name. */
async function askSubnet(
  questions: Questions,
  { subnets }: Offers,
  zone: string,
): Promise<string | undefined> {
  const here = subnets.filter((one) => one.zone === zone);
  const hasDefault = here.some((one) => one.isDefault);
  if (hasDefault && here.length === 1) return undefined;
  const answer = await questions.choose(
    'subnet',
    [
      ...(hasDefault ? [{ value: 'default', about: 'that of the zone' }] : []),
      ...here.map(({ id, givesPublicAddress }) => ({
        value: id,
        about: givesPublicAddress ? '' : 'gives no public address: cannot be reached',
      })),
    ],
    wrongAs(fields.subnet_id),
  );
  return answer === 'default' ? undefined : answer;
}

/** The default user of an image, by what its name says. */
export function likelyUser(imageName: string): string {
  if (/amazon linux|^al20|amzn/i.test(imageName)) return 'ec2-user';
  return /debian/i.test(imageName) ? 'admin' : 'ubuntu';
}

interface VolumeAnswer {
  readonly volume_id: string;
  readonly device: string;
  readonly mount_point: string;
  readonly format?: true;
}

async function askVolumes(
  questions: Questions,
  { volumes }: Offers,
  zone: string,
  user: string,
): Promise<VolumeAnswer[]> {
  const chosen: VolumeAnswer[] = [];
  for (;;) {
    const free = volumes.filter(
      (one) => one.zone === zone && chosen.every((before) => before.volume_id !== one.id),
    );
    const none = { value: 'none', about: chosen.length === 0 ? 'no volume' : 'no further volume' };
    const offered = free.map(({ id, name, sizeGiB }) => ({
      value: id,
      about: `${sizeGiB} GiB ${name}`.trim(),
    }));
    // With nothing to offer, one question is enough.
    const choices = chosen.length === 0 && offered.length > 0 ? [...offered, none] : [none, ...offered];
    const id = await questions.choose('volume', choices, wrongAs(volumeFields.volume_id));
    if (id === 'none') return chosen;
    const suffix = chosen.length === 0 ? '' : String(chosen.length + 1);
    const point = await questions.text('mounted on', {
      fallback: `/home/${user}/workspace${suffix}`,
      wrong: (answer) => wrongAs(volumeFields.mount_point)(answer) ?? whyNotMountPoint(answer, user),
    });
    const isNew = await questions.text('is it new and blank? A file system is made only if it is', {
      fallback: 'no',
      wrong: (answer) => (/^(y|yes|n|no)$/i.test(answer) ? undefined : 'yes or no'),
    });
    chosen.push({
      volume_id: id,
      device: `/dev/sd${'fghijklmnop'[chosen.length] ?? 'p'}`,
      mount_point: point,
      ...(/^y/i.test(isNew) && { format: true }),
    });
  }
}

async function askChannels(questions: Questions, remoteFolder: string): Promise<object[]> {
  const out = await questions.text('folder here whose files go to the machine (none)');
  const back = await questions.text('folder here that gets results from the machine (none)');
  const contentsOf = (path: string): string => `${path.replace(/\/+$/, '')}/`;
  const there = (path: string): string =>
    `${remoteFolder}/${contentsOf(path).split('/').at(-2) || 'files'}/`.replace(
      /\/(\.|\.\.|~)\/$/,
      '/files/',
    );
  return [
    ...(out === ''
      ? []
      : [{ direction: 'out', local_path: contentsOf(out), remote_path: there(out), recursive: true }]),
    ...(back === ''
      ? []
      : [{ direction: 'in', local_path: contentsOf(back), remote_path: there(back), recursive: true }]),
  ];
}
