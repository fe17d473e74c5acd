/** Where the saved views of a tracker lie once they are read: the trail reads them, the command menu only looks. */

export const savedViewsKey = (location: string | undefined): readonly unknown[] => ['views', location]
