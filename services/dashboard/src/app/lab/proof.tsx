import type { LabProof } from '@csms/contracts/http/index';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { quantityText } from '../formats.ts';
import { useNow } from '../live/use-now.ts';
import { DataTable } from '../parts/data-table.tsx';
import { useFormats } from '../use-formats.tsx';

/** The chargers' own truth beside the books: what is acknowledged must be there, once, with the same energy. */
export function Proof({ proof }: { proof: LabProof }) {
  const { t } = useTranslation();
  const f = useFormats();
  const now = useNow();
  const { transactions, energyWh, bills } = proof;
  const bad = proof.problems.length + transactions.lost + transactions.doubled + bills.billedTwice;
  const groups: { title: string; rows: [name: string, value: string, wrong?: boolean][] }[] = [
    { title: t('lab.transactions'), rows: [[t('lab.byChargers'), f.number(transactions.byChargers)], [t('lab.acknowledged'), f.number(transactions.acknowledged)], [t('lab.inBooks'), f.number(transactions.inBooks)], [t('lab.lost'), f.number(transactions.lost), transactions.lost > 0], [t('lab.doubled'), f.number(transactions.doubled), transactions.doubled > 0]] },
    { title: t('lab.energy'), rows: [[t('lab.byChargers'), quantityText(f.energy(energyWh.byChargers, 3))], [t('lab.inBooks'), quantityText(f.energy(energyWh.inBooks, 3))], [t('lab.difference'), quantityText(f.energy(energyWh.difference, 3)), energyWh.difference !== 0]] },
    { title: t('lab.bills'), rows: [[t('lab.ended'), f.number(bills.sessionsEnded)], [t('lab.billedOnce'), f.number(bills.billedOnce)], [t('lab.unbilled'), f.number(bills.unbilled)], [t('lab.billedTwice'), f.number(bills.billedTwice), bills.billedTwice > 0]] },
  ];
  return (
    <div>
      <div className="spread">
        <p className={bad > 0 ? 'proof-verdict proof-bad' : 'proof-verdict'} role="status">{bad > 0 ? <IconAlertTriangle size={20} aria-hidden="true" /> : <IconCheck size={20} color="#009E73" aria-hidden="true" />}{bad > 0 ? t('lab.proofBad', { count: Math.max(1, proof.problems.length) }) : t('lab.proofOk')}</p>
        <span className="small muted number">{t('lab.checked', { age: f.age(proof.asOf, now) })}</span>
      </div>
      {transactions.queued > 0 && <p className="notice" style={{ marginBottom: 16 }}>{t('lab.proofWaiting', { count: transactions.queued })}</p>}
      <div className="proof">
        {groups.map((group) => (
          <div key={group.title}>
            <h3>{group.title}</h3>
            <dl className="facts number">{group.rows.map(([name, value, wrong]) => <div key={name} style={{ display: 'contents' }}><dt>{name}</dt><dd className={wrong ? 'proof-bad' : undefined}>{value}</dd></div>)}</dl>
          </div>
        ))}
      </div>
      {proof.problems.length > 0 && (
        <DataTable
          label={t('lab.proofBad', { count: proof.problems.length })} items={proof.problems} rowKey={(problem) => `${problem.identity}${problem.transactionRef}${problem.problem}`}
          columns={[
            { key: 'identity', header: t('common.station'), cell: (problem) => problem.identity },
            { key: 'ref', header: t('session.reference'), cell: (problem) => <span className="mono">{problem.transactionRef ?? '–'}</span> },
            { key: 'problem', header: t('common.details'), phone: 'wide', cell: (problem) => <span lang="en">{problem.problem}</span> },
          ]}
        />
      )}
    </div>
  );
}
