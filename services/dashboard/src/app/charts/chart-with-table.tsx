import { Component, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** A picture and its twin: the same numbers as a table, for keyboards, screen readers and whoever wants to read them. */
export function ChartWithTable({ chart, table }: { chart: ReactNode; table: ReactNode }) {
  const { t } = useTranslation();
  const [asTable, setAsTable] = useState(false);
  return (
    <div className="stack" style={{ gap: 8 }}>
      {asTable ? <div className="chart-table" tabIndex={0} role="region" aria-label={t('common.asTable')}>{table}</div> : <TableInstead table={table}>{chart}</TableInstead>}
      <div><button type="button" className="text-button" onClick={() => setAsTable(!asTable)}>{asTable ? t('common.asChart') : t('common.asTable')}</button></div>
    </div>
  );
}

/** A browser that cannot draw (no canvas, an odd locale) still gets the numbers, and the rest of its screen. */
class TableInstead extends Component<{ table: ReactNode; children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };
  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }
  override render(): ReactNode {
    return this.state.broken ? <div className="chart-table">{this.props.table}</div> : this.props.children;
  }
}
