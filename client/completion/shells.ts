// How each shell is told to complete portalctl: a few lines around the engine.

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** The script for a shell; `engine` is POSIX sh. */
export function completionScript(shell: Shell, engine: string): string {
  return { bash, zsh, fish }[shell](engine);
}

function bash(engine: string): string {
  return `# Completion of portalctl for bash; in ~/.bashrc: eval "$(portalctl completion bash)"
${engine}_portalctl() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(_portalctl_next "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[@]:1:COMP_CWORD-1}")" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _portalctl portalctl
`;
}

function zsh(engine: string): string {
  return `#compdef portalctl
# Completion of portalctl for zsh; in ~/.zshrc, after compinit: eval "$(portalctl completion zsh)"
${engine}_portalctl() {
  local -a next
  next=(\${(f)"$(setopt localoptions null_glob; _portalctl_next "\${words[CURRENT]}" "\${(@)words[2,CURRENT-1]}")"})
  compadd -- $next
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
