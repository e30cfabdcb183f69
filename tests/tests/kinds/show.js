// What a plugin sees of a value, in one line.
const ErrorClasses = [TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, AggregateError];

const list = (parts, show) => Array.from(parts, show).join(', ');

const showError = (error) => {
  const own = Object.keys(error).map((key) => `${key}: ${show(error[key])}`);
  if (error.cause !== undefined) own.push(`cause: ${show(error.cause)}`);
  if (error.errors !== undefined && !Object.keys(error).includes('errors')) own.push(`errors: ${show(error.errors)}`);
  const kind = ErrorClasses.find((each) => error instanceof each)?.name ?? error.constructor.name;
  return `${kind} "${error.name}: ${error.message}"${own.length === 0 ? '' : ` { ${own.join(', ')} }`}`;
};

const show = (value) => {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'function') return `function ${value.name}`.trim();
  if (value === null || typeof value !== 'object') return String(value);
  if (value instanceof Date) return `Date ${value.toISOString()}`;
  if (value instanceof RegExp) return `${value}`;
  if (value instanceof Map) return `Map { ${list(value, ([key, item]) => `${show(key)} => ${show(item)}`)} }`;
  if (value instanceof Set) return `Set { ${list(value, show)} }`;
  if (value instanceof DataView) return `DataView ${value.byteLength} bytes`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} [${list(value, show)}]`;
  if (value instanceof ArrayBuffer) return `ArrayBuffer ${value.byteLength} bytes`;
  if (value instanceof Error || (typeof DOMException === 'function' && value instanceof DOMException)) return showError(value);
  if (Array.isArray(value)) return `[${list({ length: value.length }, (_, i) => (i in value ? show(value[i]) : 'hole'))}]`;
  const name = value.constructor?.name ?? 'null prototype';
  if (name !== 'Object') {
    const own = [];
    for (let at = value; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) own.push(...Object.getOwnPropertyNames(at));
    return `${name} with ${own.filter((key) => key !== 'constructor').join(', ')}`;
  }
  return `{ ${Object.keys(value).map((key) => `${key}: ${show(value[key])}`).join(', ')} }`;
};
