/** The channel to the extension host. */
import type { ToHost, ToWebview } from '../src/messages.js';

/** What VS Code gives a webview. */
export interface Host<State> {
    postMessage(message: ToHost): void;
    getState(): State | undefined;
    setState(state: State): void;
}

declare function acquireVsCodeApi<State>(): Host<State>;

/** Connects to the host; `receive` gets every message. Can be called once. */
export function connect<State>(receive: (message: ToWebview) => void): Host<State> {
    const host = acquireVsCodeApi<State>();
    window.addEventListener('message', (event: MessageEvent<ToWebview>) => receive(event.data));
    return host;
}
