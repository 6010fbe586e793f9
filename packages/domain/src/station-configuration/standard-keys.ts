/** A configuration key of OCPP 1.6 (chapter 9) or of its security whitepaper. `list`: values by comma, whose order says nothing. */
export interface StandardKey {
  key: string;
  profile: 'Core' | 'LocalAuthListManagement' | 'Reservation' | 'SmartCharging' | 'FirmwareManagement' | 'Security';
  type: 'boolean' | 'integer' | 'list' | 'text';
  unit: 's' | '%' | 'Wh' | 'times' | 'characters' | 'bytes' | null;
  /** `read`: the station alone sets it. `either`: the text leaves it to the station. `write`: it can be set, and is never told. */
  access: 'read' | 'read-write' | 'either' | 'write';
}

type Row = [key: string, profile: StandardKey['profile'], type: StandardKey['type'], unit: StandardKey['unit'], access: StandardKey['access']];

const rows: readonly Row[] = [
  ['AllowOfflineTxForUnknownId', 'Core', 'boolean', null, 'read-write'],
  ['AuthorizationCacheEnabled', 'Core', 'boolean', null, 'read-write'],
  ['AuthorizeRemoteTxRequests', 'Core', 'boolean', null, 'either'],
  ['BlinkRepeat', 'Core', 'integer', 'times', 'read-write'],
  ['ClockAlignedDataInterval', 'Core', 'integer', 's', 'read-write'],
  ['ConnectionTimeOut', 'Core', 'integer', 's', 'read-write'],
  ['ConnectorPhaseRotation', 'Core', 'list', null, 'read-write'],
  ['ConnectorPhaseRotationMaxLength', 'Core', 'integer', null, 'read'],
  ['GetConfigurationMaxKeys', 'Core', 'integer', null, 'read'],
  ['HeartbeatInterval', 'Core', 'integer', 's', 'read-write'],
  ['LightIntensity', 'Core', 'integer', '%', 'read-write'],
  ['LocalAuthorizeOffline', 'Core', 'boolean', null, 'read-write'],
  ['LocalPreAuthorize', 'Core', 'boolean', null, 'read-write'],
  ['MaxEnergyOnInvalidId', 'Core', 'integer', 'Wh', 'read-write'],
  ['MeterValuesAlignedData', 'Core', 'list', null, 'read-write'],
  ['MeterValuesAlignedDataMaxLength', 'Core', 'integer', null, 'read'],
  ['MeterValuesSampledData', 'Core', 'list', null, 'read-write'],
  ['MeterValuesSampledDataMaxLength', 'Core', 'integer', null, 'read'],
  ['MeterValueSampleInterval', 'Core', 'integer', 's', 'read-write'],
  ['MinimumStatusDuration', 'Core', 'integer', 's', 'read-write'],
  ['NumberOfConnectors', 'Core', 'integer', null, 'read'],
  ['ResetRetries', 'Core', 'integer', 'times', 'read-write'],
  ['StopTransactionOnEVSideDisconnect', 'Core', 'boolean', null, 'either'],
  ['StopTransactionOnInvalidId', 'Core', 'boolean', null, 'read-write'],
  ['StopTxnAlignedData', 'Core', 'list', null, 'read-write'],
  ['StopTxnAlignedDataMaxLength', 'Core', 'integer', null, 'read'],
  ['StopTxnSampledData', 'Core', 'list', null, 'read-write'],
  ['StopTxnSampledDataMaxLength', 'Core', 'integer', null, 'read'],
  ['SupportedFeatureProfiles', 'Core', 'list', null, 'read'],
  ['SupportedFeatureProfilesMaxLength', 'Core', 'integer', null, 'read'],
  ['TransactionMessageAttempts', 'Core', 'integer', 'times', 'read-write'],
  ['TransactionMessageRetryInterval', 'Core', 'integer', 's', 'read-write'],
  ['UnlockConnectorOnEVSideDisconnect', 'Core', 'boolean', null, 'read-write'],
  ['WebSocketPingInterval', 'Core', 'integer', 's', 'read-write'],
  ['LocalAuthListEnabled', 'LocalAuthListManagement', 'boolean', null, 'read-write'],
  ['LocalAuthListMaxLength', 'LocalAuthListManagement', 'integer', null, 'read'],
  ['SendLocalListMaxLength', 'LocalAuthListManagement', 'integer', null, 'read'],
  ['ReserveConnectorZeroSupported', 'Reservation', 'boolean', null, 'read'],
  ['ChargeProfileMaxStackLevel', 'SmartCharging', 'integer', null, 'read'],
  ['ChargingScheduleAllowedChargingRateUnit', 'SmartCharging', 'list', null, 'read'],
  ['ChargingScheduleMaxPeriods', 'SmartCharging', 'integer', null, 'read'],
  ['ConnectorSwitch3to1PhaseSupported', 'SmartCharging', 'boolean', null, 'read'],
  ['MaxChargingProfilesInstalled', 'SmartCharging', 'integer', null, 'read'],
  ['SupportedFileTransferProtocols', 'FirmwareManagement', 'list', null, 'read'],
  ['AdditionalRootCertificateCheck', 'Security', 'boolean', null, 'read'],
  ['AuthorizationKey', 'Security', 'text', null, 'write'],
  ['CertificateSignedMaxChainSize', 'Security', 'integer', 'bytes', 'read'],
  ['CertificateStoreMaxLength', 'Security', 'integer', null, 'read'],
  ['CpoName', 'Security', 'text', null, 'read-write'],
  ['SecurityProfile', 'Security', 'integer', null, 'read-write'],
];

export const standardKeys: readonly StandardKey[] = rows.map(([key, profile, type, unit, access]) => ({ key, profile, type, unit, access }));

const byKey = new Map(standardKeys.map((known) => [known.key.toLowerCase(), known]));

/** The row of a key; null: a vendor's own. Keys compare without case (CiString in the text). */
export function standardKey(key: string): StandardKey | null {
  return byKey.get(key.toLowerCase()) ?? null;
}

/** Why a value cannot be wanted for a key, in words; null: it can, or the key is a vendor's own. */
export function valueProblem(key: string, value: string): string | null {
  const known = standardKey(key);
  if (known === null) return null;
  if (known.access === 'read') return 'the station alone sets it';
  if (known.access === 'write') return 'a secret is set by its own way, and is in no template';
  return typeProblem(known, value);
}

/** Why a value is not of a standard key's type; null: it is, or the key is a vendor's own. */
export function typeProblem(known: StandardKey | null, value: string): string | null {
  if (known?.type === 'integer' && !/^-?\d{1,10}$/.test(value.trim())) return `a whole number${known.unit === null ? '' : ` (${known.unit})`}`;
  if (known?.type === 'boolean' && !/^(true|false)$/i.test(value.trim())) return 'true or false';
  return null;
}

/** Are two values of a key the same to a station: numbers as numbers, booleans without case, lists without order. */
export function sameValue(key: string, a: string, b: string): boolean {
  const type = standardKey(key)?.type ?? 'text';
  return a === b || plain(type, a) === plain(type, b);
}

function plain(type: StandardKey['type'], value: string): string {
  const text = value.trim();
  if (type === 'integer') return /^-?\d{1,15}$/.test(text) ? String(Number(text)) : text;
  if (type === 'boolean') return text.toLowerCase();
  return type === 'list' ? text.split(',').map((each) => each.trim()).filter((each) => each !== '').sort().join() : text;
}
