// Numbers in a Buffer: integers of one to eight bytes, and floating ones, with either end first.
(function (kit) {
  'use strict';

  const {
    BigInt, Number, RangeError, Uint8Array, arrayClasses, floor, trunc, typedArrayBuffer, typedArrayBytes,
  } = kit.primordials;
  const { coded, invalidType, outOfRange } = kit.use('modules/errors');

  const checkOffset = (buffer, offset, size) => {
    if (typeof offset !== 'number') throw invalidType('offset', 'of type number', offset);
    const most = typedArrayBytes(buffer) - size;
    if (floor(offset) !== offset) throw outOfRange('offset', 'an integer', offset);
    if (most < 0) throw coded(RangeError, 'ERR_BUFFER_OUT_OF_BOUNDS', 'Attempt to access memory outside buffer bounds');
    if (offset < 0 || most < offset) throw outOfRange('offset', '>= 0 and <= ' + most, offset);
  };

  const checkSize = (size) => {
    if (typeof size !== 'number') throw invalidType('byteLength', 'of type number', size);
    if (!(1 <= size && size <= 6)) throw outOfRange('byteLength', '>= 1 and <= 6', size);
  };

  const read = (buffer, offset, size, isLittle) => {
    checkOffset(buffer, offset, size);
    let value = 0;
    for (let i = 0; i < size; i += 1) value = value * 256 + buffer[isLittle ? offset + size - 1 - i : offset + i];
    return value;
  };

  const readSigned = (buffer, offset, size, isLittle) => {
    const value = read(buffer, offset, size, isLittle);
    const bound = 2 ** (8 * size - 1);
    return value < bound ? value : value - 2 * bound;
  };

  const write = (buffer, value, offset, size, isLittle, isSigned) => {
    const bound = 2 ** (8 * size);
    const least = isSigned ? -bound / 2 : 0;
    const most = isSigned ? bound / 2 - 1 : bound - 1;
    const number = +value;
    if (number < least || most < number) throw outOfRange('value', '>= ' + least + ' and <= ' + most, value);
    checkOffset(buffer, offset, size);
    const whole = trunc(number) || 0;
    let rest = whole < 0 ? whole + bound : whole;
    for (let i = 0; i < size; i += 1) {
      buffer[isLittle ? offset + i : offset + size - 1 - i] = rest % 256;
      rest = floor(rest / 256);
    }
    return offset + size;
  };

  const readBig = (buffer, offset, isLittle, isSigned) => {
    checkOffset(buffer, offset, 8);
    const high = read(buffer, isLittle ? offset + 4 : offset, 4, isLittle);
    const low = read(buffer, isLittle ? offset : offset + 4, 4, isLittle);
    const value = BigInt(high) * 0x100000000n + BigInt(low);
    return isSigned && 0x7fffffff < high ? value - 0x10000000000000000n : value;
  };

  const writeBig = (buffer, value, offset, isLittle, isSigned) => {
    if (typeof value !== 'bigint') throw invalidType('value', 'of type bigint', value);
    const least = isSigned ? -0x8000000000000000n : 0n;
    const most = isSigned ? 0x7fffffffffffffffn : 0xffffffffffffffffn;
    if (value < least || most < value) {
      throw outOfRange('value', isSigned ? '>= -(2n ** 63n) and < 2n ** 63n' : '>= 0n and < 2n ** 64n', value);
    }
    checkOffset(buffer, offset, 8);
    const whole = value < 0n ? value + 0x10000000000000000n : value;
    write(buffer, Number(whole / 0x100000000n), isLittle ? offset + 4 : offset, 4, isLittle, false);
    write(buffer, Number(whole % 0x100000000n), isLittle ? offset : offset + 4, 4, isLittle, false);
    return offset + 8;
  };

  // Floating numbers go through memory that both kinds see. Every machine that runs this has the low end first.
  const { Float32Array, Float64Array } = arrayClasses;
  const float = new Float32Array(1);
  const floatBytes = new Uint8Array(typedArrayBuffer(float));
  const double = new Float64Array(1);
  const doubleBytes = new Uint8Array(typedArrayBuffer(double));

  const readFloating = (buffer, offset, isLittle, cell, bytes) => {
    const size = typedArrayBytes(bytes);
    checkOffset(buffer, offset, size);
    for (let i = 0; i < size; i += 1) bytes[i] = buffer[isLittle ? offset + i : offset + size - 1 - i];
    return cell[0];
  };
  const writeFloating = (buffer, value, offset, isLittle, cell, bytes) => {
    const size = typedArrayBytes(bytes);
    cell[0] = value;
    checkOffset(buffer, offset, size);
    for (let i = 0; i < size; i += 1) buffer[isLittle ? offset + i : offset + size - 1 - i] = bytes[i];
    return offset + size;
  };

  const install = (define) => {
    const both = (name, other, value) => {
      define(name, value);
      if (other !== undefined) define(other, value);
    };
    const ends = ['LE', 'BE'];
    for (let e = 0; e < 2; e += 1) {
      const end = ends[e];
      const isLittle = e === 0;
      for (let size = 1; size <= 4; size *= 2) {
        if (size === 1 && !isLittle) continue;
        const bits = size === 1 ? '8' : size * 8 + end;
        both('readUInt' + bits, 'readUint' + bits, function (offset = 0) { return read(this, offset, size, isLittle); });
        both('readInt' + bits, undefined, function (offset = 0) { return readSigned(this, offset, size, isLittle); });
        both('writeUInt' + bits, 'writeUint' + bits, function (value, offset = 0) { return write(this, value, offset, size, isLittle, false); });
        both('writeInt' + bits, undefined, function (value, offset = 0) { return write(this, value, offset, size, isLittle, true); });
      }
      both('readUInt' + end, 'readUint' + end, function (offset, size) { checkSize(size); return read(this, offset, size, isLittle); });
      define('readInt' + end, function (offset, size) { checkSize(size); return readSigned(this, offset, size, isLittle); });
      both('writeUInt' + end, 'writeUint' + end, function (value, offset, size) { checkSize(size); return write(this, value, offset, size, isLittle, false); });
      define('writeInt' + end, function (value, offset, size) { checkSize(size); return write(this, value, offset, size, isLittle, true); });
      both('readBigUInt64' + end, 'readBigUint64' + end, function (offset = 0) { return readBig(this, offset, isLittle, false); });
      define('readBigInt64' + end, function (offset = 0) { return readBig(this, offset, isLittle, true); });
      both('writeBigUInt64' + end, 'writeBigUint64' + end, function (value, offset = 0) { return writeBig(this, value, offset, isLittle, false); });
      define('writeBigInt64' + end, function (value, offset = 0) { return writeBig(this, value, offset, isLittle, true); });
      define('readFloat' + end, function (offset = 0) { return readFloating(this, offset, isLittle, float, floatBytes); });
      define('readDouble' + end, function (offset = 0) { return readFloating(this, offset, isLittle, double, doubleBytes); });
      define('writeFloat' + end, function (value, offset = 0) { return writeFloating(this, value, offset, isLittle, float, floatBytes); });
      define('writeDouble' + end, function (value, offset = 0) { return writeFloating(this, value, offset, isLittle, double, doubleBytes); });
    }
  };

  return { __proto__: null, install };
})
