/** A value to be written as XML: text, or elements by name; a list repeats its element. */
export type Xml = string | number | boolean | { readonly [name: string]: Xml | readonly Xml[] | undefined };

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Writes a value as XML elements. */
export function toXml(value: Xml): string {
  if (typeof value !== 'object') return escape(String(value));
  return Object.entries(value)
    .flatMap(([name, item]) =>
      item === undefined
        ? []
        : (Array.isArray(item) ? (item as readonly Xml[]) : [item as Xml]).map(
            (one) => `<${name}>${toXml(one)}</${name}>`,
          ),
    )
    .join('');
}
