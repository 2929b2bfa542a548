/** "ANVCS: Doctor": the server's report, and where a server was looked for, so that it helps where there is none. */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { problemOf } from './problem.js';
import { type Discovery, sourceName } from './server/discover.js';
import type { Server } from './server/server.js';
import type { Check, DoctorReport, Problem } from './wire.js';

/** What the report is made from. */
export interface Findings {
    readonly version: string;
    readonly discovery: Discovery;
    /** The server's report, or why there is none. */
    readonly report: DoctorReport | Problem;
}

const SIGNS: Record<Check['state'], string> = { ok: '✓', warning: '!', error: '✗' };

/** The report as Markdown. */
export function describe({ version, discovery, report }: Findings): string {
    const lines = [`# ${l10n.t('ANVCS Doctor')}`, '', `## ${l10n.t('Editor')}`, ''];
    lines.push(`- ${l10n.t('Extension {0} in {1} {2}', version, vscode.env.appName, vscode.version)}`);
    for (const { source, where, outcome, chosen } of discovery.attempts) {
        const place = [sourceName(source), where].filter(Boolean).join(' ');
        lines.push(`- ${chosen ? SIGNS.ok : '·'} ${place}: ${outcome}`);
    }
    lines.push('', `## ${l10n.t('Server and repository')}`, '');
    if ('checks' in report) {
        lines.push(...report.checks.map(describeCheck));
        lines.push(
            '',
            report.healthy ? l10n.t('Everything needed is in order.') : l10n.t('Something needs attention.'),
        );
    } else {
        lines.push(describeCheck({ id: report.code, state: 'error', message: report.message, wayOut: report.wayOut }));
    }
    return `${lines.join('\n')}\n`;
}

function describeCheck({ id, state, message, wayOut }: Check): string {
    const line = `- ${SIGNS[state]} ${id}: ${message}`;
    return wayOut ? `${line}\n  → ${wayOut}` : line;
}

/** Examines the editor's side, the server and the repository. */
export async function examine(
    server: Server,
    find: () => Promise<Discovery>,
    version: string,
    folder: string | undefined,
): Promise<Findings> {
    const discovery = await find();
    const report = await server.execute('doctor', folder ? { folder } : {}).catch(problemOf);
    return { version, discovery, report };
}
