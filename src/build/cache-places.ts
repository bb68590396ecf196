/** Inside a directory that is a volume of the build's, so that no image gets the place that it is mounted at. */
export const mountPoint = "/run/lock/ccache";
/** What the cache's program keeps there. */
export const dataDirectory = `${mountPoint}/data`;
/** Of this build alone, outside of what is looked through for what a build leaves behind. */
export const ownDirectory = "/build/ccache";
