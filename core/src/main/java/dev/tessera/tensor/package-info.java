/**
 * Named tensors in files and in memory.
 *
 * <p>Files are safetensors: eight bytes of header length (little endian, unsigned), a header in
 * JSON, and the tensors' bytes, contiguous, row-major and little endian. A shape is written
 * outermost dimension first, {@code [rows, columns]}; a scalar has the shape {@code []}.
 */
package dev.tessera.tensor;
