import { documentedExports } from './documented-exports.ts'
import { layerViolation } from './layers.ts'
import type { Context, Node, Rule } from './syntax.ts'

/** Reports every import, static, dynamic or of a type, that reaches up the layers of `src/`. */
const layerRule: Rule = {
  create(context: Context) {
    const check = (source: Node | null | undefined) => {
      if (source?.type !== 'Literal' || typeof source.value !== 'string') return
      const message = layerViolation({
        root: context.cwd,
        file: context.filename,
        specifier: source.value,
      })
      if (message !== undefined) context.report({ node: source, message })
    }
    return {
      ImportDeclaration: (node: Node) => check(node.source),
      ExportNamedDeclaration: (node: Node) => check(node.source),
      ExportAllDeclaration: (node: Node) => check(node.source),
      ImportExpression: (node: Node) => check(node.source),
      TSImportType: (node: Node) => check(node.source),
    }
  },
}

/** Reports `import()` where nothing is loaded on demand; the configuration lists where it may be. */
const noDynamicImport: Rule = {
  create(context: Context) {
    return {
      ImportExpression(node: Node) {
        const message =
          'Cannot use import() here: only commands, engines, providers, parsers, MCP and the TUI are loaded on demand'
        context.report({ node, message })
      },
    }
  },
}

/** Reports a `let` at the top of a module: state comes through parameters from app/. */
const noModuleLet: Rule = {
  create(context: Context) {
    return {
      'Program > VariableDeclaration[kind="let"]'(node: Node) {
        context.report({ node, message: 'Cannot keep module-level state: pass it as a parameter' })
      },
    }
  },
}

/** The project's own lint rules, loaded by `.oxlintrc.json` as `letta/…`. */
export default {
  meta: { name: 'letta' },
  rules: {
    'documented-exports': documentedExports,
    layers: layerRule,
    'no-dynamic-import': noDynamicImport,
    'no-module-let': noModuleLet,
  },
}
