import ts from 'typescript';

/**
 * Every import of a source text, in order.
 * @returns {{ specifier: string, line: number, typeOnly: boolean }[]} `typeOnly`: nothing of it is left at run time.
 */
export function importsOf(text, path = 'module.ts') {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS);
  const found = [];
  const add = (literal, typeOnly) => {
    if (!literal || !ts.isStringLiteralLike(literal)) return;
    const line = source.getLineAndCharacterOfPosition(literal.getStart(source)).line + 1;
    found.push({ specifier: literal.text, line, typeOnly });
  };
  const visit = (node) => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, importsTypesOnly(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, exportsTypesOnly(node));
    else if (ts.isImportTypeNode(node)) add(node.argument.literal, true);
    else if (isDynamicImport(node)) add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function importsTypesOnly(clause) {
  if (!clause) return false; // import './x.js'
  if (clause.isTypeOnly) return true;
  const named = clause.namedBindings;
  return !clause.name && named !== undefined && ts.isNamedImports(named) && allTypeOnly(named.elements);
}

function exportsTypesOnly(declaration) {
  if (declaration.isTypeOnly) return true;
  const named = declaration.exportClause;
  return named !== undefined && ts.isNamedExports(named) && allTypeOnly(named.elements);
}

const allTypeOnly = (elements) => elements.length > 0 && elements.every((element) => element.isTypeOnly);

function isDynamicImport(node) {
  return ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword && node.arguments.length > 0;
}
