import { loadConfig } from '@csms/kit';
import { z } from 'zod';
import { tryCommand } from '../run-command.ts';

/** What npm needs in a build on a machine whose registry has a certificate of its own, or another address. */
export interface OwnTrust {
  npmrc: string;
  /** The machine's file of certificates, absent where npm needs none. */
  certificates: string | undefined;
  /** Where it is while a step runs. */
  inside: string;
}

const inside = '/run/build-certificates.pem';

/** Asks npm and the environment. Nothing of it stays in an image. */
export async function ownTrust(): Promise<OwnTrust> {
  const asked = async (key: string): Promise<string | undefined> => known((await tryCommand('npm', ['config', 'get', key, '--location=global']))?.trim());
  const settings = loadConfig({ NODE_EXTRA_CA_CERTS: z.string().optional() });
  const [cafile, registry] = await Promise.all([asked('cafile'), asked('registry')]);
  const certificates = cafile ?? known(settings.NODE_EXTRA_CA_CERTS);
  const lines = [...(registry === undefined ? [] : [`registry=${registry}`]), ...(certificates === undefined ? [] : [`cafile=${inside}`])];
  return { npmrc: `${lines.join('\n')}\n`, certificates, inside };
}

const known = (value: string | undefined): string | undefined => (value === undefined || value === '' || value === 'null' || value === 'undefined' ? undefined : value);
