import { reasonGuide } from './reason-guide.ts';
import { countedConditions, siteConditions, siteReasons } from './reasons.ts';
import type { SiteConditionType, SiteReason } from './reasons.ts';

/** The page of conditions and reasons in Markdown: what each means, and what to do about it. */
export function conditionsPage(): string {
  const types = keysOf(siteConditions);
  const reasons = keysOf(siteReasons);
  return [
    '# Conditions of a ChargingSite',
    '',
    'Printed from `packages/contracts/src/charging-site` by `npm run golden`. `kubectl csms status SITE` shows all conditions of a site on one screen,',
    '`kubectl describe chargingsite SITE` also what happened: each time that a condition changes its reason there is one Event of that reason.',
    '',
    '## Conditions',
    '',
    '| type | True means | counts for Ready | reasons |',
    '|---|---|---|---|',
    ...types.map((type) => `| \`${type}\` | ${siteConditions[type]} | ${countsFor(type)} | ${reasons.filter((reason) => reasonGuide[reason].conditions.includes(type)).map((reason) => `\`${reason}\``).join(', ')} |`),
    '',
    '## Reasons',
    '',
    '| reason | what it tells | what to do |',
    '|---|---|---|',
    ...reasons.map((reason) => `| \`${reason}\` | ${siteReasons[reason]} | ${reasonGuide[reason].todo} |`),
    '',
  ].join('\n');
}

function countsFor(type: SiteConditionType): string {
  if (type === 'Ready') return '–';
  if (type === 'UpToDate') return 'no';
  return countedConditions.some((counted) => counted === type) ? 'always' : 'when it is False';
}

const keysOf = <Key extends SiteConditionType | SiteReason>(table: Readonly<Record<Key, string>>): Key[] => Object.keys(table) as Key[];
