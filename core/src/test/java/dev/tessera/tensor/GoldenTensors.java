package dev.tessera.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The reference's tensors for tiny random models. A few of the files are test resources; the whole
 * set lies beside the repository, and tests that need it are skipped where it is not.
 */
public final class GoldenTensors implements AutoCloseable {
  private static final String FOLDER = "golden/vggt";

  private final Safetensors tensors;

  private GoldenTensors(Safetensors tensors) {
    this.tensors = tensors;
  }

  /** Opens a file such as {@code vggt_tiny.caseC_1x56x56.safetensors}. */
  public static GoldenTensors open(String file) {
    try {
      return new GoldenTensors(Safetensors.open(path(file)));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** Where a golden file of any kind is, such as {@code vggt_tiny.config.json}. */
  public static Path path(String file) {
    URL resource = GoldenTensors.class.getResource("/" + FOLDER + "/" + file);
    Path found = resource != null ? path(resource) : shared(file);
    assumeTrue(found != null, () -> "golden file " + file + " is not there; set TESSERA_SHARED");
    return found;
  }

  private static Path path(URL resource) {
    try {
      return Path.of(resource.toURI());
    } catch (URISyntaxException bad) {
      throw new IllegalArgumentException("Cannot find a golden file at " + resource, bad);
    }
  }

  private static Path shared(String file) {
    String named = System.getenv("TESSERA_SHARED");
    List<Path> roots =
        named != null
            ? List.of(Path.of(named))
            : List.of(Path.of("..", "shared"), Path.of("..", "..", "shared"));
    return roots.stream()
        .map(root -> root.resolve(FOLDER).resolve(file))
        .filter(Files::exists)
        .findFirst()
        .orElse(null);
  }

  public Set<String> names() {
    return tensors.names();
  }

  public TensorInfo info(String name) {
    return tensors.info(name);
  }

  public float[] floats(String name) {
    return tensors.floats(name);
  }

  public double[] doubles(String name) {
    return tensors.doubles(name);
  }

  public long[] longs(String name) {
    return tensors.longs(name);
  }

  /** Compares with the tensor of that name, whatever its width. */
  public void assertClose(String name, float[] actual, double tolerance) {
    assertClose(name, widen(actual), doubles(name), tolerance);
  }

  /** Compares with the tensor of that name, whatever its width. */
  public void assertClose(String name, double[] actual, double tolerance) {
    assertClose(name, actual, doubles(name), tolerance);
  }

  public static void assertClose(String name, float[] actual, float[] expected, double tolerance) {
    assertClose(name, widen(actual), widen(expected), tolerance);
  }

  /** Prints the largest difference and fails if {@link #error} is above the tolerance. */
  public static void assertClose(
      String name, double[] actual, double[] expected, double tolerance) {
    assertThat(actual.length).as(name + ": number of elements").isEqualTo(expected.length);
    double error = error(actual, expected);
    System.out.printf("%s: max|a-b|/max|b| = %.2e, allowed %.2e%n", name, error, tolerance);
    assertThat(error).as(name + ": max|a-b|/max|b|").isLessThanOrEqualTo(tolerance);
  }

  /**
   * The largest difference as a share of the largest expected magnitude, {@code max|a-b| / max|b|}.
   * NaN if a number is not one that should be; where all expected are 0, only 0 is close.
   */
  public static double error(double[] actual, double[] expected) {
    double difference = 0;
    double magnitude = 0;
    for (int i = 0; i < expected.length; i++) {
      difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
      magnitude = Math.max(magnitude, Math.abs(expected[i]));
    }
    return difference == 0 ? 0 : difference / magnitude;
  }

  private static double[] widen(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }

  @Override
  public void close() {
    try {
      tensors.close();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
