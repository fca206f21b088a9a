export interface PolicyDocument {
  Version: string;
  Statement: readonly object[];
}

/** What AWS takes in one managed policy, white space not counted. */
const longest = 6144;

/** The same statements in as many documents as it takes, in their order. */
export function splitPolicy({ Version, Statement }: PolicyDocument): PolicyDocument[] {
  const documents: object[][] = [[]];
  for (const statement of Statement) {
    const last = documents.at(-1) ?? [];
    if (last.length > 0 && JSON.stringify({ Version, Statement: [...last, statement] }).length > longest) documents.push([statement]);
    else last.push(statement);
  }
  return documents.map((statements) => ({ Version, Statement: statements }));
}
