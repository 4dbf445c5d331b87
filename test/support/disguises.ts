const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');
const utf32 = (text: string): Buffer =>
  Buffer.concat([...text].map((one) => Buffer.from([one.charCodeAt(0), 0, 0, 0])));
/** Bits in groups, as RFC 4648 has them; it may do without the padding. */
const base32 = (text: string | Buffer): string =>
  (
    [...Buffer.from(text)]
      .map((byte) => byte.toString(2).padStart(8, '0'))
      .join('')
      .match(/.{1,5}/g) ?? []
  )
    .map((bits) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(bits.padEnd(5, '0'), 2)])
    .join('');
const base58 = (text: string): string => {
  const digits = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
  let [rest, word] = [BigInt(`0x${Buffer.from(text).toString('hex')}`), ''];
  for (; rest > 0n; rest /= 58n) word = `${digits[Number(rest % 58n)]}${word}`;
  return word;
};
/** The parts of a key or of a JWT, as a program holds them that joins them. */
const partsOf = (secret: string): readonly string[] => secret.split(secret.includes('.') ? '.' : '_');
const wrap = (text: string, width: number, end = '\n'): string =>
  (text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).join(end);
const each = (text: string, read: (character: string, code: number) => string): string =>
  [...text].map((character) => read(character, character.charCodeAt(0))).join('');
const hex = (code: number, digits = 2): string => code.toString(16).padStart(digits, '0');
/** Puts something between pieces of 17 characters. */
const between = (text: string, piece: string): string => wrap(text, 17, piece);
const math = (character: string): string => {
  const at = character.charCodeAt(0);
  if (/[a-z]/.test(character)) return String.fromCodePoint(0x1d5ba + at - 0x61);
  if (/[A-Z]/.test(character)) return String.fromCodePoint(0x1d5a0 + at - 0x41);
  return /\d/.test(character) ? String.fromCodePoint(0x1d7e2 + at - 0x30) : character;
};

