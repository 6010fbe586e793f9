/*
 * The rooms of the house and the arrows between them that docs/ARCHITECTURE.md allows. A room that is not listed here may not exist.
 */

export interface Room {
  /** Folder from the root. */
  folder: string;
  /** Packages of ours that it may import. */
  mayImport: string[];
  /** Packages that only files named here (by their end) may import: only a main chooses adapters. */
  onlyIn?: Record<string, RegExp>;
  /** No clock, no chance, no environment, no network, no files. */
  pure?: boolean;
}

const mainOnly = /\/(src\/main|src\/wiring|src\/adapters)\.ts$/;

export const rooms: Room[] = [
  { folder: 'packages/contracts', mayImport: [] },
  { folder: 'packages/ocpp', mayImport: [], pure: true },
  { folder: 'packages/domain', mayImport: ['contracts'], pure: true },
  { folder: 'packages/forecast', mayImport: ['contracts'], pure: true },
  { folder: 'packages/kit', mayImport: [] },
  { folder: 'packages/store', mayImport: ['contracts', 'domain', 'kit'] },
  { folder: 'packages/bus', mayImport: ['contracts', 'domain', 'kit'] },
  { folder: 'packages/kube', mayImport: ['kit'] },
  { folder: 'operator', mayImport: ['contracts', 'kube', 'kit'] },
  { folder: 'services/ocpp-gateway', mayImport: ['contracts', 'ocpp', 'domain', 'store', 'bus', 'kit'], onlyIn: { store: mainOnly, bus: mainOnly } },
  { folder: 'services/api', mayImport: ['contracts', 'domain', 'store', 'bus', 'kit'], onlyIn: { bus: mainOnly } },
  { folder: 'services/mirror', mayImport: ['contracts', 'domain', 'store', 'bus', 'kit'], onlyIn: { bus: mainOnly } },
  { folder: 'services/ml-trainer', mayImport: ['contracts', 'domain', 'forecast', 'store', 'kit'] },
  { folder: 'services/dashboard', mayImport: ['contracts', 'kit'] },
  { folder: 'edge', mayImport: ['kit'] },
  { folder: 'cli', mayImport: ['contracts', 'kit'] },
  { folder: 'tools/local', mayImport: ['contracts', 'kit', 'kube', 'store', 'edge', 'forecast'] },
  { folder: 'tools/golden', mayImport: ['contracts', 'kube', 'operator', 'ocpp', 'ocpp-gateway', 'api', 'promises', 'kit'] },
  { folder: 'tools/cluster', mayImport: ['contracts', 'kit', 'kube', 'operator', 'edge', 'local'] },
  { folder: 'tools/chart', mayImport: ['cli', 'kit', 'operator', 'ocpp-gateway'] },
  { folder: 'tools/peers', mayImport: ['kit', 'domain', 'ocpp', 'bus', 'store', 'ocpp-gateway'] },
  { folder: 'tools/promises', mayImport: [] },
  { folder: 'tools/tidy', mayImport: [] },
  { folder: 'load-tests', mayImport: ['contracts', 'kit', 'edge', 'store', 'local', 'ocpp', 'domain', 'bus', 'ocpp-gateway'] },
];

/** What a pure room may not name, with the reason that a failing test prints. */
export const impure: [pattern: RegExp, reason: string][] = [
  [/\bDate\.now\(|\bnew Date\(\)/, 'reads the clock: time comes in as an argument'],
  [/\bMath\.random\(|\bcrypto\.random|randomUUID\(|randomBytes\(/, 'rolls dice: ids and chance come in as arguments'],
  [/\bprocess\.env\b/, 'reads the environment'],
  [/\b(setTimeout|setInterval|setImmediate)\(/, 'keeps a timer'],
  [/\bconsole\./, 'prints'],
  [/from 'node:(net|http|https|tls|dgram|fs|child_process|os)/, 'does I/O'],
  [/\bfetch\(/, 'calls the network'],
];
