import type { TFunction } from 'i18next';
import { quantityText, type Formats } from '../formats.ts';
import type { Rule } from '../parts/known-sentences.ts';
import { writeClause } from '../parts/known-sentences.ts';

const authorizations = ['Accepted', 'Blocked', 'Expired', 'Invalid', 'ConcurrentTx'] as const;

/** What the books decided about a card, in words; a word that is not known is shown as it is. */
export function authorizationWord(t: TFunction, status: string): string {
  const known = authorizations.find((each) => each === status);
  return known ? t(`authorization.${known}`) : status;
}

/** The sentences of packages/domain/src/session and packages/store/src/books about what became of a message. Energy is written in kWh. */
export function detailRules(t: TFunction, f: Formats, nowMs: number): Rule[] {
  const energy = (wh: string): string => (wh === 'null' ? '–' : quantityText(f.energy(Number(wh), 3)));
  const moment = (at: string): string => f.moment(at, nowMs);
  const wh = '(-?[\\d.]+|null) Wh';
  const kinds = { Started: t('detail.started'), Updated: t('detail.updated'), Ended: t('detail.ended') };
  const rules: Rule[] = [
    [/^session begun$/, () => t('detail.begun')],
    [/^card (\w+)$/, (status) => t('detail.card', { status: authorizationWord(t, status ?? '').toLowerCase() })],
    [/^this start is on the books already as transaction (\S+)$/, (ref) => t('detail.startAgain', { ref })],
    [/^its stop had come before it: (.+)$/, (rest) => { const said = writeClause(rest ?? '', rules); return said && t('detail.stopBefore', { said }); }],
    [/^its stop never came: a new start on this connector closed it with the last register that is known$/, () => t('detail.stopLost')],
    [new RegExp(`^a late stop settled the session: ${wh}$`), (n) => t('detail.lateStop', { energy: energy(n ?? '') })],
    [new RegExp(`^ended: ${wh}$`), (n) => t('detail.endedWith', { energy: energy(n ?? '') })],
    [/^this stop is on the books already$/, () => t('detail.stopAgain')],
    [new RegExp(`^a second stop says meterStop ${wh} at (\\S+)$`), (n, at) => t('detail.secondStop', { energy: energy(n ?? ''), time: moment(at ?? '') })],
    [new RegExp(`^the first one stands at ${wh}$`), (n) => t('detail.firstStandsAt', { energy: energy(n ?? '') })],
    [/^the first one stands$/, () => t('detail.firstStands')],
    [/^a second end at (\S+)$/, (at) => t('detail.secondEnd', { time: moment(at ?? '') })],
    [/^seqNo (\d+) is on the books already$/, (n) => t('detail.seqAgain', { number: n })],
    [/^reading of (\S+) came after the session was closed$/, (at) => t('detail.readingLate', { time: moment(at ?? '') })],
    [/^came after the end of the transaction$/, () => t('detail.afterEnd')],
    [/^energy unchanged$/, () => t('detail.energyUnchanged')],
    [/^the bill is final, so nothing changes$/, () => t('detail.billFinal')],
    [/^reading stored$/, () => t('detail.readingStored')],
    [/^this reading is on the books already$/, () => t('detail.readingAgain')],
    [/^(Started|Updated|Ended) seqNo (\d+)$/, (kind, n) => `${kinds[kind === 'Started' || kind === 'Updated' ? kind : 'Ended']} #${n}`],
    [/^numbers began anew after a reboot$/, () => t('detail.numbersAnew')],
    [new RegExp(`^filled a gap of the closed session: ${wh}$`), (n) => t('detail.filledGap', { energy: energy(n ?? '') })],
    [new RegExp(`^${wh}$`), (n) => energy(n ?? '')],
    [/^its Started has not come$/, () => t('detail.startMissing')],
    [/^numbers are missing$/, () => t('detail.numbersMissing')],
    [/^was queued offline$/, () => t('detail.offline')],
  ];
  return rules;
}
