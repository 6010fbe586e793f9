import type { Bus, CommandLedger, InboxEntry } from '@csms/domain';
import type { Logger } from '@csms/kit';
import type { CardKeys } from '@csms/store/cards/card-keys';
import type { FileStore } from '@csms/store/uploads/file-store';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type pg from 'pg';
import type { TokenVerifier } from './access/verify-token.ts';
import type { RateLimits } from './access/guard.ts';
import type { PeopleDirectory } from './people/people-directory.ts';

/** What the API is made of; main.ts chooses, tests put their own together. */
export interface ApiParts {
  pool: pg.Pool;
  verify: TokenVerifier;
  ledger: Pick<CommandLedger, 'create' | 'get' | 'settle'>;
  /** Where the issuer's accounts are kept; null: an issuer whose accounts are not ours to keep. */
  people: PeopleDirectory | null;
  bus: Pick<Bus, 'ownerOf' | 'send' | 'wake' | 'onWake' | 'countInWindow'>;
  replies: { name: string; waitForReply: (commandId: string, timeoutMs: number) => Promise<InboxEntry['outcome'] | null> };
  now: () => Date;
  newId: () => string;
  mode: 'lab' | 'production';
  /** The key of the HMAC under which stations' passwords and API keys are kept. */
  pepper: string;
  /** Turn card numbers into what the books hold, and back for a station. */
  cards: CardKeys;
  /** ws(s)://host/ocpp: what a station is told to connect to, before /<tenant>/<identity>. */
  ocppEndpoint: string;
  /** The same over TLS, for stations of security profile 2 and 3; absent: the one above. */
  ocppsEndpoint?: string | undefined;
  /** The lab's control server; null: there is none. */
  lab: { url: string; token: string } | null;
  /** Files of stations and firmware for them. `stationUrl`: where stations reach /api/v1 of this API, without a slash at its end. */
  files: { store: FileStore; stationUrl: string };
  corsOrigins: readonly string[];
  limits: RateLimits;
  /** Addresses whose X-Forwarded-For is believed. */
  trustedProxies: readonly string[];
  log: Logger;
}

export type Api = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>;
