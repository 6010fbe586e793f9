import { isMeasurandList } from './measurands.ts';

/** One setting that the CSMS may read or change (OCPP 1.6, chapter 9), with its first value. */
interface Setting {
  type: 'integer' | 'boolean' | 'text' | 'measurands';
  first: string;
  readonly?: boolean;
  /** Never told to anybody (AuthorizationKey). */
  secret?: boolean;
  minimum?: number;
}

/** Every configuration key of this charger. Intervals are in seconds, as OCPP has them. */
const settings = {
  AdditionalRootCertificateCheck: { type: 'boolean', first: 'false', readonly: true },
  AllowOfflineTxForUnknownId: { type: 'boolean', first: 'false' },
  AuthorizationCacheEnabled: { type: 'boolean', first: 'true' },
  AuthorizationKey: { type: 'text', first: '', secret: true },
  AuthorizeRemoteTxRequests: { type: 'boolean', first: 'false' },
  CertificateSignedMaxChainSize: { type: 'integer', first: '10000', readonly: true },
  CertificateStoreMaxLength: { type: 'integer', first: '20', readonly: true },
  ChargeProfileMaxStackLevel: { type: 'integer', first: '10', readonly: true },
  ChargingScheduleAllowedChargingRateUnit: { type: 'text', first: 'Current,Power', readonly: true },
  ChargingScheduleMaxPeriods: { type: 'integer', first: '100', readonly: true },
  ClockAlignedDataInterval: { type: 'integer', first: '0', minimum: 0 },
  ConnectionTimeOut: { type: 'integer', first: '60', minimum: 0 },
  ConnectorPhaseRotation: { type: 'text', first: 'NotApplicable' },
  GetConfigurationMaxKeys: { type: 'integer', first: '50', readonly: true },
  CpoName: { type: 'text', first: '' },
  HeartbeatInterval: { type: 'integer', first: '300', minimum: 1 },
  LocalAuthListEnabled: { type: 'boolean', first: 'true' },
  LocalAuthListMaxLength: { type: 'integer', first: '1000', readonly: true },
  LocalAuthorizeOffline: { type: 'boolean', first: 'true' },
  LocalPreAuthorize: { type: 'boolean', first: 'false' },
  MaxChargingProfilesInstalled: { type: 'integer', first: '20', readonly: true },
  MeterValuesAlignedData: { type: 'measurands', first: 'Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage,SoC' },
  MeterValuesSampledData: { type: 'measurands', first: 'Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage,SoC' },
  MeterValueSampleInterval: { type: 'integer', first: '60', minimum: 0 },
  NumberOfConnectors: { type: 'integer', first: '1', readonly: true },
  ReserveConnectorZeroSupported: { type: 'boolean', first: 'true', readonly: true },
  ResetRetries: { type: 'integer', first: '0', minimum: 0 },
  SecurityProfile: { type: 'integer', first: '0' },
  SendLocalListMaxLength: { type: 'integer', first: '100', readonly: true },
  StopTransactionOnEVSideDisconnect: { type: 'boolean', first: 'true' },
  StopTransactionOnInvalidId: { type: 'boolean', first: 'true' },
  StopTxnAlignedData: { type: 'measurands', first: '' },
  StopTxnSampledData: { type: 'measurands', first: '' },
  SupportedFeatureProfiles: { type: 'text', first: 'Core,FirmwareManagement,LocalAuthListManagement,Reservation,SmartCharging,RemoteTrigger', readonly: true },
  TransactionMessageAttempts: { type: 'integer', first: '20', minimum: 1 },
  TransactionMessageRetryInterval: { type: 'integer', first: '10', minimum: 0 },
  SupportedFileTransferProtocols: { type: 'text', first: 'HTTP,HTTPS', readonly: true },
  UnlockConnectorOnEVSideDisconnect: { type: 'boolean', first: 'true' },
  WebSocketPingInterval: { type: 'integer', first: '30', readonly: true },
} satisfies { [key: string]: Setting };

export type ConfigurationKey = keyof typeof settings;

const table: { readonly [key: string]: Setting | undefined } = settings;

export interface Configuration {
  /** What the CSMS is told; undefined for a key that does not exist. */
  tell(key: string): { value?: string; readonly: boolean } | undefined;
  keys(): string[];
  /** Changes a value by order of the CSMS. */
  change(key: string, value: string): 'Accepted' | 'Rejected' | 'NotSupported';
  /** Sets a value from inside (start-up, boot answer); also read-only ones. */
  set(key: ConfigurationKey, value: string): void;
  integer(key: ConfigurationKey): number;
  isOn(key: ConfigurationKey): boolean;
  text(key: ConfigurationKey): string;
  /** What differs from the first values, to be kept on the disk. */
  changed(): { [key: string]: string };
}

/** The settings of one charger in memory; the station writes what changed to its storage. */
export function createConfiguration(start: { readonly [key: string]: string }): Configuration {
  const values = new Map<string, string>();
  for (const [key, value] of Object.entries(start)) if (table[key]) values.set(key, value);

  const value = (key: string): string => values.get(key) ?? table[key]?.first ?? '';

  return {
    tell(key) {
      const setting = table[key];
      if (!setting) return undefined;
      return { readonly: setting.readonly ?? false, value: setting.secret ? undefined : value(key) };
    },
    keys: () => Object.keys(settings),
    change(key, next) {
      const setting = table[key];
      if (!setting) return 'NotSupported';
      if (setting.readonly || !fits(setting, next)) return 'Rejected';
      values.set(key, setting.type === 'boolean' ? next.toLowerCase() : next);
      return 'Accepted';
    },
    set: (key, next) => void values.set(key, next),
    integer: (key) => Number(value(key)),
    isOn: (key) => value(key) === 'true',
    text: value,
    changed: () => Object.fromEntries(values),
  };
}

function fits(setting: Setting, value: string): boolean {
  if (setting.type === 'boolean') return /^(true|false)$/i.test(value);
  if (setting.type === 'integer') return /^\d{1,9}$/.test(value) && Number(value) >= (setting.minimum ?? 0);
  if (setting.type === 'measurands') return isMeasurandList(value);
  return value.length <= 500;
}
