import type { CommandEffect } from '../commands/command-effects.ts';
import { acceptPlan, clearPlans, doubtPlan, refusePlan } from './plan-rows.ts';

/** SetChargingProfile has ended (1.6, 5.16): the station has the plan, or has not, or nobody knows. */
export const setChargingProfileEffect: CommandEffect<'set-charging-profile'> = async (client, command, record, at) => {
  const { profileId } = command.plan;
  if (record.state === 'accepted') await acceptPlan(client, record.stationId, profileId, at);
  else if (record.state === 'unknown') await doubtPlan(client, record.stationId, profileId, record.detail);
  else await refusePlan(client, record.stationId, profileId, record.detail ?? record.state, at);
};

/** ClearChargingProfile has ended (1.6, 5.4). Unknown, the station's own word for a no, says that it has none of them, which is the same to whoever asked. */
export const clearChargingProfileEffect: CommandEffect<'clear-charging-profile'> = async (client, command, record, at) => {
  if (record.state !== 'accepted' && (record.state !== 'rejected' || record.sentAt === null)) return;
  await clearPlans(client, record.stationId, command, record.state === 'accepted' ? 'cleared by us' : 'cleared by us; the station did not have it', at);
};
