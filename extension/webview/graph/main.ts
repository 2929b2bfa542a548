/** The graph webview's entry. */
import type { GraphState } from '../../src/messages.js';
import { connect } from '../host.js';
import { setLanguage } from '../l10n.js';
import './graph.css';
import { GraphView } from './view.js';

let view: GraphView | undefined;

const host = connect<GraphState>((message) => {
    switch (message.type) {
        case 'start': {
            setLanguage(message.language, message.texts);
            const root = document.getElementById('app') as HTMLElement;
            const outside = { post: host.postMessage.bind(host), save: host.setState.bind(host) };
            // What this page saved is newer than what the host knows; both are of the same repository.
            view = new GraphView(root, outside, host.getState() ?? (message.state as GraphState));
            break;
        }
        case 'page':
            view?.answered(message.id, message.page);
            break;
        case 'refused':
            if (message.id !== undefined) {
                view?.refused(message.id, message.problem);
            }
            break;
        case 'changed':
            view?.changed();
            break;
    }
});
host.postMessage({ type: 'ready' });
