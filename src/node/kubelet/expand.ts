/** `$(NAME)` from the variables, `$$` as `$`; what is not defined stays as it is. Kubernetes' expansion of env values, commands and arguments. */
export function expand(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([^()]*)\)/g, (whole, name: string | undefined) => {
    if (name === undefined) return '$';
    return variables[name] ?? whole;
  });
}
