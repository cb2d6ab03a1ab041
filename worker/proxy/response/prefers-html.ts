/**
 * Content negotiation between the two forms that an error has (RFC 9110 §12.5.1): a page for people, JSON for
 * programs. Browsers name text/html; a program that takes anything gets JSON.
 */

/** Whether the Accept header gives text/html more weight than application/json. */
export function prefersHtml(accept: string | null): boolean {
  return accept !== null && quality(accept, "text", "html") > quality(accept, "application", "json");
}

/** The weight, 0–1, of the most specific range that covers the media type; 0 if none does. */
function quality(accept: string, type: string, subtype: string): number {
  const ranges = [`${type}/${subtype}`, `${type}/*`, "*/*"];
  let best = ranges.length;
  let weight = 0;
  for (const element of accept.toLowerCase().split(",")) {
    const [range = "", ...parameters] = element.split(";").map((part) => part.trim());
    const specificity = ranges.indexOf(range);
    if (specificity < 0 || specificity >= best) continue;
    best = specificity;
    weight = weightOf(parameters);
  }
  return weight;
}

/** `q=0.8` among the parameters; 1 without one, 0 for one that is no weight. */
function weightOf(parameters: readonly string[]): number {
  const q = parameters.find((parameter) => parameter.startsWith("q="));
  if (q === undefined) return 1;
  return /^q=(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(q) ? Number(q.slice(2)) : 0;
}
