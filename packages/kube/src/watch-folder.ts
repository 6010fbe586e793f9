import { watch } from 'node:fs';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LineCounter, isMap, parseAllDocuments } from 'yaml';
import type { Document } from 'yaml';
import { isKubernetesObject, keyOf } from './object.ts';
import type { KubernetesObject } from './object.ts';

/** A manifest that cannot be used. The message is one sentence: file, line, path, reason. */
export class ManifestError extends Error {
  readonly file: string;
  readonly line: number | undefined;

  constructor(file: string, line: number | undefined, sentence: string) {
    super(`${file}${line === undefined ? '' : `, line ${line}`}: ${sentence}`);
    this.name = 'ManifestError';
    this.file = file;
    this.line = line;
  }
}

/** What is wrong with an object, as the host's check found it: the path of the field and a reason that follows it in a sentence. */
export interface Fault {
  path: (string | number)[];
  reason: string;
}

export interface WatchFolderOptions {
  folder: string;
  /** Stores an object (`kubectl apply`). Throws when the cluster refuses. */
  apply(object: KubernetesObject): void | Promise<void>;
  /** Deletes an object whose document disappeared; it may be gone already. */
  remove(object: KubernetesObject): void | Promise<void>;
  check?(object: KubernetesObject): Fault | undefined;
  /** A broken edit while running: the old object stays. The same sentence is reported once. */
  onFault(error: Error): void;
  onApplied?(object: KubernetesObject, file: string): void;
}

interface Manifest {
  file: string;
  text: string;
  objects: KubernetesObject[];
}

const SETTLE_MS = 100;
const DOUBT_MS = 300;
/** Changes that the file system did not tell of are seen this often. */
const LOOK_EVERY_MS = 1000;

/**
 * Keeps a cluster in step with a folder of YAML files (several documents a file): applies every document, applies an edited one again
 * within a second, deletes objects whose document disappeared. Rejects with ManifestError when a file is broken at the start;
 * nothing was applied then. Resolves to a function that ends the watching.
 */
export async function watchFolder(options: WatchFolderOptions): Promise<() => void> {
  const applied = new Map<string, { object: KubernetesObject; text: string; file: string }>();
  const files = new Map<string, Manifest>();
  const faults = new Map<string, string>();
  const doubtful = new Map<string, string>();

  const report = (file: string, error: unknown): void => {
    const fault = error instanceof Error ? error : new Error(String(error));
    if (faults.get(file) === fault.message) return;
    faults.set(file, fault.message);
    options.onFault(fault);
  };

  /**
   * Reads what changed; a broken file keeps what it held. True when something must be looked at again: a text that loses documents
   * counts only when it is found twice, because an editor may empty or remove a file a moment before it writes it anew.
   */
  const read = async (strict: boolean): Promise<boolean> => {
    const names = await manifestsIn(options.folder);
    let again = false;
    for (const file of new Set([...files.keys(), ...names])) {
      const text = names.includes(file) ? await readFile(file, 'utf8').catch(() => '') : '';
      const held = files.get(file);
      if (text === held?.text) {
        doubtful.delete(file);
        continue;
      }
      try {
        const objects = parseManifest(file, text, options.check);
        const kept = new Set(objects.map(nameOf));
        if (held?.objects.some((object) => !kept.has(nameOf(object))) === true && doubtful.get(file) !== text) {
          doubtful.set(file, text);
          again = true;
          continue;
        }
        doubtful.delete(file);
        faults.delete(file);
        files.set(file, { file, text, objects });
      } catch (error) {
        if (strict) throw error;
        report(file, error);
      }
    }
    return again;
  };

  /** How long until the next look. */
  const bring = async (strict: boolean): Promise<number> => {
    const again = await read(strict);
    const wanted = [...files.values()].flatMap(({ file, objects }) => objects.map((object) => ({ file, object, key: nameOf(object) })));
    wanted.sort((a, b) => Number(b.object.kind === 'Namespace') - Number(a.object.kind === 'Namespace'));
    const keys = new Set(wanted.map((each) => each.key));
    for (const { file, object, key } of wanted) {
      const text = JSON.stringify(object);
      if (applied.get(key)?.text === text) continue;
      try {
        await options.apply(object);
        applied.set(key, { object, text, file });
        options.onApplied?.(object, file);
      } catch (error) {
        const fault = new ManifestError(file, undefined, `${object.kind} ${object.metadata.name} was refused: ${error instanceof Error ? error.message : String(error)}`);
        if (strict) throw fault;
        report(file, fault);
      }
    }
    const gone = [...applied].filter(([key]) => !keys.has(key)).sort(([, a], [, b]) => Number(a.object.kind === 'Namespace') - Number(b.object.kind === 'Namespace'));
    for (const [key, { object, file }] of gone) {
      try {
        await options.remove(object);
        applied.delete(key);
      } catch (error) {
        report(file, error);
      }
    }
    return again ? DOUBT_MS : LOOK_EVERY_MS;
  };

  await bring(true);
  let ended = false;
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let nextMs = Number.POSITIVE_INFINITY;
  // Of two looks that are planned the earlier holds: an edit that comes during a look is seen right after it.
  const look = (delayMs: number): void => {
    if (ended || Date.now() + delayMs >= nextMs) return;
    clearTimeout(timer);
    nextMs = Date.now() + delayMs;
    timer = setTimeout(() => {
      nextMs = Number.POSITIVE_INFINITY;
      running = running
        .then(() => bring(false))
        .catch((error: unknown) => {
          report(options.folder, error);
          return LOOK_EVERY_MS;
        })
        .then(look);
    }, delayMs);
  };
  const watcher = watch(options.folder, () => look(SETTLE_MS));
  watcher.on('error', (error) => report(options.folder, error));
  look(LOOK_EVERY_MS);
  return () => {
    ended = true;
    clearTimeout(timer);
    watcher.close();
  };
}

