// The texts of the Debian package: control, copyright, changelog.
import type { LockedPackage } from '../production.ts';

/** What a text of the package is about. */
export interface Facts {
  /** Debian's form of the version. */
  readonly version: string;
  /** As `dpkg --print-architecture` tells it. */
  readonly architecture: string;
  /** `NAME <ADDRESS>`. */
  readonly maintainer: string;
  /** When it was made, in seconds since 1970. */
  readonly atS: number;
}

/** Debian's version of npm's: what comes before a release sorts before it, too. */
export function debianVersion(version: string): string {
  return `${version.replace('-', '~')}-1`;
}

export function control({ version, architecture, maintainer }: Facts, sizeKiB: number): string {
  return `Package: portald
Version: ${version}
Architecture: ${architecture}
Maintainer: ${maintainer}
Installed-Size: ${sizeKiB}
Depends: libc6 (>= 2.28), libgcc-s1 (>= 4.2), libstdc++6 (>= 5.2), openssh-client, rsync
Suggests: awscli, e2fsprogs, python3-venv, tmux
Section: net
Priority: optional
Description: keeps spot-priced EC2 machines alive as if they were not
 portald rents GPU machines of AWS at the spot price and keeps them alive: it
 requests the machine, attaches and mounts EBS volumes, installs Python
 packages, keeps files in step with rsync whenever they are saved, and moves
 everything to a fresh machine when AWS takes one back.
 .
 portalctl tells it what to do. portal-sandbox is an EC2 in a box, for trying
 it without an account; it needs e2fsprogs and python3-venv.
 .
 The package brings the version of Node.js that portald is tested with.
`;
}

export function copyright(
  license: string,
  packages: readonly (readonly [path: string, LockedPackage])[],
): string {
  const table = packages.map(([path, one]) => {
    const name = path.replace(/^.*node_modules\//, '');
    return `  ${name} ${one.version}: ${one.license ?? 'see its folder'}\n`;
  });
  return `portald

${license.trim()}

/usr/lib/portald/bin/node is Node.js as its project publishes it; its licence
and those of what is compiled into it are in /usr/share/doc/portald/LICENSE.node.gz.

/usr/lib/portald/node_modules has these npm packages; licences and copyright
holders are named in the folder of each. The text of the Apache License 2.0 is
also in /usr/share/common-licenses/Apache-2.0.
What is compiled into the program portald itself, and its licences, is in
/usr/lib/portald/dist/daemon/client-licences.txt.

${table.join('')}`;
}

/** Debian's own changelog: what changed is in the project's, which lies beside it. */
export function changelog({ version, maintainer, atS }: Facts): string {
  const date = new Date(atS * 1000).toUTCString().replace('GMT', '+0000');
  return `portald (${version}) unstable; urgency=medium

  * Release of the project; changelog.gz tells what changed.

 -- ${maintainer}  ${date}
`;
}
