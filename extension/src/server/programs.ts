/** Running and finding programs. */
import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { l10n } from 'vscode';
import type { Probe } from './discover.js';

/** What a program left behind. */
export interface Finished {
    /** The exit code; null if a signal ended it or it could not be started. */
    readonly code: number | null;
    readonly output: string;
}

/** How to run a program. */
export interface RunOptions {
    readonly cwd: string;
    readonly signal?: AbortSignal;
    /** Told each piece of output as it comes. */
    readonly onOutput?: (text: string) => void;
}

/** Runs a program to its end; never throws. The signal ends the program and everything it started. */
export function run(program: string, args: readonly string[], options: RunOptions): Promise<Finished> {
    return new Promise((done) => {
        let output = '';
        const take = (text: string) => {
            output += text;
            options.onOutput?.(text);
        };
        // A process group of its own, so that pip's and venv's children end with them.
        const child = spawn(program, args, { cwd: options.cwd, detached: process.platform !== 'win32', stdio: 'pipe' });
        const end = () => {
            if (child.pid === undefined || child.exitCode !== null) {
                return;
            }
            try {
                process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGTERM');
            } catch {
                // It ended by itself meanwhile.
            }
        };
        child.stdin.end();
        child.stdout.setEncoding('utf8').on('data', take);
        child.stderr.setEncoding('utf8').on('data', take);
        child.on('error', (error) => {
            take(error.message);
            done({ code: null, output });
        });
        child.on('close', (code) => {
            options.signal?.removeEventListener('abort', end);
            done({ code, output });
        });
        options.signal?.addEventListener('abort', end);
        if (options.signal?.aborted) {
            end();
        }
    });
}

/** The absolute path of a program: on PATH, or as given if it names a folder. */
export async function which(program: string, path = process.env.PATH ?? ''): Promise<string | undefined> {
    const named = isAbsolute(program) || /[\\/]/.test(program);
    const folders = named ? [''] : path.split(delimiter).filter(isAbsolute);
    const endings = process.platform === 'win32' ? ['', '.exe', '.cmd', '.bat'] : [''];
    for (const folder of folders) {
        for (const ending of endings) {
            const candidate = folder ? join(folder, program + ending) : resolve(program + ending);
            if (await isExecutable(candidate)) {
                return candidate;
            }
        }
    }
    return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
    try {
        await access(path, constants.X_OK);
        return true;
    } catch {
        return false;
    }
}

/** A path of a setting with `~` and `${workspaceFolder}` filled in. */
export function expand(path: string, workspaceFolder: string | undefined): string {
    const expanded = path.trim().replace(/^~(?=$|[\\/])/, homedir());
    // biome-ignore lint/suspicious/noTemplateCurlyInString: VS Code's variable syntax, not a template
    return workspaceFolder ? expanded.replaceAll('${workspaceFolder}', workspaceFolder) : expanded;
}

const PROBE = `
import json
from anvcs import __version__
from anvcs.wire import PROTOCOL_VERSION
print(json.dumps({"version": __version__, "protocol": PROTOCOL_VERSION}))
`;

const PROBE_TIMEOUT_MS = 15_000;

/** Asks a Python which `anvcs` it has. `cwd` must be ours: Python imports from it before anything else. */
export async function probe(python: string, cwd: string): Promise<Probe> {
    const { code, output } = await run(python, ['-c', PROBE], { cwd, signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    const last = output.trim().split('\n').at(-1) ?? '';
    if (code === 0) {
        try {
            return { found: true, ...(JSON.parse(last) as { version: string; protocol: number }) };
        } catch {
            return { found: false, reason: l10n.t('It answered something unexpected: {0}', last) };
        }
    }
    if (/No module named '?anvcs'?$/.test(last)) {
        return { found: false, reason: l10n.t('It has no anvcs.') };
    }
    return { found: false, reason: last || l10n.t('It did not answer in time.') };
}
