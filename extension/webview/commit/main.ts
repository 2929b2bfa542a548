/** The commit webview's entry. */
import type { CommitState } from '../../src/messages.js';
import { connect } from '../host.js';
import { setLanguage } from '../l10n.js';
import './commit.css';
import { CommitView } from './view.js';

let view: CommitView | undefined;

const host = connect<CommitState>((message) => {
    switch (message.type) {
        case 'start': {
            setLanguage(message.language, message.texts);
            const root = document.getElementById('app') as HTMLElement;
            const outside = { post: host.postMessage.bind(host), save: host.setState.bind(host) };
            view = new CommitView(root, outside, message.state as CommitState);
            break;
        }
        case 'commit':
            view?.show(message.details);
            break;
        case 'refused':
            view?.failed(message.problem);
            break;
    }
});
host.postMessage({ type: 'ready' });
