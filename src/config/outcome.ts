/** What a command-line command leaves behind; main.ts writes it and ends the process. */
export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const EXIT = { fine: 0, denied: 1, usage: 2, config: 78 } as const;

const lines = (text: string | readonly string[]): string =>
  [text]
    .flat()
    .map((line) => `${line}\n`)
    .join('');
export const fine = (stdout: string | readonly string[]): Outcome => ({ exitCode: EXIT.fine, stdout: lines(stdout), stderr: '' });
export const wrongUsage = (stderr: string | readonly string[]): Outcome => ({ exitCode: EXIT.usage, stdout: '', stderr: lines(stderr) });
export const wrongConfig = (problems: readonly string[]): Outcome => ({ exitCode: EXIT.config, stdout: '', stderr: lines(problems) });
export const outcome = (exitCode: number, stdout: readonly string[], stderr: readonly string[]): Outcome => ({
  exitCode,
  stdout: lines(stdout),
  stderr: lines(stderr),
});
