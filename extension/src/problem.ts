/** Problems: what went wrong and the way out, whether the server said so or the way to it failed. */
import { l10n } from 'vscode';
import type { ErrorCode, Problem } from './wire.js';

/** Codes of problems that arise on this side of the wire. */
export type LocalCode = 'no-server' | 'server-failed' | 'untrusted' | 'internal';

/** A problem that is thrown. */
export class ProblemError extends Error {
    constructor(readonly problem: Problem) {
        super([problem.message, problem.wayOut].filter(Boolean).join(' '));
        this.name = 'ProblemError';
    }
}

/** A problem of this side, ready to throw. */
export function localProblem(code: LocalCode | ErrorCode, message: string, wayOut = '', output = ''): ProblemError {
    return new ProblemError({ code, message, wayOut, output });
}

/** LSP's code for a request that the client cancelled. */
const REQUEST_CANCELLED = -32800;

/** JSON-RPC's codes for a connection that ended: while writing, reading, waiting, or before. */
const CONNECTION_ENDED: readonly unknown[] = [-32099, -32098, -32097, -32096];

/** Whatever was thrown, as a problem a person can act on. */
export function problemOf(error: unknown): Problem {
    if (error instanceof ProblemError) {
        return error.problem;
    }
    const { code, data, message } = (error ?? {}) as { code?: unknown; data?: unknown; message?: unknown };
    if (isProblem(data)) {
        return data;
    }
    if (code === REQUEST_CANCELLED || (error instanceof Error && error.name === 'Canceled')) {
        return { code: 'cancelled', message: l10n.t('Cancelled; nothing was changed.') };
    }
    if (CONNECTION_ENDED.includes(code)) {
        return localProblem(
            'server-failed',
            l10n.t('The server ended before it answered.'),
            l10n.t('See whether it was done, then try again.'),
        ).problem;
    }
    return {
        code: 'internal',
        message: typeof message === 'string' ? message : String(error),
        wayOut: l10n.t('The log has the details.'),
    };
}

/** Whether the problem is of this kind. */
export function hasCode(error: unknown, code: ErrorCode | LocalCode): boolean {
    return problemOf(error).code === code;
}

/** A problem as one line of text. */
export function sentence(problem: Problem): string {
    return [problem.message, problem.wayOut].filter(Boolean).join(' ');
}

function isProblem(value: unknown): value is Problem {
    const { code, message } = (value ?? {}) as Partial<Problem>;
    return typeof code === 'string' && typeof message === 'string';
}