/** How a secret looks that went through hands, programs and encodings, by name. Each must be hidden and still recognised. */
export const DISGUISES: Readonly<Record<string, (secret: string) => string>> = {
  'as it is': (secret) => secret,
  quoted: (secret) => `"${secret}"`,
  'in a query': (secret) => `https://example.com/?key=${secret}`,
  'as user of a URL': (secret) => `https://${secret}@example.com/a.git`,
  'as password of a URL': (secret) => `https://x-token:${secret}@example.com/a.git`,
  'behind what another vendor’s begin with': (secret) => `sk-ant-${secret}`,
  'percent-encoded': (secret) => each(secret, (_, code) => `%${hex(code)}`),
  'percent-encoded twice': (secret) => secret.replaceAll('_', '%255F').replaceAll('.', '%252E'),
  'with \\u escapes': (secret) => each(secret, (_, code) => `\\u${hex(code, 4)}`),
  'with \\u{} escapes': (secret) => each(secret, (_, code) => `\\u{${hex(code)}}`),
  'with padded \\u{} escapes': (secret) => each(secret, (_, code) => `\\u{${hex(code, 6)}}`),
  'with \\U escapes': (secret) => each(secret, (_, code) => `\\U${hex(code, 8)}`),
  'with \\x escapes': (secret) => each(secret, (_, code) => `\\x${hex(code)}`),
  'with octal escapes': (secret) => each(secret, (_, code) => `\\${code.toString(8).padStart(3, '0')}`),
  'with decimal entities': (secret) => each(secret, (_, code) => `&#${code};`),
  'with padded decimal entities': (secret) => each(secret, (_, code) => `&#${String(code).padStart(7, '0')};`),
  'with hex entities': (secret) => each(secret, (_, code) => `&#x${hex(code)};`),
  'with padded hex entities': (secret) => each(secret, (_, code) => `&#x${hex(code, 6)};`),
  'with named entities': (secret) =>
    secret.replaceAll('_', '&lowbar;').replaceAll('.', '&period;').replaceAll('-', '&hyphen;'),
  'with entities escaped again': (secret) => secret.replaceAll('_', '&amp;#95;').replaceAll('.', '&amp;#x2e;'),
  'with zero-width characters': (secret) => between(secret, '\u200b'),
  'with soft hyphens': (secret) => between(secret, '\u00ad'),
  'with combining marks': (secret) => each(secret, (character) => `${character}\u0301`),
  'with the capitals of flags': (secret) =>
    secret.replaceAll(/[A-Z]/g, (one) => String.fromCodePoint(0x1f1a5 + one.charCodeAt(0))),
  'with capitals on a dark ground': (secret) =>
    secret.replaceAll(/[A-Z]/g, (one) => String.fromCodePoint(0x1f12f + one.charCodeAt(0))),
  'in mathematical letters': (secret) => each(secret, math),
  'in full-width letters': (secret) => each(secret, (_, code) => String.fromCharCode(code + 0xfee0)),
  'in raised digits': (secret) => secret.replaceAll('1', '\u00b9').replaceAll('2', '\u00b2').replaceAll('3', '\u00b3'),
  'in letters of Cyrillic and Greek': (secret) =>
    secret.replaceAll('a', '\u0430').replaceAll('e', '\u0435').replaceAll('A', '\u0391').replaceAll('o', '\u03bf'),
  'quoted-printable': (secret) => each(secret, (_, code) => `=${hex(code).toUpperCase()}`),
  'in an encoded word of a mail': (secret) =>
    `=?utf-8?Q?key_${secret.replaceAll('_', '=5F').replaceAll('.', '=2E').replaceAll('-', '=2D')}?=`,
  'with the dashes of a text processor': (secret) => secret.replaceAll('-', '\u2013'),
  'in colours': (secret) => `\u001b[1;31m${between(secret, '\u001b[0m\u001b[32m')}\u001b[0m`,
  'in colours of grep': (secret) => `${secret.slice(0, 8)}\u001b[01;31m\u001b[K${secret.slice(8)}\u001b[m\u001b[K`,
  'in colours written out': (secret) => between(secret, '\\u001b[31m'),
  'in colours whose escape got lost': (secret) => between(secret, '[1;31m'),
  'with a title of a terminal in it': (secret) => between(secret, '\u001b]0;build\u0007'),
  'in marks of HTML': (secret) =>
    `${secret.slice(0, 8)}<mark class="hit">${secret.slice(8, 20)}</mark>${secret.slice(20)}`,
  'in marks of HTML that are escaped': (secret) =>
    `${secret.slice(0, 8)}&lt;em&gt;${secret.slice(8, 20)}&lt;/em&gt;${secret.slice(20)}`,
  'in marks of a search engine': (secret) =>
    `${secret.slice(0, 8)}\\u003cem\\u003e${secret.slice(8, 20)}\\u003c/em\\u003e${secret.slice(20)}`,
  'in marks of Kibana': (secret) =>
    `@kibana-highlighted-field@${secret.slice(0, 12)}@/kibana-highlighted-field@${secret.slice(12)}`,
  'with bold letters': (secret) => `${secret.slice(0, 8)}**${secret.slice(8, 20)}**${secret.slice(20)}`,
  'with breaks of HTML': (secret) => between(secret, '<wbr>'),
  'wrapped with quotes': (secret) => between(secret, '" +\n  "'),
  'put together by commas': (secret) => `"${between(secret, '",\n  "')}"`,
  'put together by dots': (secret) => `'${between(secret, "' . '")}'`,
  'put together by ampersands': (secret) => `"${between(secret, '" & _\n  "')}"`,
  'put together by bars': (secret) => `'${between(secret, "' || '")}'`,
  'wrapped in comments (#)': (secret) => between(secret, '\n# '),
  'wrapped in comments (//)': (secret) => between(secret, '\n// '),
  'wrapped in comments (*)': (secret) => between(secret, '\n * '),
  'wrapped in comments (--)': (secret) => between(secret, '\n-- '),
  'wrapped in comments (;)': (secret) => between(secret, '\n; '),
  'wrapped in comments (REM)': (secret) => between(secret, '\r\nREM '),
  'wrapped with numbers of lines': (secret) => between(secret, '\n    12\t'),
  'wrapped with numbers of lines and colons': (secret) => between(secret, '\n12: '),
  'wrapped in a quotation': (secret) => between(secret, '\n> '),
  'wrapped in added lines': (secret) => between(secret, '\n+ '),
  'in base64': (secret) => base64(secret),
  'in base64, behind other words': (secret) => base64(`export A=1\nexport KEY=${secret}\n`),
  'in base64 of 64 columns': (secret) => wrap(base64(`export KEY=${secret}\n`), 64),
  'in base64 of 76 columns': (secret) => wrap(base64(`KEY=${secret}\n`), 76, '\r\n'),
  'in base64 of 76 columns, in comments': (secret) => wrap(base64(`KEY=${secret}\n`), 40, '\n# '),
  'in base64 put together by code': (secret) => `"${wrap(base64(`KEY=${secret}\n`), 30, '" +\n  "')}"`,
  'in base64 of UTF-16': (secret) => base64(utf16(`$env:KEY="${secret}"`)),
  'in hex digits of UTF-32': (secret) => utf32(`KEY=${secret}`).toString('hex'),
  'in base64 of UTF-16, wrapped': (secret) => wrap(base64(utf16(`$env:KEY="${secret}"`)), 76),
  'in base64 twice': (secret) => base64(base64(`KEY=${secret}`)),
  'in base64 twice, wrapped each time': (secret) => wrap(base64(wrap(base64(`KEY=${secret}`), 76)), 76),
  'in base64 three times': (secret) => base64(base64(base64(secret))),
  'in base64 of UTF-16 of base64': (secret) => base64(utf16(base64(secret))),
  'in base64 for URLs': (secret) => Buffer.from(`{"k":"${secret}"}`).toString('base64url'),
  'in hex digits': (secret) => Buffer.from(secret).toString('hex'),
  'in hex digits, byte by byte': (secret) => wrap(Buffer.from(secret).toString('hex'), 2, ' '),
  'in base32': (secret) => base32(secret),
  'in base32, in small letters': (secret) => base32(secret).toLowerCase(),
  'in base32 with padding, behind other words': (secret) => `${base32(`export A=1\nexport KEY=${secret}\n`)}===`,
  'in base32 of 76 columns': (secret) => wrap(base32(`KEY=${secret}\n`), 76),
  'in base32 of base64': (secret) => base32(base64(secret)),
  'in base64 of base32': (secret) => base64(base32(secret)),
  'in base32 of UTF-16': (secret) => base32(utf16(secret)),
  'in base58': (secret) => base58(secret),
  'in base58, of an assignment': (secret) => base58(`export KEY="${secret}"\n`),
  'in base64 of UTF-32': (secret) => base64(utf32(`KEY=${secret}`)),
  'in a list that a program joins': (secret) => JSON.stringify(partsOf(secret)),
  'in a list that a program joins, over lines': (secret) => `['${partsOf(secret).join("',\n  '")}']`,
  'as arguments of a pattern': (secret) => `format("%s-%s","${partsOf(secret).join('","')}")`,
  'in base64 of hex digits': (secret) => base64(Buffer.from(secret).toString('hex')),
};
