// The part of completion that all shells share: a function for POSIX sh that prints what may come next, one a line.
import type { Choices, Grammar, Slot } from './grammar.ts';

// Shells expand what they are given: only names that need no quotes are offered. What was typed keeps its `~`.
const functions = `_portalctl_list() { portalctl completion --list "$1" 2>/dev/null; }
_portalctl_files() {
  shown=\${1%"\${1##*/}"} real=\${1%"\${1##*/}"}
  case $real in '~/'*) real=$HOME/\${real#'~/'} ;; esac
  ls -1Ap -- "\${real:-.}" 2>/dev/null | while IFS= read -r file; do
    case \${file%/} in *[!A-Za-z0-9._-]* | [!A-Za-z0-9._]*) continue ;; esac
    case $file in
    .*/) case \${1##*/} in .*) ;; *) continue ;; esac ;;
    */) ;;
    *.yaml | *.yml | *.json) grep -qs spot_instance -- "$real$file" || continue ;;
    *) continue ;;
    esac
    printf '%s\\n' "$shown$file"
  done
}
_portalctl_specifications() {
  _portalctl_files '' | while IFS= read -r file; do
    case $file in */ | [!A-Za-z0-9]*) ;; *) printf '%s\\n' "\${file%.*}" ;; esac
  done
}
_portalctl_types() {
  _portalctl_files '' | while IFS= read -r file; do
    case $file in */) continue ;; esac
    sed -n 's/.*instance_type"\\{0,1\\} *: *"\\{0,1\\}\\([a-z0-9-]*\\.[a-z0-9-]*\\).*/\\1/p' "$file"
  done | sort -u
}
_portalctl_portals() {
  names=$(_portalctl_list portals)
  if [ -n "$names" ]; then printf '%s\\n' "$names"; else _portalctl_specifications; fi
}
_portalctl_named() {
  case $1 in
  */*) _portalctl_files "$1" ;;
  *) { _portalctl_specifications; _portalctl_portals; } | sort -u; _portalctl_files "$1" | grep '/$' ;;
  esac
}
`;

/**
 * `_portalctl_next CURRENT WORD…`: CURRENT is what was begun, the words are those between `portalctl` and it. It asks
 * portalctl for what portald knows; without portald the specifications in the folder stand in for the portals. A folder has
 * a slash at its end.
 */
export function engine(grammars: readonly Grammar[]): string {
  const cases = (lines: readonly string[]): string => lines.map((line) => `    ${line}\n`).join('');
  const valued = grammars.flatMap(({ name, values }) => values.map((one) => ({ name, ...one })));
  return `${functions}_portalctl_next() (
  current=$1 name= first= place=0 option=
  shift
  for word do
    if [ -n "$option" ]; then option=; continue; fi
    case $word in
    --) return 0 ;;
    -*) case "$name $word" in ${valuedPattern(valued)}) option=$word ;; esac ;;
    *)
      if [ -z "$name" ]; then name=$word; continue; fi
      [ "$place" -gt 0 ] || first=$word
      place=$((place + 1)) ;;
    esac
  done
  if [ -n "$option" ]; then
    case "$name $option" in
${cases(valued.flatMap(valueCase))}    esac
    return 0
  fi
  case $current in
  -*)
    case $name in
    '') printf '%s\\n' --help --version ;;
${cases(grammars.map(({ name, options }) => `${name}) printf '%s\\n' ${options.join(' ')} ;;`))}    esac
    return 0 ;;
  esac
  case "$name $place" in
    ' 0') printf '%s\\n' ${grammars.map(({ name }) => name).join(' ')} ;;
${cases(grammars.flatMap((one) => slotCases(one, grammars)))}  esac
  return 0
)
`;
}

function valuedPattern(valued: readonly { name: string; option: string }[]): string {
  return valued.length === 0 ? "''" : valued.map(({ name, option }) => `"${name} ${option}"`).join(' | ');
}

function valueCase({ name, option, choices }: { name: string; option: string; choices: Choices }): string[] {
  if (choices.length === 0) return [];
  const asked = choices === 'instance-types' ? '_portalctl_types' : `_portalctl_list ${String(choices)}`;
  const words = typeof choices === 'string' ? asked : `printf '%s\\n' ${choices.join(' ')}`;
  return [`"${name} ${option}") ${words} ;;`];
}

/** The first that applies counts: what goes by the first argument comes before an argument that repeats. */
function slotCases(grammar: Grammar, grammars: readonly Grammar[]): string[] {
  const { name, slots, byFirst } = grammar;
  const own = slots.flatMap((slot, index) => slotCase(grammar, slot, index, grammars));
  const further = Object.entries(byFirst).map(
    ([first, kinds]) => `${first}) ${kinds.map((kind) => `_portalctl_list ${kind}`).join('; ')} ;;`,
  );
  if (further.length === 0) return own;
  const [verb, ...rest] = own;
  return [
    ...(verb === undefined ? [] : [verb]),
    `"${name} "*) case $first in ${further.join(' ')} esac ;;`,
    ...rest,
  ];
}

function slotCase(
  { name, slots, repeats }: Grammar,
  slot: Slot,
  index: number,
  grammars: readonly Grammar[],
): string[] {
  const isOpen = repeats && index === slots.length - 1;
  const pattern = isOpen ? `"${name} "*` : `"${name} ${index}"`;
  switch (slot) {
    case 'nothing':
      return [];
    case 'portals':
      return [`${pattern}) _portalctl_portals ;;`];
    case 'specifications':
      return [`${pattern}) _portalctl_named "$current" ;;`];
    case 'commands':
      return [`${pattern}) printf '%s\\n' ${grammars.map((one) => one.name).join(' ')} ;;`];
    default:
      return [`${pattern}) printf '%s\\n' ${slot.words.join(' ')} ;;`];
  }
}
