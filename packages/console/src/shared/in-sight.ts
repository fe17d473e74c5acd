/** For what appears below something long: it is scrolled to when it is there. As `ref` of an element. */
export const inSight = (element: HTMLElement | null): void => element?.scrollIntoView({ block: 'nearest' })
