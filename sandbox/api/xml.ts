// Answers as the Query protocol's XML.

/** A value to write. Lists become `item` elements, undefined is left out, dates are ISO 8601. */
export type Xml = string | number | boolean | Date | undefined | Xml[] | { [element: string]: Xml };

const namespace = 'http://ec2.amazonaws.com/doc/2016-11-15/';

/** The answer to a call that succeeded. */
export function answerXml(action: string, requestId: string, fields: { [element: string]: Xml }): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${action}Response xmlns="${namespace}">${write({ requestId, ...fields })}</${action}Response>`;
}

/** The answer to a call that was refused. */
export function errorXml(requestId: string, code: string, message: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error>${write({ Code: code, Message: message })}</Error></Errors><RequestID>${requestId}</RequestID></Response>`;
}

function write(value: Xml): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return value.map((entry) => `<item>${write(entry)}</item>`).join('');
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object') {
    return Object.entries(value)
      .filter(([, entry]) => entry !== undefined)
      .map(([name, entry]) => `<${name}>${write(entry)}</${name}>`)
      .join('');
  }
  return escape(String(value));
}

function escape(text: string): string {
  return (
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      // XML 1.0 cannot hold these at all.
      .replace(/(?![\t\n\r])\p{Cc}/gu, '\ufffd')
      .replaceAll('\r', '&#13;')
  );
}
