package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.tensor.DType;
import dev.tessera.tensor.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code model run} writes what the reference's files hold: names, shapes, numbers. */
class ModelRunGoldenTest {
  /** Of outputs: five times what the reference's own float32 differs from its float64. */
  private static final double FLOAT32_ERROR = 1e-5;

  /** Of fast weights: Newton-Schulz multiplies the error of a small singular value by up to 485. */
  private static final double FAST_WEIGHT_ERROR = 3e-5;

  /** The reference keeps some tables in float32, which limits its float64 to about 1e-7. */
  private static final double FLOAT64_ERROR = 1e-6;

  /**
   * Eight bits of fraction round each factor by up to 2^-9; the roundings of seven blocks, of four
   * products each, add up to about sqrt(28) of that, and Newton-Schulz multiplies some of them.
   */
  private static final double BFLOAT16_ERROR = 3e-2;

  private static final List<String> TABLE = new ArrayList<>();

  @TempDir Path temp;

  @AfterAll
  static void table() {
    System.out.printf("%-44s %7s  %-28s %s%n", "case", "tensors", "worst", "max|a-b|/max|b|");
    TABLE.forEach(System.out::println);
  }

  @ParameterizedTest
  @CsvSource({
    "vggt_tiny,   caseA_4x56x70,        1, 8192",
    "vggt_tiny,   caseA_4x56x70,        1, 30",
    "vggt_tiny,   caseB_3x84x56,        1, 8192",
    "vggt_tiny,   caseC_1x56x56,        1, 8192",
    "vggttt_tiny, caseA_steps1,         1, 8192",
    "vggttt_tiny, caseA_steps2,         2, 8192",
    "vggttt_tiny, caseA_steps2,         2, 30",
    "vggttt_tiny, caseA_steps2_chunk30, 2, 30",
    "vggttt_tiny, caseB_steps2,         2, 8192"
  })
  void outputsAreTheReferences(String model, String name, int steps, int chunk) throws IOException {
    Path golden = TensorFiles.golden(model + "." + name + ".safetensors");
    List<String> further =
        List.of("--steps", "" + steps, "--token-chunk", "" + chunk, "--global-points");

    try (Safetensors written = run(model, golden, further);
        Safetensors expected = Safetensors.open(golden)) {
      Map<String, Double> errors = compared(written, expected, "out.", "out.");
      errors.putAll(compared(written, expected, "fast.", "fast."));
      report(model + " " + name + " chunk " + chunk, errors);
      assertThat(worst(errors, "out.")).isLessThanOrEqualTo(FLOAT32_ERROR);
      assertThat(worst(errors, "fast.")).isLessThanOrEqualTo(FAST_WEIGHT_ERROR);
      assertThat(written.info("out.depth").dtype()).isEqualTo(DType.F32);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "vggt_tiny,   caseA_4x56x70, 1",
    "vggt_tiny,   caseB_3x84x56, 1",
    "vggt_tiny,   caseC_1x56x56, 1",
    "vggttt_tiny, caseA_steps1,  1",
    "vggttt_tiny, caseA_steps2,  2",
    "vggttt_tiny, caseB_steps2,  2"
  })
  void float64IsTheReferencesFloat64(String model, String name, int steps) throws IOException {
    Path images = TensorFiles.golden(model + "." + name + ".safetensors");
    List<String> further = List.of("--steps", "" + steps, "--dtype", "f64", "--global-points");

    try (Safetensors written = run(model, images, further);
        Safetensors expected =
            Safetensors.open(TensorFiles.golden(model + "." + name + ".f64.safetensors"))) {
      Map<String, Double> errors = compared(written, expected, "", "");
      report(model + " " + name + " f64", errors);
      assertThat(worst(errors, "")).isLessThanOrEqualTo(FLOAT64_ERROR);
      assertThat(written.info("out.extrinsic").dtype()).isEqualTo(DType.F64);
    }
  }

  @ParameterizedTest
  @CsvSource({"vggt_tiny, caseA_4x56x70, 1", "vggttt_tiny, caseA_steps2, 2"})
  void bfloat16IsNear(String model, String name, int steps) throws IOException {
    Path golden = TensorFiles.golden(model + "." + name + ".safetensors");
    List<String> further = List.of("--steps", "" + steps, "--dtype", "bf16");

    try (Safetensors written = run(model, golden, further);
        Safetensors expected = Safetensors.open(golden)) {
      Map<String, Double> errors = compared(written, expected, "out.pose_enc", "out.pose_enc");
      errors.putAll(compared(written, expected, "out.depth", "out.depth"));
      report(model + " " + name + " bf16", errors);
      assertThat(worst(errors, "")).isLessThanOrEqualTo(BFLOAT16_ERROR).isPositive();
    }
  }

