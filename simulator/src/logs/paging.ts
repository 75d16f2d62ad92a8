// Pages of CloudWatch Logs' lists, in the order of names. Pure.

export function paged<Item, Answer>(
  items: readonly Item[],
  limit: number,
  token: string | undefined,
  answer: (page: Item[], nextToken: { readonly nextToken?: string }) => Answer,
): Answer {
  const start = Number(token ?? 0);
  const end = start + limit;
  return answer(items.slice(start, end), end < items.length ? { nextToken: String(end) } : {});
}

export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}
