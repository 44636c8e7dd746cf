// The part of completion that all shells share: a function for POSIX sh that prints what may come next, one a line.
import { type Grammar, type Slot } from './grammar.ts';

/**
 * `_portalctl_next CURRENT WORD…`: CURRENT is what was begun, the words are those between `portalctl` and it. It asks
 * portalctl for the names of portals; without portald the specifications in the folder stand in.
 */
export function engine(grammars: readonly Grammar[]): string {
  const cases = (lines: readonly string[]): string => lines.map((line) => `    ${line}\n`).join('');
  const valued = grammars.flatMap(({ name, values }) => values.map((one) => ({ name, ...one })));
  return `_portalctl_specifications() {
  for file in *.yaml *.yml *.json; do
    # Shells expand what they are given: nothing but names that a portal can have.
    case $file in [!A-Za-z0-9]* | *[!A-Za-z0-9._-]*) continue ;; esac
    [ -f "$file" ] && printf '%s\\n' "\${file%.*}"
  done
}
_portalctl_portals() {
  names=$(portalctl list --json 2>/dev/null | grep -o '"name":"[A-Za-z0-9._-]*","state"' | cut -d '"' -f 4)
  if [ -n "$names" ]; then printf '%s\\n' "$names"; else _portalctl_specifications; fi
}
_portalctl_next() (
  current=$1 name= place=0 option=
  shift
  for word do
    if [ -n "$option" ]; then option=; continue; fi
    case $word in
    --) return 0 ;;
    -*) case "$name $word" in ${valuedPattern(valued)}) option=$word ;; esac ;;
    *) if [ -z "$name" ]; then name=$word; else place=$((place + 1)); fi ;;
    esac
  done
  if [ -n "$option" ]; then
    case "$name $option" in
${cases(valued.flatMap(({ name, option, choices }) => (choices.length === 0 ? [] : [`"${name} ${option}") printf '%s\\n' ${choices.join(' ')} ;;`])))}    esac
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
${cases(grammars.flatMap((one) => one.slots.flatMap((slot, index) => slotCase(one, slot, index, grammars))))}  esac
  return 0
)
`;
}

function valuedPattern(valued: readonly { name: string; option: string }[]): string {
  return valued.length === 0 ? "''" : valued.map(({ name, option }) => `"${name} ${option}"`).join(' | ');
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
      return [`${pattern}) { _portalctl_specifications; _portalctl_portals; } | sort -u ;;`];
    case 'commands':
      return [`${pattern}) printf '%s\\n' ${grammars.map((one) => one.name).join(' ')} ;;`];
    default:
      return [`${pattern}) printf '%s\\n' ${slot.words.join(' ')} ;;`];
  }
}
