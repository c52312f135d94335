// report.html: one file without network access, with its pictures as SVG for a light and for a dark screen.

import { escapeHtml, factsHtml } from '../bench/html.js';
import { machineFacts, type Report } from '../bench/report.js';
import type { ThemeName } from '../bench/theme.js';
import style from './page/style.css';

export interface Document {
  title: string;
  /** Under the title: what this is. */
  lead: string;
  conclusions: readonly string[];
  pictures: Record<ThemeName, string>;
  table: string;
  notes: readonly string[];
  report: Report;
}

export function documentHtml({ title, lead, conclusions, pictures, table, notes, report }: Document): string {
  const list = conclusions.map((sentence) => `<li>${escapeHtml(sentence)}</li>`).join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>
${style}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<p class="lead">${escapeHtml(lead)}</p>
<ul class="conclusions">
${list}
</ul>
<figure class="light">
${pictures.light}
</figure>
<figure class="dark">
${pictures.dark}
</figure>
<h2>Rows</h2>
<div class="scroll">
${table}
</div>
${notes.map((note) => `<p class="note">${escapeHtml(note)}</p>`).join('\n')}
<h2>Machine</h2>
${factsHtml(machineFacts(report.machine))}
<p class="note">cotangent ${escapeHtml(report.cotangent)}, ${escapeHtml(report.createdAt)}, <code>${escapeHtml(report.command)}</code></p>
</main>
</body>
</html>
`;
}
