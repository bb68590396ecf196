import { loadExeca } from "../base/load-execa.ts";

/** `http_proxy`, `https_proxy` and `no_proxy`, as apt and everything else reads them; what is not set is absent. */
export type ProxyVariables = Readonly<Record<string, string>>;

/**
 * Which proxies to use: the setting's, else those of the environment, else those of the host's own apt (apt.conf(5),
 * Acquire::http::Proxy). Found out once, and only when something is downloaded.
 */
export function proxiesOf(
  {
    proxy,
    environment,
  }: { readonly proxy?: string; readonly environment: Readonly<Record<string, string | undefined>> },
  askApt: () => Promise<string> = aptConfig,
): () => Promise<ProxyVariables> {
  let found: Promise<ProxyVariables> | null = null;
  const find = async (): Promise<ProxyVariables> => {
    const [http, https] =
      proxy === undefined
        ? [variable(environment, "http_proxy"), variable(environment, "https_proxy")]
        : [proxy, proxy];
    const chosen =
      http === undefined && https === undefined ? parseAptProxies(await askApt()) : { http, https };
    return present({
      http_proxy: chosen.http,
      https_proxy: chosen.https,
      no_proxy: variable(environment, "no_proxy"),
    });
  };
  return () => (found ??= find());
}

/** The proxies in what `apt-config dump` prints. "DIRECT" stands for none; https falls back to http's, as in apt. */
function parseAptProxies(dump: string): {
  readonly http: string | undefined;
  readonly https: string | undefined;
} {
  const values = new Map(
    [...dump.matchAll(/^Acquire::(https?)::proxy "(.*)";$/gim)].map(([, scheme = "", value = ""]) => [
      scheme.toLowerCase(),
      value,
    ]),
  );
  return { http: usable(values.get("http")), https: usable(values.get("https") || values.get("http")) };
}

function present(variables: Readonly<Record<string, string | undefined>>): ProxyVariables {
  return Object.fromEntries(
    Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

async function aptConfig(): Promise<string> {
  const execa = await loadExeca();
  const { stdout } = await execa("apt-config", ["dump"], { reject: false, stdin: "ignore" });
  return stdout ?? "";
}

function variable(environment: Readonly<Record<string, string | undefined>>, name: string) {
  return environment[name] || environment[name.toUpperCase()];
}

function usable(value: string | undefined): string | undefined {
  return value === undefined || !/^https?:\/\//.test(value) ? undefined : value;
}
