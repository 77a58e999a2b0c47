package dev.tessera.backbone;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import dev.tessera.tensor.Checkpoint;
import dev.tessera.tensor.GoldenTensors;
import dev.tessera.tensor.HostTensor;
import dev.tessera.tensor.Precision;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole network against the reference's tensors, with tiny random weights. */
class VggtGoldenTest {
  /**
   * Of stages and outputs: five times what the reference's own float32 differs from its float64.
   */
  static final double FLOAT32_ERROR = 1e-5;

  /** Of fast weights: Newton-Schulz multiplies the error of a small singular value by up to 485. */
  static final double FAST_WEIGHT_ERROR = 3e-5;

  /** The reference keeps some tables in float32, which limits its float64 to about 1e-7. */
  static final double FLOAT64_ERROR = 1e-6;

  private static final int THREADS = 2;

  @ParameterizedTest
  @CsvSource({
    "vggt_tiny,   caseA_4x56x70,        1, 8192",
    "vggt_tiny,   caseA_4x56x70,        1, 30",
    "vggt_tiny,   caseB_3x84x56,        1, 8192",
    "vggt_tiny,   caseC_1x56x56,        1, 8192",
    "vggttt_tiny, caseA_steps1,         1, 8192",
    "vggttt_tiny, caseA_steps2,         2, 8192",
    "vggttt_tiny, caseA_steps2,         2, 50",
    "vggttt_tiny, caseA_steps2_chunk30, 2, 30",
    "vggttt_tiny, caseB_steps2,         2, 8192"
  })
  void everyStageIsTheReferences(String model, String name, int steps, int tokensPerGroup)
      throws IOException {
    try (Vggt network = open(model, Precision.F32);
        GoldenTensors golden = GoldenTensors.open(model + "." + name + ".safetensors")) {
      Comparison comparison = new Comparison(golden);
      Vggt.Options options =
          Vggt.Options.defaults().withSteps(steps).withTokensPerGroup(tokensPerGroup);
      boolean oneGroup = tokensPerGroup == 8192;
      Trace trace =
          (stage, tensor) -> {
            if (oneGroup) {
              comparison.compare("stage." + stage, HostTensor.copyOf(tensor).doubles());
            }
          };
      boolean remember = network.config().isQueryable();
      try (VggtScene scene = network.reconstructTraced(images(golden), options, remember, trace)) {
        compareOutputs(comparison, scene, remember);
      }
      comparison.report(model + " " + name + " groups of " + tokensPerGroup);
      assertThat(comparison.worst("fast.")).isLessThanOrEqualTo(FAST_WEIGHT_ERROR);
      assertThat(comparison.worst("")).isLessThanOrEqualTo(FAST_WEIGHT_ERROR);
      assertThat(comparison.worst("out.")).isLessThanOrEqualTo(FLOAT32_ERROR);
      assertThat(comparison.worst("stage.")).isLessThanOrEqualTo(FLOAT32_ERROR);
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
    try (Vggt network = open(model, Precision.F64);
        GoldenTensors input = GoldenTensors.open(model + "." + name + ".safetensors");
        GoldenTensors golden = GoldenTensors.open(model + "." + name + ".f64.safetensors")) {
      Comparison comparison = new Comparison(golden);
      Vggt.Options options = Vggt.Options.defaults().withSteps(steps);
      boolean remember = network.config().isQueryable();
      try (VggtScene scene =
          network.reconstructTraced(images(input), options, remember, Trace.NONE)) {
        compareOutputs(comparison, scene, remember);
      }
      comparison.report(model + " " + name + " float64");
      assertThat(comparison.worst("")).isLessThanOrEqualTo(FLOAT64_ERROR);
    }
  }

  @Test
  void unseenImagesAreLocatedAsTheReferenceDoes() throws IOException {
    Vggt.Options options = Vggt.Options.defaults().withSteps(2);
    try (Vggt network = open("vggttt_tiny", Precision.F32);
        GoldenTensors golden = GoldenTensors.open("vggttt_tiny.localize.safetensors")) {
      Comparison comparison = new Comparison(golden);
      Map<String, HostTensor> memory;
      try (VggtScene scene =
          network.reconstructTraced(images(golden, "in.map_images"), options, true, Trace.NONE)) {
        memory = scene.memory();
        compareOutputs(comparison, "map.", scene);
        memory.forEach((name, t) -> comparison.compare("map." + name, t.doubles()));
      }
      ViewImages queries = images(golden, "in.query_images");
      try (LayerMemories remembered = network.remembered(memory)) {
        locate(network, remembered, only(queries, 0), comparison, "query_first.");
        locate(network, remembered, only(queries, 1), comparison, "query_second.");
        locate(network, remembered, queries, comparison, "query_both.");
      }
      memory.forEach((name, t) -> comparison.compare("after_query." + name, t.doubles()));
      comparison.report("vggttt_tiny localize");
      assertThat(comparison.worst("map.fast.")).isLessThanOrEqualTo(FAST_WEIGHT_ERROR);
      assertThat(comparison.worst("after_query.")).isLessThanOrEqualTo(FAST_WEIGHT_ERROR);
      assertThat(comparison.worst("query")).isLessThanOrEqualTo(FLOAT32_ERROR);
    }
  }

  private static void locate(
      Vggt network, LayerMemories memory, ViewImages images, Comparison comparison, String prefix)
      throws IOException {
    try (VggtScene answer = network.locate(memory, images, Vggt.Options.defaults())) {
      compareOutputs(comparison, prefix, answer);
    }
  }

  private static ViewImages only(ViewImages images, int view) {
    return new ViewImages() {
      @Override
      public int count() {
        return 1;
      }

      @Override
      public int height() {
        return images.height();
      }

      @Override
      public int width() {
        return images.width();
      }

      @Override
      public void read(int ignored, FloatBuffer into) throws IOException {
        images.read(view, into);
      }
    };
  }

  static Vggt open(String model, Precision precision) throws IOException {
    Path weights = GoldenTensors.path(model + ".weights.safetensors");
    Checkpoint checkpoint = Checkpoint.open(weights);
    ConfigFile file = ConfigFile.read(GoldenTensors.path(model + ".config.json"));
    VggtConfig config = VggtConfig.of(checkpoint, file);
    return Vggt.open(checkpoint, config, Device.cpu(), THREADS, precision);
  }

  private static void compareOutputs(Comparison comparison, VggtScene scene, boolean remember) {
    compareOutputs(comparison, "out.", scene);
    if (remember) {
      scene.memory().forEach((name, tensor) -> comparison.compare(name, tensor.doubles()));
    }
  }

  private static void compareOutputs(Comparison comparison, String prefix, VggtScene scene) {
    double[] encodings = scene.poseEncodings().doubles();
    int last = scene.views() * PoseEncoding.LENGTH;
    comparison.compare(prefix + "pose_enc_list", encodings);
    comparison.compare(
        prefix + "pose_enc",
        Arrays.copyOfRange(encodings, encodings.length - last, encodings.length));
    comparison.compare(prefix + "cam_tokens", scene.cameraTokens().doubles());
    VggtScene.DenseMaps depth = scene.depth(0, scene.views());
    comparison.compare(prefix + "depth", depth.values().doubles());
    comparison.compare(prefix + "depth_conf", depth.confidence().doubles());
    VggtScene.DenseMaps points = scene.points(0, scene.views());
    comparison.compare(prefix + "world_points", points.values().doubles());
    comparison.compare(prefix + "world_points_conf", points.confidence().doubles());
  }

  static ViewImages images(GoldenTensors golden) {
    return images(golden, "in.images");
  }

  static ViewImages images(GoldenTensors golden, String name) {
    int[] shape = golden.info(name).shape().stream().mapToInt(Math::toIntExact).toArray();
    float[] values = golden.floats(name);
    int size = shape[1] * shape[2] * shape[3];
    return new ViewImages() {
      @Override
      public int count() {
        return shape[0];
      }

      @Override
      public int height() {
        return shape[2];
      }

      @Override
      public int width() {
        return shape[3];
      }

      @Override
      public void read(int view, FloatBuffer into) {
        into.put(values, view * size, size);
      }
    };
  }

  /** Errors by tensor, for those the reference has. */
  private static final class Comparison {
    private final GoldenTensors golden;
    private final Map<String, Double> errors = new TreeMap<>();

    Comparison(GoldenTensors golden) {
      this.golden = golden;
    }

    void compare(String name, double[] actual) {
      if (golden.names().contains(name)) {
        double[] expected = golden.doubles(name);
        assertThat(actual).as(name).hasSameSizeAs(expected);
        errors.put(name, GoldenTensors.error(actual, expected));
      }
    }

    double worst(String prefix) {
      return errors.entrySet().stream()
          .filter(e -> e.getKey().startsWith(prefix))
          .mapToDouble(Map.Entry::getValue)
          .reduce(0, (a, b) -> a >= b ? a : b); // NaN wins
    }

    void report(String title) {
      errors.entrySet().stream()
          .max(Map.Entry.comparingByValue())
          .ifPresent(
              e ->
                  System.out.printf(
                      "%s: %d tensors, worst %s %.1e%n",
                      title, errors.size(), e.getKey(), e.getValue()));
      if (Boolean.getBoolean("verbose"))
        errors.forEach((k, v) -> System.out.println("   " + k + " " + v));
    }
  }
}
