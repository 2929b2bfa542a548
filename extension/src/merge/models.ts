/** The editor's own language models: chosen by the user's setting, asked with the user's consent. */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import type { AssistCompleteParams, AssistCompleteResult } from '../wire.js';

/** What is asked for models: `vscode.lm`, or a stand-in. */
export interface Models {
    selectChatModels(selector?: vscode.LanguageModelChatSelector): Thenable<vscode.LanguageModelChat[]>;
}

/** Characters of an answer at which reading stops. */
const LARGEST = 1 << 20;

/** Has a model answer a prompt. Nothing is added to it: its hash is recorded. Throws what the editor throws. */
export async function complete(
    models: Models,
    wanted: string,
    { messages }: AssistCompleteParams,
    token: vscode.CancellationToken,
): Promise<AssistCompleteResult> {
    const model = await choose(models, wanted);
    // Models of the editor know no system messages; what would be one comes first.
    const sent = messages.map(({ content }) => vscode.LanguageModelChatMessage.User(content));
    const justification = l10n.t('You asked how to decide a conflict of a merge.');
    const response = await model.sendRequest(sent, { justification }, token);
    let content = '';
    for await (const part of response.text) {
        content += part;
        if (content.length > LARGEST) {
            throw new Error(l10n.t('The language model does not stop talking.'));
        }
    }
    return { content, model: `${model.vendor}/${model.id}` };
}

async function choose(models: Models, wanted: string): Promise<vscode.LanguageModelChat> {
    const found = await models.selectChatModels();
    const fitting = found.filter(({ id, family }) => !wanted || id === wanted || family === wanted);
    const [model] = fitting;
    if (!model) {
        throw new Error(
            found.length && wanted
                ? l10n.t('There is no language model {0} here (anvcs.assist.model).', wanted)
                : l10n.t('This editor has no language model that extensions may use.'),
        );
    }
    return model;
}
