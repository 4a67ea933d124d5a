/**
 * Formats of JSON Schema as expressions. Each accepts only texts that the format allows (RFC 3339, 3986, 4122, 4291, 5321,
 * 1123), and leaves out what only few writers use: comments in mail addresses, IPv6 zones, leap seconds.
 */

const year = "\\d{4}";
const longMonths = "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30))";
const leapYear = "(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)";
const date = `(?:${year}-(?:${longMonths}|02-(?:0[1-9]|1\\d|2[0-8]))|${leapYear}-02-29)`;
const clock = "(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d+)?";
const zone = "(?:[zZ]|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)";
const label = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
const hostname = `${label}(?:\\.${label}){0,10}`;
const octet = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const ipv4 = `${octet}(?:\\.${octet}){3}`;
const group = "[0-9a-fA-F]{1,4}";
const ipv6 = [
  `(?:${group}:){7}${group}`,
  `(?:${group}:){6}${ipv4}`,
  `::(?:${group}:){0,5}${ipv4}`,
  `(?:${group}:){1,7}:`,
  ...[1, 2, 3, 4, 5, 6].map((left) => `(?:${group}:){${left}}(?::${group}){1,${7 - left}}`),
  `::(?:${group}:){0,6}${group}`,
  "::",
].join("|");
const uriCharacter = "(?:[a-zA-Z0-9._~!$&'()*+,;=:@-]|%[0-9a-fA-F]{2})";
const atom = "[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+";
const authority = `(?:(?:[a-zA-Z0-9._~!$&'()*+,;=:-]|%[0-9a-fA-F]{2})*@)?(?:(?:[a-zA-Z0-9._~!$&'()*+,;=-]|%[0-9a-fA-F]{2})*|\\[(?:${ipv6})\\])(?::\\d{0,5})?`;
const path = `(?:/${uriCharacter}*)*`;
const tail = `(?:\\?(?:${uriCharacter}|[/?])*)?(?:#(?:${uriCharacter}|[/?])*)?`;
const scheme = "[a-zA-Z][a-zA-Z0-9+.-]*";
const uri = `${scheme}:(?://${authority}${path}|/(?:${uriCharacter}+${path})?|${uriCharacter}+${path}|)${tail}`;
const relative = `(?://${authority}${path}|/(?:${uriCharacter}+${path})?|(?:[a-zA-Z0-9._~!$&'()*+,;=@-]|%[0-9a-fA-F]{2})+${path}|)${tail}`;
const duration =
  "P(?:\\d+W|(?:\\d+Y(?:\\d+M(?:\\d+D)?)?|\\d+M(?:\\d+D)?|\\d+D)(?:T(?:\\d+H(?:\\d+M(?:\\d+S)?)?|\\d+M(?:\\d+S)?|\\d+S))?|T(?:\\d+H(?:\\d+M(?:\\d+S)?)?|\\d+M(?:\\d+S)?|\\d+S))";
const pointer = "(?:/(?:[^/~]|~[01])*)*";

/** By their names in schemas. */
export const formats: Readonly<Record<string, string>> = {
  date,
  time: `${clock}${zone}`,
  "date-time": `${date}[tT]${clock}${zone}`,
  duration,
  email: `${atom}(?:\\.${atom})*@${hostname}`,
  hostname,
  ipv4,
  ipv6,
  uri,
  "uri-reference": `(?:${uri}|${relative})`,
  uuid: "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
  "json-pointer": pointer,
  "relative-json-pointer": `(?:0|[1-9]\\d*)(?:#|${pointer})`,
};

/** Formats of the standard that have no expression here, and are refused. */
export const refusedFormats: readonly string[] = [
  "idn-email",
  "idn-hostname",
  "iri",
  "iri-reference",
  "uri-template",
  "regex",
];
