/** The server's process: started where it cannot be misled, listened to, and never left behind. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { l10n } from 'vscode';
import type { Launch } from './discover.js';

/** How long an end that is near is waited for. */
const END_MS = 2000;

/** How much of what it last wrote is kept. */
const TAIL_CHARACTERS = 4000;

/** One run of the server; the language client gets its streams. */
export class ServerProcess {
    readonly child: ChildProcessWithoutNullStreams;
    private tail = '';
    private readonly ended: Promise<string>;

    /** `cwd` must not be the workspace: `python -m` would import the workspace's own modules before the server's. */
    constructor({ command, args }: Launch, cwd: string) {
        this.child = spawn(command, args, { cwd, stdio: 'pipe' });
        this.child.stderr.on('data', (data: Buffer) => {
            this.tail = (this.tail + data.toString()).slice(-TAIL_CHARACTERS);
        });
        // Writing to a process that has ended is reported by the connection.
        this.child.stdin.on('error', () => undefined);
        this.ended = new Promise((end) => {
            this.child.on('error', (error) => end(error.message));
            this.child.on('close', (code, signal) =>
                end(this.tail.trim().split('\n').at(-1) || endedWith(code, signal)),
            );
        });
    }

    /** Why it ended: its last words, else its exit code; undefined if it is still there a moment later. */
    async lastWords(): Promise<string | undefined> {
        return Promise.race([this.ended, pause(END_MS, undefined, { ref: false })]);
    }

    /** Waits for its end, and brings it about if it does not come. */
    async end(): Promise<void> {
        if ((await this.lastWords()) === undefined) {
            this.child.kill('SIGKILL');
        }
    }
}

function endedWith(code: number | null, signal: string | null): string {
    return code === null ? l10n.t('it was ended by {0}.', signal ?? '?') : l10n.t('it ended with exit code {0}.', code);
}
