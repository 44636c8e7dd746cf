// The form of what EC2 answers, by the names of its members: an answer comes over a network, and what is in it becomes an
// argument, a file name, a host name or a line of a file. Pure.
import { isIP } from 'node:net';
import { visibleText } from '../../protocol/visible-text.ts';

const id = (prefix: string): RegExp => new RegExp(`^${prefix}-[0-9a-f]{1,32}$`);

/** As in the API's model (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Types.html), and where it says nothing, as seen. */
const forms: Readonly<Record<string, RegExp | ((text: string) => boolean)>> = {
  AvailabilityZone: /^[a-z0-9-]{1,64}$/,
  Device: /^[\w./-]{1,64}$/,
  DeviceName: /^[\w./-]{1,64}$/,
  GroupId: id('sg'),
  ImageId: /^(ami|aki|ari)-[0-9a-f]{1,32}$/,
  InstanceId: id('i'),
  InstanceType: /^[a-z0-9.-]{1,64}$/,
  KernelId: id('aki'),
  KeyPairId: id('key'),
  NextToken: /^[!-~]{1,8192}$/,
  OwnerId: /^[\w-]{1,64}$/,
  PrivateIpAddress: (text) => isIP(text) !== 0,
  PublicIpAddress: (text) => isIP(text) !== 0,
  // Public keys of a key pair: one line.
  PublicKey: /^\P{Cc}{1,16384}\s?$/u,
  RegionName: /^[a-z0-9-]{1,64}$/,
  SnapshotId: id('snap'),
  SpotFleetRequestId: /^sfr-[0-9a-f-]{1,64}$/,
  SpotInstanceRequestId: /^sir-[0-9a-z]{1,32}$/,
  SubnetId: id('subnet'),
  VolumeId: id('vol'),
  VpcId: id('vpc'),
};

/** What in an answer is not what its name says; undefined if nothing is. An empty text stands for nothing, as in EC2's answers. */
export function falseValueIn(answer: unknown): string | undefined {
  const open: unknown[] = [answer];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null || value instanceof Date || ArrayBuffer.isView(value))
      continue;
    for (const [name, member] of Object.entries(value)) {
      if (typeof member !== 'string') open.push(member);
      else if (member !== '' && !fits(name, member)) return `${name} "${visibleText(member.slice(0, 60))}"`;
    }
  }
  return undefined;
}

function fits(name: string, text: string): boolean {
  const form = Object.hasOwn(forms, name) ? forms[name] : undefined;
  if (form === undefined) return true;
  return typeof form === 'function' ? form(text) : form.test(text);
}