  @Test
  void queriesAreLocatedAsTheReferenceDoes() throws IOException {
    Path golden = TensorFiles.golden("vggttt_tiny.localize.safetensors");
    List<String> keys =
        List.of("--map-images", "in.map_images", "--query-images", "in.query_images");

    List<String> further = new ArrayList<>(keys);
    further.add("--global-points");
    try (Safetensors written = run("vggttt_tiny", golden, further);
        Safetensors expected = Safetensors.open(golden)) {
      Map<String, Double> errors = compared(written, expected, "map.", "map.");
      errors.putAll(compared(written, expected, "query_first.", "query.0."));
      errors.putAll(compared(written, expected, "query_second.", "query.1."));
      report("vggttt_tiny localize", errors);
      assertThat(worst(errors, "map.fast.")).isLessThanOrEqualTo(FAST_WEIGHT_ERROR);
      errors.keySet().removeIf(name -> name.startsWith("map.fast."));
      assertThat(worst(errors, "")).isLessThanOrEqualTo(FLOAT32_ERROR);
      assertThat(errors).containsKeys("query_first.depth", "query_second.cam_tokens_all");
    }
  }

  @Test
  void withoutTheFlagPointsAreUnprojectedDepth() throws IOException {
    Path golden = TensorFiles.golden("vggt_tiny.caseC_1x56x56.safetensors");

    try (Safetensors written = run("vggt_tiny", golden, List.of());
        Safetensors expected = Safetensors.open(golden)) {
      double[] points = written.doubles("out.world_points");
      assertThat(written.info("out.world_points").shape()).containsExactly(1L, 1L, 56L, 56L, 3L);
      assertThat(error(points, expected.doubles("out.world_points_from_depth")))
          .isLessThanOrEqualTo(FLOAT32_ERROR);
      assertThat(written.bytes("out.world_points_conf")).isEqualTo(written.bytes("out.depth_conf"));
    }
  }

  private Safetensors run(String model, Path images, List<String> further) throws IOException {
    Path out = temp.resolve("out.safetensors");
    List<String> arguments = new ArrayList<>(List.of("model", "run"));
    arguments.addAll(
        List.of(
            "--weights", TensorFiles.golden(model + ".weights.safetensors").toString(),
            "--model-config", TensorFiles.golden(model + ".config.json").toString(),
            "--images", images.toString(),
            "--out", out.toString()));
    CommandLineRun run = CommandLineRun.of(arguments, further.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).isEmpty();
    assertThat(TensorFiles.names(temp)).containsExactly("out.safetensors");
    return Safetensors.open(out);
  }

  /** Errors of all the reference's tensors whose names begin so; each must be there. */
  private static Map<String, Double> compared(
      Safetensors written, Safetensors expected, String prefix, String writtenPrefix) {
    Map<String, Double> errors = new TreeMap<>();
    for (String name : expected.names()) {
      if (name.startsWith(prefix) && !name.startsWith("in.") && !name.startsWith("stage.")) {
        String own = writtenPrefix + name.substring(prefix.length());
        boolean all = own.endsWith("cam_tokens_all");
        if (!all) {
          assertThat(written.info(own).shape()).as(own).isEqualTo(expected.info(name).shape());
        }
        double[] values = all ? allCameraTokens(written, own) : written.doubles(own);
        errors.put(name, error(values, expected.doubles(name)));
      }
    }
    assertThat(errors.isEmpty()).isEqualTo(prefix.equals("fast.") && !isQueryable(written));
    return errors;
  }

  private static boolean isQueryable(Safetensors written) {
    return written.names().contains("fast.0.w0");
  }

  /** The reference's file has the map's camera tokens before the query's. */
  private static double[] allCameraTokens(Safetensors written, String name) {
    double[] map = written.doubles("map.cam_tokens");
    double[] query = written.doubles(name.replace("cam_tokens_all", "cam_tokens"));
    return DoubleStream.concat(DoubleStream.of(map), DoubleStream.of(query)).toArray();
  }

  /** The largest difference as a share of the largest expected magnitude. */
  private static double error(double[] actual, double[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    double difference = 0;
    double magnitude = 0;
    for (int i = 0; i < expected.length; i++) {
      difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
      magnitude = Math.max(magnitude, Math.abs(expected[i]));
    }
    return difference == 0 ? 0 : difference / magnitude;
  }

  private static double worst(Map<String, Double> errors, String prefix) {
    return errors.entrySet().stream()
        .filter(e -> e.getKey().startsWith(prefix))
        .mapToDouble(Map.Entry::getValue)
        .reduce(0, (a, b) -> a >= b ? a : b); // NaN wins
  }

  private static void report(String title, Map<String, Double> errors) {
    Map.Entry<String, Double> worst =
        errors.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
    TABLE.add(
        "%-44s %7d  %-28s %.1e".formatted(title, errors.size(), worst.getKey(), worst.getValue()));
  }
}
