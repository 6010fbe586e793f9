import { open } from 'node:fs/promises';
import { z } from 'zod';

const Entry = z.object({
  verb: z.string(), requestURI: z.string(), requestReceivedTimestamp: z.string(), stageTimestamp: z.string(),
  user: z.object({ username: z.string() }),
  objectRef: z.object({ resource: z.string().optional(), namespace: z.string().optional(), name: z.string().optional(), subresource: z.string().optional() }).optional(),
  responseStatus: z.object({ code: z.number().optional() }).optional(),
});
export type AuditEntry = z.infer<typeof Entry>;

const writing = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);
/** A leader says every two seconds that it lives: of all that it writes in the steady state this alone is meant. */
export const isWrite = (entry: AuditEntry): boolean => writing.has(entry.verb) && entry.objectRef?.resource !== 'leases';
/** What a request was about, for a failing test. */
export const describeEntry = ({ verb, requestURI, responseStatus }: AuditEntry): string => `${verb} ${requestURI.replace(/\?.*/, '')} ${responseStatus?.code ?? ''}`;

/** What the API server noted of one account since the last look: the witness of what an operator asked and wrote. */
export class AuditLog {
  #file: string;
  #account: string;
  #offset = 0;
  #rest = '';

  constructor(file: string, account: string) {
    this.#file = file;
    this.#account = account;
  }

  /** The log that the suite's own cluster keeps, of the account `namespace/name`; undefined in a cluster that somebody else made. */
  static of(account: { namespace: string; name: string }): AuditLog | undefined {
    const file = process.env['CSMS_TEST_AUDIT_LOG'];
    return file === undefined ? undefined : new AuditLog(file, `system:serviceaccount:${account.namespace}:${account.name}`);
  }

  async since(): Promise<AuditEntry[]> {
    const handle = await open(this.#file, 'r');
    try {
      const { size } = await handle.stat();
      const bytes = Buffer.alloc(size - this.#offset);
      await handle.read(bytes, 0, bytes.length, this.#offset);
      this.#offset = size;
      const lines = (this.#rest + bytes.toString('utf8')).split('\n');
      this.#rest = lines.pop() ?? '';
      // Most lines of a busy log are another's: only those that name the account are parsed.
      return lines.filter((line) => line.includes(this.#account)).map((line) => Entry.parse(JSON.parse(line)));
    } finally {
      await handle.close();
    }
  }
}
