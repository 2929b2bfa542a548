// For tests only: a language model of the editor's own, which answers what the tests' small server says.
const vscode = require('vscode');

const MODEL = { id: 'tide-model', name: 'Tide Model', family: 'tide', version: '1', capabilities: {} };

exports.activate = (context) => {
    const url = process.env.ANVCS_TEST_MODEL;
    if (!url) {
        return;
    }
    const provider = {
        provideLanguageModelChatInformation: () => [{ ...MODEL, maxInputTokens: 100_000, maxOutputTokens: 10_000 }],
        provideTokenCount: () => 1,
        provideLanguageModelChatResponse: async (_model, messages, _options, progress, token) => {
            const stop = new AbortController();
            token.onCancellationRequested(() => stop.abort());
            const text = ({ content }) => content.map(({ value }) => value).join('');
            const body = JSON.stringify({ messages: messages.map((each) => ({ role: 'user', content: text(each) })) });
            const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', body, signal: stop.signal });
            const { choices } = await response.json();
            progress.report(new vscode.LanguageModelTextPart(choices[0].message.content));
        },
    };
    context.subscriptions.push(vscode.lm.registerLanguageModelChatProvider('anvcs-tests', provider));
};
