/**
 * Tensors: checkpoints read by memory map, and the TorchScript kernels that compute on them.
 *
 * <p>A result is attached to the scope (an {@code NDManager}) that the caller names, and dies with
 * it. Weights belong to the manager of their model and to no scope.
 */
package dev.tessera.tensor;
