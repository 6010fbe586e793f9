import { useTranslation } from 'react-i18next';

const known = ['negative-energy', 'offline-start', 'offline-events', 'unknown-token', 'token-not-accepted', 'lost-stop', 'late-stop', 'conflicting-stop', 'stop-before-start', 'seq-gap', 'seq-restart', 'start-missing', 'time-reversed', 'no-tariff', 'no-register', 'clock-wrong', 'unreadable-register', 'unpriceable', 'unreadable-bill', 'offline-authorized'] as const;

/** A session's flag in words; one that this page does not know yet is shown as it is. */
export function useFlagWords(): (flag: string) => string {
  const { t } = useTranslation();
  return (flag) => {
    const key = known.find((each) => each === flag);
    return key ? t(`flag.${key}`) : flag;
  };
}
