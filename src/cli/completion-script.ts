export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/**
 * What a shell reads so that it asks `BIN complete -- WORDS` on every tab: one candidate a line, and `:files` where files may stand.
 * Nothing of the command line is in it, so it stays right when kops-ts is updated.
 */
export function completionScript(shell: Shell, bin: string): string {
  return scripts[shell].replaceAll('@BIN@', bin).replaceAll('@FUNCTION@', `_${bin.replaceAll('-', '_')}`);
}

const scripts: Record<Shell, string> = {
  bash: `# bash completion of @BIN@. In ~/.bashrc: source <(@BIN@ completion bash)
@FUNCTION@() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" line words candidates=()
  # Bash parts words at = and :, the command line does not.
  if declare -F _get_comp_words_by_ref >/dev/null; then
    local cword
    _get_comp_words_by_ref -n =: cur words cword
    words=("\${words[@]:1:cword}")
  else
    words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  fi
  COMPREPLY=()
  while IFS='' read -r line; do
    if [[ "$line" == ':files' ]]; then
      while IFS='' read -r line; do candidates+=("$line"); done < <(compgen -f -- "$cur")
      compopt -o filenames 2>/dev/null
    else
      candidates+=("$line")
    fi
  done < <(@BIN@ complete -- "\${words[@]}" 2>/dev/null)
  COMPREPLY=("\${candidates[@]}")
  if declare -F __ltrim_colon_completions >/dev/null; then __ltrim_colon_completions "$cur"; fi
  if [[ \${#COMPREPLY[@]} -eq 1 && "$cur" == --*=* ]]; then COMPREPLY=("\${COMPREPLY[0]#*=}"); fi
}
complete -F @FUNCTION@ @BIN@
`,
  zsh: `#compdef @BIN@
# zsh completion of @BIN@. In ~/.zshrc, after compinit: source <(@BIN@ completion zsh)
@FUNCTION@() {
  local -a lines
  lines=("\${(@f)$(@BIN@ complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if (( \${lines[(Ie):files]} )); then
    lines=("\${(@)lines:#:files}")
    _files
  fi
  lines=("\${(@)lines:#}")
  (( \${#lines} )) && compadd -- "\${lines[@]}"
}
compdef @FUNCTION@ @BIN@
`,
  fish: `# fish completion of @BIN@: @BIN@ completion fish > ~/.config/fish/completions/@BIN@.fish
function @FUNCTION@
  set -l words (commandline -opc)[2..-1] (commandline -ct)
  for line in (@BIN@ complete -- $words 2>/dev/null)
    if test "$line" = ':files'
      __fish_complete_path (commandline -ct)
    else
      echo $line
    end
  end
end
complete -c @BIN@ -f -a '(@FUNCTION@)'
`,
};
