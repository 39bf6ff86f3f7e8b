import { closest } from '../command/suggest.ts';
import { PATTERNS } from './policy-schema.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** One reader per kind of variable. Each answers undefined or its default where something is wrong, having said what. */
export function readers(env: Environment, problems: string[]) {
  const text = (name: string): string | undefined => {
    const value = env[name]?.trim();
    return value === '' ? undefined : value;
  };
  const needed = (name: string, what: string): string | undefined => {
    const value = text(name);
    if (value === undefined) problems.push(`${name} is missing: ${what}`);
    return value;
  };
  return {
    text,
    needed,
    token(name: string, prefix: string, isNeeded: boolean): string | undefined {
      const value = isNeeded ? needed(name, `a Slack token that begins with ${prefix}`) : text(name);
      if (value !== undefined && !value.startsWith(prefix)) problems.push(`${name} must begin with ${prefix}`);
      return value;
    },
    /** Does not repeat the address: it may hold a password. */
    url(name: string, schemes: readonly string[]): string | undefined {
      const shape = `a URL that begins with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}`;
      const value = needed(name, shape);
      if (value === undefined) return undefined;
      if (URL.canParse(value) && schemes.includes(new URL(value).protocol) && new URL(value).hostname !== '') return value;
      problems.push(`${name} is not ${shape}`);
      return undefined;
    },
    port(name: string, otherwise: number, lowest: number): number {
      const value = text(name);
      if (value === undefined) return otherwise;
      if (/^\d{1,5}$/.test(value) && Number(value) >= lowest && Number(value) <= 65_535) return Number(value);
      problems.push(`${name} is "${value}", which is not a port (${lowest} to 65535${lowest === 0 ? ', 0 = off' : ''})`);
      return otherwise;
    },
    count(name: string, otherwise: number, lowest: number, highest: number): number {
      const value = text(name);
      if (value === undefined) return otherwise;
      if (/^\d{1,9}$/.test(value) && Number(value) >= lowest && Number(value) <= highest) return Number(value);
      problems.push(`${name} is "${value}", which is not a whole number from ${lowest} to ${highest}`);
      return otherwise;
    },
    oneOf<T extends string>(name: string, values: readonly T[], otherwise: T): T {
      const value = text(name);
      if (value === undefined) return otherwise;
      const known = values.find((each) => each === value.toLowerCase());
      if (known !== undefined) return known;
      const meant = closest(value, values);
      problems.push(`${name} is "${value}", which is none of ${values.join(', ')}${meant === undefined ? '' : `; did you mean ${meant}?`}`);
      return otherwise;
    },
    name(name: string, what: string): string | undefined {
      const value = needed(name, what);
      if (value !== undefined && !new RegExp(PATTERNS.name).test(value))
        problems.push(`${name} is "${value}", which cannot be a name: one word of letters, digits, hyphens, dots and underscores`);
      return value;
    },
    hosts(name: string): string[] {
      const hosts = (text(name) ?? '')
        .split(',')
        .map((host) => host.trim())
        .filter((host) => host !== '');
      for (const host of hosts) {
        if (!/^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?$/.test(host))
          problems.push(`${name}: "${host}" is not a host such as registry.local or registry.local:5000`);
      }
      return hosts;
    },
  };
}
