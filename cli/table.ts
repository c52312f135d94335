// Rows as a table on the terminal.

import Table from 'cli-table3';
import { type Column, keyCells, keyWidth, untimedText } from '../bench/columns.js';
import { isRow, type Outcome } from '../bench/row.js';

/** Rows in the order of measurement; a row that was not timed keeps its place and gives the reason. */
export function renderTable(columns: readonly Column[], outcomes: readonly Outcome[]): string {
  // Hide columns that are empty in every row.
  const shown = columns.filter(
    (column) => outcomes.some((o) => isRow(o) && column.of(o) !== '') || column.title === 'where',
  );
  const columnsShown = shown.length > 1 ? shown : columns.slice(0, keyWidth(columns));
  const table = new Table({
    head: columnsShown.map((column) => column.title),
    colAligns: columnsShown.map((column) => (column.numeric ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  });
  for (const outcome of outcomes) {
    if (isRow(outcome)) {
      table.push(columnsShown.map((column) => column.of(outcome)));
    } else {
      const key = keyCells(columnsShown, outcome);
      table.push([
        ...key,
        { content: untimedText(outcome), colSpan: Math.max(1, columnsShown.length - key.length) },
      ]);
    }
  }
  return table.toString();
}
