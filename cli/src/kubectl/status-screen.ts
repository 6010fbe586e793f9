import { reasonGuide } from '@csms/contracts/charging-site/reason-guide';
import { z } from 'zod';
import { cleanText } from '../clean-text.ts';
import { facts, table } from '../table.ts';

/*
 * What is read of a ChargingSite and of its Events. Loose on purpose: a site whose spec breaks a rule, or that a newer operator wrote, is
 * just what somebody looks at.
 */
export const SiteShown = z.looseObject({
  metadata: z.looseObject({ name: z.string(), namespace: z.string(), uid: z.string().default(''), generation: z.number().default(0), deletionTimestamp: z.string().optional() }),
  spec: z.looseObject({ displayName: z.string().default(''), gateway: z.looseObject({ pool: z.string().default('default') }).prefault({}) }),
  status: z
    .looseObject({
      observedGeneration: z.number().optional(),
      conditions: z.array(z.looseObject({ type: z.string(), status: z.string(), reason: z.string(), message: z.string(), lastTransitionTime: z.string() })).default([]),
      gateway: z.looseObject({ replicas: z.number().optional(), readyReplicas: z.number().optional(), connectedStations: z.number().optional(), stations: z.number().optional(), endpoint: z.string().optional() }).prefault({}),
      dashboard: z.looseObject({ url: z.string().optional() }).prefault({}),
      versions: z.looseObject({ gateway: z.string().optional() }).prefault({}),
      training: z.looseObject({ status: z.string().optional(), lastSuccess: z.string().optional(), model: z.looseObject({ kind: z.string(), skill: z.number().optional() }).optional() }).prefault({}),
    })
    .prefault({}),
});
export type SiteShown = z.infer<typeof SiteShown>;

export const EventsShown = z.looseObject({
  items: z.array(z.looseObject({ type: z.string().default('Normal'), reason: z.string().default(''), message: z.string().default(''), count: z.number().nullish(), lastTimestamp: z.string().nullish(), involvedObject: z.looseObject({ uid: z.string().optional() }).prefault({}) })),
});
export type EventsShown = z.infer<typeof EventsShown>;

const EVENTS_MAX = 4;
const COLUMNS = 100;
const LINES = 24;

/**
 * A site on one screen of 24 lines and 100 columns: what it is, every condition with since when, and the last events. Where conditions fail, their whole messages
 * and what to do stand there instead of a line for each that does not; with many of them that may be more than a screen. `nowMs` since the epoch.
 */
export function statusScreen(site: SiteShown, events: EventsShown, nowMs: number): string {
  const { metadata, spec, status } = site;
  const { gateway, dashboard, training, versions } = status;
  const seen = status.observedGeneration === metadata.generation ? '' : ` (of generation ${status.observedGeneration ?? 'none'}; the spec is at ${metadata.generation})`;
  const ready = status.conditions.find(({ type }) => type === 'Ready');
  const count = (some: number | undefined, all: number | undefined): string => `${some ?? '–'} of ${all ?? '–'}`;
  const head = facts([
    ['site', `${metadata.namespace}/${metadata.name}${spec.displayName === '' ? '' : `, ${spec.displayName}`}${metadata.deletionTimestamp === undefined ? '' : ', being deleted'}`],
    ['ready', ready === undefined ? 'not known: no operator has seen it' : `${ready.status === 'True' ? 'yes' : ready.status === 'False' ? 'no' : 'not known'}, ${ready.reason}${seen}`],
    ['chargers', `${count(gateway.connectedStations, gateway.stations)} connected, at ${gateway.endpoint ?? '–'}`],
    ['gateways', `${count(gateway.readyReplicas, gateway.replicas)} ready, pool ${spec.gateway.pool}${versions.gateway === undefined ? '' : `, version ${versions.gateway}`}`],
    ['dashboard', dashboard.url],
    ['forecast', [training.status, training.model?.kind, training.model?.skill === undefined ? undefined : `skill ${training.model.skill}`, training.lastSuccess === undefined ? undefined : `made ${ago(training.lastSuccess, nowMs)} ago`].filter((each) => each !== undefined).join(', ')],
  ]);
  const others = status.conditions.filter(({ type }) => type !== 'Ready');
  const components = others.filter((each) => each.status === 'False');
  // Ready sums the others up, and says something of its own only where none of them fails: a spec that breaks a rule, a site that is paused.
  const failing = components.length > 0 || ready?.status !== 'False' ? components : [ready];
  // What fails needs the room; what does not is then only named.
  const told = failing.length === 0 ? others : components;
  const conditions = told.length === 0 ? '' : table(told, [
    { title: 'CONDITION', of: ({ type }) => type }, { title: 'STATUS', of: (each) => each.status }, { title: 'REASON', of: ({ reason }) => reason }, { title: 'SINCE', of: ({ lastTransitionTime }) => ago(lastTransitionTime, nowMs) },
    { title: 'MESSAGE', of: (each) => (each.status === 'True' ? '' : each.message) },
  ]);
  const rest = others.filter((each) => !told.includes(each)).map((each) => (each.status === 'True' ? each.type : `${each.type} (${each.reason})`));
  const explained = [...failing.flatMap(explanation), ...(rest.length === 0 ? [] : wrapped(`In order: ${rest.join(', ')}`, ''))].map((line) => `${line}\n`).join('');
  const used = [head, conditions, explained].join('\n').split('\n').length + 1;
  const room = Math.min(EVENTS_MAX, Math.max(1, LINES - used));
  const last = events.items.filter(({ involvedObject }) => involvedObject.uid === metadata.uid).sort((a, b) => (a.lastTimestamp ?? '').localeCompare(b.lastTimestamp ?? '')).slice(-room);
  const happened = last.length === 0 ? '' : table(last, [
    { title: 'EVENT', of: ({ type }) => type }, { title: 'REASON', of: ({ reason }) => reason }, { title: 'LAST', of: ({ lastTimestamp }) => ago(lastTimestamp ?? '', nowMs) }, { title: 'TIMES', of: (each) => each.count ?? 1, right: true }, { title: 'MESSAGE', of: ({ message }) => message },
  ]);
  return [head, conditions, explained, happened].filter((part) => part !== '').join('\n').split('\n').map(shortened).join('\n');
}

/** Why a condition is False, in its own words, and what whoever runs the platform does then. A reason of a newer operator has no advice here. */
function explanation({ type, reason, message }: SiteShown['status']['conditions'][number]): string[] {
  const advice = Object.entries(reasonGuide).find(([name]) => name === reason)?.[1].todo;
  return [...wrapped(`${type}: ${cleanText(message)}`, '  '), ...(advice === undefined ? [] : wrapped(`  Do: ${advice}`, '  '))];
}

/** A text in lines that fit, all but the first after `indent`; a word that is longer than a line is broken. */
function wrapped(text: string, indent: string): string[] {
  const lines: string[] = [];
  for (const word of text.replace(/\S{80}/g, '$& ').split(/(?<=\S) +/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= COLUMNS) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(last === undefined ? word : `${indent}${word}`);
  }
  return lines;
}

const shortened = (line: string): string => (line.length <= COLUMNS ? line : `${line.slice(0, COLUMNS - 1)}…`);

/** A span as kubectl writes it: 42s, 17m, 5h, 3d. */
function ago(time: string, nowMs: number): string | null {
  const seconds = Math.round((nowMs - Date.parse(time)) / 1000);
  if (!Number.isFinite(seconds)) return null;
  if (seconds < 120) return `${Math.max(0, seconds)}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
