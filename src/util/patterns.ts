/** An id as this cloud makes them: fit to be a segment of a path. */
export const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** The name of a region: fit to be a label of a host. */
export const REGION = /^(?=.{1,63}$)[a-z0-9]+(-[a-z0-9]+)*$/;
