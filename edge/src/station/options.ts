import type { BackoffRule } from '../backoff.ts';
import type { StationIdentity } from '../dialect/dialect.ts';
import type { ClockPort, HardwarePorts, RandomPort, StoragePort } from '../ports.ts';
import type { LineOptions } from '../security/line-security.ts';
import type { TransferPort } from '../transfer/http-transfer.ts';
import type { StationBehaviour } from './behaviour.ts';
import type { VendorMessages } from './vendor-messages.ts';
import type { StationEvent } from './event.ts';

export interface StationOptions {
  identity: string;
  /** Address without the identity, e.g. ws://127.0.0.1:9220/ocpp/demo */
  url: string;
  password?: string;
  /** Address of security profiles 2 and 3; `url` with wss: if it is not given. */
  secureUrl?: string;
  /** Whom to trust and what to show on a wss: line, PEM; without anchors and installed roots the system's are trusted. */
  tls?: LineOptions['tls'];
  /** 0 to 3; follows from the address, the password and the certificate if it is not given. */
  securityProfile?: number;
  dialect: '1.6' | '2.0.1';
  /** The connectors, numbered from 1. */
  connectorCount: number;
  about: StationIdentity;
  hardware: HardwarePorts;
  storage: StoragePort;
  clock: ClockPort;
  random: RandomPort;
  /** Makes ids of transactions, at most 36 characters, never one twice. */
  newId: () => string;
  /** First values of configuration keys, where they differ from the charger's own. */
  configuration?: { readonly [key: string]: string };
  backoff?: BackoffRule;
  callTimeoutMs?: number;
  /** How often the meter is read and energy counted. */
  meterTickMs?: number;
  /** How firmware comes and logs go; HTTP and HTTPS if it is not given. */
  transfer?: TransferPort;
  /** DataTransfer messages that this charger knows. */
  vendorMessages?: VendorMessages;
  /** How it misbehaves, for tests. */
  behaviour?: StationBehaviour;
  /** Hears what happens; for logs and displays. Never given a password. */
  onEvent?: (event: StationEvent) => void;
}
