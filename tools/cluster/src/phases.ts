import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A part of the suite that is run, and counted, for itself: when time is short, a whole one is left out and named. */
export interface Phase {
  name: string;
  /** What it takes on two quiet cores. */
  minutes: number;
  level: 'control-plane' | 'node';
  /** Its files do not go side by side: each starts operators, which look after the sites of the whole cluster. */
  oneByOne?: boolean;
  files: string[];
}

const suiteFolder = 'tools/cluster/suite';
/** The first whose prefix fits takes a file; the order is that of running. */
const parts: (Omit<Phase, 'files'> & { prefix: string })[] = [
  { name: 'the operator at many sites', prefix: 'scale/', minutes: 4, level: 'control-plane', oneByOne: true },
  { name: 'operators', prefix: 'operator/', minutes: 4, level: 'control-plane', oneByOne: true },
  { name: 'the platform, installed', prefix: 'node/platform', minutes: 7, level: 'node' },
  { name: 'gateways that come and go', prefix: 'node/elastic', minutes: 5, level: 'node' },
  { name: 'a node and its images', prefix: 'node/', minutes: 2, level: 'node' },
  { name: 'a control plane', prefix: '', minutes: 2, level: 'control-plane' },
];

/** The parts of the suite and their files, shortest first, so that a machine in a hurry still proves most of it. */
export async function phasesIn(rootDir: string): Promise<Phase[]> {
  const names = (await readdir(join(rootDir, suiteFolder), { recursive: true })).filter((name) => name.endsWith('.test.ts')).sort();
  const phases = parts.map(({ prefix, ...part }) => ({ ...part, files: names.filter((name) => parts.find((each) => name.startsWith(each.prefix))?.prefix === prefix).map((name) => `${suiteFolder}/${name}`) }));
  return phases.filter(({ files }) => files.length > 0).sort((a, b) => a.minutes - b.minutes);
}
