// An EC2 error: AWS's code, a sentence, and the HTTP status.

/** Thrown by whatever refuses a call; answered as AWS answers it. */
export class Ec2Error extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

const prefixes = {
  instance: ['i-', 'InvalidInstanceID', 'instance'],
  volume: ['vol-', 'InvalidVolume', 'volume'],
  snapshot: ['snap-', 'InvalidSnapshot', 'snapshot'],
  subnet: ['subnet-', 'InvalidSubnetID', 'subnet'],
  image: ['ami-', 'InvalidAMIID', 'image'],
  securityGroup: ['sg-', 'InvalidGroup', 'security group'],
  spotRequest: ['sir-', 'InvalidSpotInstanceRequestID', 'spot instance request'],
  fleet: ['sfr-', 'InvalidSpotFleetRequestId', 'spot fleet request'],
} as const;

export type IdKind = keyof typeof prefixes;

/** Refuses an id that does not look like one of its kind. */
export function checkId(kind: IdKind, id: string): void {
  const [prefix, family, words] = prefixes[kind];
  const body =
    kind === 'fleet'
      ? /^[0-9a-f-]{36}$/
      : kind === 'spotRequest'
        ? /^[0-9a-z]{8}$/
        : /^([0-9a-f]{8}|[0-9a-f]{17})$/;
  if (id.startsWith(prefix) && body.test(id.slice(prefix.length))) return;
  const suffix = kind === 'securityGroup' ? 'Id' : kind === 'volume' || kind === 'snapshot' ? 'ID' : '';
  throw new Ec2Error(`${family}${suffix}.Malformed`, `The ${words} ID '${id}' is malformed`);
}

/** The refusal of an id that is not there. */
export function notFound(kind: IdKind, id: string): Ec2Error {
  return new Ec2Error(`${prefixes[kind][1]}.NotFound`, `The ${prefixes[kind][2]} ID '${id}' does not exist`);
}

/** The resource of that id. Throws AWS's refusal when the id is malformed, unknown, or not visible yet. */
export function lookUp<T extends { visibleAtMs: number }>(
  kind: IdKind,
  from: Map<string, T>,
  id: string,
  nowMs: number,
): T {
  checkId(kind, id);
  const found = from.get(id);
  if (found === undefined || found.visibleAtMs > nowMs) throw notFound(kind, id);
  return found;
}
