/** The identity that the server acts by where nobody else does. */
export const serviceItself = 'iam-ServiceId-keywitness'
