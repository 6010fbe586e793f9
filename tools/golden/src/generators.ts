import { supportPage } from '@csms/ocpp-gateway/profiles/support-page';
import { loadPromises, promisesPage } from '@csms/promises/promises';
import { chargingSiteFiles } from './charging-site.ts';
import { operatorFiles } from './operator.ts';

/** A generated file: its path from the root of the repository, and its whole text. */
export interface GeneratedFile {
  path: string;
  text: string;
}

/** Makes files from the code; `root` is the repository's folder, for generators that read fixtures. Pure apart from that reading. */
export type Generator = (root: string) => GeneratedFile[] | Promise<GeneratedFile[]>;

/** All generators. A new golden or printed page is one more line here. */
export const generators: Generator[] = [
  chargingSiteFiles, // CRD and reference page
  operatorFiles, // what each site in operator/testdata becomes, and the page of the operator's settings
  () => [{ path: 'docs/reference/ocpp-support.md', text: supportPage() }],
  () => [{ path: 'docs/promises.md', text: promisesPage(loadPromises()) }],
];
