import type { ReactNode } from 'react';
import { useNavigate } from 'react-router';

export interface Column<T> {
  key: string;
  header: string;
  cell: (item: T) => ReactNode;
  end?: boolean;
  nowrap?: boolean;
  /** Its place in the card that a row becomes on a phone: the head, the end of the head, a line, a third of one, or nowhere; else half a line with its name above. */
  phone?: 'title' | 'end' | 'wide' | 'third' | 'hidden';
  /** Holds a button. */
  action?: boolean;
}

/**
 * A table on a desk, a list of cards on a phone; the roles are spelt out because a row that is laid out as a grid would lose them. The first
 * column holds the link that the keyboard uses; a click anywhere in the row follows it.
 */
export function DataTable<T>({ label, columns, items, rowKey, rowTo }: { label: string; columns: Column<T>[]; items: T[]; rowKey: (item: T) => string; rowTo?: (item: T) => string }) {
  const navigate = useNavigate();
  return (
    <table className="data-table data" role="table" aria-label={label}>
      <thead role="rowgroup">
        <tr role="row">{columns.map((column) => <th key={column.key} role="columnheader" scope="col" className={column.end ? 'end' : undefined}>{column.header}</th>)}</tr>
      </thead>
      <tbody role="rowgroup">
        {items.map((item) => (
          <tr
            key={rowKey(item)} role="row" className={rowTo ? 'clickable' : undefined}
            onClick={rowTo && ((event) => { if (!(event.target as Element).closest('a, button, input') && window.getSelection()?.isCollapsed !== false) void navigate(rowTo(item)); })}
          >
            {columns.map((column) => (
              <td key={column.key} role="cell" data-label={column.header === '' ? undefined : column.header} className={[column.end && 'end', column.nowrap && 'nowrap', column.action && 'action', column.phone && `phone-${column.phone}`].filter(Boolean).join(' ') || undefined}>{column.cell(item)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
