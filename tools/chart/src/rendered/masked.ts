import { parseAllDocuments, stringify } from 'yaml';
import { z } from 'zod';

/** As it stands: a shape of known fields would put these first. */
const Whole = z.record(z.string(), z.unknown());
const Data = z.looseObject({ kind: z.string(), data: z.record(z.string(), z.string()).optional() });

/**
 * A rendered chart as it can be compared: what is made anew at each installation, and files of the chart that are rendered as they are, are named instead of shown.
 * Sorted as Helm printed it.
 */
export function masked(text: string): string {
  const objects = parseAllDocuments(text).map((document) => document.toJS() as unknown).filter((value) => value !== null && value !== undefined);
  return objects.map((value) => {
    const object = Whole.parse(value);
    const { kind, data } = Data.parse(value);
    if (kind === 'APIService') return stringify({ ...object, spec: { ...Whole.parse(object['spec']), caBundle: 'made at the installation' } }, { lineWidth: 0 });
    if (data === undefined) return stringify(object, { lineWidth: 0 });
    const shown = Object.entries(data).map(([key, content]) => [key, kind === 'Secret' ? 'made at the installation' : content.length > 4_000 ? 'a file of the chart' : content]);
    return stringify({ ...object, data: Object.fromEntries(shown) }, { lineWidth: 0 });
  }).join('---\n');
}
