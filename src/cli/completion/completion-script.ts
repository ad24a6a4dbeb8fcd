import { type CommandNode, toWordTable } from './command-tree.ts'

/** The shells that have a completion script. */
export const shells = ['bash', 'zsh', 'fish', 'powershell'] as const

/** A shell with a completion script. */
export type Shell = (typeof shells)[number]

/** The script that completes the commands and options of a program in a shell. */
export function renderCompletion(shell: Shell, root: CommandNode): string {
  switch (shell) {
    case 'bash':
      return renderBash(root)
    case 'zsh':
      return renderZsh(root)
    case 'fish':
      return renderFish(root)
    case 'powershell':
      return renderPowerShell(root)
  }
}

/** A `case` of each path of commands to the words that may follow. */
function renderCases(root: CommandNode, assign: (words: string) => string): string {
  return [...toWordTable(root)]
    .map(([path, words]) => `    '${path}') ${assign(words.join(' '))} ;;`)
    .join('\n')
}

/** The words before the cursor that are no options make the path; the first two decide. */
function renderBash(root: CommandNode): string {
  const name = root.name
  return `# bash completion for ${name}: source <(${name} completion bash)
_${name}_complete() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" words="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in
      -*) ;;
      *) path="\${path:+$path }$word" ;;
    esac
  done
  while :; do
    case "$path" in
${renderCases(root, (words) => `words='${words}'`)}
    esac
    [ -n "$words" ] && break
    [[ "$path" == *' '* ]] || { [ -z "$path" ] && break; path=""; continue; }
    path="\${path% *}"
  done
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _${name}_complete ${name}
`
}

function renderZsh(root: CommandNode): string {
  const name = root.name
  return `#compdef ${name}
# zsh completion for ${name}: source <(${name} completion zsh)
_${name}() {
  local path="" found="" word
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$word" in
      -*) ;;
      *) path="\${path:+$path }$word" ;;
    esac
  done
  while :; do
    case "$path" in
${renderCases(root, (words) => `found='${words}'`)}
    esac
    [[ -n "$found" ]] && break
    [[ "$path" == *' '* ]] || { [[ -z "$path" ]] && break; path=""; continue; }
    path="\${path% *}"
  done
  compadd -- \${=found}
}
compdef _${name} ${name}
`
}

function renderFish(root: CommandNode): string {
  const lines = [`# fish completion for ${root.name}: ${root.name} completion fish | source`]
  const visit = (node: CommandNode, path: readonly string[]): void => {
    const condition = fishCondition(node, path)
    for (const child of node.children) {
      lines.push(fishLine(root.name, { condition, word: child.name, text: child.description }))
    }
    for (const choice of node.choices) {
      lines.push(fishLine(root.name, { condition, word: choice, text: '' }))
    }
    for (const option of node.options) {
      const flags = option.flags.map((flag) =>
        flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
      )
      const value = option.takesValue ? ' -r' : ''
      const choices = option.choices.length === 0 ? '' : ` -f -a '${option.choices.join(' ')}'`
      const text = ` -d ${quoteFish(option.description)}`
      lines.push(`complete -c ${root.name}${condition} ${flags.join(' ')}${value}${choices}${text}`)
    }
    for (const child of node.children) visit(child, [...path, child.name])
  }
  visit(root, [])
  return `${lines.join('\n')}\n`
}

function fishCondition(node: CommandNode, path: readonly string[]): string {
  if (path.length === 0) return ' -n __fish_use_subcommand'
  const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`)
  const names = node.children.map(({ name }) => name).join(' ')
  const unseen = names === '' ? [] : [`not __fish_seen_subcommand_from ${names}`]
  return ` -n '${[...seen, ...unseen].join('; and ')}'`
}

function fishLine(
  name: string,
  line: { readonly condition: string; readonly word: string; readonly text: string },
): string {
  const text = line.text === '' ? '' : ` -d ${quoteFish(line.text)}`
  return `complete -c ${name}${line.condition} -f -a ${line.word}${text}`
}

function quoteFish(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`
}

function renderPowerShell(root: CommandNode): string {
  const entries = [...toWordTable(root)].map(
    ([path, words]) => `    '${path}' = @(${words.map((word) => `'${word}'`).join(', ')})`,
  )
  return `# PowerShell completion for ${root.name}: ${root.name} completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName ${root.name} -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $table = @{
${entries.join('\n')}
  }
  $before = $commandAst.CommandElements | Select-Object -Skip 1 |
    Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() }
  $path = @($before | Where-Object { $_ -notlike '-*' })
  while ($path.Count -gt 0 -and -not $table.ContainsKey($path -join ' ')) {
    $path = @($path | Select-Object -SkipLast 1)
  }
  $table[$path -join ' '] | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
`
}
