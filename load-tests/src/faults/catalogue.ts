import type { Fault } from './fault.ts';
import { databaseSlow, modems, slowReader } from './scenarios/bad-networks.ts';
import { redisForgets, redisLost } from './scenarios/bus-lost.ts';
import { certificatesRotated } from './scenarios/certificates.ts';
import { busPartitioned, halfOpen } from './scenarios/cut-cables.ts';
import { connectionsEnded, databaseFrozen, transactionsCollide } from './scenarios/database-lost.ts';
import { gatewayFrozen } from './scenarios/frozen-gateway.ts';
import { gatewayKilled, killedAfterCommit, killedBeforeCommit } from './scenarios/gateway-death.ts';
import { madStation } from './scenarios/mad-station.ts';
import { clocksWrong, messagesOutOfOrder, stopsOfNobody } from './scenarios/odd-chargers.ts';

/** Every fault of the suite, in the order of the matrix. */
export const faults: Fault[] = [
  gatewayKilled, killedAfterCommit, killedBeforeCommit, gatewayFrozen, halfOpen, redisLost, busPartitioned, redisForgets, databaseFrozen, databaseSlow, transactionsCollide, messagesOutOfOrder, stopsOfNobody, clocksWrong, madStation, slowReader, certificatesRotated, connectionsEnded, modems,
];
