/** ANVCS' own Python environment, made from the wheel that the extension carries. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { l10n } from 'vscode';
import { localProblem, ProblemError } from '../problem.js';
import type { Finished, RunOptions } from './programs.js';

/** What the extension carries for a server of its own. */
export interface Carried {
    readonly wheel: string;
    /** The pinned and hashed dependencies, for pip. */
    readonly lock: string | undefined;
    readonly version: string;
}

/** What making an environment needs of this machine. */
export interface Tools {
    /** Pythons to try, best first. */
    pythons(): Promise<readonly string[]>;
    run(program: string, args: readonly string[], options: RunOptions): Promise<Finished>;
}

/** Told each step and a share of the whole in percent. */
export type Progress = (message: string, increment: number) => void;

/** Written last: an environment without it is half made. */
const STAMP = 'anvcs.json';

/** Environments kept beside the current one, for editors that still run from them. */
const KEPT = 1;

const OLDEST_PYTHON = [3, 11] as const;

/** The wheel in a folder of the extension; undefined in a build that carries none. */
export async function carried(folder: string): Promise<Carried | undefined> {
    const names: string[] = await readdir(folder).catch(() => []);
    const wheel = names.filter((name) => /^anvcs-.*\.whl$/.test(name)).at(-1);
    if (!wheel) {
        return undefined;
    }
    return {
        wheel: join(folder, wheel),
        lock: names.includes('requirements.lock') ? join(folder, 'requirements.lock') : undefined,
        version: wheel.split('-')[1] ?? '',
    };
}

/** The environments below one folder, one for each version of the server. */
export class PrivateEnvironments {
    constructor(
        private readonly folder: string,
        private readonly tools: Tools,
        private readonly log: (text: string) => void,
    ) {}

    /** The newest complete environment's version and Python. */
    async current(): Promise<{ version: string; python: string } | undefined> {
        const made = await this.made();
        return made.at(-1);
    }

    /** Makes the environment of the carried wheel and gives its Python. A failure or cancellation leaves nothing. */
    async make(wheel: Carried, progress: Progress, signal: AbortSignal): Promise<string> {
        const target = join(this.folder, `server-${wheel.version}`);
        await rm(target, { recursive: true, force: true });
        await mkdir(this.folder, { recursive: true });
        try {
            await this.build(target, wheel, progress, signal);
        } catch (error) {
            await rm(target, { recursive: true, force: true });
            throw error;
        }
        await this.prune(target);
        return pythonIn(target);
    }

    private async build(target: string, wheel: Carried, progress: Progress, signal: AbortSignal): Promise<void> {
        progress(l10n.t('Looking for Python'), 5);
        const python = await this.findPython(signal);
        progress(l10n.t('Making an environment'), 10);
        await this.step(python, ['-m', 'venv', target], signal, venvAdvice);
        const pip = ['-m', 'pip', '--disable-pip-version-check', '--no-input', 'install', '--progress-bar', 'off'];
        if (wheel.lock) {
            progress(l10n.t('Installing dependencies'), 25);
            await this.step(pythonIn(target), [...pip, '--require-hashes', '-r', wheel.lock], signal, pipAdvice);
        }
        progress(l10n.t('Installing anvcs {0}', wheel.version), 50);
        const last = wheel.lock ? ['--no-deps', wheel.wheel] : [wheel.wheel];
        await this.step(pythonIn(target), [...pip, ...last], signal, pipAdvice);
        await writeFile(join(target, STAMP), JSON.stringify({ version: wheel.version, made: Date.now() }));
        progress(l10n.t('Done'), 10);
    }

    private async findPython(signal: AbortSignal): Promise<string> {
        const tried: string[] = [];
        for (const python of await this.tools.pythons()) {
            const version = await this.versionOf(python, signal);
            if (version && (version[0] > 3 || (version[0] === 3 && version[1] >= OLDEST_PYTHON[1]))) {
                this.log(`Python ${version.join('.')}: ${python}`);
                return python;
            }
            tried.push(python);
        }
        this.stopIfCancelled(signal);
        throw localProblem(
            'no-server',
            tried.length
                ? l10n.t('No Python {0} or newer was found (tried {1}).', OLDEST_PYTHON.join('.'), tried.join(', '))
                : l10n.t('No Python {0} or newer was found.', OLDEST_PYTHON.join('.')),
            l10n.t('Install Python, or set anvcs.server.path.'),
        );
    }

    private async versionOf(python: string, signal: AbortSignal): Promise<[number, number] | undefined> {
        const ask = ['-c', 'import sys; print(*sys.version_info[:2])'];
        const { code, output } = await this.tools.run(python, ask, { cwd: this.folder, signal });
        const match = /^(\d+) (\d+)\s*$/.exec(output);
        return code === 0 && match ? [Number(match[1]), Number(match[2])] : undefined;
    }

    private async step(
        program: string,
        args: readonly string[],
        signal: AbortSignal,
        advice: (output: string) => string,
    ): Promise<void> {
        this.stopIfCancelled(signal);
        this.log(`$ ${[program, ...args].join(' ')}`);
        const { code, output } = await this.tools.run(program, args, { cwd: this.folder, signal, onOutput: this.log });
        this.stopIfCancelled(signal);
        if (code !== 0) {
            const cause = output.trim().split('\n').at(-1) ?? '';
            throw localProblem(
                'server-failed',
                l10n.t("ANVCS' own environment could not be made: {0}", cause),
                advice(output),
                output,
            );
        }
    }

    private stopIfCancelled(signal: AbortSignal): void {
        if (signal.aborted) {
            throw new ProblemError({ code: 'cancelled', message: l10n.t('Cancelled; nothing was changed.') });
        }
    }

    private async made(): Promise<{ version: string; python: string; folder: string; made: number }[]> {
        const names: string[] = await readdir(this.folder).catch(() => []);
        const found = [];
        for (const name of names.filter((each) => each.startsWith('server-'))) {
            const folder = join(this.folder, name);
            const stamp = await readFile(join(folder, STAMP), 'utf8').catch(() => undefined);
            if (stamp) {
                const { version, made } = JSON.parse(stamp) as { version: string; made: number };
                found.push({ version, made, folder, python: pythonIn(folder) });
            }
        }
        return found.sort((a, b) => a.made - b.made);
    }

    private async prune(current: string): Promise<void> {
        const others = (await this.made()).filter(({ folder }) => folder !== current);
        for (const { folder } of others.slice(0, Math.max(0, others.length - KEPT))) {
            await rm(folder, { recursive: true, force: true });
        }
    }
}

function pythonIn(environment: string): string {
    return process.platform === 'win32'
        ? join(environment, 'Scripts', 'python.exe')
        : join(environment, 'bin', 'python');
}

function venvAdvice(output: string): string {
    return /ensurepip|python3[\d.]*-venv/.test(output)
        ? l10n.t(
              "This Python lacks its venv module: install the system's package for it (Debian, Ubuntu: python3-venv).",
          )
        : l10n.t('The log has the details.');
}

function pipAdvice(output: string): string {
    if (/hash/i.test(output) && /mismatch|do not match/i.test(output)) {
        return l10n.t('The package index served a file that is not the expected one: check its configuration.');
    }
    if (
        /Temporary failure|Name or service|getaddrinfo|NewConnectionError|timed out|ProxyError|SSLError/i.test(output)
    ) {
        return l10n.t("The package index cannot be reached: check the network, or pip's index and proxy settings.");
    }
    return l10n.t('The log has the details.');
}
