/** Setting up a server: our own environment, or one the user chooses. */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { localProblem } from '../problem.js';
import { type Carried, carried, PrivateEnvironments } from './environment.js';
import { selectedInterpreter } from './interpreter.js';
import { run, which } from './programs.js';
import type { Server } from './server.js';

const DECLINED = 'setup.declined';

/** Offers, makes and updates the environment. */
export class Setup {
    private readonly environments: PrivateEnvironments;
    private asking: Promise<void> | undefined;

    constructor(
        private readonly context: vscode.ExtensionContext,
        private readonly server: Server,
        log: vscode.LogOutputChannel,
    ) {
        this.environments = environmentsIn(context, log);
    }

    /** After a start that found no server: asks once what to do, and not again in this workspace if declined. */
    async offer(): Promise<void> {
        if (this.context.workspaceState.get(DECLINED)) {
            return;
        }
        this.asking ??= this.ask().finally(() => {
            this.asking = undefined;
        });
        return this.asking;
    }

    /** Where the running environment of ours is older than the wheel we carry: offers to update it. */
    async offerUpdate(running: string): Promise<void> {
        const wheel = await this.carried();
        if (!wheel || wheel.version === running) {
            return;
        }
        const update = l10n.t('Update');
        const message = l10n.t(
            "ANVCS' own environment has anvcs {0}; this extension brings {1}.",
            running,
            wheel.version,
        );
        if ((await vscode.window.showInformationMessage(message, update)) === update) {
            await this.make();
        }
    }

    /** "ANVCS: Set Up Server": make our own environment, or choose a server. */
    async command(): Promise<void> {
        const wheel = await this.carried();
        const make = { label: l10n.t("Make ANVCS' own environment"), description: wheel && `anvcs ${wheel.version}` };
        const choose = { label: l10n.t('Choose a server or a Python…'), description: 'anvcs.server.path' };
        const picked = await vscode.window.showQuickPick([...(wheel ? [make] : []), choose], {
            title: l10n.t('Set up the ANVCS server'),
        });
        if (picked === make) {
            await this.make();
        } else if (picked === choose) {
            await this.choose();
        }
    }

    /** Makes our own environment, with progress that can be cancelled, and starts the server from it. */
    async make(): Promise<void> {
        const wheel = await this.carried();
        if (!wheel) {
            throw localProblem(
                'no-server',
                l10n.t('This build of the extension brings no server.'),
                l10n.t('Install anvcs with pip, or set anvcs.server.path.'),
            );
        }
        const options = {
            location: vscode.ProgressLocation.Notification,
            title: l10n.t("Setting up ANVCS' own environment"),
            cancellable: true,
        };
        await vscode.window.withProgress(options, async (progress, token) => {
            const abort = new AbortController();
            token.onCancellationRequested(() => abort.abort());
            const report = (message: string, increment: number) => progress.report({ message, increment });
            await this.environments.make(wheel, report, abort.signal);
        });
        await this.server.restart();
    }

    private async ask(): Promise<void> {
        const wheel = await this.carried();
        const setUp = l10n.t('Set Up');
        const choose = l10n.t('Choose…');
        const notNow = l10n.t('Not now');
        const message = l10n.t(
            'The ANVCS server was not found. ANVCS can make a Python environment of its own for it.',
        );
        const chosen = await vscode.window.showInformationMessage(message, ...(wheel ? [setUp] : []), choose, notNow);
        if (chosen === setUp) {
            await this.make();
        } else if (chosen === choose) {
            await this.choose();
        } else if (chosen === notNow) {
            await this.context.workspaceState.update(DECLINED, true);
        }
    }

    private async choose(): Promise<void> {
        const [file] =
            (await vscode.window.showOpenDialog({
                title: l10n.t('An anvcs-lsp executable, or a Python that has anvcs'),
                openLabel: l10n.t('Use as Server'),
            })) ?? [];
        if (file) {
            const settings = vscode.workspace.getConfiguration('anvcs.server');
            // The change of the setting restarts the server.
            await settings.update('path', file.fsPath, vscode.ConfigurationTarget.Global);
        }
    }

    private carried(): Promise<Carried | undefined> {
        return carried(this.context.asAbsolutePath('dist/wheels'));
    }
}

/** Our own environments, below the folder that VS Code keeps for us. */
export function environmentsIn(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): PrivateEnvironments {
    const pythons = async () => {
        const names = ['python3', 'python', 'python3.13', 'python3.12', 'python3.11'];
        const found = await Promise.all([selectedInterpreter(undefined), ...names.map((name) => which(name))]);
        return [...new Set(found.filter((path) => path !== undefined))];
    };
    return new PrivateEnvironments(context.globalStorageUri.fsPath, { pythons, run }, (text) =>
        log.info(text.trimEnd()),
    );
}
