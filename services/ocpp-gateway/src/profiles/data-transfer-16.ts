import { answerTransfer } from '@csms/domain/data-transfer/vendor-messages';
import type { ProfileTable } from './handler.ts';

/** How transfers of stations ended in this process, for csms_data_transfers_total: words of the answer, never a text from the wire. */
export const transferTally = new Map<string, number>();

/** OCPP 1.6, 4.3, from the charge point: registered vendor extensions are answered by them, all others as the text asks. */
export const dataTransfer16 = {
  DataTransfer: {
    handle: async (request, { source, station, stations }) => {
      const answer = await answerTransfer({ vendorId: request.vendorId, messageId: request.messageId ?? null, data: request.data ?? null }, { source, identity: station.identity, stations });
      transferTally.set(answer.status, (transferTally.get(answer.status) ?? 0) + 1);
      return answer;
    },
  },
} satisfies ProfileTable<'ocpp1.6'>;
