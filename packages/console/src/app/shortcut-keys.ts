/** The keys that the help shows, group by group; the guide of the console is held against them. */
export const keyGroups = [
  { name: 'list', keys: ['move', 'ends', 'open', 'close'] },
  { name: 'alerts', keys: ['moveAlert', 'openAlert', 'acknowledge', 'closeAlert'] },
  { name: 'page', keys: ['command', 'search', 'pause', 'new', 'zone', 'help'] },
] as const

/** As they are written on a keyboard; what they do is in `shortcuts.keys` of the texts. */
export const keyNames = {
  move: ['↑', '↓', 'k', 'j'],
  ends: ['Home', 'End'],
  open: ['Enter'],
  close: ['Esc'],
  moveAlert: ['↑', '↓', 'k', 'j'],
  openAlert: ['Enter'],
  acknowledge: ['a'],
  closeAlert: ['Esc'],
  command: ['Ctrl', 'K'],
  search: ['/'],
  pause: ['p'],
  new: ['n'],
  zone: ['u'],
  help: ['?'],
} as const
