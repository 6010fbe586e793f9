/* `npm run images`: the images of the platform and stand-ins of those that it takes from others, built on this machine without a registry. */
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { clusterSettings } from '../settings.ts';
import { buildImages, imagePlaceOf, imagesAsBuilt, presentImages, type BuiltImage } from './build.ts';
import { chartValues, imagesFor, runnableImages } from './images-for.ts';
import { images } from './image-list.ts';

const helpText = `The images of the platform, and stand-ins of those that the chart takes from others, built with buildah on this machine.

  npm run images -- build [--target NAME]...   builds what has changed (all; or own, stand-in, or names) and prints sizes
  npm run images -- list                       what there is, and which of it is of an older tree
  npm run images -- load --name CLUSTER        builds, and gives them to the node of a cluster (npm run cluster -- up --level node)
  npm run images -- values                     values of the chart that name them by content

Options:
  --target   one of ${images.map(({ name }) => name).join(', ')}; or own, stand-in
  --name     the cluster (default: local)
  --as-built nothing is built: the images as they were built last, whatever the tree has become
  -o json    data for programs

Environment:
  CSMS_CACHE_DIR  where what was built is kept (~/.cache/csms)

Examples:
  $ npm run images -- build --target api
  $ npm run images -- load --name local
  $ helm install csms charts/csms -f charts/csms/ci/local-images-values.yaml -f <(npm run --silent images -- values)
`;

class UsageError extends Error {}

const options = {
  target: { type: 'string', multiple: true }, name: { type: 'string', default: 'local' }, output: { type: 'string', short: 'o' }, 'as-built': { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false },
} as const;

async function main(argv: string[]): Promise<number> {
  const { values, positionals } = read(argv);
  const verb = positionals[0];
  if (values.help || verb === undefined) { process.stdout.write(helpText); return verb === undefined && !values.help ? 2 : 0; }
  if (positionals.length > 1) throw new UsageError(`There is nothing to do with "${positionals.at(-1) ?? ''}".`);
  if (values.output !== undefined && values.output !== 'json') throw new UsageError(`-o knows json, not "${values.output}".`);
  const names = namesOf(values.target);
  const asJson = values.output === 'json';
  const say = (line: string): void => { process.stderr.write(`${line}\n`); };
  const { CSMS_CACHE_DIR: cacheDir } = clusterSettings();
  switch (verb) {
    case 'build': print(await buildImages(names, cacheDir, say), asJson); return 0;
    case 'load': print(await imagesFor(values.name, cacheDir, say, { names, asBuilt: values['as-built'] }), asJson); return 0;
    case 'values': process.stdout.write(stringify(chartValues(await (values['as-built'] ? imagesAsBuilt(names, cacheDir) : buildImages(names, cacheDir, say))))); return 0;
    case 'list': {
      const present = await presentImages(imagePlaceOf(cacheDir), names);
      print(present, asJson);
      const absent = names.filter((name) => !present.some((each) => each.name === name));
      if (absent.length > 0) say(`not built from this tree: ${absent.join(', ')}`);
      return 0;
    }
    default: throw new UsageError(`There is no verb "${verb}": build, list, load, values.`);
  }
}

function read(argv: string[]) {
  try {
    return parseArgs({ args: argv, options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function namesOf(targets: string[] = []): string[] {
  if (targets.length === 0) return runnableImages;
  return [...new Set(targets.flatMap((target) => {
    const named = images.filter(({ name, kind }) => name === target || (kind === target && kind !== 'base'));
    if (named.length === 0) throw new UsageError(`There is no image ${target}: own, stand-in, ${images.map(({ name }) => name).join(', ')}.`);
    return named.map(({ name }) => name);
  }))];
}

function print(built: BuiltImage[], asJson: boolean): void {
  if (asJson) { process.stdout.write(`${JSON.stringify(built)}\n`); return; }
  for (const { reference, bytes, buildMs, sbom } of built) process.stdout.write(`${reference.padEnd(48)} ${`${Math.round(bytes / 1e6)} MB`.padStart(7)}  built in ${(buildMs / 1000).toFixed(1)} s${sbom === undefined ? '' : `  ${sbom}`}\n`);
}

// Whoever reads may stop reading, as head does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => { if (error.code !== 'EPIPE') throw error; });
main(process.argv.slice(2)).then((code) => { process.exitCode = code; }, (error: unknown) => {
  process.stderr.write(`images: ${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof UsageError) process.stderr.write('(--help shows how)\n');
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
