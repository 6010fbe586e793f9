import type { StationCommands } from '../../dialect/dialect.ts';
import type { ClockPort } from '../../ports.ts';
import type { LineSecurity } from '../../security/line-security.ts';
import type { Authorization } from '../authorization.ts';
import type { BootAndHeartbeat } from '../boot-and-heartbeat.ts';
import type { Configuration } from '../configuration.ts';
import type { ConnectorRuntimes } from '../connector-runtime.ts';
import type { SavedState } from '../saved-state.ts';

export interface SettingsParts {
  runtimes: ConnectorRuntimes;
  configuration: Pick<Configuration, 'change' | 'tell' | 'keys'>;
  authorization: Pick<Authorization, 'clear'>;
  line: Pick<LineSecurity, 'changeKey' | 'raiseProfile'>;
  boot: Pick<BootAndHeartbeat, 'scheduleHeartbeat'>;
  state: Pick<SavedState, 'save'>;
  clock: Pick<ClockPort, 'monotonicMs'>;
  /** Connected, and the boot was accepted. */
  isReady: () => boolean;
}

type Settings = Pick<StationCommands, 'setConfiguration' | 'getConfiguration' | 'configurationKeys' | 'clearCache'>;

/** Commands that read and change what the station keeps; a change holds at once and over a restart. */
export function createSettings({ runtimes, configuration, authorization, line, boot, state, clock, isReady }: SettingsParts): Settings {
  return {
    setConfiguration(key, value) {
      if (key === 'AuthorizationKey') return line.changeKey(value);
      if (key === 'SecurityProfile') return line.raiseProfile(/^\d$/.test(value) ? Number(value) : -1);
      const result = configuration.change(key, value);
      if (result !== 'Accepted') return result;
      if (key === 'HeartbeatInterval' && isReady()) boot.scheduleHeartbeat();
      if (key === 'MeterValueSampleInterval') {
        for (const runtime of runtimes.values()) runtime.nextSampleAtMs = clock.monotonicMs() + Number(value) * 1_000;
      }
      state.save();
      return 'Accepted';
    },
    getConfiguration: (key) => configuration.tell(key),
    configurationKeys: () => configuration.keys(),
    clearCache() {
      if (!authorization.clear()) return false;
      state.save();
      return true;
    },
  };
}
