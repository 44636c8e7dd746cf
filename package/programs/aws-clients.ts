// The clients of AWS as files of their own, with only the operations in use: portald loads one at its first call. Nothing
// of them is installed beside the programs, so their licences stand in a file beside them.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';

/** Files of daemon/ec2, each with the exports that portald takes from one client. */
export const awsClients = ['client-ec2', 'client-service-quotas'] as const;

/** They stay apart from the program that loads them. */
export const awsClientsApart: Plugin = {
  name: 'aws-clients-apart',
  setup(builder) {
    const filter = new RegExp(`^\\./(${awsClients.join('|')})\\.ts$`);
    builder.onResolve({ filter }, ({ path }) => ({ path: path.replace('.ts', '.cjs'), external: true }));
  },
};

/**
 * The SDK describes the shape of every operation in one file of constants. In them a property is named by another
 * constant (`[_xN]: …`), which esbuild takes for something that may have an effect, so that it would leave none out.
 */
const shapesByName: Plugin = {
  name: 'shapes-by-name',
  setup(builder) {
    builder.onLoad({ filter: /[\\/]client-ec2[\\/]dist-es[\\/]schemas[\\/]\w+\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const definitions = text.matchAll(/^const (_\w+) = ("[^"\\]*");$/gm);
      const names = new Map([...definitions].map(([, constant = '', value = '']) => [constant, value]));
      const contents = text.replace(/\[(_\w+)\]:/g, (found, constant: string) => {
        const value = names.get(constant);
        return value === undefined ? found : `${value}:`;
      });
      return { contents, loader: 'js' };
    });
  },
};

/** Writes them to `folder`, built as the programs are (`options`). */
export async function bundleAwsClients(folder: string, options: BuildOptions): Promise<void> {
  const { metafile } = await build({
    ...options,
    entryPoints: awsClients.map((name) => `daemon/ec2/${name}.ts`),
    outdir: folder,
    mainFields: ['module', 'main'],
    plugins: [shapesByName],
    metafile: true,
  });
  writeFileSync(join(folder, 'client-licences.txt'), licencesOf(metafile, options.absWorkingDir ?? '.'));
}

function licencesOf(metafile: Metafile, clone: string): string {
  const packages = new Set(
    Object.keys(metafile.inputs).flatMap(
      (path) => path.match(/^.*node_modules\/(@[^/]+\/)?[^/]+/)?.[0] ?? [],
    ),
  );
  const found = [...packages].sort().map((path) => {
    const folder = join(clone, path);
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      name: string;
      version: string;
      license: string;
    };
    return { heading: `${name} ${version} (${license})`, license, text: licenceIn(folder) };
  });
  // Most of them are one project's and have one text, which some of them only name.
  const headings = Map.groupBy(found, ({ license, text }) => {
    const whole = text ?? found.find((other) => other.license === license && other.text !== undefined)?.text;
    if (whole === undefined) throw new Error(`no text of the licence ${license} is in node_modules`);
    return whole;
  });
  const parts = [...headings].map(
    ([text, group]) => `${group.map(({ heading }) => heading).join('\n')}\n\n${text.trim()}\n`,
  );
  return `The files client-*.cjs beside this one contain parts of these packages.\n\n${parts.join('\n\n')}`;
}

/** The text of a package's licence with its notice, if they are in it. */
function licenceIn(folder: string): string | undefined {
  const names = readdirSync(folder).filter((name) => /^(licen[cs]e|notice)(\.|$)/i.test(name));
  const texts = names.map((name) => readFileSync(join(folder, name), 'utf8'));
  return texts.length === 0 ? undefined : texts.join('\n');
}
