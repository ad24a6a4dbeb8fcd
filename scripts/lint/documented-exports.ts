import type { Context, Node, Rule } from './syntax.ts'

/** Reports an exported declaration that no doc comment stands above; overloads share one. */
export const documentedExports: Rule = {
  create(context: Context) {
    return {
      ExportNamedDeclaration(node: Node) {
        const name = nameOf(node.declaration)
        if (name === undefined || hasDocComment(context, node)) return
        if (nameOf(declarationBefore(node)) === name) return
        const message = `Cannot export ${name} without a doc comment: its first sentence says what it is`
        context.report({ node, message })
      },
    }
  },
}

function hasDocComment(context: Context, node: Node): boolean {
  const comment = context.sourceCode.getCommentsBefore(node).at(-1)
  return comment?.type === 'Block' && comment.value.startsWith('*')
}

function declarationBefore(node: Node): Node | null | undefined {
  const siblings = node.parent?.body ?? []
  return siblings[siblings.indexOf(node) - 1]?.declaration
}

function nameOf(declaration: Node | null | undefined): string | undefined {
  return declaration?.id?.name ?? declaration?.declarations?.[0]?.id?.name
}
