import type { Command } from '@csms/contracts/http/index';
import { useTranslation } from 'react-i18next';
import { useFormats } from '../use-formats.tsx';

/** What in the facts would show that a command took effect, and when it did; null where nothing in the books would. */
export interface Seen { kind: 'remote-stop' | 'remote-start' | 'reset' | 'availability'; at: string | null }

/** Asked, sent, answered by the station, seen in the facts: each with its time, and what is being waited for. Nothing is claimed before it happened. */
export function CommandStages({ command, seen, siteId }: { command: Command; seen: Seen | null; siteId: string }) {
  const { t } = useTranslation();
  const f = useFormats(siteId);
  const { state } = command;
  const answered = state === 'accepted' || state === 'rejected' || state === 'failed' ? state : null;
  const lost = state === 'unknown' || state === 'expired' || state === 'not-connected' ? state : null;
  return (
    <div className="stages number" aria-live="polite">
      <span className="done">{t('command.stageAsked', { time: f.timeWithSeconds(command.createdAt) })}</span>
      {command.sentAt !== null ? <span className="done">{t('command.stageSent', { time: f.timeWithSeconds(command.sentAt) })}</span> : state === 'queued' && <span className="wait">{t('command.waitSent')}</span>}
      {answered !== null && <span className={answered === 'accepted' ? 'done' : 'bad'}>{t(`command.stageAnswered.${answered}`, { time: command.answeredAt === null ? '' : f.timeWithSeconds(command.answeredAt) })}</span>}
      {state === 'sent' && <span className="wait">{t('command.waitAnswer')}</span>}
      {answered === 'accepted' && seen !== null && (seen.at !== null ? <span className="done">{t(`command.stageSeen.${seen.kind}`, { time: f.timeWithSeconds(seen.at) })}</span> : <span className="wait">{t('command.waitSeen')}</span>)}
      {lost !== null && <span className="bad">{t(`command.outcome.${lost}`)}</span>}
    </div>
  );
}
