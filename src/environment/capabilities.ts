/**
 * What dpkg and maintainer scripts need as root inside a container: fewer than podman's and docker's defaults. The user
 * that builds has none of them (capabilities(7): lost on execve of a process with a user id other than 0).
 */
export const capabilities = [
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
] as const;
