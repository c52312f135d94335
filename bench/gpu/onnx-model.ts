// A model of one product in the ONNX format (a protobuf): c = a b, all of n x n f32 numbers.

const leb = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...leb(Math.floor(value / 128))];
/** A field that is a number. */
const number = (field: number, value: number): number[] => [field << 3, ...leb(value)];
/** A field of bytes: a message, or text. */
const bytes = (field: number, content: number[]): number[] => [
  (field << 3) | 2,
  ...leb(content.length),
  ...content,
];
const text = (field: number, value: string): number[] =>
  bytes(
    field,
    [...value].map((c) => c.charCodeAt(0)),
  );

/** ModelProto, with the numbers of its fields in onnx.proto: ir_version 1, graph 7, opset_import 8. */
export function matmulModel(n: number): Uint8Array {
  const extent = bytes(1, number(1, n));
  // ValueInfoProto: name, and a tensor type of float with two extents.
  const value = (name: string) => [
    ...text(1, name),
    ...bytes(2, bytes(1, [...number(1, 1), ...bytes(2, [...extent, ...extent])])),
  ];
  const node = [...text(1, 'a'), ...text(1, 'b'), ...text(2, 'c'), ...text(4, 'MatMul')];
  const graph = [
    ...bytes(1, node),
    ...text(2, 'product'),
    ...bytes(11, value('a')),
    ...bytes(11, value('b')),
    ...bytes(12, value('c')),
  ];
  return Uint8Array.from([
    ...number(1, 8),
    ...bytes(7, graph),
    ...bytes(8, [...text(1, ''), ...number(2, 13)]),
  ]);
}
