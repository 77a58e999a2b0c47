package dev.tessera.tensor;

import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.Locale;

/** The numbers a network computes with. */
public enum Precision {
  F32(DataType.FLOAT32),
  /** For proofs: twice the memory and time of F32. */
  F64(DataType.FLOAT64),
  /** Matrix products of the transformer in bfloat16; residuals, norms and heads in F32. */
  BF16(DataType.FLOAT32);

  private final DataType stream;

  Precision(DataType stream) {
    this.stream = stream;
  }

  /** Type of what flows between layers. */
  public DataType stream() {
    return stream;
  }

  /** The word on the command line: f32, f64, bf16. */
  public static Precision of(String word) {
    return Arrays.stream(values())
        .filter(p -> p.name().toLowerCase(Locale.ROOT).equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Cannot compute in '%s': the precisions are f32, f64, bf16".formatted(word)));
  }
}
