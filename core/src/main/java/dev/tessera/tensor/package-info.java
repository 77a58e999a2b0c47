/**
 * Tensors: named ones in files and in memory, and the TorchScript kernels that compute on them.
 *
 * <p>Files are safetensors: eight bytes of header length (little endian, unsigned), a header in
 * JSON, and the tensors' bytes, contiguous, row-major and little endian. A shape is written
 * outermost dimension first, {@code [rows, columns]}; a scalar has the shape {@code []}.
 *
 * <p>A result is attached to the scope (an {@code NDManager}) that the caller names, and dies with
 * it. Weights belong to the manager of their model and to no scope.
 */
package dev.tessera.tensor;
