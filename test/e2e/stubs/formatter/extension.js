/** Like real formatters it answers the whole text anew: more blank lines after imports, a long sum in four lines. */
const vscode = require('vscode');

const formatted = text =>
  text
    .replace(/^(from .*\n)\n(?=[A-Z])/m, '$1\n\n\n')
    .replace(/^( +)return (\w+\(.*\)) \+ (\w+\(.*\))$/m, '$1return (\n$1    $2\n$1    + $3\n$1)');

exports.activate = context => {
  const formatter = vscode.languages.registerDocumentFormattingEditProvider('python', {
    provideDocumentFormattingEdits(document) {
      const text = document.getText();
      const whole = new vscode.Range(document.positionAt(0), document.positionAt(text.length));
      return [vscode.TextEdit.replace(whole, formatted(text))];
    },
  });
  context.subscriptions.push(formatter);
};
