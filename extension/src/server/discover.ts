/** Which server to run: the first of setting, Python extension, PATH and private environment that has one. */
import { l10n } from 'vscode';
import { PROTOCOL_VERSION } from '../wire.js';

/** Where a server was found. */
export type Source = 'setting' | 'interpreter' | 'path' | 'private';

/** How to start a server. */
export interface Launch {
    readonly source: Source;
    readonly command: string;
    readonly args: readonly string[];
    /** Known where a Python could be asked before the start. */
    readonly version?: string;
}

/** What a Python said when asked for `anvcs`. */
export type Probe =
    | { readonly found: true; readonly version: string; readonly protocol: number }
    | { readonly found: false; readonly reason: string };

/** One place that was tried, and how it went: shown by the doctor. */
export interface Attempt {
    readonly source: Source;
    readonly where: string;
    readonly outcome: string;
    readonly chosen: boolean;
}

/** What discovery may ask about this machine. */
export interface Machine {
    /** The value of `anvcs.server.path`, variables expanded; empty if unset. */
    readonly setting: string;
    /** The Python that the Python extension has selected. */
    interpreter(): Promise<string | undefined>;
    /** The absolute path of a program on PATH, or of an absolute path that can be executed. */
    which(program: string): Promise<string | undefined>;
    /** Asks a Python for its `anvcs`. */
    probe(python: string): Promise<Probe>;
    /** The Python of our own environment, if it was made and is complete. */
    privatePython(): Promise<string | undefined>;
}

/** What was found, and every place that was tried. */
export interface Discovery {
    readonly launch?: Launch;
    readonly attempts: readonly Attempt[];
}

/** Whether a program is a Python interpreter, by its name. */
export function isPython(program: string): boolean {
    return /(^|[\\/])(python|pypy)[\d.]*w?(\.exe)?$/i.test(program);
}

/** Finds the server to run. A path that was set but does not work is an answer, not a reason to look elsewhere. */
export async function discover(machine: Machine): Promise<Discovery> {
    const attempts: Attempt[] = [];
    const finders = machine.setting ? [fromSetting] : [fromInterpreter, fromPath, fromPrivate];
    for (const find of finders) {
        const { launch, ...attempt } = await find(machine);
        attempts.push({ ...attempt, chosen: launch !== undefined });
        if (launch) {
            return { launch, attempts };
        }
    }
    return { attempts };
}

type Found = Omit<Attempt, 'chosen'> & { readonly launch?: Launch };

async function fromSetting(machine: Machine): Promise<Found> {
    const source = 'setting';
    const program = await machine.which(machine.setting);
    if (!program) {
        return { source, where: machine.setting, outcome: l10n.t('There is no such program.') };
    }
    return isPython(program) ? fromPython(machine, source, program) : executable(source, program);
}

async function fromInterpreter(machine: Machine): Promise<Found> {
    const source = 'interpreter';
    const python = await machine.interpreter();
    if (!python) {
        return { source, where: '', outcome: l10n.t('No interpreter is selected, or there is no Python extension.') };
    }
    return fromPython(machine, source, python);
}

async function fromPath(machine: Machine): Promise<Found> {
    const program = await machine.which('anvcs-lsp');
    if (!program) {
        return { source: 'path', where: 'anvcs-lsp', outcome: l10n.t('It is not on PATH.') };
    }
    return executable('path', program);
}

async function fromPrivate(machine: Machine): Promise<Found> {
    const source = 'private';
    const python = await machine.privatePython();
    if (!python) {
        return { source, where: '', outcome: l10n.t('It has not been set up.') };
    }
    return fromPython(machine, source, python);
}

function executable(source: Source, program: string): Found {
    return { source, where: program, outcome: l10n.t('Found.'), launch: { source, command: program, args: [] } };
}

async function fromPython(machine: Machine, source: Source, python: string): Promise<Found> {
    const probe = await machine.probe(python);
    if (!probe.found) {
        return { source, where: python, outcome: probe.reason };
    }
    if (probe.protocol !== PROTOCOL_VERSION) {
        return { source, where: python, outcome: protocolMismatch(probe.version, probe.protocol) };
    }
    return {
        source,
        where: python,
        outcome: l10n.t('Found anvcs {0}.', probe.version),
        launch: { source, command: python, args: ['-m', 'anvcs.lsp'], version: probe.version },
    };
}

/** Why a server of another protocol cannot be used. */
export function protocolMismatch(version: string, protocol: number): string {
    return protocol < PROTOCOL_VERSION
        ? l10n.t(
              'anvcs {0} is too old for this extension (protocol {1}, not {2}): update anvcs.',
              version,
              protocol,
              PROTOCOL_VERSION,
          )
        : l10n.t(
              'anvcs {0} is too new for this extension (protocol {1}, not {2}): update the extension.',
              version,
              protocol,
              PROTOCOL_VERSION,
          );
}

/** The name of a source, for people. */
export function sourceName(source: Source): string {
    switch (source) {
        case 'setting':
            return l10n.t('setting anvcs.server.path');
        case 'interpreter':
            return l10n.t('interpreter of the Python extension');
        case 'path':
            return l10n.t('anvcs-lsp on PATH');
        case 'private':
            return l10n.t("ANVCS' own environment");
    }
}