const nameOf = (object: KubernetesObject): string => `${object.apiVersion} ${object.kind} ${keyOf(object.metadata)}`;

async function manifestsIn(folder: string): Promise<string[]> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true) throw new ManifestError(folder, undefined, 'is not a folder.');
  const names = await readdir(folder);
  return names.filter((name) => /[.]ya?ml$/.test(name) && !name.startsWith('.')).sort().map((name) => join(folder, name));
}

/** The objects of a YAML text with one or more documents. Throws ManifestError for the first thing that is wrong. */
export function parseManifest(file: string, text: string, check: (object: KubernetesObject) => Fault | undefined = () => undefined): KubernetesObject[] {
  const lines = new LineCounter();
  const objects: KubernetesObject[] = [];
  for (const document of parseAllDocuments(text, { lineCounter: lines, prettyErrors: false })) {
    const broken = document.errors[0];
    if (broken !== undefined) throw new ManifestError(file, lines.linePos(broken.pos[0]).line, `is not YAML (${broken.message}).`);
    const object: unknown = document.toJS();
    if (object === null || object === undefined) continue;
    if (!isKubernetesObject(object)) throw new ManifestError(file, lineOf(document, [], lines), 'is not an object with apiVersion, kind and metadata.name.');
    const fault = check(object);
    if (fault !== undefined) throw new ManifestError(file, lineOf(document, fault.path, lines), `${fault.path.length === 0 ? `${object.kind} ${object.metadata.name}` : fault.path.join('.')} ${fault.reason}.`);
    objects.push(object);
  }
  return objects;
}

/** The line of the field at a path, or of the nearest thing above it that the document has. */
function lineOf(document: Document.Parsed, path: (string | number)[], lines: LineCounter): number | undefined {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const parent: unknown = document.getIn(path.slice(0, depth - 1), true);
    const pair = isMap(parent) ? parent.items.find((item) => String(item.key) === String(path[depth - 1])) : undefined;
    const key: unknown = pair?.key;
    if (typeof key === 'object' && key !== null && 'range' in key && Array.isArray(key.range)) return lines.linePos(Number(key.range[0])).line;
  }
  const start = document.contents?.range?.[0];
  return start === undefined ? undefined : lines.linePos(start).line;
}
