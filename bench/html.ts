// HTML pieces that the written report and the page share: escaped text and the table of rows.

import { type Column, keyCells, untimedText } from './columns.js';
import { isRow, type Outcome } from './row.js';

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => entities[c]);
}

export function tableHtml(columns: readonly Column[], outcomes: readonly Outcome[]): string {
  const shown = columns.filter((column) => outcomes.some((o) => !isRow(o) || column.of(o) !== ''));
  const head = shown
    .map((column) => `<th scope="col"${classOf(column)}>${escapeHtml(column.title)}</th>`)
    .join('');
  const body = outcomes.map((outcome) => rowHtml(shown, outcome)).join('\n');
  return `<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody>\n</table>`;
}

function rowHtml(columns: readonly Column[], outcome: Outcome): string {
  if (isRow(outcome)) {
    const cells = columns.map((column) => `<td${classOf(column)}>${escapeHtml(column.of(outcome))}</td>`);
    return `<tr${outcome.software ? ' class="software"' : ''}>${cells.join('')}</tr>`;
  }
  const key = keyCells(columns, outcome).map(
    (text, i) => `<td${classOf(columns[i])}>${escapeHtml(text)}</td>`,
  );
  const rest = `<td colspan="${columns.length - key.length}">${escapeHtml(untimedText(outcome))}</td>`;
  return `<tr class="${outcome.status}">${key.join('')}${rest}</tr>`;
}

function classOf(column: Column): string {
  return column.numeric ? ' class="number"' : '';
}

/** What the table of machine facts lists, in order. */
export function factsHtml(facts: readonly (readonly [string, string])[]): string {
  const items = facts.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`);
  return `<dl>\n${items.join('\n')}\n</dl>`;
}
