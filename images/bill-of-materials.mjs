// Writes a CycloneDX 1.5 bill of materials of what is really installed under the current folder, to standard output: each package once, with its version, its licence
// and the integrity that the lock file gives it, and the Node that runs them.
//   node bill-of-materials.mjs WORKSPACE > sbom.cdx.json
import { Buffer } from 'node:buffer';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
const folders = (folder) => { try { return readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name); } catch { return []; } };

/** Folders of packages in a folder of node_modules, and in what lies in theirs. */
function* packagesIn(modules) {
  for (const name of folders(modules)) {
    const inside = name.startsWith('@') ? folders(join(modules, name)).map((each) => join(modules, name, each)) : [join(modules, name)];
    for (const folder of inside) { yield folder; yield* packagesIn(join(folder, 'node_modules')); }
  }
}

/** An integrity of npm (sha512-<base64>) as a hash of CycloneDX. */
function hashesOf(integrity) {
  const [, algorithm, text] = /^sha(\d+)-(.+)$/.exec(integrity ?? '') ?? [];
  return text === undefined ? {} : { hashes: [{ alg: `SHA-${algorithm}`, content: Buffer.from(text, 'base64').toString('hex') }] };
}

function licencesOf(licence) {
  const text = typeof licence === 'object' && licence !== null ? licence.type : licence;
  if (typeof text !== 'string') return {};
  return { licenses: [/[()]| (AND|OR|WITH) /.test(text) ? { expression: text } : { license: /^[A-Za-z0-9.+-]+$/.test(text) && text !== 'UNLICENSED' ? { id: text } : { name: text } }] };
}

const workspace = process.argv[2];
const locked = read('package-lock.json').packages;
const roots = ['.', workspace, ...folders('packages').map((name) => join('packages', name))].map((root) => join(root, 'node_modules'));
const components = new Map();
for (const folder of roots.flatMap((root) => [...packagesIn(root)])) {
  let described;
  try { described = read(join(folder, 'package.json')); } catch { continue; }
  // A package.json within a package only says how its files are to be read.
  if (typeof described.name !== 'string' || typeof described.version !== 'string') continue;
  const purl = `pkg:npm/${described.name.replace('@', '%40')}@${described.version}`;
  components.set(purl, { type: 'library', name: described.name, version: described.version, 'bom-ref': purl, purl, ...licencesOf(described.license), ...hashesOf(locked[folder]?.integrity) });
}
const node = { type: 'application', name: 'node', version: process.versions.node, 'bom-ref': `pkg:generic/node@${process.versions.node}`, purl: `pkg:generic/node@${process.versions.node}` };
const { name, version } = read(join(workspace, 'package.json'));
process.stdout.write(`${JSON.stringify({
  bomFormat: 'CycloneDX', specVersion: '1.5', version: 1, metadata: { component: { type: 'application', name, version, 'bom-ref': `${name}@${version}` } },
  components: [node, ...[...components.values()].sort((a, b) => (a.purl < b.purl ? -1 : 1))],
}, null, 1)}\n`);
