/** The Python that the Python extension has selected, where that extension is installed. */
import * as vscode from 'vscode';

/** The part of ms-python.python's API that we use. */
interface PythonApi {
    readonly environments: {
        getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string };
        resolveEnvironment(path: {
            readonly path: string;
        }): Promise<{ readonly executable: { readonly uri?: vscode.Uri } } | undefined>;
        readonly onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
    };
}

async function api(): Promise<PythonApi | undefined> {
    const extension = vscode.extensions.getExtension<PythonApi>('ms-python.python');
    try {
        return extension && (extension.isActive ? extension.exports : await extension.activate());
    } catch {
        // Its failure to activate is its own to report; for us there is no selected interpreter.
        return undefined;
    }
}

/** The selected interpreter's path. */
export async function selectedInterpreter(resource: vscode.Uri | undefined): Promise<string | undefined> {
    const environments = (await api())?.environments;
    if (!environments) {
        return undefined;
    }
    const resolved = await environments.resolveEnvironment(environments.getActiveEnvironmentPath(resource));
    return resolved?.executable.uri?.fsPath;
}

/** Calls back when another interpreter is selected. */
export async function onInterpreterChange(callback: () => void): Promise<vscode.Disposable | undefined> {
    return (await api())?.environments?.onDidChangeActiveEnvironmentPath(callback);
}
