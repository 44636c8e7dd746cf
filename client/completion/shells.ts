// How each shell is told to complete portalctl: a few lines around the engine.

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** The script for a shell; `engine` is POSIX sh. */
export function completionScript(shell: Shell, engine: string): string {
  return { bash, zsh, fish }[shell](engine);
}

// In a shell of its own, the user's options (failglob, nounset, noglob, …) are none of ours, and stay as they are.
function bash(engine: string): string {
  return `# Completion of portalctl for bash; in ~/.bashrc: eval "$(portalctl completion bash)"
${engine}_portalctl() {
  local current=\${COMP_WORDS[COMP_CWORD]} word
  COMPREPLY=()
  while IFS= read -r word; do
    [[ $word == "$current"* ]] && COMPREPLY+=("$word")
  done < <(shopt -u failglob nullglob; set +uf; _portalctl_next "$current" "\${COMP_WORDS[@]:1:COMP_CWORD-1}")
  # What comes after a folder's slash is typed at once.
  [[ \${COMPREPLY[0]-} != */ ]] || compopt -o nospace 2>/dev/null
  return 0
}
complete -F _portalctl portalctl
`;
}

function zsh(engine: string): string {
  return `#compdef portalctl
# Completion of portalctl for zsh; in ~/.zshrc, after compinit: eval "$(portalctl completion zsh)"
${engine}_portalctl() {
  local -a next folders
  next=(\${(f)"$(setopt localoptions null_glob; _portalctl_next "\${words[CURRENT]}" "\${(@)words[2,CURRENT-1]}")"})
  folders=(\${(M)next:#*/})
  next=(\${next:#*/})
  compadd -- $next
  [[ $#folders -eq 0 ]] || compadd -S '' -- $folders
}
# As a file in $fpath this is _portalctl itself, and has been called.
if [[ $funcstack[1] = _portalctl ]]; then _portalctl "$@"; else compdef _portalctl portalctl; fi
`;
}

function fish(engine: string): string {
  const quoted = `${engine}_portalctl_next "$@"`.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  return `# Completion of portalctl for fish; in ~/.config/fish/config.fish: portalctl completion fish | source
function __portalctl_next
  set -l words (commandline -opc)
  sh -c '${quoted}' sh (commandline -ct) $words[2..-1]
end
complete -c portalctl -f -a '(__portalctl_next)'
`;
}
